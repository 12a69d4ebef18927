//! Pipes whose other end does what the test says.

use std::io::{self, Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::task::{Context, Poll, Waker};

use futures_lite::future::poll_fn;
use shared_child::SharedChild;
use tenure_bounds::{BOUND, whole};

use super::chunk::CHUNK;
use super::directly::Directly;
use super::pipe::Pipe;
use super::start::{Started, start, start_while};
use super::watch::Watch;
use crate::Unwritten;

/// The other end of a pipe that is read: what it is given, and whether this end is closed.
fn spoken() -> (Sender<io::Result<Vec<u8>>>, Spoken, Receiver<()>) {
    let (say, said) = channel();
    let (open, closed) = channel();
    (say, Spoken { said, ask: None, _open: open }, closed)
}

struct Spoken {
    said: Receiver<io::Result<Vec<u8>>>,
    /// Who is told of each attempt.
    ask: Option<Sender<()>>,
    _open: Sender<()>,
}

impl Read for Spoken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(ask) = &self.ask {
            let _ = ask.send(());
        }
        let Ok(said) = self.said.recv() else { return Ok(0) };
        let said = said?;
        buffer[..said.len()].copy_from_slice(&said);
        Ok(said.len())
    }
}

/// The other end of a pipe that is written: it takes what comes when it is let.
struct Heard {
    may: Receiver<()>,
    heard: Sender<Vec<u8>>,
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.may.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        self.heard.send(bytes.to_vec()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn run<T>(body: impl Future<Output = T>) -> T {
    smol::block_on(whole("the test to end", body))
}

async fn read(pipe: &Pipe<()>, length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; length];
    let length = poll_fn(|cx| pipe.poll_read(cx, &mut buffer)).await?;
    buffer.truncate(length);
    Ok(buffer)
}

fn try_write(pipe: &Pipe<()>, bytes: &[u8]) -> Poll<io::Result<usize>> {
    pipe.poll_write(&mut Context::from_waker(Waker::noop()), bytes)
}

#[test]
fn what_is_read_comes_in_order_and_then_its_end() {
    run(async {
        let (say, spoken, closed) = spoken();
        let pipe = Pipe::<()>::reading(spoken, Arc::default()).unwrap();
        say.send(Ok(b"first".to_vec())).unwrap();
        say.send(Ok(b"second".to_vec())).unwrap();
        drop(say);
        let mut all = Vec::new();
        loop {
            match read(&pipe, 4).await.unwrap() {
                piece if piece.is_empty() => break,
                piece => all.extend(piece),
            }
        }
        assert_eq!(all, b"firstsecond");
        assert!(closed.recv_timeout(BOUND).is_err(), "the thread is gone");
        assert!(read(&pipe, 4).await.unwrap().is_empty(), "the end stays");
    });
}

#[test]
fn an_error_is_told_once_after_what_was_read_before_it() {
    run(async {
        let (say, spoken, _closed) = spoken();
        let pipe = Pipe::<()>::reading(spoken, Arc::default()).unwrap();
        say.send(Ok(b"before".to_vec())).unwrap();
        say.send(Err(io::Error::other("torn"))).unwrap();
        assert_eq!(read(&pipe, 16).await.unwrap(), b"before");
        assert_eq!(read(&pipe, 16).await.unwrap_err().to_string(), "torn");
        assert!(read(&pipe, 16).await.unwrap().is_empty());
    });
}

#[test]
fn no_more_than_two_chunks_are_read_ahead() {
    let (say, mut spoken, closed) = spoken();
    let (ask, asked) = channel();
    spoken.ask = Some(ask);
    let pipe = Pipe::<()>::reading(spoken, Arc::default()).unwrap();
    for _ in 0..5 {
        say.send(Ok(vec![b'x'; CHUNK])).unwrap();
    }
    drop(say);
    for _ in 0..2 {
        asked.recv_timeout(BOUND).unwrap();
    }
    for _ in 0..4 {
        // The thread waits for room.
        assert!(asked.try_recv().is_err());
        assert_eq!(run(read(&pipe, CHUNK)).unwrap().len(), CHUNK);
        asked.recv_timeout(BOUND).unwrap();
    }
    drop(pipe);
    assert!(closed.recv_timeout(BOUND).is_err(), "the thread is gone");
}

#[test]
fn a_reader_that_is_dropped_leaves_its_thread_to_the_end_of_the_pipe() {
    let (say, spoken, closed) = spoken();
    let pipe = Pipe::<()>::reading(spoken, Arc::default()).unwrap();
    let mut buffer = [0; 8];
    let polled = pipe.poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer);
    assert!(polled.is_pending());
    drop(pipe);
    assert_eq!(closed.try_recv(), Err(TryRecvError::Empty), "it waits in the system");
    say.send(Ok(b"nobody hears it".to_vec())).unwrap();
    assert!(closed.recv_timeout(BOUND).is_err(), "the thread is gone");
}

