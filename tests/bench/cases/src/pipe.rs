//! The canned server over a pipe in memory.

use tenure_canned::answer_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use crate::runtime::Runtime;

/// As much as a pipe of Linux holds.
const CAPACITY: usize = 64 * 1024;

/// The client's end of a pipe whose other end is served by a task of its own.
pub fn open<R: Runtime>() -> DuplexStream {
    let (client, server) = duplex(CAPACITY);
    R::spawn(serve(server));
    client
}

/// The same, and what is closed when the server has ended.
pub fn open_watched<R: Runtime>() -> (DuplexStream, smol::channel::Receiver<()>) {
    let (client, server) = duplex(CAPACITY);
    let (ends, ended) = smol::channel::bounded(1);
    R::spawn(async {
        serve(server).await;
        drop(ends);
    });
    (client, ended)
}

/// Answers until the client's end is closed.
pub async fn serve(mut stream: DuplexStream) {
    let (mut input, mut output) = (Vec::with_capacity(1024), Vec::with_capacity(1024));
    while stream.read_buf(&mut input).await.is_ok_and(|read| read > 0) {
        answer_all(&mut input, &mut output);
        if stream.write_all(&output).await.is_err() {
            return;
        }
        output.clear();
    }
}
