#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::VecDeque;
use std::io;
use std::sync::Mutex;

use futures_lite::future::{self, poll_once};

use super::*;

/// What a pipe gives, read by read; without an entry it is pending.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<VecDeque<io::Result<Vec<u8>>>>>);

impl AsyncRead for Pipe {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let Some(read) = self.0.lock().unwrap().pop_front() else { return Poll::Pending };
        Poll::Ready(read.map(|bytes| {
            buffer[..bytes.len()].copy_from_slice(&bytes);
            bytes.len()
        }))
    }
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn reader() -> (Stderr<Pipe>, Pipe, Heard) {
    let (pipe, heard) = (Pipe::default(), Heard::default());
    let lines = heard.clone();
    let hook: Hook = Arc::new(move |_, line| lines.0.lock().unwrap().push(line.to_string()));
    (Stderr::new(Some(pipe.clone()), Some(hook), Generation::FIRST), pipe, heard)
}

/// Gives what is written, and polls once.
fn write<B: AsRef<[u8]>>(stderr: &mut Stderr<Pipe>, pipe: &Pipe, pieces: impl IntoIterator<Item = B>) {
    pipe.0.lock().unwrap().extend(pieces.into_iter().map(|piece| Ok(piece.as_ref().to_vec())));
    assert!(future::block_on(poll_once(stderr.keep_reading())).is_none());
}

#[test]
fn lines_are_handed_on_as_they_end_however_they_were_split() {
    let (mut stderr, pipe, heard) = reader();
    write(&mut stderr, &pipe, ["a", "b\nc\r\n\n", "d"]);
    assert_eq!(heard.take(), ["ab", "c", ""]);
    assert_eq!(stderr.tail().lines(), ["ab", "c", "d"]);
    write(&mut stderr, &pipe, ["e\n"]);
    assert_eq!(heard.take(), ["de"]);
    assert_eq!(stderr.tail().lines(), ["ab", "c", "de"]);
}

#[test]
fn a_line_that_the_end_leaves_unfinished_is_one() {
    let (mut stderr, pipe, heard) = reader();
    write(&mut stderr, &pipe, ["last", ""]);
    assert_eq!(heard.take(), ["last"]);
    write(&mut stderr, &pipe, ["nobody reads this"]);
    assert_eq!(heard.take(), [""; 0]);

    let (mut stderr, pipe, heard) = reader();
    write(&mut stderr, &pipe, ["Password: "]);
    assert_eq!((heard.take(), stderr.tail().lines()), (Vec::new(), vec!["Password: ".to_owned()]));
    stderr.read_rest();
    stderr.read_rest();
    assert_eq!((heard.take(), stderr.tail().lines().len()), (vec!["Password: ".to_owned()], 1));
}

#[test]
fn what_is_there_when_the_server_has_ended_is_read_though_others_hold_the_pipe() {
    let (mut stderr, pipe, heard) = reader();
    pipe.0.lock().unwrap().extend((0..100).map(|n| Ok(format!("{n}\n").into_bytes())));
    stderr.read_rest();
    assert_eq!(heard.take().len(), 100);
    // One that never stops is left after a while.
    let (mut stderr, pipe, heard) = reader();
    pipe.0.lock().unwrap().extend((0..10_000).map(|n| Ok(format!("{n}\n").into_bytes())));
    stderr.read_rest();
    assert_eq!(heard.take().len(), REST);
}

#[test]
fn a_long_line_is_cut_and_says_so() {
    let (mut stderr, pipe, heard) = reader();
    let pieces = std::iter::repeat_n("x".repeat(1024), 10).chain(["y\nz\n".to_owned()]);
    write(&mut stderr, &pipe, pieces);
    let lines = heard.take();
    assert_eq!(lines[0], format!("{}… (2049 bytes more)", "x".repeat(8 * 1024)));
    assert_eq!(lines[1], "z");
    let tail = stderr.tail().lines();
    assert!(tail[0].len() < 1100 && tail[0].ends_with("x…"), "{}", tail[0].len());
}

#[test]
fn others_get_their_turn_though_it_never_pauses() {
    let (mut stderr, pipe, heard) = reader();
    write(&mut stderr, &pipe, ["line\n"; 20]);
    assert_eq!(heard.take().len(), TURNS);
}

