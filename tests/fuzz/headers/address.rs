//! Addresses of servers, and where they lead.

use fluent_uri::{Uri, UriRef};
use tenure_mcp_proto::http::Endpoint;

/// An address, then what a `Location` says, behind a newline.
pub(super) fn check(text: &str) {
    let (url, location) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(endpoint) = Endpoint::parse(url) else {
        return;
    };
    is_in_order(&endpoint);
    assert_eq!(endpoint.resolve("").as_ref(), Ok(&endpoint));
    assert_eq!(endpoint.resolve("#x").as_ref(), Ok(&endpoint));
    if let Some(target) = by_library(&endpoint, location) {
        assert_eq!(endpoint.resolve(location).ok(), Endpoint::parse(&target).ok(), "{location:?}");
    }
    let Ok(target) = endpoint.resolve(location) else {
        return;
    };
    is_in_order(&target);
    if !location.contains(':') && !location.contains("//") {
        assert!(target.has_origin_of(&endpoint), "{location:?} leads from {endpoint} to {target}");
    }
    if !location.trim_ascii().is_empty() && !location.trim_ascii().starts_with(['?', '#']) {
        let path = target.uri().path();
        assert!(!path.split('/').any(|segment| segment == "." || segment == ".."), "{location:?}: {path}");
    }
}

/// The target without its fragment. `None` where nothing is compared: the library takes RFC 3986 by the letter, and
/// refuses other characters that paths and queries are read with here; it tidies up the path of the base, which section
/// 5.2.2 leaves as it is for a reference without a path; and `%2e` is a dot to it.
fn by_library(endpoint: &Endpoint, location: &str) -> Option<String> {
    let base = endpoint.uri().to_string();
    let location = location.trim_ascii();
    let has_dots = |text: &str| text.to_ascii_lowercase().contains("%2e");
    if location.is_empty() || location.starts_with(['?', '#']) || has_dots(&base) || has_dots(location) {
        return None;
    }
    let reference = UriRef::parse(location).ok()?;
    let target = reference.resolve_against(&Uri::parse(base.as_str()).ok()?).ok()?;
    target.as_str().split('#').next().map(str::to_owned)
}

fn is_in_order(endpoint: &Endpoint) {
    let uri = endpoint.uri();
    assert_eq!(Endpoint::parse(&uri.to_string()).as_ref(), Ok(endpoint));
    let origin = Endpoint::parse(&endpoint.origin()).expect("an origin is an address");
    assert!(origin.has_origin_of(endpoint) && origin.is_loopback() == endpoint.is_loopback(), "{origin}");
    assert!(endpoint.is_secure() == endpoint.origin().starts_with("https://"), "{endpoint}");
    for shown in [endpoint.to_string(), format!("{endpoint:?}"), endpoint.origin()] {
        assert!(!shown.contains(['?', '#', '@']) || uri.path().contains('@'), "{shown}");
        assert!(shown.is_ascii() && !shown.contains(|char: char| char.is_ascii_control()), "{shown:?}");
    }
}
