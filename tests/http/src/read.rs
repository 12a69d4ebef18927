//! Reads requests.

use std::io::{self, BufRead, Read as _};

use crate::journal::Request;

const MOST_HEAD: u64 = 256 * 1024;
const MOST_BODY: usize = 64 * 1024 * 1024;

/// The next request of a connection; `None` at its end. If `is_early` says so of its head, its body is not read.
pub(crate) fn request(
    input: &mut impl BufRead,
    is_early: impl FnOnce(&Request) -> bool,
) -> io::Result<Option<Request>> {
    let Some(head) = head(input)? else { return Ok(None) };
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (Some(method), Some(target), Some(_)) = (first.next(), first.next(), first.next()) else {
        return Err(io::Error::other(format!("no request line: {head:?}")));
    };
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut request = Request {
        number: 0,
        connection: 0,
        before: 0,
        method,
        target,
        headers,
        body: Vec::new(),
        json: serde_json::Value::Null,
        is_early: false,
        is_answered: false,
        is_dropped: false,
    };
    if request.header("transfer-encoding").is_some() {
        return Err(io::Error::other("a request in chunks"));
    }
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0_usize);
    if length > MOST_BODY {
        return Err(io::Error::other("a request that is too large"));
    }
    if is_early(&request) {
        request.is_early = true;
        return Ok(Some(request));
    }
    request.body = vec![0; length];
    input.read_exact(&mut request.body)?;
    request.json = serde_json::from_slice(&request.body).unwrap_or_default();
    Ok(Some(request))
}

/// All up to the empty line.
fn head(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut limited = input.take(MOST_HEAD);
    loop {
        let read = limited.read_until(b'\n', &mut head)?;
        if read == 0 && head.is_empty() {
            return Ok(None);
        }
        if read == 0 {
            return Err(io::Error::other("a head that doesn't end"));
        }
        if head.ends_with(b"\r\n\r\n") {
            head.truncate(head.len() - 4);
            return String::from_utf8(head).map(Some).map_err(io::Error::other);
        }
    }
}
