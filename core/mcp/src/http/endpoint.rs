//! The address of a server, and where it sends requests.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::Uri;
use http::uri::Scheme;

use crate::http::reference::{self, split_scheme};

/// The address of a server: an `http` or `https` URL without user and password, and without a fragment.
///
/// Its query may hold a secret, so nothing prints it.
///
/// ```
/// use tenure_mcp_proto::http::Endpoint;
///
/// let endpoint = Endpoint::parse("https://example.com/mcp?key=secret")?;
/// assert_eq!(endpoint.to_string(), "https://example.com/mcp");
/// assert_eq!(endpoint.uri().query(), Some("key=secret"));
/// # Ok::<_, tenure_mcp_proto::http::InvalidUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    uri: Uri,
    is_secure: bool,
    /// Lower case, with the brackets of an IPv6 address.
    host: Arc<str>,
    port: u16,
}

/// Why a URL can't be the address of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// It can't be read.
    #[error("not a URL: {0}")]
    Malformed(String),
    /// Its scheme is another one, or none.
    #[error("the URL must begin with http:// or https://")]
    Scheme,
    /// It has a user or a password, which would be sent and logged by accident.
    #[error("the URL must not have a user or password in it: give them as a header")]
    UserInfo,
    /// It has a fragment, which is never sent.
    #[error("the URL must not have a fragment (#...)")]
    Fragment,
    /// It names no host, or one in brackets that is no address.
    #[error("the URL names no valid host")]
    Host,
    /// Its port is no number from 1 to 65535.
    #[error("the URL's port is not valid")]
    Port,
}

impl Endpoint {
    /// Reads an absolute URL. Characters beyond ASCII in its path and query are percent-encoded as UTF-8.
    pub fn parse(url: &str) -> Result<Self, InvalidUrl> {
        if url.contains('#') {
            return Err(InvalidUrl::Fragment);
        }
        let uri: Uri = encoded(url).parse().map_err(|error: http::uri::InvalidUri| malformed(url, &error))?;
        let is_secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(_) | None => return Err(InvalidUrl::Scheme),
        };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err(InvalidUrl::UserInfo);
        }
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        if !is_host(&host) {
            return Err(InvalidUrl::Host);
        }
        let port = match authority.get(host.len()..).unwrap_or_default().strip_prefix(':') {
            None | Some("") => default_port(is_secure),
            Some(digits) => port(digits).ok_or(InvalidUrl::Port)?,
        };
        Ok(Self { uri, is_secure, host: host.into(), port })
    }

    /// The URL, whole: its query may be secret.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Scheme, host, and the port where it isn't the scheme's own, as RFC 6454 writes an origin:
    /// `https://example.com:8443`.
    pub fn origin(&self) -> String {
        let Self { host, port, .. } = self;
        let scheme = self.scheme();
        if *port == default_port(self.is_secure) {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{port}")
        }
    }

    /// Returns whether the host is this machine: an address of the loopback net, `localhost`, or a name below it.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.strip_suffix('.').unwrap_or(&self.host);
        if host == "localhost" || host.ends_with(".localhost") {
            return true;
        }
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        address.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
    }

    /// Returns whether TLS is between here and there.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Returns whether both have the same scheme, host and port.
    pub fn has_origin_of(&self, other: &Self) -> bool {
        (self.is_secure, &self.host, self.port) == (other.is_secure, &other.host, other.port)
    }

    /// Where a `Location` of this server's leads (RFC 3986, section 5): an absolute URL, or a reference to be read in
    /// the light of this one. A fragment is left out.
    pub fn resolve(&self, location: &str) -> Result<Self, InvalidUrl> {
        Self::parse(&reference::resolve(self.scheme(), &self.uri, location).ok_or(InvalidUrl::Host)?)
    }

    fn scheme(&self) -> &'static str {
        if self.is_secure { "https" } else { "http" }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.uri.path())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

/// What is beyond ASCII, as UTF-8 in percents (RFC 3987, section 3.1).
fn encoded(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    let mut utf8 = [0; 4];
    for char in url.chars() {
        if char.is_ascii() {
            encoded.push(char);
            continue;
        }
        encoded.extend(char.encode_utf8(&mut utf8).bytes().flat_map(percent));
    }
    encoded
}

/// `%C3`.
fn percent(byte: u8) -> [char; 3] {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0').to_ascii_uppercase();
    ['%', digit(byte >> 4), digit(byte & 15)]
}

fn malformed(url: &str, error: &http::uri::InvalidUri) -> InvalidUrl {
    match split_scheme(url) {
        None => InvalidUrl::Scheme,
        Some((scheme, _)) if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            InvalidUrl::Scheme
        }
        // Its words are about a kind of mistake; they never quote the URL.
        Some(_) => InvalidUrl::Malformed(error.to_string()),
    }
}

/// A name or an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => {
            rest.strip_suffix(']').is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
        }
        None => !host.is_empty(),
    }
}

fn port(digits: &str) -> Option<u16> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?.filter(|&port| port != 0)
}

