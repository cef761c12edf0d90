//! The reactions: reconcilers that issue commands.
