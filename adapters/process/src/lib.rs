//! Child processes that leave neither zombie nor survivor, on any runtime.
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
//! A runtime's own process type reaps later, by its own means: once the runtime is gone, a child that
//! was killed stays a zombie, and what the child itself has started is never touched. Here
//!
//! - each child leads a **process group** of its own (on Windows: a job), and signals go to the whole group;
//! - the rest of the group is killed **before** the leader is reaped, while its number can't be
//!   anybody else's;
//! - dropping a [`Process`] kills the group at once and reaps it without blocking, with the help of a
//!   short-lived thread if need be: no runtime has to be there for it;
//! - a **token** of the caller's is held until the child has been reaped, and then dropped: its drop
//!   says that nothing is left.
//!
//! [The guide](https://docs.rs/tenure-guide/latest/tenure_guide/chapter_8/index.html) has a whole session
//! around such a child.
//!
//! The crate has no runtime of its own. It asks one only to watch its [`Source`]s, through [`Reactor`]; the
//! crates `tenure-tokio` and `tenure-smol` bring one each.
//!
//! # An orderly end
//! Drop the [`ChildStdin`] (most programs end on end of input), wait on [`Process::exited`] for as
//! long as you care to; then [`Process::terminate`], and wait again; then drop the [`Process`]. Read
//! the output meanwhile, but don't wait for *its* end before [`Process::wait`]: a grandchild may hold
//! the other side open until the group is swept. The example `lsp` of `tenure-smol` does it all. On Windows a child
//! that can't be asked to end is an error of [`Process::terminate`], there and then: end it, nothing is gained by
//! waiting.
//!
//! # What it can't do
//! On unix:
//!
//! - A descendant that leaves the group (a daemon, anything that calls `setsid`) is out of reach. With a
//!   [guardian] it isn't, on Linux.
//! - Killed grandchildren are reaped by the system's process 1. A program that *is* process 1 of its
//!   container needs an init in front of it, as for any other orphan.
//! - A child that runs as another user (setuid) can't be signalled; its token is held until it ends.
//! - The program must leave its children alone: no `waitpid(-1)` and no ignored `SIGCHLD`. An ignored
//!   `SIGCHLD` is inherited from whoever started the program, so a program that doesn't know its parent sets it
//!   to its default at its start. If a child is reaped behind this crate's back its exit status is lost, which
//!   [`Process::wait`] says. What is left of its group is ended all the same: as long as the group has a
//!   member its number is nobody else's, and it is left alone if a process has that number again.
//! - A child that reads no more breaks the pipe to it, and the system sends `SIGPIPE` to whoever writes into that: the
//!   program must ignore it, as what Rust puts before `main` does whatever was inherited. A program that has set it
//!   to its default again, as some command line tools do to end quietly, or whose `main` isn't Rust's, would be
//!   killed by its first write to a child that went away. Children are started with the default, whichever it is here.
//! - If this program itself is killed, or crashes, or calls `exit`, the children see the end of their input; nothing
//!   more. (Linux's parent-death signal goes by the *thread* that started a child, so it would kill too early.) With a
//!   [guardian] nothing is left.
//!
//! # Platforms
//! **Linux** with pidfd (5.4 on) needs no thread to watch a child, unless the program has a controlling terminal,
//! which may stop the child ([`Process::stopped`]); there, and on other unixes and older or sandboxed kernels,
//! it takes one thread per child.
//!
//! **Windows**: the group is a *job*, which all that the child starts belongs to, and which none of it can leave, so
//! that none of the above is out of reach. It is started suspended, put into the job and resumed: it never runs
//! outside. Ending it ends the job, and the token is dropped when the job says that nobody is left. The kernel ends
//! the job as well when this program ends, **however it does**: killed, crashed, or because somebody pulled its
//! console away. That is more than any unix gives. (One gap is left: if this program is killed in the moment between
//! a child's start and its job, a process remains that has not run and never will.)
//!
//! - [`Process::terminate`] sends Ctrl-Break to the child's own process group, if this program has a console; the child
//!   shares it then. If it has none, the child gets one that isn't shown, no window flashes, and there is nobody to
//!   ask.
//! - A `.cmd` or `.bat` is started by std, which quotes its arguments so that `cmd` takes them as they are, or refuses
//!   them. [`command`] finds it by its name alone, as a shell does.
//! - The command's creation flags are set here. The child leads a process group, in which Ctrl-C is disabled, also for
//!   what it starts: until one of them enables it, with `SetConsoleCtrlHandler`.
//! - A `.cmd` hears Ctrl-Break before what it has started, and may ask "Terminate batch job (Y/N)?" and wait.
//! - A child takes one thread, and one for each of its pipes; no runtime has to watch anything. What is written is
//!   taken, up to 128 KiB, and written behind: it arrives before the end of the input, also when [`ChildStdin`] was
//!   dropped. A flush waits for it. As much is read ahead.
//! - A child that was killed has exit code 1, one that was ended with its job 0 (or whatever it had come to).
//! - What others start for the child is not of its job: by WMI, the Task Scheduler, a service, a COM server of its own
//!   process, or with another process given as its parent.
//! - While a child is started, its ends of the pipes can be inherited. What is started by std doesn't take them, as std
//!   does one at a time; what other code starts at that moment, with inheritance, does, and holds them open: the child
//!   doesn't see the end of its input, and its output seems not to end when it has. A reader waits for that in place,
//!   for half a second in all, and from then on as for any other output.
//!
//! Elsewhere everything compiles and [`spawn`] returns [`SpawnError::Unsupported`].

mod child;
mod command;
mod error;
pub mod guardian;
mod pipe;
mod process;
mod reactor;
mod source;
mod status;
mod stopped;
mod sys;
mod unwritten;

pub use child::{Child, spawn, spawn_guarded};
pub use command::{command, command_with_envs};
pub use error::SpawnError;
pub use pipe::{ChildOutput, ChildStdin};
pub use process::Process;
pub use reactor::{Reactor, Watched};
pub use source::Source;
pub use status::display_status;
pub use stopped::Stopped;
pub use unwritten::Unwritten;

/// What README.md shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
