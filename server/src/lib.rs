//! The counterfoil binary: configuration, wiring, command line.

pub mod config;
pub mod demo;
pub mod folder;
pub mod keys;
pub mod listen;
pub mod log;