#[test]
fn what_was_taken_is_written_in_order_also_after_a_drop() {
    let (let_it, may) = channel();
    let (hear, heard) = channel();
    let pipe = Pipe::<()>::writing(Heard { may, heard: hear }).unwrap();
    for piece in [b"first ", b"second", b" third"] {
        assert!(matches!(try_write(&pipe, piece), Poll::Ready(Ok(6))));
    }
    drop(pipe);
    let mut all = Vec::new();
    for _ in 0..3 {
        let_it.send(()).unwrap();
    }
    // Ends with the thread.
    while let Ok(piece) = heard.recv_timeout(BOUND) {
        all.extend(piece);
    }
    assert_eq!(all, b"first second third");
}

#[test]
fn writing_waits_for_room_and_flushing_for_the_last_byte() {
    let (let_it, may) = channel();
    let (hear, heard) = channel();
    let pipe = Pipe::<()>::writing(Heard { may, heard: hear }).unwrap();
    let large = vec![b'x'; CHUNK];
    let mut taken = 0;
    run(async {
        // One chunk that the thread writes, and one that is queued behind it.
        while taken < 2 * CHUNK {
            taken += poll_fn(|cx| pipe.poll_write(cx, &large)).await.unwrap();
        }
    });
    assert!(try_write(&pipe, &large).is_pending());
    let flush = |pipe: &Pipe<()>| pipe.poll_flush(&mut Context::from_waker(Waker::noop()));
    assert!(flush(&pipe).is_pending());
    let_it.send(()).unwrap();
    run(async {
        let more = poll_fn(|cx| pipe.poll_write(cx, b"more")).await.unwrap();
        assert_eq!(more, 4);
    });
    assert!(flush(&pipe).is_pending());
    for _ in 0..3 {
        let_it.send(()).unwrap();
    }
    run(poll_fn(|cx| pipe.poll_flush(cx))).unwrap();
    assert_eq!(heard.try_iter().flatten().count(), 2 * CHUNK + 4);
}

#[test]
fn writing_to_what_nobody_reads_any_more_fails_from_then_on() {
    let (let_it, may) = channel();
    let (hear, _heard) = channel();
    let pipe = Pipe::<()>::writing(Heard { may, heard: hear }).unwrap();
    assert!(matches!(try_write(&pipe, b"taken"), Poll::Ready(Ok(5))));
    drop(let_it);
    let error = run(poll_fn(|cx| pipe.poll_flush(cx))).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    let unwritten = error.get_ref().and_then(|inner| inner.downcast_ref::<Unwritten>()).unwrap();
    assert_eq!(unwritten.bytes(), 5);
    for _ in 0..2 {
        let Poll::Ready(Err(error)) = try_write(&pipe, b"more") else { panic!("it failed before") };
        assert!(!error.get_ref().unwrap().is::<Unwritten>(), "told once");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}

#[test]
fn when_nobody_is_left_a_reader_waits_for_what_is_at_hand() {
    let (say, spoken, _closed) = spoken();
    let directly = Arc::new(Directly::default());
    let pipe = Pipe::<()>::reading(spoken, Arc::clone(&directly)).unwrap();
    directly.is_over();
    std::thread::spawn(move || {
        for _ in 0..3 {
            say.send(Ok(b"late".to_vec())).unwrap();
        }
    });
    let mut seen = 0;
    loop {
        let mut buffer = [0; 16];
        // Asked once, as by somebody who doesn't come back.
        match pipe.poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer) {
            Poll::Ready(Ok(0)) => break,
            Poll::Ready(length) => seen += length.unwrap(),
            Poll::Pending => panic!("it was at hand"),
        }
    }
    assert_eq!(seen, 12);
}

