//! What a [`Network`](crate::Network) needs of a socket, without unsafe code.

use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::os::windows::io::AsSocket;

use socket2::SockRef;

/// Returns whether nothing is to be read of a socket that doesn't block: no bytes, no end, no error. Nothing is taken.
pub fn is_quiet(socket: &impl AsSocket) -> bool {
    let looked = SockRef::from(socket).peek(&mut [MaybeUninit::uninit()]);
    looked.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use super::*;

    /// What was sent is there after a moment of the system's own.
    fn comes(near: &TcpStream) -> bool {
        let begun = Instant::now();
        while is_quiet(near) && begun.elapsed() < Duration::from_secs(20) {
            std::thread::yield_now();
        }
        !is_quiet(near)
    }

    #[test]
    fn a_socket_is_quiet_until_something_or_the_end_is_to_be_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut far, _) = listener.accept().unwrap();
        near.set_nonblocking(true).unwrap();
        assert!(is_quiet(&near));
        far.write_all(b"x").unwrap();
        assert!(comes(&near) && comes(&near));
        near.read_exact(&mut [0; 1]).unwrap();
        assert!(is_quiet(&near));
        far.shutdown(Shutdown::Write).unwrap();
        assert!(comes(&near));
    }
}
