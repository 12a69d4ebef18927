//! A process between this program and a server, so that nothing of the server survives this program.
//!
//! A program that is killed, that crashes or that loses its terminal runs no code of its own any more. What it
//! started then sees the end of its input, and nothing else: a server that ignores that stays for good. A guardian is a
//! small process of its own that starts the server, waits for the end of either, and cleans up:
//!
//! ```no_run
//! use tenure_process::{guardian::Guardian, spawn_guarded};
//! use tenure_smol::SmolReactor;
//!
//! # smol::block_on(async {
//! let guardian = Guardian::new("/usr/bin/tenure"); // or a program of your own, see below
//! let mut command = guardian.command("npx"); // a `Command` as any other from here on
//! command.args(["-y", "@modelcontextprotocol/server-everything"]);
//! let child = spawn_guarded(&SmolReactor::new(), &guardian, &mut command, ()).await?;
//! # drop(child);
//! # Ok::<(), tenure_process::SpawnError>(())
//! # }).unwrap();
//! ```
//!
//! # What it does
//! - When this program is gone, however that came, the server's input has ended already. The guardian gives it the
//!   [`stop_timeout`](Guardian::stop_timeout), sends SIGTERM to it and its group, gives it the
//!   [`abort_timeout`](Guardian::abort_timeout), and then sends SIGKILL to all that is left.
//! - On Linux it is what orphans are handed to (`PR_SET_CHILD_SUBREAPER`). So *all that came of the server* is ended,
//!   daemons included that left its group or its session: when this program is gone, when the
//!   [`Process`](crate::Process) is dropped or killed, and also when the server ends by itself. A browser that the
//!   server opened, say, goes with it, unless it was running before.
//! - The server leads a group of its own, and [`Process::pid`](crate::Process::pid) is its process id, as without a
//!   guardian. Its exit status, its stops, and why it couldn't be started are what they are without one. Signals that
//!   are sent to the guardian are passed on to the server (but for SIGKILL, SIGSTOP, those of faults, and real-time
//!   signals, which it takes and keeps to itself). SIGKILL and those of faults apart, none of them ends the guardian
//!   before the server.
//! - What is read and written goes through pipes of this program's and the server's: the guardian holds none of them.
//!
//! It knows that this program is gone by a socket, the other end of which only this program holds. On Linux it also
//! watches this program itself, should a process that this program forked hold the socket, too: by a pidfd, or where
//! the kernel has none (before 5.3) by a look at /proc each second.
//!
//! # What it can't do
//! - Processes that others start for the server (a container's, by a daemon that runs already) don't come of it.
//! - Elsewhere than on Linux there are no orphans to be handed: there the group is ended, and no more.
//! - Who sends SIGKILL to the guardian itself ends the guard: on Linux this program then kills the server's group, and
//!   says why; what left the group stays. Elsewhere, or if both are killed at the same moment, the server only sees the
//!   end of its input.
//! - What doesn't end by SIGKILL (another user's process, one that the kernel doesn't let go) is given up after ten
//!   seconds; the server itself is waited for.
//!
//! # A program that plays the guardian
//! `tenure`, the program, does. So does any that begins with [`run`], which the feature
//! `guardian` of this crate brings:
//!
//! ```no_run
//! # #[cfg(feature = "guardian")]
//! fn main() {
//!     // First of all: while there is one thread, and before anything is read, opened or printed.
//!     tenure_process::guardian::run();
//!     // The program itself. Its servers: `Guardian::this_program()`.
//! }
//! # #[cfg(not(feature = "guardian"))]
//! # fn main() {}
//! ```
//!
//! It is one process for each server. On Linux less than half a megabyte of its memory is nobody else's where the
//! program is small, and less than a whole one where it is `tenure`: the addresses that are changed when a large
//! program is loaded.
//!
//! # Platforms
//! On Windows servers end with this program by other means, in the job that holds them; elsewhere none is started.
//! There a [`Guardian`] changes nothing: [`command`](Guardian::command) is the server's own, and `run` returns.

mod builder;
#[cfg(all(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))), feature = "guardian"))]
mod elsewhere;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
mod frames;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
mod host;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox")), feature = "guardian"))]
mod inside;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
#[cfg_attr(not(target_os = "linux"), path = "unheld.rs")]
mod itself;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
mod lifeline;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
mod received;

pub use self::builder::Guardian;
#[cfg(all(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))), feature = "guardian"))]
pub use self::elsewhere::{guard, run};
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
pub(crate) use self::frames::Report;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
pub(crate) use self::host::{Asked, Unwanted, ask};
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox")), feature = "guardian"))]
pub use self::inside::{guard, run};
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
pub(crate) use self::lifeline::Lifeline;
