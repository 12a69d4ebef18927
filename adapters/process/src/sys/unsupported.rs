//! Platforms on which no child is started: there is never a value to act on.

use std::convert::Infallible;
use std::io;
use std::marker::PhantomData;
use std::process::{Command, ExitStatus};
use std::task::{Context, Poll};

use super::{Parts, Watching};
use crate::error::SpawnError;
use crate::fd::BorrowedFd;
use crate::reactor::Reactor;

pub(crate) fn spawn<R: Reactor>(
    _: &R,
    command: &mut Command,
    _: Box<dyn Send>,
    _: Watching,
) -> Result<Parts<R::Fd>, SpawnError> {
    Err(SpawnError::Unsupported { program: command.get_program().into() })
}

pub(crate) fn read(_: BorrowedFd<'_>, _: &mut [u8]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn write(_: BorrowedFd<'_>, _: &[u8]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

#[derive(Debug)]
pub(crate) struct Process<F> {
    never: Infallible,
    fd: PhantomData<F>,
}

impl<F> Process<F> {
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
