//! What a child has said, where the runtime has not told of it.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll, Waker};

use futures_lite::AsyncRead;
use rustix::process::{WaitId, WaitIdOptions, waitid};
use tenure_bounds::{blocking, mark};

use super::support::{again, run, sh};
use crate::child::spawn_watched as spawn;
use crate::sys::parts::Watching;
use crate::{ChildOutput, Reactor, Source, Watched};

/// Sees the end of a child, and never that there is something to be read.
#[derive(Clone)]
struct Late;

#[derive(Debug)]
struct Untold(Source);

impl Reactor for Late {
    type Watched = Untold;

    fn watch(&self, source: Source) -> io::Result<Untold> {
        Ok(Untold(source))
    }
}

impl Watched for Untold {
    fn source(&self) -> &Source {
        &self.0
    }

    fn poll_read(&self, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_write(&self, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        again(cx, self.0.try_ended())
    }
}

/// What is there now; `None`: nothing is told.
fn read(output: &mut ChildOutput<Untold>) -> Option<String> {
    let mut buffer = [0; 16];
    match Pin::new(output).poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer) {
        Poll::Ready(read) => Some(String::from_utf8(buffer[..read.unwrap()].to_vec()).unwrap()),
        Poll::Pending => None,
    }
}

/// What is there as soon as anything is.
fn read_by_and_by(output: &mut ChildOutput<Untold>) -> String {
    loop {
        if let Some(said) = read(output) {
            return said;
        }
        std::thread::yield_now();
    }
}

#[test]
fn what_an_ended_child_said_is_there_also_if_the_runtime_has_not_told_of_it() {
    let mut command = sh("echo out; echo err >&2");
    command.stderr(Stdio::piped());
    let mut child = spawn(&Late, mark(&mut command), Box::new(()), Watching::Best).unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.pid()).unwrap()).unwrap();
    let mut stderr = child.take_stderr().unwrap();
    let (_stdin, mut stdout, mut process) = child.split();
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    blocking("its end", move || waitid(WaitId::Pid(pid), options)).unwrap();
    assert_eq!((read(&mut stdout), read(&mut stderr)), (None, None), "nobody has seen its end");
    run(async { process.exited().await.unwrap() });
    assert_eq!(read(&mut stdout).unwrap(), "out\n");
    assert_eq!(read(&mut stderr).unwrap(), "err\n");
    // Not at once: what another test has forked a moment ago may hold a copy of the other end until it is executed.
    assert_eq!(blocking("its end", move || read_by_and_by(&mut stdout)), "", "the end");
}

#[test]
fn what_a_child_has_said_by_now_is_there_for_who_asks() {
    let mut command = sh("echo out; exec cat");
    let child = spawn(&Late, mark(&mut command), Box::new(()), Watching::Best).unwrap();
    let (_stdin, mut stdout, process) = child.split();
    process.read_directly();
    assert_eq!(blocking("its word", move || read_by_and_by(&mut stdout)), "out\n");
}
