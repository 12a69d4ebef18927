//! The standard error of servers: the one place where it is set up.
//!
//! A server is not handed the program's own description: what it does to that (making it non-blocking, say), it would
//! do to the program and to the terminal. It gets a pipe, and what it writes is copied on as it is, byte for byte: its
//! progress and its colours are its own business with whoever started it.

#[cfg(unix)]
mod copier;

use std::ffi::OsStr;
use std::fs::File;
use std::process::{Command, Stdio};

use crate::exit::{Failed, USAGE};

/// What is copied on while a session lasts.
pub(crate) struct ServerErrors {
    #[cfg(unix)]
    copier: Option<copier::Copier>,
}

impl ServerErrors {
    /// Sets up the standard error of what `command` starts: `inherit`, `null` or a file.
    pub(crate) fn of(command: &mut Command, to: &OsStr) -> Result<Self, Failed> {
        if to == "inherit" {
            return Self::inherit(command);
        }
        command.stderr(if to == "null" { Stdio::null() } else { file(to)? });
        Ok(Self::none())
    }

    /// Of a server that has none here.
    pub(crate) const fn none() -> Self {
        Self {
            #[cfg(unix)]
            copier: None,
        }
    }

    /// They are seen on the program's own standard error.
    #[cfg(unix)]
    pub(crate) fn inherit(command: &mut Command) -> Result<Self, Failed> {
        let started = copier::Copier::start().map_err(|error| {
            Failed::new(USAGE, format!("can't make a pipe for the server's errors: {error}"))
        })?;
        let (copier, writer) = started;
        command.stderr(writer);
        Ok(Self { copier: Some(copier) })
    }

    /// What a server does to a pipe or a console changes nothing for others there.
    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps, reason = "on unix it takes a pipe")]
    pub(crate) fn inherit(command: &mut Command) -> Result<Self, Failed> {
        command.stderr(Stdio::inherit());
        Ok(Self {})
    }

    /// Waits until what a server has written so far is copied: its words come before those about it.
    #[cfg_attr(not(unix), allow(clippy::unused_async, reason = "nothing is copied there"))]
    pub(crate) async fn caught_up(&self) {
        #[cfg(unix)]
        if let Some(copier) = &self.copier {
            copier.caught_up().await;
        }
    }

    /// When the servers have ended: copies what they have written so far, and no more, as what they left running may
    /// hold the pipe for ever.
    #[cfg_attr(not(unix), allow(clippy::unused_async, reason = "nothing is copied there"))]
    pub(crate) async fn end(self) {
        #[cfg(unix)]
        if let Some(copier) = self.copier {
            copier.end().await;
        }
    }
}

fn file(to: &OsStr) -> Result<Stdio, Failed> {
    let failed =
        |error| Failed::new(USAGE, format!("can't write the server's errors to {}: {error}", to.display()));
    File::options().create(true).append(true).open(to).map(Stdio::from).map_err(failed)
}
