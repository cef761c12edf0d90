//! What scenarios stand on: the real binary as a process of its own, and a client that speaks HTTP to it.

pub(crate) mod binary;
pub(crate) mod client;
pub(crate) mod long;
pub(crate) mod patience;
pub(crate) mod server;
pub(crate) mod strace;

pub(crate) use client::{Answer, Client};
pub(crate) use patience::Patience;
pub(crate) use server::{Manner, Server};
pub(crate) use strace::Strace;
