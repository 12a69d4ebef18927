//! Writes answers, also as no server should.

use std::io::{self, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

use crate::reply::Cut;

/// Why the connection is not used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disconnect {
    /// The server ends it in order.
    Close,
    /// The server resets it.
    Reset,
    /// The client has left, or the server is over.
    Gone,
}

pub(crate) struct Output {
    socket: TcpStream,
    bytewise: bool,
    cut: Option<Cut>,
}

impl Output {
    pub(crate) fn new(socket: TcpStream) -> Self {
        Self { socket, bytewise: false, cut: None }
    }

    pub(crate) fn set(&mut self, bytewise: bool, cut: Option<Cut>) {
        (self.bytewise, self.cut) = (bytewise, cut);
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Disconnect> {
        let Some(cut) = &mut self.cut else { return self.put(bytes).map_err(|_| Disconnect::Gone) };
        let (reset, now) = (cut.reset, bytes.len().min(cut.after));
        cut.after -= now;
        let is_last = cut.after == 0;
        self.put(bytes.get(..now).unwrap_or_default()).map_err(|_| Disconnect::Gone)?;
        if !is_last {
            return Ok(());
        }
        Err(if reset { Disconnect::Reset } else { Disconnect::Close })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.bytewise {
            return self.socket.write_all(bytes);
        }
        for byte in bytes {
            self.socket.write_all(&[*byte])?;
        }
        Ok(())
    }

    /// Ends the connection. The reader, which has a copy of the socket, ends with it.
    pub(crate) fn end(self, disconnect: Disconnect) {
        if disconnect == Disconnect::Reset {
            // A socket that lingers for no time is reset when its last copy is closed; a shutdown of both ways would
            // end it in order before that.
            let _ = set_socket_linger(&self.socket, Some(Duration::ZERO));
            let _ = self.socket.shutdown(Shutdown::Read);
        } else {
            let _ = self.socket.shutdown(Shutdown::Both);
        }
    }
}
