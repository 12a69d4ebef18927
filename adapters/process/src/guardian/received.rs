//! Descriptors that come along with bytes.

use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::{FdFlags, fcntl_setfd, retry_on_intr};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

/// What is received is closed by `exec`: at once, where the system can do that.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "netbsd"))]
const RECEIVE: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "netbsd")))]
const RECEIVE: RecvFlags = RecvFlags::empty();

/// The next bytes, how many, and up to two descriptors. No program that is started later gets these.
pub(super) fn receive(socket: impl AsFd, bytes: &mut [u8]) -> rustix::io::Result<(usize, Vec<OwnedFd>)> {
    receive_by(RECEIVE, socket, bytes)
}

fn receive_by(
    how: RecvFlags,
    socket: impl AsFd,
    bytes: &mut [u8],
) -> rustix::io::Result<(usize, Vec<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut along = RecvAncillaryBuffer::new(&mut space);
    let received = retry_on_intr(|| recvmsg(&socket, &mut [IoSliceMut::new(bytes)], &mut along, how))?;
    let mut descriptors = Vec::new();
    for message in along.drain() {
        if let RecvAncillaryMessage::ScmRights(those) = message {
            descriptors.extend(those);
        }
    }
    // Where the system can't, only guardians receive any: nothing is started in between, they have one thread.
    for descriptor in &descriptors {
        fcntl_setfd(descriptor, FdFlags::CLOEXEC)?;
    }
    Ok((received.bytes, descriptors))
}

#[cfg(test)]
mod tests {
    use std::io::{IoSlice, pipe};
    use std::os::unix::net::UnixStream;

    use rustix::io::fcntl_getfd;
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

    use super::*;

    type Receive = fn(&UnixStream, &mut [u8]) -> rustix::io::Result<(usize, Vec<OwnedFd>)>;

    /// Also as on systems that can't do it at once.
    #[test]
    fn what_is_received_is_closed_by_exec() {
        let here: Receive = |socket, bytes| receive(socket, bytes);
        let elsewhere: Receive = |socket, bytes| receive_by(RecvFlags::empty(), socket, bytes);
        for (receive, how) in [(here, "here"), (elsewhere, "elsewhere")] {
            let (ours, theirs) = UnixStream::pair().unwrap();
            let (read, write) = pipe().unwrap();
            let pipes = [read.as_fd(), write.as_fd()];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
            let mut along = SendAncillaryBuffer::new(&mut space);
            assert!(along.push(SendAncillaryMessage::ScmRights(&pipes)));
            sendmsg(&theirs, &[IoSlice::new(b"two")], &mut along, SendFlags::empty()).unwrap();
            let mut bytes = [0; 3];
            let (length, descriptors) = receive(&ours, &mut bytes).unwrap();
            assert_eq!((length, &bytes, descriptors.len()), (3, b"two", 2));
            for descriptor in descriptors {
                assert_eq!(fcntl_getfd(descriptor).unwrap(), FdFlags::CLOEXEC, "{how}");
            }
        }
    }
}
