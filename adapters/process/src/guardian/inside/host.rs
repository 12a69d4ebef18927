//! The host, as its guardian knows it: by a socket, and by itself.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::{Errno, retry_on_intr};
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recv, sendmsg};
use rustix::process::Pid;

use super::super::frames::{Order, Report, Start};
use super::super::itself::{self, Itself};
use super::super::received::receive;

/// What the host sends first, with the server's standard input and output.
pub(super) fn receive_start(socket: &OwnedFd) -> io::Result<(Start, [OwnedFd; 2])> {
    let mut bytes = [0; Start::LENGTH];
    let (length, pipes) = receive(socket, &mut bytes)?;
    let start = bytes.get(..length).and_then(Start::from_bytes);
    let mut pipes = pipes.into_iter();
    match (start, pipes.next(), pipes.next()) {
        (Some(start), Some(stdin), Some(stdout)) => Ok((start, [stdin, stdout])),
        _ => Err(io::Error::other("it doesn't say what a host of this version says")),
    }
}

/// What came of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    Order(Order),
    Gone,
}

/// The program that has the server.
#[derive(Debug)]
pub(super) struct Host {
    socket: OwnedFd,
    /// That program, where it can be had. A process that it forked may hold the socket; this nobody can hold.
    process: Option<Itself>,
}

impl Host {
    pub(super) fn of(socket: OwnedFd) -> Self {
        let process = process_of(&socket);
        Self { socket, process }
    }

    /// What is readable once there is something to hear.
    pub(super) fn watched(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.socket.as_fd()).chain(self.process.as_ref().and_then(Itself::watched))
    }

    /// Returns whether its end has to be looked for: nothing may become readable then.
    pub(super) fn is_to_be_looked_at(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.watched().is_none())
    }

    /// The next that it says; never blocks.
    pub(super) fn hear(&self) -> Heard {
        let mut byte = [0];
        match retry_on_intr(|| recv(&self.socket, &mut byte, RecvFlags::DONTWAIT)) {
            Ok((_, 1)) => Order::from_byte(byte[0]).map_or(Heard::Nothing, Heard::Order),
            Err(Errno::AGAIN) if !self.is_dead() => Heard::Nothing,
            _ => Heard::Gone,
        }
    }

    fn is_dead(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.has_ended(Duration::ZERO))
    }

    /// Tells it, if it is there.
    pub(super) fn report(&self, report: Report) {
        self.send(report, &[]);
    }

    /// Tells it of the server, and hands it what stands for the server itself: a number may be another's by the time
    /// that it is read.
    pub(super) fn started(&self, server: Pid) {
        let report = Report::Started(server.as_raw_nonzero().get());
        match itself::open(server) {
            Some(itself) => self.send(report, &[itself.as_fd()]),
            None => self.send(report, &[]),
        }
    }

    fn send(&self, report: Report, with: &[BorrowedFd<'_>]) {
        let bytes = report.to_bytes();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut along = SendAncillaryBuffer::new(&mut space);
        if !with.is_empty() {
            along.push(SendAncillaryMessage::ScmRights(with));
        }
        // A Rust program's SIGPIPE is ignored. A host that reads nothing for so long that there is no room hears no
        // more.
        let how = SendFlags::DONTWAIT;
        let _ = retry_on_intr(|| sendmsg(&self.socket, &[IoSlice::new(&bytes)], &mut along, how));
    }
}

/// The parent of this process, if it made the socket, too: it may be a program in between.
#[cfg(target_os = "linux")]
fn process_of(socket: &OwnedFd) -> Option<Itself> {
    let maker = rustix::net::sockopt::socket_peercred(socket).ok()?.pid;
    let process = itself::open(maker)?;
    // It is there after that; so the descriptor is its own.
    if rustix::process::getppid() == Some(maker) { Itself::from_opened(process) } else { None }
}

#[cfg(not(target_os = "linux"))]
fn process_of(_: &OwnedFd) -> Option<Itself> {
    None
}
