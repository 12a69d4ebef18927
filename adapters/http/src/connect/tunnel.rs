//! Through a proxy to the server's own TLS: CONNECT (RFC 9110, section 9.3.6).

use futures_lite::io::{AsyncReadExt as _, AsyncWriteExt as _};
use http::HeaderValue;
use tenure_mcp::{HttpFailure, Stage};

use crate::failure::{failure, permanent};
use crate::network::BoxSocket;
use crate::origin::Origin;

const MAX_HEAD: usize = 16 * 1024;

/// Asks the proxy for a connection to the origin.
pub(crate) async fn open(
    socket: &mut BoxSocket,
    origin: &Origin,
    authorization: Option<&HeaderValue>,
) -> Result<(), HttpFailure> {
    let broken = |error: std::io::Error| failure(Stage::Connect, format!("the proxy: {error}"));
    socket.write_all(&request(origin, authorization)).await.map_err(broken)?;
    socket.flush().await.map_err(broken)?;
    let mut head = Vec::new();
    loop {
        // A byte at a time, so that nothing of what follows is taken; a head of a hundred bytes, once.
        let mut byte = [0; 1];
        if socket.read(&mut byte).await.map_err(broken)? == 0 {
            return Err(failure(Stage::Connect, "the proxy closed the connection"));
        }
        head.extend_from_slice(&byte);
        if head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n") {
            return judge(&head);
        }
        if head.len() >= MAX_HEAD {
            return Err(failure(Stage::Connect, "the proxy's answer is too long"));
        }
    }
}

fn request(origin: &Origin, authorization: Option<&HeaderValue>) -> Vec<u8> {
    let authority = origin.authority();
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    if let Some(value) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

fn judge(head: &[u8]) -> Result<(), HttpFailure> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut answer = httparse::Response::new(&mut fields);
    match (answer.parse(head), answer.code) {
        (Ok(_), Some(200..=299)) => Ok(()),
        (Ok(_), Some(407)) => Err(permanent(Stage::Connect, "the proxy wants credentials, or others (407)")),
        (Ok(_), Some(status)) => Err(failure(Stage::Connect, format!("the proxy refuses: {status}"))),
        _ => Err(failure(Stage::Connect, "the proxy's answer is no HTTP")),
    }
}
