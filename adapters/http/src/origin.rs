//! Where a request goes.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;
use tenure_mcp::{HttpFailure, Stage};

use crate::failure::permanent;

/// What a URI says of where it leads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    is_secure: bool,
    /// As it is written, without brackets.
    host: &'a str,
    port: u16,
}

/// Scheme, host and port: what a connection belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) is_secure: bool,
    /// In small letters; an IPv6 address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl<'a> Place<'a> {
    pub(crate) fn of(uri: &'a Uri) -> Result<Self, HttpFailure> {
        let unusable = |why: &str| permanent(Stage::Connect, why);
        let is_secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(_) => return Err(unusable("the address is neither http nor https")),
            None => return Err(unusable("the address has no scheme")),
        };
        let host = uri.host().map(|host| host.trim_start_matches('[').trim_end_matches(']'));
        let host = host.filter(|host| !host.is_empty()).ok_or_else(|| unusable("the address has no host"))?;
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        Ok(Self { is_secure, host, port })
    }

    /// Returns whether this is the origin where it leads.
    pub(crate) fn is_at(&self, origin: &Origin) -> bool {
        self.is_secure == origin.is_secure
            && self.port == origin.port
            && self.host.eq_ignore_ascii_case(&origin.host)
    }

    pub(crate) fn origin(self) -> Origin {
        let Self { is_secure, host, port } = self;
        Origin { is_secure, host: host.to_ascii_lowercase(), port }
    }
}

impl Origin {
    pub(crate) fn of(uri: &Uri) -> Result<Self, HttpFailure> {
        Place::of(uri).map(Place::origin)
    }

    pub(crate) fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.ip() {
            Some(ip) => ip.to_canonical().is_loopback(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// `host:port`, as a proxy is asked for it.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// What the header `Host` says: the port only where it isn't the scheme's.
    pub(crate) fn host_header(&self) -> String {
        let authority = self.authority();
        let usual = if self.is_secure { ":443" } else { ":80" };
        authority.strip_suffix(usual).map_or_else(|| authority.clone(), str::to_owned)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host_header())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(uri: &'static str) -> Origin {
        Origin::of(&Uri::from_static(uri)).unwrap()
    }

    #[test]
    fn the_usual_port_is_neither_asked_for_nor_said() {
        assert_eq!(origin("https://Example.COM/mcp").host_header(), "example.com");
        assert_eq!(origin("https://example.com/mcp").authority(), "example.com:443");
        assert_eq!(origin("http://example.com:443/").host_header(), "example.com:443");
        assert_eq!(origin("http://[::1]:8000/").host_header(), "[::1]:8000");
        assert_eq!(origin("http://[::1]/").host, "::1");
    }

    #[test]
    fn loopback_is_known_by_name_and_by_number() {
        for near in [
            "http://localhost/",
            "http://a.localhost/",
            "http://127.9.9.9/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(origin(near).is_loopback(), "{near}");
        }
        for far in ["http://localhost.example/", "http://128.0.0.1/", "http://notlocalhost/"] {
            assert!(!origin(far).is_loopback(), "{far}");
        }
    }

    #[test]
    fn a_place_is_at_its_own_origin_and_at_no_other() {
        let uris = ["http://a/", "https://a/", "http://a:81/", "http://b/", "http://[::1]/"];
        for (at, uri) in uris.iter().enumerate() {
            for (other, origin_of) in uris.iter().enumerate() {
                let uri = Uri::from_static(uri);
                assert_eq!(
                    Place::of(&uri).unwrap().is_at(&origin(origin_of)),
                    at == other,
                    "{uri} {origin_of}"
                );
            }
        }
        let same = Uri::from_static("http://A:80/x");
        assert!(Place::of(&same).unwrap().is_at(&origin("http://a/")));
    }

    #[test]
    fn an_address_that_is_none_of_http_is_a_permanent_failure_to_connect() {
        for uri in ["/only/a/path", "ftp://example.com/"] {
            let failure = Origin::of(&Uri::from_static(uri)).unwrap_err();
            assert_eq!(failure.stage, Stage::Connect);
            assert!(failure.is_permanent, "{uri}");
        }
    }
}
