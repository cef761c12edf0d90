//! What each code means, for people and for programs.
