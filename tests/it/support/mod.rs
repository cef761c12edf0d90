//! What scenarios stand on: the real binary as a process of its own, and a client that speaks HTTP to it.

pub(crate) mod binary;
pub(crate) mod client;
pub(crate) mod decisions;
pub(crate) mod long;
pub(crate) mod patience;
pub(crate) mod server;
pub(crate) mod small_disk;
pub(crate) mod strace;

pub(crate) use client::{Answer, Client};
pub(crate) use patience::{Patience, until};
pub(crate) use server::{Manner, Server};
pub(crate) use small_disk::SmallDisk;
pub(crate) use strace::Strace;