#[test]
fn the_last_lines_are_kept_and_no_more() {
    let (mut stderr, pipe, _) = reader();
    for n in 0..30 {
        write(&mut stderr, &pipe, [format!("{n}\n\n   \n")]);
    }
    let lines = stderr.tail().lines();
    assert_eq!((lines.len(), &*lines[0], &*lines[19]), (20, "10", "29"));
    for _ in 0..10 {
        write(&mut stderr, &pipe, [format!("{}\n", "é".repeat(400))]);
    }
    let bytes: usize = stderr.tail().lines().iter().map(String::len).sum();
    assert!((3000..=4096).contains(&bytes), "{bytes}");
}

#[test]
fn what_cannot_be_read_has_ended_and_an_interrupted_read_is_made_again() {
    let (mut stderr, pipe, heard) = reader();
    pipe.0.lock().unwrap().push_back(Err(io::ErrorKind::Interrupted.into()));
    write(&mut stderr, &pipe, ["a\nb"]);
    pipe.0.lock().unwrap().push_back(Err(io::Error::other("broken")));
    write(&mut stderr, &pipe, ["c"]);
    assert_eq!(heard.take(), ["a", "b"]);
}

#[test]
fn lines_are_shown_without_what_moves_the_cursor_and_kept_as_they_are() {
    let raw = Heard::default();
    let lines = raw.clone();
    let hook: Hook = Arc::new(move |_, line| {
        lines.0.lock().unwrap().extend([line.to_string(), line.text().into_owned()]);
        assert_eq!(line.bytes(), b"\x1b[31mred\x1b[0m \xff");
        assert_eq!(line.missing(), 0);
    });
    let pipe = Pipe::default();
    let mut stderr = Stderr::new(Some(pipe.clone()), Some(hook), Generation::FIRST);
    write(&mut stderr, &pipe, [b"\x1b[31mred\x1b[0m \xff\n"]);
    assert_eq!(raw.take(), ["red \u{fffd}", "\u{1b}[31mred\u{1b}[0m \u{fffd}"]);
    assert_eq!(stderr.tail().to_string(), "its last words on standard error:\n  | red \u{fffd}");
}

#[test]
fn a_line_says_how_much_of_it_is_missing() {
    let missing = Arc::new(Mutex::new(Vec::new()));
    let told = missing.clone();
    let hook: Hook = Arc::new(move |_, line| told.lock().unwrap().push((line.bytes().len(), line.missing())));
    let pipe = Pipe::default();
    let mut stderr = Stderr::new(Some(pipe.clone()), Some(hook), Generation::FIRST);
    write(&mut stderr, &pipe, ["x".repeat(8 * 1024), "yz\n".to_owned(), "x\n".to_owned()]);
    assert_eq!(*missing.lock().unwrap(), [(8 * 1024, 2), (1, 0)]);
}

#[test]
fn as_much_is_read_at_a_time_as_a_long_line_has() {
    let (stderr, ..) = reader();
    assert_eq!(stderr.buffer.len(), 8 * 1024);
    let none = Stderr::<Pipe>::new(None, None, Generation::FIRST);
    assert!(none.buffer.is_empty(), "nothing is read, and nothing kept for it");
}

#[test]
fn the_tail_takes_as_much_as_its_bounds_say() {
    let (mut stderr, pipe, _) = reader();
    // Of one line a quarter of all, and a mark that there was more.
    write(&mut stderr, &pipe, ["x".repeat(1024) + "\n", "x".repeat(1025) + "\n"]);
    assert_eq!(stderr.tail().lines(), ["x".repeat(1024), "x".repeat(1024) + "…"]);
    let (mut stderr, pipe, _) = reader();
    for _ in 0..4 {
        write(&mut stderr, &pipe, ["x".repeat(1024) + "\n"]);
    }
    assert_eq!(stderr.tail().lines().len(), 4, "exactly as much as there may be");
    write(&mut stderr, &pipe, ["y\n"]);
    assert_eq!(stderr.tail().lines().len(), 4);
    assert_eq!(stderr.tail().lines()[3], "y");
}

#[test]
fn a_tail_is_empty_until_something_is_said() {
    let (mut stderr, pipe, _) = reader();
    assert!(stderr.tail().is_empty());
    write(&mut stderr, &pipe, ["  \n"]);
    assert!(stderr.tail().is_empty(), "a blank line says nothing");
    write(&mut stderr, &pipe, ["begun"]);
    assert!(!stderr.tail().is_empty());
    write(&mut stderr, &pipe, [" and ended\n"]);
    assert!(!stderr.tail().is_empty());
}
