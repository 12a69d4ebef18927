//! Messages as LSP frames them: `Content-Length: N`, an empty line, N bytes of JSON. On any runtime.

use std::io;

use serde_json::Value;
use smol::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// No message may be larger, and no line of a head: what the other side says costs a bounded amount of memory.
const MOST: usize = 16 << 20;
const LONGEST_LINE: u64 = 1024;

pub(crate) async fn write(out: &mut (impl AsyncWrite + Unpin), message: &Value) -> io::Result<()> {
    let body = message.to_string();
    out.write_all(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
    out.flush().await
}

pub(crate) async fn read(input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if (&mut *input).take(LONGEST_LINE).read_line(&mut line).await? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the other side closed its output"));
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => return Err(invalid(&format!("no head of a message: {line:?}"))),
        }
    }
    let length =
        length.filter(|&length| length <= MOST).ok_or_else(|| invalid("no length that is allowed"))?;
    let mut body = vec![0; length];
    input.read_exact(&mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
