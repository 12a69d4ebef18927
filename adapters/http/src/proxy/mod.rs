//! Proxies: which one a server is reached by, if any.

mod bypass;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::uri::Authority;
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use thiserror::Error;

use self::bypass::Bypass;
use crate::origin::Origin;

/// By which proxies servers are reached. Those on this machine are reached without, unless that is
/// [asked for](Self::for_loopback).
///
/// A proxy is an address like `http://user:password@proxy.example:3128`; `https` for one that is spoken to by TLS
/// itself, `http` if it says neither. To `https` servers it only makes the connection (CONNECT), and sees nothing of
/// what is said. There is no SOCKS.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    https: Option<Said>,
    http: Option<Said>,
    all: Option<Said>,
    bypass: Bypass,
    for_loopback: bool,
}

/// What can't be understood fails the requests that it is for; they must not go out without the proxy.
type Said = Result<Proxy, InvalidProxy>;

impl Proxies {
    /// No proxy.
    pub fn none() -> Self {
        Self::default()
    }

    /// As the environment says it: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, and for what is reached without,
    /// `NO_PROXY`. The same in small letters comes first.
    ///
    /// `NO_PROXY` is a list of names (with all below them), addresses and nets (`10.0.0.0/8`), each but nets with a
    /// port if need be; `*` is everything. In a CGI program `HTTP_PROXY` is a header of its client's, and ignored.
    pub fn from_env() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// This proxy for all servers.
    ///
    /// # Errors
    /// It is no address of a proxy.
    pub fn all(address: &str) -> Result<Self, InvalidProxy> {
        Ok(Self { all: Some(Ok(Proxy::parse(address, "the proxy")?)), ..Self::default() })
    }

    /// What is reached without, as `NO_PROXY` has it.
    #[must_use]
    pub fn except(mut self, list: &str) -> Self {
        self.bypass = Bypass::parse(list);
        self
    }

    /// Whether servers on this machine (`localhost`, 127.0.0.0/8, `::1`) are reached by proxy, too.
    #[must_use]
    pub fn for_loopback(mut self, proxied: bool) -> Self {
        self.for_loopback = proxied;
        self
    }

    fn read(var: impl Fn(&str) -> Option<String>) -> Self {
        let var = |name: &str| var(name).filter(|value| !value.trim().is_empty());
        let either = |small: &str| {
            let large = small.to_ascii_uppercase();
            let is_header = large == "HTTP_PROXY" && var("REQUEST_METHOD").is_some();
            let found = var(small).map(|value| (small.to_owned(), value));
            found.or_else(|| var(&large).filter(|_| !is_header).map(|value| (large, value)))
        };
        let proxy = |name| either(name).map(|(name, value)| Proxy::parse(&value, &name));
        Self {
            https: proxy("https_proxy"),
            http: proxy("http_proxy"),
            all: proxy("all_proxy"),
            bypass: Bypass::parse(&either("no_proxy").map(|(_, list)| list).unwrap_or_default()),
            for_loopback: false,
        }
    }

    /// The proxy for that server.
    pub(crate) fn of(&self, origin: &Origin) -> Result<Option<&Proxy>, String> {
        if origin.is_loopback() && !self.for_loopback || self.bypass.has(origin) {
            return Ok(None);
        }
        let own = if origin.is_secure { &self.https } else { &self.http };
        let said = own.as_ref().or(self.all.as_ref());
        said.map(Result::as_ref).transpose().map_err(ToString::to_string)
    }
}

/// What should be a proxy's address isn't. The address itself is not told: there may be a password in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{name} {what}")]
pub struct InvalidProxy {
    name: String,
    what: &'static str,
}

/// One proxy.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) origin: Origin,
    authorization: Option<HeaderValue>,
}

impl Proxy {
    /// What each request, or CONNECT, says of who asks.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    fn parse(address: &str, name: &str) -> Result<Self, InvalidProxy> {
        let invalid = |what| InvalidProxy { name: name.to_owned(), what };
        let address = address.trim();
        let with_scheme;
        let address = if address.contains("://") {
            address
        } else {
            with_scheme = format!("http://{address}");
            &with_scheme
        };
        let uri: Uri = address.parse().map_err(|_| invalid("is no address"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(invalid("is a proxy of another kind than http and https"));
        }
        let origin = Origin::of(&uri).map_err(|_| invalid("is no address"))?;
        let authorization = uri.authority().and_then(basic);
        Ok(Self { origin, authorization })
    }
}

