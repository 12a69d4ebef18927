//! What a guardian tells of the child that it started.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::task::{Context, Poll, ready};

use rustix::process::Pid;

use super::source::Source;
use crate::guardian::Report;
use crate::reactor::{Reactor, Watched};

/// A child that isn't this program's own, but its guardian's.
#[derive(Debug)]
pub(super) struct Guarded<W> {
    server: Pid,
    /// Whether it is killed without its guardian.
    is_in_reach: bool,
    /// The socket on which the guardian tells it. Each report is read whole.
    reports: W,
    /// How the child ended.
    ended: Option<i32>,
    /// There are no more reports.
    is_over: bool,
}

impl<W> Guarded<W> {
    pub(super) fn server(&self) -> Pid {
        self.server
    }

    fn note(&mut self, report: Option<Report>) -> Option<i32> {
        match report {
            Some(Report::Stopped(signal)) => return Some(signal),
            Some(Report::Ended(status)) => self.ended = Some(status),
            Some(Report::Started(_) | Report::Failed(_)) => {}
            None => self.is_over = true,
        }
        None
    }
}

impl<W: Watched> Guarded<W> {
    pub(super) fn new<R: Reactor<Watched = W>>(
        reactor: &R,
        server: Pid,
        is_in_reach: bool,
        reports: OwnedFd,
    ) -> io::Result<Self> {
        let reports = reactor.watch(crate::source::Source::new(Source::pipe(reports)?))?;
        Ok(Self { server, is_in_reach, reports, ended: None, is_over: false })
    }

    /// Ready with the signal that stopped it; each stop once.
    pub(super) fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<i32> {
        while !self.is_over {
            let mut bytes = [0; Report::LENGTH];
            let length = ready!(self.reports.poll_read(cx, &mut bytes)).unwrap_or_default();
            if let Some(signal) = self.note(bytes.get(..length).and_then(Report::from_bytes)) {
                return Poll::Ready(signal);
            }
        }
        Poll::Pending
    }

    /// How the child ended, once its guardian has ended with this status.
    pub(super) fn status(&mut self, guardian: io::Result<ExitStatus>) -> io::Result<ExitStatus> {
        while !self.is_over {
            let mut bytes = [0; Report::LENGTH];
            let length = self.reports.source().try_read(&mut bytes).unwrap_or_default();
            self.note(bytes.get(..length).and_then(Report::from_bytes));
        }
        match self.ended {
            Some(status) => Ok(ExitStatus::from_raw(status)),
            None => Err(lost(guardian?, self.is_in_reach)),
        }
    }
}

fn lost(guardian: ExitStatus, is_killed: bool) -> io::Error {
    let child = if is_killed { "the child was killed" } else { "the child only sees the end of its input" };
    io::Error::other(format!(
        "its guardian was ended before it ({guardian}); {child}, its exit status is lost"
    ))
}
