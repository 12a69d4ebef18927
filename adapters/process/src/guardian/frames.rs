//! What a host and a guardian say to each other, on a socket that only the two hold.

use std::time::Duration;

/// What a guardian is called, as the first word of its command line and as a process.
pub(super) const NAME: &str = "tenure: guards";
#[cfg(all(target_os = "linux", feature = "guardian"))]
pub(super) const NAME_OF_THREAD: &std::ffi::CStr = c"tenure: guards";

/// Both must speak the same one.
const VERSION: u8 = 1;

/// What the host sends first, along with the server's standard input and output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// How long the server may take to end once the host is gone, before SIGTERM.
    pub(super) stop: Duration,
    /// How long it may take from there to SIGKILL.
    pub(super) abort: Duration,
}

impl Start {
    pub(super) const LENGTH: usize = 17;

    pub(super) fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [VERSION; Self::LENGTH];
        let millis = [self.stop, self.abort].map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        for (to, byte) in bytes.iter_mut().skip(1).zip(millis.into_iter().flat_map(u64::to_le_bytes)) {
            *to = byte;
        }
        bytes
    }

    #[cfg_attr(not(any(feature = "guardian", test)), allow(dead_code, reason = "read by guardians"))]
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&version, times) = bytes.split_first()?;
        let (stop, abort) = times.split_first_chunk::<8>()?;
        let abort = abort.try_into().ok()?;
        let time = |bytes| Duration::from_millis(u64::from_le_bytes(bytes));
        (version == VERSION).then_some(Self { stop: time(*stop), abort: time(abort) })
    }
}

/// What a host asks for later, a byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// SIGTERM to the server's group.
    Terminate,
    /// SIGKILL to all that came of the server.
    Kill,
}

impl Order {
    pub(super) const fn to_byte(self) -> u8 {
        match self {
            Self::Terminate => b'T',
            Self::Kill => b'K',
        }
    }

    #[cfg_attr(not(any(feature = "guardian", test)), allow(dead_code, reason = "read by guardians"))]
    pub(super) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b'T' => Some(Self::Terminate),
            b'K' => Some(Self::Kill),
            _ => None,
        }
    }
}

/// What a guardian tells. Each is written and read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The server runs, with this process id. What stands for it comes along, where there is such a thing: its pidfd,
    /// or its folder in /proc.
    Started(i32),
    /// It could not be started: what the system said.
    Failed(i32),
    /// It was stopped, by this signal.
    Stopped(i32),
    /// It has ended, with this status of `wait`, and so has all that came of it.
    Ended(i32),
}

impl Report {
    pub(crate) const LENGTH: usize = 5;

    #[cfg_attr(not(any(feature = "guardian", test)), allow(dead_code, reason = "written by guardians"))]
    pub(super) const fn to_bytes(self) -> [u8; Self::LENGTH] {
        let (kind, value) = match self {
            Self::Started(pid) => (b'S', pid),
            Self::Failed(errno) => (b'F', errno),
            Self::Stopped(signal) => (b'P', signal),
            Self::Ended(status) => (b'E', status),
        };
        let [a, b, c, d] = value.to_le_bytes();
        [kind, a, b, c, d]
    }

    /// `None` for what is no report; nothing at all says that the guardian is gone.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, value) = bytes.split_first()?;
        let value = i32::from_le_bytes(value.try_into().ok()?);
        match kind {
            b'S' => Some(Self::Started(value)),
            b'F' => Some(Self::Failed(value)),
            b'P' => Some(Self::Stopped(value)),
            b'E' => Some(Self::Ended(value)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_what_is_heard() {
        for start in [
            Start { stop: Duration::ZERO, abort: Duration::from_millis(u64::MAX) },
            Start { stop: Duration::from_secs(3), abort: Duration::from_millis(1) },
        ] {
            assert_eq!(Start::from_bytes(&start.to_bytes()), Some(start));
        }
        for order in [Order::Terminate, Order::Kill] {
            assert_eq!(Order::from_byte(order.to_byte()), Some(order));
        }
        for report in [Report::Started(1), Report::Failed(-2), Report::Stopped(19), Report::Ended(i32::MIN)] {
            assert_eq!(Report::from_bytes(&report.to_bytes()), Some(report));
        }
    }

    #[test]
    fn what_another_version_says_is_not_heard() {
        let mut bytes = Start { stop: Duration::ZERO, abort: Duration::ZERO }.to_bytes();
        bytes[0] += 1;
        assert_eq!(Start::from_bytes(&bytes), None);
        assert_eq!(Start::from_bytes(&[VERSION; Start::LENGTH - 1]), None);
        assert_eq!(Order::from_byte(b'?'), None);
        assert_eq!(Report::from_bytes(b""), None);
        assert_eq!(Report::from_bytes(b"?1234"), None);
        assert_eq!(Report::from_bytes(b"S123"), None);
    }
}
