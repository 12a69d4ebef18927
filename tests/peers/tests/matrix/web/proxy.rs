//! What stands between the client and a server over HTTP: it sees what the client sends, and can cut it off.
//!
//! It knows nothing of HTTP: connections are carried as they are, each to one of its own.

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::{self, JoinHandle},
};

use tenure_peers::LIMIT;

#[derive(Debug)]
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
    /// While it listens.
    listener: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Where the server is.
    target: u16,
    /// All that clients sent.
    sent: Vec<u8>,
    /// Connections that the client ended, with the server still there.
    hung_up: usize,
    /// Those that are open: the client's end and the server's.
    open: HashMap<u64, [TcpStream; 2]>,
    /// How many there were.
    opened: u64,
    is_closing: bool,
}

impl Proxy {
    /// Listens on a free port, for what goes to the `target`.
    pub fn new(target: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let proxy = Self { port, shared: Arc::default(), listener: Mutex::default() };
        proxy.accept(listener, target);
        proxy
    }

    /// Listens again, on the same port.
    pub fn up(&self, target: u16) {
        self.accept(TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).expect("its port"), target);
    }

    fn accept(&self, listener: TcpListener, target: u16) {
        let mut state = self.shared.lock();
        state.target = target;
        state.is_closing = false;
        let shared = Arc::clone(&self.shared);
        let accepting = thread::spawn(move || shared.accept(&listener));
        *self.listener.lock().expect("no thread panicked") = Some(accepting);
    }

    /// Connections are cut, and refused from now on.
    pub fn down(&self) {
        self.shared.lock().is_closing = true;
        if let Some(listener) = self.listener.lock().expect("no thread panicked").take() {
            // It looks once it has accepted one.
            drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
            listener.join().expect("a thread of ours");
        }
        self.cut();
    }

    /// Ends the connections that there are.
    pub fn cut(&self) {
        for end in self.shared.lock().open.drain().flat_map(|(_, ends)| ends) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// How much was sent until now, and how many connections the client has ended: what to look from.
    pub fn mark(&self) -> Mark {
        let state = self.shared.lock();
        Mark { sent: state.sent.len(), hung_up: state.hung_up }
    }

    /// What clients sent since then.
    pub fn sent_since(&self, mark: Mark) -> String {
        String::from_utf8_lossy(&self.shared.lock().sent[mark.sent..]).into_owned()
    }

    /// The session that the client named last.
    pub fn session(&self) -> Option<String> {
        let sent = self.sent_since(Mark::default());
        let named = sent.lines().rev().filter_map(|line| line.split_once(": "));
        let mut sessions = named.filter(|(name, _)| name.eq_ignore_ascii_case("mcp-session-id"));
        sessions.next().map(|(_, session)| session.to_owned())
    }

    /// Clients have sent this since then; false if it doesn't come.
    pub async fn sends(&self, mark: Mark, text: &'static str) -> bool {
        self.comes_to(move |state| String::from_utf8_lossy(&state.sent[mark.sent..]).contains(text)).await
    }

    /// The client has ended a connection since then; false if it doesn't.
    pub async fn is_hung_up(&self, mark: Mark) -> bool {
        self.comes_to(move |state| state.hung_up > mark.hung_up).await
    }

    /// No connection is open any more; false if it doesn't come to that.
    pub async fn is_left(&self) -> bool {
        self.comes_to(|state| state.open.is_empty()).await
    }

    async fn comes_to(&self, is_so: impl Fn(&State) -> bool + Send + 'static) -> bool {
        let shared = Arc::clone(&self.shared);
        smol::unblock(move || {
            let waited = shared.changed.wait_timeout_while(shared.lock(), LIMIT, |state| !is_so(state));
            !waited.expect("no thread panicked").1.timed_out()
        })
        .await
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.down();
    }
}

/// A moment, by what had come until then.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    sent: usize,
    hung_up: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panicked")
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            let Ok(client) = client else { return };
            let mut state = self.lock();
            if state.is_closing {
                return;
            }
            // Where there is no server, the client's end is dropped.
            let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, state.target)) else { continue };
            // Whatever is written is on its way at once.
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            state.opened += 1;
            let number = state.opened;
            let copy = |end: &TcpStream| end.try_clone().expect("a descriptor");
            state.open.insert(number, [copy(&client), copy(&server)]);
            let (requests, answers) = ((copy(&client), copy(&server)), (server, client));
            let [one, other] = [Arc::clone(self), Arc::clone(self)];
            thread::spawn(move || one.carry(number, requests, true));
            thread::spawn(move || other.carry(number, answers, false));
        }
    }

    /// One way of a connection. Where it ends, both do.
    fn carry(&self, number: u64, (mut from, mut to): (TcpStream, TcpStream), is_clients: bool) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if is_clients {
                self.lock().sent.extend(&buffer[..length]);
                self.changed.notify_all();
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let mut state = self.lock();
        if let Some(ends) = state.open.remove(&number) {
            state.hung_up += usize::from(is_clients);
            for end in ends {
                let _ = end.shutdown(Shutdown::Both);
            }
        }
        drop(state);
        self.changed.notify_all();
    }
}
