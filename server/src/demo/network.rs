//! Networks of clients: who shares an address block shares a token here.

use std::{fmt, net::IpAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Bits of an IPv4 address that name its network.
const V4_BITS: u8 = 24;
/// Bits of an IPv6 address that name its network: what one site usually gets (RFC 6177 §2).
const V6_BITS: u8 = 48;

/// A client's network: an IPv4 /24 or an IPv6 /48.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Network(IpNet);

impl Network {
    /// The network of an address.
    pub(super) fn of(client: IpAddr) -> Self {
        let net = match client {
            IpAddr::V4(address) => Ipv4Net::new(address, V4_BITS).map(IpNet::V4),
            IpAddr::V6(address) => Ipv6Net::new(address, V6_BITS).map(IpNet::V6),
        };
        // The lengths above are lengths: the fallback cannot be.
        Self(net.unwrap_or_else(|_| IpNet::from(client)).trunc())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_its_block() {
        let network = |text: &str| Network::of(text.parse().unwrap()).to_string();
        assert_eq!(network("192.0.2.7"), "192.0.2.0/24");
        assert_eq!(network("2001:db8:1:2::7"), "2001:db8:1::/48");
    }
}
