//! `WWW-Authenticate`.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use tenure_mcp_proto::http::Challenge;

/// Headers, one a line. What is read of them, written as the standard says and read again, is the same.
pub(super) fn check(text: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in text.split(|byte| *byte == b'\n') {
        headers.extend(HeaderValue::from_bytes(line).ok().map(|value| (WWW_AUTHENTICATE, value)));
    }
    let challenges = Challenge::all(&headers);
    assert!(challenges.len() <= 16, "{} challenges", challenges.len());
    let list: Vec<String> = challenges.iter().map(written).collect();
    let value = HeaderValue::try_from(list.join(", ")).expect("what a header held fits into one");
    let headers = HeaderMap::from_iter([(WWW_AUTHENTICATE, value)]);
    assert_eq!(Challenge::all(&headers), challenges);
}

fn written(challenge: &Challenge) -> String {
    let known = [
        ("realm", &challenge.realm),
        ("scope", &challenge.scope),
        ("error", &challenge.error),
        ("error_description", &challenge.error_description),
        ("resource_metadata", &challenge.resource_metadata),
    ];
    let known = known.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let others = challenge.others.iter().map(|(name, value)| (name.as_str(), value));
    let parameters = known.chain(others).map(|(name, value)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("{name}=\"{value}\"")
    });
    let parts: Vec<String> = challenge.token68.clone().into_iter().chain(parameters).collect();
    assert!(parts.len() <= 33, "{} parts", parts.len());
    format!("{} {}", challenge.scheme, parts.join(", "))
}