#[test]
fn who_holds_a_pipe_from_outside_of_the_tree_is_waited_for_once() {
    let (say, spoken, _closed) = spoken();
    let directly = Arc::new(Directly::default());
    let pipe = Pipe::<()>::reading(spoken, Arc::clone(&directly)).unwrap();
    let mut buffer = [0; 16];
    let mut poll = || pipe.poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer);
    directly.is_over();
    let begun = std::time::Instant::now();
    for _ in 0..50 {
        assert!(poll().is_pending());
    }
    assert!(begun.elapsed() < BOUND / 2);
    // It may still say something.
    say.send(Ok(b"late".to_vec())).unwrap();
    assert!(matches!(run(poll_fn(|cx| pipe.poll_read(cx, &mut [0; 16]))), Ok(4)));
}

#[test]
fn who_asks_what_was_said_by_now_is_told_what_is_on_its_way_and_waits_for_no_more() {
    let (say, spoken, _closed) = spoken();
    let directly = Arc::new(Directly::default());
    let pipe = Pipe::<()>::reading(spoken, Arc::clone(&directly)).unwrap();
    let mut buffer = [0; 16];
    let mut poll = || pipe.poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer);
    directly.ask();
    say.send(Ok(b"now".to_vec())).unwrap();
    assert!(matches!(poll(), Poll::Ready(Ok(3))));
    assert!(poll().is_pending());
    // Waited for once: from here on it is as ever.
    let begun = std::time::Instant::now();
    for _ in 0..1000 {
        assert!(poll().is_pending());
    }
    assert!(begun.elapsed() < BOUND / 2);
}

#[test]
fn the_end_is_told_and_the_token_dropped_when_nobody_of_the_job_is_left() {
    // The leader leaves a child behind, which waits for the end of its input.
    let mut command = Command::new("cmd");
    command.args(["/c", "start", "/b", "cmd", "/q", "/k", "rem"]);
    let Started { leader, job, members, stdin, stdout, .. } = start(&mut command).unwrap();
    let (token, held) = channel::<()>();
    let (watch, job) = Watch::start(Arc::clone(&leader), job, members, Box::new(token)).unwrap();
    run(poll_fn(|cx| watch.poll_exited(cx)));
    assert!(leader.try_wait().unwrap().is_some());
    for _ in 0..100 {
        assert!(!watch.sweep(), "the other one is alive");
        assert_eq!(held.try_recv(), Err(TryRecvError::Empty));
    }
    drop(job);
    run(poll_fn(|cx| watch.poll_swept(cx)));
    assert_eq!(held.try_recv(), Err(TryRecvError::Disconnected));
    drop((stdin, stdout));
}

/// Tells when it is dropped whether the leader was alive.
struct Tells(Arc<SharedChild>, Sender<bool>);

impl Drop for Tells {
    fn drop(&mut self) {
        let _ = self.1.send(self.0.try_wait().unwrap().is_none());
    }
}

#[test]
fn a_child_that_no_thread_can_watch_is_gone_before_the_token() {
    let mut command = Command::new("cmd");
    let Started { leader, job, members, stdin, stdout, .. } =
        start(command.args(["/q", "/k", "rem"])).unwrap();
    let (tell, told) = channel();
    let token = Tells(Arc::clone(&leader), tell);
    let no_thread = |_| Err(io::Error::other("no thread"));
    let watch = Watch::start_by(Arc::clone(&leader), job, members, Box::new(token), no_thread);
    assert_eq!(watch.unwrap_err().to_string(), "no thread");
    assert_eq!(told.try_recv(), Ok(false));
    drop((stdin, stdout));
}

#[test]
fn a_child_does_nothing_before_it_is_in_its_job() {
    let file = std::env::temp_dir().join(format!("tenure-{}-suspended", std::process::id()));
    let _ = std::fs::remove_file(&file);
    // Far longer than a child takes that may run.
    let meanwhile = || {
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert!(!file.exists(), "it runs outside of its job");
    };
    let mut command = Command::new("cmd");
    command.args(["/c", "echo", "ran", ">"]).arg(&file);
    let started = start_while(&mut command, meanwhile).unwrap();
    started.leader.wait().unwrap();
    std::fs::remove_file(&file).expect("it ran in the end");
}
