//! What a [`Network`](crate::Network) needs of a descriptor, without unsafe code.

use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv, sockopt};

/// A peer that is gone without a word is asked for after so long, and found out some minutes later.
#[cfg(not(any(target_os = "haiku", target_os = "nto", target_os = "openbsd", target_os = "redox")))]
const KEEP_ALIVE: std::time::Duration = std::time::Duration::from_secs(30);

/// Sets a TCP socket's options, as far as the system has them: small writes are sent at once, and the peer is asked
/// whether it is there still when nothing came for 30 s.
pub fn tune(socket: impl AsFd) {
    // A system that lacks one of them connects all the same.
    let _ = sockopt::set_tcp_nodelay(&socket, true);
    let _ = sockopt::set_socket_keepalive(&socket, true);
    #[cfg(not(any(target_os = "haiku", target_os = "nto", target_os = "openbsd", target_os = "redox")))]
    {
        let _ = sockopt::set_tcp_keepidle(&socket, KEEP_ALIVE);
        let _ = sockopt::set_tcp_keepintvl(&socket, KEEP_ALIVE);
    }
}

/// Returns whether nothing is to be read of the socket: no bytes, no end, no error. Nothing is taken.
pub fn is_quiet(socket: impl AsFd) -> bool {
    let mut byte = [0; 1];
    let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    matches!(recv(socket, &mut byte, flags), Err(Errno::AGAIN | Errno::INTR))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{Shutdown, TcpListener, TcpStream};

    use super::*;

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (near, listener.accept().unwrap().0)
    }

    #[test]
    fn a_socket_is_quiet_until_something_or_the_end_is_to_be_read() {
        let (mut near, mut far) = pair();
        assert!(is_quiet(&near));
        far.write_all(b"x").unwrap();
        // Waits for it, and leaves it there.
        near.peek(&mut [0; 1]).unwrap();
        assert!(!is_quiet(&near) && !is_quiet(&near));
        near.read_exact(&mut [0; 1]).unwrap();
        assert!(is_quiet(&near));
        far.shutdown(Shutdown::Write).unwrap();
        near.peek(&mut [0; 1]).unwrap();
        assert!(!is_quiet(&near));
    }

    #[test]
    fn a_tuned_socket_writes_at_once_and_asks_after_its_peer() {
        let (near, _far) = pair();
        tune(&near);
        assert!(near.nodelay().unwrap());
        assert!(sockopt::socket_keepalive(&near).unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(sockopt::tcp_keepidle(&near).unwrap(), KEEP_ALIVE);
    }
}