const fn default_port(is_secure: bool) -> u16 {
    if is_secure { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> Endpoint {
        Endpoint::parse(url).unwrap()
    }

    #[test]
    fn the_url_is_sent_as_it_was_given() {
        for url in [
            "http://example.com/mcp",
            "https://Example.com:8443/a/../b?c=d/e?f",
            "http://[::1]:3000/",
            "http://1.2.3.4/",
        ] {
            assert_eq!(
                endpoint(url).uri().path_and_query(),
                url.parse::<Uri>().unwrap().path_and_query(),
                "{url}"
            );
        }
        assert_eq!(endpoint("http://a/ä b".replace(' ', "%20").as_str()).uri().path(), "/%C3%A4%20b");
        assert_eq!(endpoint("https://a").uri().path(), "/");
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        for (url, why) in [
            ("", InvalidUrl::Scheme),
            ("example.com", InvalidUrl::Scheme),
            ("example.com:80/mcp", InvalidUrl::Scheme),
            ("/mcp", InvalidUrl::Scheme),
            ("*", InvalidUrl::Scheme),
            ("ftp://a/", InvalidUrl::Scheme),
            ("ws://a/", InvalidUrl::Scheme),
            ("file:///a", InvalidUrl::Scheme),
            ("http://me@a/", InvalidUrl::UserInfo),
            ("http://me:secret@a/", InvalidUrl::UserInfo),
            ("http://a@b@c/", InvalidUrl::UserInfo),
            ("http://a/#x", InvalidUrl::Fragment),
            ("http://a/?b#", InvalidUrl::Fragment),
            ("http://:80/", InvalidUrl::Host),
            ("http://[1.2.3.4]/", InvalidUrl::Host),
            ("http://[g]/", InvalidUrl::Host),
            ("http://a:0/", InvalidUrl::Port),
            ("http://a:65536/", InvalidUrl::Port),
            ("http://a:+1/", InvalidUrl::Port),
            ("http://a:b/", InvalidUrl::Port),
        ] {
            assert_eq!(Endpoint::parse(url), Err(why), "{url}");
        }
        for url in [
            "http://",
            "http:///a",
            "http:a",
            "http://a b/",
            "http://a/b c",
            "http://ä/",
            "http://a\\b/",
            "http://a/\n",
        ] {
            assert!(Endpoint::parse(url).is_err(), "{url}");
        }
        assert!(Endpoint::parse(&format!("http://a/{}", "x".repeat(70_000))).is_err());
        assert!(matches!(Endpoint::parse("http://a b/"), Err(InvalidUrl::Malformed(_))));
    }

    #[test]
    fn an_error_never_quotes_the_url() {
        for url in ["http://me:secret@a/", "http://a/?secret#", "http://a/?secret \n", "secret"] {
            let error = Endpoint::parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_query_is_never_printed() {
        let endpoint = endpoint("HTTPS://Example.COM:443/mcp?key=secret");
        assert_eq!(endpoint.to_string(), "https://example.com/mcp");
        assert_eq!(format!("{endpoint:?}"), "Endpoint(https://example.com/mcp)");
        assert_eq!(endpoint.uri().query(), Some("key=secret"));
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (url, origin) in [
            ("https://a/b?c", "https://a"),
            ("https://a:443/", "https://a"),
            ("http://a:443/", "http://a:443"),
            ("http://A:080/", "http://a"),
            ("http://a:/", "http://a"),
            ("http://[::1]:3000/", "http://[::1]:3000"),
        ] {
            assert_eq!(endpoint(url).origin(), origin);
        }
        let a = endpoint("https://a/x");
        for (url, same) in [
            ("https://A:443/y?z", true),
            ("http://a/x", false),
            ("http://a:443/x", false),
            ("https://a:8443/x", false),
            ("https://a.b/x", false),
        ] {
            assert_eq!(a.has_origin_of(&endpoint(url)), same, "{url}");
            assert_eq!(endpoint(url).has_origin_of(&a), same, "{url}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names_and_addresses() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(endpoint(&format!("http://{host}:1/")).is_loopback(), "{host}");
        }
        for host in [
            "localhost.example",
            "notlocalhost",
            "128.0.0.1",
            "0.0.0.0",
            "[::2]",
            "[::]",
            "127.0.0.1.example",
            "10.0.0.1",
        ] {
            assert!(!endpoint(&format!("http://{host}/")).is_loopback(), "{host}");
        }
    }

    #[test]
    fn only_https_is_secure() {
        assert!(endpoint("https://a/").is_secure());
        assert!(!endpoint("http://localhost/").is_secure());
    }

    #[test]
    fn where_a_location_leads_is_held_to_the_same_rules() {
        let base = endpoint("http://a/b/c?q");
        assert_eq!(base.resolve(" ../d?e#f ").unwrap(), endpoint("http://a/d?e"));
        for (location, why) in [
            ("ftp://a/", InvalidUrl::Scheme),
            ("mailto:a", InvalidUrl::Host),
            ("//me@a/", InvalidUrl::UserInfo),
            ("http://a:0/", InvalidUrl::Port),
        ] {
            assert_eq!(base.resolve(location), Err(why), "{location}");
        }
        assert!(base.resolve("a b").is_err());
    }

    #[test]
    fn a_reference_without_a_host_never_leaves_the_origin() {
        let base = endpoint("https://a:8443/b");
        for reference in [
            "c",
            "/c",
            "?c",
            "",
            "/@evil/",
            "@evil",
            ".evil",
            "/\\evil",
            "\\\\evil",
            "/\u{ff0f}evil",
            "x/:80",
        ] {
            let target = base.resolve(reference).unwrap();
            assert!(target.has_origin_of(&base), "{reference:?}: {target:?}");
        }
    }
}
