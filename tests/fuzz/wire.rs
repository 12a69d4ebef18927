//! A connection on a byte stream: bytes in, lines out.

use std::ops::{Deref, DerefMut};

use tenure_mcp_proto::lines::{self, Lines};
use tenure_mcp_proto::{Connection, Options, RequestId};

pub(crate) struct OnLines {
    connection: Connection,
    lines: Lines,
}

impl OnLines {
    pub(crate) fn new(options: Options) -> Self {
        let connection = Connection::new(options);
        let lines = Lines::new(connection.max_message());
        Self { connection, lines }
    }

    /// Bytes came from the server, split anyhow.
    pub(crate) fn handle_input(&mut self, mut input: &[u8]) {
        while let Some(message) = self.lines.next(&mut input) {
            self.connection.handle_message(message);
        }
    }

    /// No more bytes will come.
    pub(crate) fn handle_eof(&mut self) {
        if let Some(message) = self.lines.end() {
            self.connection.handle_message(message);
        }
        self.connection.handle_end();
    }

    /// The next line to write.
    pub(crate) fn poll_line(&mut self) -> Option<Vec<u8>> {
        self.poll().map(|(line, _)| line)
    }

    /// The next line to write, and the request that it makes.
    pub(crate) fn poll(&mut self) -> Option<(Vec<u8>, Option<RequestId>)> {
        let message = self.connection.poll_message()?;
        let request = message.request();
        Some((lines::encode(message), request))
    }
}

impl Deref for OnLines {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for OnLines {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