/// The credentials of an address, as basic authentication has them (RFC 7617).
fn basic(authority: &Authority) -> Option<HeaderValue> {
    let (credentials, _) = authority.as_str().rsplit_once('@')?;
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let mut plain: Vec<u8> = percent_decode_str(user).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(plain))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(vars: &[(&str, &str)]) -> Proxies {
        Proxies::read(|name| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn proxy(vars: &[(&str, &str)], uri: &str) -> Result<Option<String>, String> {
        let origin = Origin::of(&uri.parse().unwrap()).unwrap();
        env(vars).of(&origin).map(|proxy| proxy.map(|proxy| proxy.origin.to_string()))
    }

    #[test]
    fn each_scheme_has_its_variable_and_all_proxy_is_for_both() {
        let vars = [("HTTPS_PROXY", "http://s:1"), ("HTTP_PROXY", "http://h:2")];
        assert_eq!(proxy(&vars, "https://example.com/").unwrap().unwrap(), "http://s:1");
        assert_eq!(proxy(&vars, "http://example.com/").unwrap().unwrap(), "http://h:2");
        let vars = [("ALL_PROXY", "a:3"), ("HTTP_PROXY", "http://h:2")];
        assert_eq!(proxy(&vars, "https://example.com/").unwrap().unwrap(), "http://a:3");
        assert_eq!(proxy(&vars, "http://example.com/").unwrap().unwrap(), "http://h:2");
        assert_eq!(proxy(&[("HTTPS_PROXY", " ")], "https://example.com/"), Ok(None));
    }

    #[test]
    fn small_letters_come_first() {
        let vars = [("HTTPS_PROXY", "http://large:1"), ("https_proxy", "http://small:1")];
        assert_eq!(proxy(&vars, "https://example.com/").unwrap().unwrap(), "http://small:1");
    }

    #[test]
    fn no_proxy_names_what_is_reached_without() {
        let vars = [("ALL_PROXY", "http://a:3"), ("NO_PROXY", "corp.example,10.0.0.0/8")];
        assert_eq!(proxy(&vars, "https://x.corp.example/"), Ok(None));
        assert_eq!(proxy(&vars, "http://10.1.2.3/"), Ok(None));
        assert_eq!(proxy(&vars, "https://example.com/").unwrap().unwrap(), "http://a:3");
    }

    #[test]
    fn this_machine_is_reached_without_unless_told() {
        let vars = [("ALL_PROXY", "http://a:3")];
        for near in ["http://localhost:8000/", "http://127.0.0.1/", "https://[::1]/"] {
            assert_eq!(proxy(&vars, near), Ok(None), "{near}");
            let origin = Origin::of(&near.parse().unwrap()).unwrap();
            assert!(env(&vars).for_loopback(true).of(&origin).unwrap().is_some(), "{near}");
        }
    }

    #[test]
    fn in_a_cgi_program_the_variable_that_clients_can_set_is_ignored() {
        let vars = [("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")];
        assert_eq!(proxy(&vars, "http://example.com/"), Ok(None));
    }

    #[test]
    fn what_cant_be_understood_fails_and_says_nothing_of_it() {
        for address in ["http://user:secret@[", "socks5://user:secret@proxy:1"] {
            let failed = proxy(&[("HTTPS_PROXY", address)], "https://example.com/").unwrap_err();
            assert!(failed.starts_with("HTTPS_PROXY is "), "{failed}");
            assert!(!failed.contains("secret"), "{failed}");
            assert!(Proxies::all(address).is_err());
        }
    }

    #[test]
    fn credentials_are_decoded_and_not_shown() {
        let proxy = Proxy::parse("http://us%40er:pass%3Aword@proxy.example:3128", "p").unwrap();
        assert_eq!(proxy.authorization().unwrap(), &format!("Basic {}", STANDARD.encode("us@er:pass:word")));
        assert_eq!(format!("{proxy:?}"), "http://proxy.example:3128");
        assert!(proxy.authorization().unwrap().is_sensitive());
        assert!(Proxy::parse("http://proxy.example", "p").unwrap().authorization().is_none());
    }
}
