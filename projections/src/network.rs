//! Addresses in columns, so that blocks of them are found by their bounds.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::runner::Conditions;

/// An address as bytes that sort as addresses do, each family apart: 4 or 6, then the address.
pub(crate) fn key(ip: IpAddr) -> Vec<u8> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => [&[4][..], &ip.octets()].concat(),
        IpAddr::V6(ip) => [&[6][..], &ip.octets()].concat(),
    }
}

/// The condition that a column of [`key`]s lies in a block. One address goes to its index; a block may be most of
/// what there is, so the engine chooses.
pub(crate) fn lies_in(column: &str, block: IpNet, conditions: &mut Conditions) -> String {
    if block.prefix_len() == block.max_prefix_len() {
        return format!("{column} = {}", conditions.arg(key(block.addr())));
    }
    let (first, last) = (conditions.arg(key(block.network())), conditions.arg(key(block.broadcast())));
    format!("{column} BETWEEN {first} AND {last}")
}
