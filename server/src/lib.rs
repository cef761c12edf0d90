//! The counterfoil binary: configuration, wiring, command line.

pub mod bench;
pub mod cli;
mod client;
pub mod config;
pub mod demo;
pub mod folder;
pub mod keys;
pub mod listen;
pub mod log;
pub mod node;
pub mod operator;
mod print;
mod replay;
