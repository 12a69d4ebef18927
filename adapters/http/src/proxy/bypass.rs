//! What is reached without a proxy: `NO_PROXY`.

use std::net::IpAddr;

use crate::origin::Origin;

/// A list as `NO_PROXY` has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Bypass(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Hosts {
    All,
    /// The name, and all below it.
    Name(String),
    /// So many bits of the address.
    Net(IpAddr, u32),
}

impl Bypass {
    /// Names, addresses and nets, separated by commas or white space. What can't be understood matches nothing.
    pub(super) fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_ascii_whitespace());
        Self(entries.filter_map(Entry::parse).collect())
    }

    pub(super) fn has(&self, origin: &Origin) -> bool {
        self.0.iter().any(|entry| entry.has(origin))
    }
}

impl Entry {
    fn parse(entry: &str) -> Option<Self> {
        if let Some((address, bits)) = entry.split_once('/') {
            return Some(Self { hosts: Hosts::Net(address.parse().ok()?, bits.parse().ok()?), port: None });
        }
        let (host, port) = split_port(entry);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let hosts = if let Ok(address) = host.parse::<IpAddr>() {
            Hosts::Net(address, u32::MAX)
        } else if host == "*" {
            Hosts::All
        } else {
            let name = host.trim_start_matches("*.").trim_matches('.').to_ascii_lowercase();
            if name.is_empty() {
                return None;
            }
            Hosts::Name(name)
        };
        Some(Self { hosts, port })
    }

    fn has(&self, origin: &Origin) -> bool {
        if self.port.is_some_and(|port| port != origin.port) {
            return false;
        }
        match &self.hosts {
            Hosts::All => true,
            Hosts::Name(name) => {
                let above = origin.host.trim_end_matches('.').strip_suffix(name.as_str());
                above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Hosts::Net(net, bits) => origin.ip().is_some_and(|ip| is_within(ip.to_canonical(), *net, *bits)),
        }
    }
}

/// `host:port`; the colons of an address without brackets are its own.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    let Some((host, port)) = entry.rsplit_once(':') else { return (entry, None) };
    let is_address = host.contains(':') && !host.ends_with(']');
    match port.parse() {
        Ok(port) if !is_address => (host, Some(port)),
        _ => (entry, None),
    }
}

fn is_within(ip: IpAddr, net: IpAddr, bits: u32) -> bool {
    // Shifted to the top, so that the bits of both kinds are counted from there.
    let (ip, net, most) = match (ip, net.to_canonical()) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            (u128::from(ip.to_bits()) << 96, u128::from(net.to_bits()) << 96, 32)
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => (ip.to_bits(), net.to_bits(), 128),
        _ => return false,
    };
    let free = 128 - bits.min(most);
    (ip ^ net).checked_shr(free).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::*;

    fn has(list: &str, uri: &str) -> bool {
        Bypass::parse(list).has(&Origin::of(&uri.parse::<Uri>().unwrap()).unwrap())
    }

    #[test]
    fn a_name_stands_for_all_below_it() {
        for list in ["example.com", ".example.com", "*.example.com", "a, EXAMPLE.com ,b", "x example.com."] {
            assert!(has(list, "https://example.com/"), "{list}");
            assert!(has(list, "https://a.b.example.com/"), "{list}");
            assert!(!has(list, "https://notexample.com/"), "{list}");
            assert!(!has(list, "https://example.com.evil/"), "{list}");
        }
    }

    #[test]
    fn a_port_is_that_port_alone() {
        assert!(has("example.com:8443", "https://example.com:8443/"));
        assert!(!has("example.com:8443", "https://example.com/"));
        assert!(has("example.com:443", "https://example.com/"));
        assert!(has("[2001:db8::1]:80", "http://[2001:db8::1]/"));
        assert!(!has("[2001:db8::1]:81", "http://[2001:db8::1]/"));
    }

    #[test]
    fn addresses_and_nets_are_compared_by_their_bits() {
        assert!(has("10.0.0.0/8", "http://10.200.3.4/"));
        assert!(!has("10.0.0.0/8", "http://11.0.0.1/"));
        assert!(has("192.168.1.1", "http://192.168.1.1/"));
        assert!(!has("192.168.1.1", "http://192.168.1.2/"));
        assert!(has("0.0.0.0/0", "http://8.8.8.8/"));
        assert!(has("2001:db8::/32", "http://[2001:db8:1::1]/"));
        assert!(!has("2001:db8::/32", "http://[2001:db9::1]/"));
        assert!(has("2001:db8::1", "http://[2001:db8::1]/"));
        assert!(!has("10.0.0.0/8", "http://ten.example/"));
        assert!(has("10.0.0.0/99", "http://10.0.0.0/"));
        assert!(!has("10.0.0.0/99", "http://10.0.0.1/"));
    }

    #[test]
    fn a_star_is_everything_and_nonsense_is_nothing() {
        assert!(has("*", "https://anything.example/"));
        for list in ["", " , ,", ".", "10.0.0.0/x", "host/24"] {
            assert!(!has(list, "https://anything.example/"), "{list}");
        }
    }
}
