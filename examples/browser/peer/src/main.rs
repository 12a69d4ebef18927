//! The page's peer behind a real WebSocket. It listens on a free port of 127.0.0.1, says its address on its standard
//! output, and ends with its standard input, or when it was there for too long.
//!
//! It answers `hello` with `welcome`, `1:hello` with `1:hello to you`, and `bye` by closing. All else that is said are
//! switches, which work on all connections; each is said back once it is so:
//!
//! - `silent`: calls get no answer any more; those that wait for one when their connection says `bye` get it then
//! - `talk`: calls are answered again
//! - `heard N`: call N was heard
//! - `cut`: the connections that have said `hello` are over, without a word
//! - `leave`: nobody listens any more
//! - `return`: somebody does again

mod link;

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// However long somebody keeps the standard input open.
const LONGEST: Duration = Duration::from_mins(3);

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let peer = Peer::new(listener.local_addr()?);
    println!("ws://{}", peer.address);
    let (end, ended) = mpsc::channel();
    let input = end.clone();
    thread::spawn(move || input.send(io::copy(&mut io::stdin(), &mut io::sink()).map(drop)));
    thread::spawn(move || end.send(peer.listen(listener)));
    Ok(ended.recv_timeout(LONGEST)??)
}

struct Peer {
    address: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    listening: bool,
    /// Whether somebody shall listen.
    wanted: bool,
    silent: bool,
    /// The last call that was heard.
    heard: u32,
    /// The connections that have said `hello`; some may have ended.
    pages: Vec<TcpStream>,
}

impl Peer {
    fn new(address: SocketAddr) -> Arc<Self> {
        let state = State { listening: true, wanted: true, silent: false, heard: 0, pages: Vec::new() };
        Arc::new(Self { address, state: Mutex::new(state), changed: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, how: impl FnOnce(&mut State)) {
        how(&mut self.state());
        self.changed.notify_all();
    }

    fn until(&self, is_so: impl Fn(&State) -> bool) {
        drop(self.changed.wait_while(self.state(), |state| !is_so(state)));
    }

    /// Returns with an error alone.
    fn listen(self: Arc<Self>, mut listener: TcpListener) -> io::Result<()> {
        loop {
            for stream in listener.incoming() {
                if !self.state().wanted {
                    break;
                }
                let (peer, stream) = (Arc::clone(&self), stream?);
                thread::spawn(move || link::serve(&peer, &stream));
            }
            drop(listener);
            self.change(|state| state.listening = false);
            self.until(|state| state.wanted);
            listener = TcpListener::bind(self.address)?;
            self.change(|state| state.listening = true);
        }
    }

    /// Returns when it is so.
    fn switch(&self, what: &str) -> Outcome {
        match what.split_once(' ').unwrap_or((what, "")) {
            ("silent", "") => self.change(|state| state.silent = true),
            ("talk", "") => self.change(|state| state.silent = false),
            ("heard", number) => {
                let number: u32 = number.parse()?;
                self.until(|state| state.heard >= number);
            }
            ("cut", "") => self.change(|state| {
                for page in state.pages.drain(..) {
                    // One that has ended can't be shut down.
                    let _ = page.shutdown(Shutdown::Both);
                }
            }),
            ("leave", "") => {
                self.change(|state| state.wanted = false);
                // A connection wakes the thread that waits for one.
                TcpStream::connect(self.address)?;
                self.until(|state| !state.listening);
            }
            ("return", "") => {
                self.change(|state| state.wanted = true);
                self.until(|state| state.listening);
            }
            _ => return Err(format!("`{what}`: what is that?").into()),
        }
        Ok(())
    }
}
