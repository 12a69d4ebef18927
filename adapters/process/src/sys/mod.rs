//! What each system does for children. Unix and Windows have all of it; elsewhere a child can't be started.
//!
//! A system provides
//!
//! - `Source`: what its children have to be watched for, with `try_read`, `try_write` and `try_ended`, which
//!   never block; on unix also `AsFd`. A type without values if nothing is to be watched.
//! - `Pipe<W>`: this program's end of a pipe, with `poll_read`, `poll_write` and `poll_flush`. On unix it is a watched
//!   source, `W`; a system whose pipes complete by other means (overlapped, or on a thread of their own)
//!   keeps these in it and needs no reactor, nor a value of `W`.
//! - `Process<W>`: the child and its group, with `pid`, `terminate`, `kill`, `try_wait`, `poll_swept`, `reap`,
//!   `poll_exited` and `poll_stopped`; its drop ends the group and sees to the reaping. `poll_swept` comes between
//!   the exit and `reap`, where the end of the group takes time.
//! - `stopped_by_terminal` and `name_of_stop`: what the signals of its stops mean.
//! - `spawn`, which makes them; on unix also `spawn_guarded`, with a guardian in between.
//!
//! Nothing outside names a file descriptor, but for `AsFd` of [`Source`](crate::Source).

mod parts;
pub(crate) use parts::{Parts, Watching};
#[cfg(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))))]
mod unwatched;

// These two unixes have no `waitid`, by which a death is seen without reaping.
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
mod unix;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
pub(crate) use unix::{Pipe, Process, Source, name_of_stop, spawn, spawn_guarded, stopped_by_terminal};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::{Pipe, Process, Source, name_of_stop, spawn, stopped_by_terminal};

#[cfg(not(any(windows, all(unix, not(any(target_os = "openbsd", target_os = "redox"))))))]
mod unsupported;
#[cfg(not(any(windows, all(unix, not(any(target_os = "openbsd", target_os = "redox"))))))]
pub(crate) use unsupported::{Pipe, Process, Source, name_of_stop, spawn, stopped_by_terminal};
