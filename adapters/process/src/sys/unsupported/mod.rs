//! Platforms on which no child is started: there is never a value to act on.

use std::convert::Infallible;
use std::io;
use std::marker::PhantomData;
use std::process::{Command, ExitStatus};
use std::task::{Context, Poll};

use super::parts::{Parts, Watching};
pub(crate) use super::unwatched::Source;
use crate::error::SpawnError;
use crate::reactor::Reactor;

/// What [`spawn`] makes, watched by `R`.
type Started<R> = Parts<Pipe<<R as Reactor>::Watched>, Process<<R as Reactor>::Watched>>;

pub(crate) fn spawn<R: Reactor>(
    _: &R,
    command: &mut Command,
    _: Box<dyn Send>,
    _: Watching,
) -> Result<Started<R>, SpawnError> {
    Err(SpawnError::Unsupported { program: command.get_program().into() })
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

    pub(crate) fn poll_flush(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
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

    pub(crate) fn read_directly(&self) {
        match self.never {}
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        match self.never {}
    }

    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        match self.never {}
    }

    pub(crate) fn poll_swept(&mut self, _: &mut Context<'_>) -> Poll<()> {
        match self.never {}
    }

    pub(crate) fn reap(&mut self) -> io::Result<ExitStatus> {
        match self.never {}
    }

    pub(crate) fn poll_stopped(&mut self, _: &mut Context<'_>) -> Poll<i32> {
        match self.never {}
    }

    pub(crate) fn poll_exited(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.never {}
    }
}

pub(crate) fn stopped_by_terminal(_: i32) -> bool {
    false
}

pub(crate) fn name_of_stop(_: i32) -> Option<&'static str> {
    None
}
