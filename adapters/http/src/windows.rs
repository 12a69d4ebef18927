//! What a [`Network`](crate::Network) needs of a socket, without unsafe code.

use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::os::windows::io::AsSocket;

use socket2::{SockRef, TcpKeepalive};

/// A peer that is gone without a word is asked for after so long, and found out some minutes later.
const KEEP_ALIVE: std::time::Duration = std::time::Duration::from_secs(30);

/// Sets a TCP socket's options: small writes are sent at once, and the peer is asked whether it is there still when
/// nothing came for 30 s.
pub fn tune(socket: &impl AsSocket) {
    let socket = SockRef::from(socket);
    let keep_alive = TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE);
    // Where one of them is refused it connects all the same.
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_keepalive(&keep_alive);
}

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

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (near, listener.accept().unwrap().0)
    }

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
        let (mut near, mut far) = pair();
        near.set_nonblocking(true).unwrap();
        assert!(is_quiet(&near));
        far.write_all(b"x").unwrap();
        assert!(comes(&near) && comes(&near));
        near.read_exact(&mut [0; 1]).unwrap();
        assert!(is_quiet(&near));
        far.shutdown(Shutdown::Write).unwrap();
        assert!(comes(&near));
    }

    /// After how long it is asked after Windows tells nobody.
    #[test]
    fn a_tuned_socket_writes_at_once_and_asks_after_its_peer() {
        let (near, _far) = pair();
        let options = SockRef::from(&near);
        assert!(!options.tcp_nodelay().unwrap() && !options.keepalive().unwrap());
        tune(&near);
        assert!(options.tcp_nodelay().unwrap() && options.keepalive().unwrap());
    }
}
