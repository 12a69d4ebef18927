//! Platforms on which no child is started: there is never a value to act on.

use std::convert::Infallible;
use std::io;
use std::marker::PhantomData;
use std::process::{Command, ExitStatus};
use std::task::{Context, Poll};

use super::{Parts, Watching};
use crate::error::SpawnError;
use crate::reactor::Reactor;

pub(crate) fn spawn<R: Reactor>(
    _: &R,
    command: &mut Command,
    _: Box<dyn Send>,
    _: Watching,
) -> Result<Parts<R::Watched>, SpawnError> {
    Err(SpawnError::Unsupported { program: command.get_program().into() })
}

#[derive(Debug)]
pub(crate) enum Source {}

impl Source {
    pub(crate) fn try_read(&self, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn try_write(&self, _: &[u8]) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn try_ended(&self) -> io::Result<()> {
        match *self {}
    }
}

/// Some unixes are unsupported, too.
#[cfg(unix)]
impl std::os::fd::AsFd for Source {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match *self {}
    }
}

#[derive(Debug)]
pub(crate) struct Pipe<W> {
    never: Infallible,
    _watched: PhantomData<W>,
}

impl<W> Pipe<W> {
    pub(crate) fn poll_read(&self, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
        match self.never {}
    }

    pub(crate) fn poll_write(&self, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match self.never {}
    }
}

#[derive(Debug)]
pub(crate) struct Process<W> {
    never: Infallible,
    _watched: PhantomData<W>,
}

impl<W> Process<W> {
    pub(crate) fn pid(&self) -> u32 {
        match self.never {}
    }

    pub(crate) fn terminate(&self) -> io::Result<()> {
        match self.never {}
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        match self.never {}
    }

    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        match self.never {}
    }

    pub(crate) fn reap(&mut self) -> io::Result<ExitStatus> {
        match self.never {}
    }

    pub(crate) fn poll_exited(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.never {}
    }
}
