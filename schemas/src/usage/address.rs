//! Addresses in as few bytes as they need.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::BlockError;
use super::cursor::Cursor;

/// Where a call came from: an address, or the network that unproven secrets are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Address {
    /// One address.
    Ip(IpAddr),
    /// An IPv4 network of 256 addresses, by its first 24 bits.
    Network24([u8; 3]),
    /// An IPv6 network, by its first 48 bits.
    Network48([u8; 6]),
}

impl Address {
    /// The network under which an unproven secret from `ip` is counted: its /24 or /48. An IPv4
    /// address written as IPv6 counts as the IPv4 address that it is.
    pub fn network(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self::Network24(first_bytes(&ip.octets())),
            IpAddr::V6(ip) => Self::Network48(first_bytes(&ip.octets())),
        }
    }
}

fn first_bytes<const N: usize, const M: usize>(octets: &[u8; M]) -> [u8; N] {
    std::array::from_fn(|place| octets.get(place).copied().unwrap_or_default())
}

const NONE: u8 = 0;
const V4: u8 = 1;
const V6: u8 = 2;
const V4_24: u8 = 3;
const V6_48: u8 = 4;

/// Appends one byte for the form (0 none, 1 IPv4, 2 IPv6, 3 IPv4 /24, 4 IPv6 /48), then 0, 4, 16,
/// 3 or 6 bytes.
pub(super) fn put_address(address: Option<Address>, out: &mut Vec<u8>) {
    let mut put = |form, octets: &[u8]| {
        out.push(form);
        out.extend_from_slice(octets);
    };
    match address {
        None => put(NONE, &[]),
        Some(Address::Ip(IpAddr::V4(ip))) => put(V4, &ip.octets()),
        Some(Address::Ip(IpAddr::V6(ip))) => put(V6, &ip.octets()),
        Some(Address::Network24(octets)) => put(V4_24, &octets),
        Some(Address::Network48(octets)) => put(V6_48, &octets),
    }
}

pub(super) fn read_address(cursor: &mut Cursor<'_>) -> Result<Option<Address>, BlockError> {
    Ok(Some(match cursor.byte()? {
        NONE => return Ok(None),
        V4 => Address::Ip(Ipv4Addr::from(cursor.array::<4>()?).into()),
        V6 => Address::Ip(Ipv6Addr::from(cursor.array::<16>()?).into()),
        V4_24 => Address::Network24(cursor.array()?),
        V6_48 => Address::Network48(cursor.array()?),
        _ => return Err(BlockError::Malformed("an address has an unknown form")),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junk_is_counted_by_24_or_48_bits() {
        let network = |ip: &str| Address::network(ip.parse().unwrap());
        assert_eq!(network("203.0.113.9"), Address::Network24([203, 0, 113]));
        assert_eq!(network("::ffff:203.0.113.9"), Address::Network24([203, 0, 113]));
        assert_eq!(network("2001:db8:7::9"), Address::Network48([0x20, 1, 0xd, 0xb8, 0, 7]));
    }
}
