//! A server of threads, which does on each connection what the test says, and notes what it saw.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// No read or write of a server waits for longer.
const BOUND: Duration = Duration::from_secs(10);

/// What a connection of any kind is to the script.
pub(crate) trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// A server that runs until it is dropped with the test.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) port: u16,
    seen: Mutex<Receiver<String>>,
}

impl Server {
    /// Runs `script` for each connection, with its number from 0.
    pub(crate) fn new(script: impl Fn(usize, &mut Conversation<TcpStream>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, seen) = channel();
        let script = Arc::new(script);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { return };
                bound(&stream);
                let (script, sender) = (script.clone(), sender.clone());
                std::thread::spawn(move || {
                    let mut conversation = Conversation::new(stream, number, sender);
                    script(number, &mut conversation);
                });
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), port, seen: Mutex::new(seen) }
    }

    /// Answers each request with `connection/request`, both numbered from 0.
    pub(crate) fn counting() -> Self {
        Self::new(|number, conversation| {
            let mut request = 0;
            while conversation.request().is_some() {
                conversation.answer(&format!("{number}/{request}"));
                request += 1;
            }
        })
    }

    /// The next thing that a script noted.
    pub(crate) fn saw(&self) -> String {
        self.seen.lock().unwrap().recv_timeout(BOUND).expect("the server saw nothing")
    }

    /// The next thing that a script noted, if it is there already.
    pub(crate) fn saw_now(&self) -> Option<String> {
        self.seen.lock().unwrap().try_recv().ok()
    }

    /// What was noted and not asked for yet.
    pub(crate) fn saw_more(&self) -> Vec<String> {
        self.seen.lock().unwrap().try_iter().collect()
    }
}

pub(crate) fn bound(stream: &TcpStream) {
    stream.set_read_timeout(Some(BOUND)).unwrap();
    stream.set_write_timeout(Some(BOUND)).unwrap();
    stream.set_nodelay(true).unwrap();
}

/// The server's side of one connection.
pub(crate) struct Conversation<S> {
    pub(crate) stream: S,
    pub(crate) number: usize,
    seen: Sender<String>,
    read: Vec<u8>,
}

impl<S: Stream> Conversation<S> {
    pub(crate) fn new(stream: S, number: usize, seen: Sender<String>) -> Self {
        Self { stream, number, seen, read: Vec::new() }
    }

    pub(crate) fn note(&self, what: impl Into<String>) {
        let _ = self.seen.send(what.into());
    }

    /// The next request, its head and body as they came; `None` at the end.
    pub(crate) fn request(&mut self) -> Option<String> {
        loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                let head = String::from_utf8(self.read[..end + 4].to_vec()).unwrap();
                let length = head
                    .lines()
                    .filter_map(|line| line.split_once(':'))
                    .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                    .map_or(0, |(_, length)| length.trim().parse().unwrap());
                if self.read.len() >= end + 4 + length {
                    let whole: Vec<u8> = self.read.drain(..end + 4 + length).collect();
                    return Some(String::from_utf8(whole).unwrap());
                }
            }
            self.more()?;
        }
    }

    /// Reads until the head is there, and no further than that takes.
    pub(crate) fn head(&mut self) {
        while find(&self.read, b"\r\n\r\n").is_none() && self.more().is_some() {}
    }

    /// Reads something.
    pub(crate) fn hear(&mut self) {
        assert!(self.more().is_some());
    }

    /// Reads nothing, and holds the connection until the server's bound.
    pub(crate) fn wait(&self) {
        std::thread::sleep(BOUND);
        self.note("waited");
    }

    fn more(&mut self) -> Option<()> {
        let mut piece = [0; 4096];
        match self.stream.read(&mut piece) {
            Ok(0) | Err(_) => None,
            Ok(bytes) => {
                self.read.extend_from_slice(&piece[..bytes]);
                Some(())
            }
        }
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        // Whoever went away is no fault of the server's.
        let _ = self.stream.write_all(bytes.as_ref());
        let _ = self.stream.flush();
    }

    /// A whole answer.
    pub(crate) fn answer(&mut self, body: &str) {
        self.write(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    }

    /// Waits for the other side to close, and notes it.
    pub(crate) fn note_end(&mut self) {
        let mut piece = [0; 4096];
        loop {
            match self.stream.read(&mut piece) {
                Ok(1..) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return self.note("still open");
                }
                // A reset is an end, too.
                Ok(0) | Err(_) => return self.note("closed"),
            }
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
