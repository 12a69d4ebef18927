//! Starting a child inside its job: suspended, put into the job, resumed. It does nothing before it is in there.
//!
//! If this program is ended just between its start and its job, what is left is a process that has not run and never
//! will.

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::os::windows::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;

use process_wrap::std::{ChildWrapper, CommandWrap, JobObject};
use shared_child::SharedChild;

use super::console;
use super::job::{self, KillOnClose, Members};
use crate::error::SpawnError;

const CREATE_SUSPENDED: u32 = 0x0000_0004;
/// Ctrl-C on this program's console is not for the child, and Ctrl-Break can be sent to it alone.
const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
/// A console of its own that isn't shown.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// A child that runs, in its job. Dropped, it ends with all that it has started.
pub(super) struct Started {
    pub(super) stdin: ChildStdin,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: Option<ChildStderr>,
    pub(super) leader: Arc<SharedChild>,
    pub(super) job: KillOnClose,
    pub(super) members: Members,
    /// It shares a console with this program.
    pub(super) can_be_asked: bool,
}

pub(super) fn start(command: &mut Command) -> Result<Started, SpawnError> {
    start_while(command, || {})
}

/// `meanwhile` is what happens between the child's start and its job.
pub(super) fn start_while(command: &mut Command, meanwhile: impl FnOnce()) -> Result<Started, SpawnError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let can_be_asked = console::is_there_one();
    // Where there is no console each child would show a window with one.
    let window = if can_be_asked { 0 } else { CREATE_NO_WINDOW };
    let flags = CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP | window;
    let mut started = None;
    // The library takes a command, and gives it back.
    let mut wrap = CommandWrap::from(std::mem::replace(command, Command::new("")));
    wrap.wrap(JobObject);
    let resumed = wrap.spawn_with_child(|command| {
        // The library's own flags are among them.
        let child = command.creation_flags(flags).spawn()?;
        meanwhile();
        let (parts, suspended) = in_a_job(child, can_be_asked)?;
        started = Some(parts);
        Ok(Box::new(suspended))
    });
    *command = wrap.into_command();
    command.creation_flags(0);
    match (resumed, started) {
        (Ok(_), Some(started)) => Ok(started),
        // Its program doesn't run, or runs in the job that ends here.
        (Err(error), started) => {
            drop(started);
            Err(SpawnError::starting(command, error))
        }
        (Ok(_), None) => Err(SpawnError::io(command, "starting it", io::ErrorKind::Other.into())),
    }
}

/// Puts a child that is suspended into a job of its own; ends it if that can't be done.
fn in_a_job(mut child: Child, can_be_asked: bool) -> io::Result<(Started, Suspended)> {
    match put(&mut child) {
        Ok(Put { job, members, stdin, stdout, handle }) => {
            let stderr = child.stderr.take();
            let leader = Arc::new(SharedChild::new(child)?);
            let suspended = Suspended { leader: Arc::clone(&leader), handle };
            Ok((Started { stdin, stdout, stderr, leader, job, members, can_be_asked }, suspended))
        }
        Err(error) => {
            let _ = child.kill();
            Err(error)
        }
    }
}

struct Put {
    job: KillOnClose,
    members: Members,
    stdin: ChildStdin,
    stdout: ChildStdout,
    handle: OwnedHandle,
}

fn put(child: &mut Child) -> io::Result<Put> {
    let no_pipe = || io::Error::other("the standard library made no pipe");
    let stdin = child.stdin.take().ok_or_else(no_pipe)?;
    let stdout = child.stdout.take().ok_or_else(no_pipe)?;
    let handle = child.as_handle().try_clone_to_owned()?;
    let (job, members) = job::new()?;
    job::assign(&job, &members, child.as_handle())?;
    Ok(Put { job, members, stdin, stdout, handle })
}

/// A suspended child as `process-wrap` knows one, to be resumed by it; for nothing else.
///
/// The job that the library puts around it ends nobody and is forgotten at once: its handle is closed when the child
/// was resumed.
#[derive(Debug)]
struct Suspended {
    leader: Arc<SharedChild>,
    handle: OwnedHandle,
}

impl ChildWrapper for Suspended {
    fn inner(&self) -> &dyn ChildWrapper {
        self
    }

    fn inner_mut(&mut self) -> &mut dyn ChildWrapper {
        self
    }

    fn into_inner(self: Box<Self>) -> Box<dyn ChildWrapper> {
        self
    }

    fn process_handle(&self) -> Option<BorrowedHandle<'_>> {
        Some(self.handle.as_handle())
    }

    fn id(&self) -> u32 {
        self.leader.id()
    }

    /// When it can't be resumed.
    fn start_kill(&mut self) -> io::Result<()> {
        self.leader.kill()
    }

    fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.leader.try_wait()
    }

    fn wait(&mut self) -> io::Result<ExitStatus> {
        self.leader.wait()
    }
}
