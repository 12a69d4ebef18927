//! Child processes that leave neither zombie nor survivor, on any runtime.
//!
//! A runtime's own process type reaps later, by its own means: once the runtime is gone, a child that
//! was killed stays a zombie, and what the child itself has started is never touched. Here
//!
//! - each child leads a **process group** of its own, and signals go to the whole group;
//! - the rest of the group is killed **before** the leader is reaped, while its number can't be
//!   anybody else's;
//! - dropping a [`Process`] kills the group at once and reaps it without blocking, with the help of a
//!   short-lived thread if need be: no runtime has to be there for it;
//! - a **token** of the caller's is held until the child has been reaped, and then dropped: its drop
//!   says that nothing is left.
//!
//! The crate has no runtime of its own. It asks one only to watch its [`Source`]s, through [`Reactor`]; the
//! crates `tenure-tokio` and `tenure-smol` bring one each.
//!
//! ```
//! use std::process::Command;
//!
//! use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _};
//! use tenure_smol::SmolReactor;
//!
//! # smol::block_on(async {
//! let child = tenure_process::spawn(&SmolReactor::new(), &mut Command::new("cat"), ())?;
//! let (mut stdin, mut stdout, mut process) = child.split();
//! stdin.write_all(b"hello").await?;
//! drop(stdin); // end of input: `cat` ends
//! let mut said = String::new();
//! stdout.read_to_string(&mut said).await?;
//! assert_eq!(said, "hello");
//! assert!(process.wait().await?.success());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # An orderly end
//! Drop the [`ChildStdin`] (most programs end on end of input), wait on [`Process::exited`] for as
//! long as you care to; then [`Process::terminate`], and wait again; then drop the [`Process`]. Read
//! the output meanwhile, but don't wait for *its* end before [`Process::wait`]: a grandchild may hold
//! the other side open until the group is swept.
//!
//! # What it can't do
//! - A descendant that leaves the group (a daemon, anything that calls `setsid`) is out of reach.
//! - Killed grandchildren are reaped by the system's process 1. A program that *is* process 1 of its
//!   container needs an init in front of it, as for any other orphan.
//! - A child that runs as another user (setuid) can't be signalled; its token is held until it ends.
//! - The program must leave its children alone: no `waitpid(-1)` and no ignored `SIGCHLD`. If one is
//!   reaped behind this crate's back, nothing is signalled any more (the number may be another's by
//!   then), the token is dropped, and [`Process::wait`] says so.
//! - If this program itself is killed, the children see the end of their input; nothing more. (Linux's
//!   parent-death signal goes by the *thread* that started a child, so it would kill too early.)
//!
//! # Platforms
//! Linux with pidfd (5.4 on) needs no thread to watch a child; other unixes and older or sandboxed
//! kernels take one thread per child. Elsewhere everything compiles and [`spawn`] returns
//! [`SpawnError::Unsupported`].

mod child;
mod error;
mod pipe;
mod process;
mod reactor;
mod source;
mod sys;

pub use child::{Child, spawn};
pub use error::SpawnError;
pub use pipe::{ChildOutput, ChildStdin};
pub use process::Process;
pub use reactor::{Reactor, Watched};
pub use source::Source;
