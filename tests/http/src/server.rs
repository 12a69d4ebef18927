//! The server as a test holds it.

use std::fmt;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use serde_json::Value;

use crate::connection;
use crate::gate::Gate;
use crate::journal::{Journal, Request};
use crate::matching::Matching;
use crate::play::{Play, Speaks};
use crate::reply::{Reply, Step};
use crate::room::{Room, Scripted, State};

/// More connections than a test needs.
const MOST_CONNECTIONS: usize = 512;

/// A server on a port of its own. Dropped, it has ended: its connections are closed and its threads joined.
pub struct Server {
    room: Arc<Room>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one on the loopback interface.
    ///
    /// # Panics
    /// If there is no port left.
    pub fn start(speaks: Speaks) -> Self {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), speaks)
    }

    /// Ends it, and starts another one in its place, which knows nothing of what was before.
    ///
    /// # Panics
    /// If its port was taken meanwhile.
    #[must_use]
    pub fn restart(self, speaks: Speaks) -> Self {
        let address = self.room.address;
        drop(self);
        Self::start_at(address, speaks)
    }

    #[allow(clippy::panic, reason = "there is no test without it")]
    fn start_at(at: SocketAddr, speaks: Speaks) -> Self {
        let listener = TcpListener::bind(at);
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.unwrap_or_else(|error| panic!("no port to listen at: {error}"));
        let room = Arc::new(Room::new(address, Play::new(speaks)));
        let theirs = room.clone();
        let acceptor = Some(thread::spawn(move || accept(&theirs, &listener)));
        Self { room, acceptor }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.room.address)
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        self.room.address.to_string()
    }

    /// The next such request is answered so. What was said first goes first.
    pub fn next(&self, of: Matching, reply: Reply) {
        self.times(1, of, reply);
    }

    /// The next so many such requests are answered so.
    pub fn times(&self, times: u64, of: Matching, reply: Reply) {
        self.script(Scripted { of, times: Some(times), reply });
    }

    /// All such requests are answered so, if nothing else was said of them before.
    pub fn always(&self, of: Matching, reply: Reply) {
        self.script(Scripted { of, times: None, reply });
    }

    /// The next request with more than a million bytes of a body is answered so before the body is read, and the
    /// connection is closed.
    pub fn early(&self, reply: Reply) {
        self.room.change(|state| state.early = Some(reply.close()));
    }

    fn script(&self, scripted: Scripted) {
        self.room.change(|state| state.scripted.push(scripted));
    }

    /// A closed gate.
    pub fn gate(&self) -> Gate {
        let room = self.room.clone();
        let number = room.change(State::new_gate);
        Gate::new(number, move |gate| room.change(|state| state.open(gate)))
    }

    /// A stream of events that a reply can [follow](Self::following), and another one can take up.
    pub fn stream(&self) -> usize {
        self.room.change(|state| state.play.streams.open())
    }

    /// A reply with the events of that stream, from the event of that number on, as they come.
    pub fn following(&self, stream: usize, from: usize) -> Reply {
        Reply::sse().step(Step::Follow { stream, from })
    }

    /// Another event of a stream: its text, with the empty line at its end.
    pub fn say(&self, stream: usize, event: &str) {
        self.room.change(|state| state.play.streams.say(stream, event));
    }

    /// The stream ends in order.
    pub fn end(&self, stream: usize) {
        self.room.change(|state| state.play.streams.end(stream));
    }

    /// Tells all clients that listen, the way their era has.
    pub fn tell(&self, method: &str, params: &Value) {
        self.room.change(|state| state.play.tell(method, params));
    }

    /// Whether a correct answer to a request is a stream. Default: no.
    pub fn streams_answers(&self, streams: bool) {
        self.room.change(|state| state.play.streams_answers = streams);
    }

    /// Whether clients get session ids. Default: yes.
    pub fn gives_sessions(&self, gives: bool) {
        self.room.change(|state| state.play.gives_sessions = gives);
    }

    /// The tools that it lists; calls of all of them are answered as those of `echo` are. Default: `echo` alone.
    pub fn tools(&self, tools: Value) {
        self.room.change(|state| state.play.tools = tools);
    }

    /// It knows its sessions no more.
    pub fn expire(&self) {
        self.room.change(|state| state.play.expire());
    }

    /// What came so far.
    pub fn journal(&self) -> Journal {
        self.room.look(|state| state.journal.clone())
    }

    /// Waits until the journal says what is looked for. It has no bound of its own: whoever waits for it has one.
    pub async fn until<T>(&self, mut look: impl FnMut(&Journal) -> Option<T>) -> T {
        self.room.until(|state| look(&state.journal)).await
    }

    /// Waits for so many such requests, and gives the last of them.
    pub async fn seen(&self, times: usize, of: Matching) -> Request {
        let nth = |journal: &Journal| {
            journal.requests.iter().filter(|request| of.is_it(request)).nth(times.saturating_sub(1)).cloned()
        };
        self.until(nth).await
    }

    /// Waits until the client has dropped the exchange of the first such request.
    pub async fn dropped(&self, of: Matching) -> Request {
        self.seen(1, of.and(|request| request.is_dropped)).await
    }
}

fn accept(room: &Arc<Room>, listener: &TcpListener) {
    let mut threads = Vec::new();
    while let Ok((socket, _)) = listener.accept() {
        if room.look(|state| state.is_over) || threads.len() >= MOST_CONNECTIONS {
            break;
        }
        let room = room.clone();
        threads.push(thread::spawn(move || connection::serve(&room, socket)));
    }
    for thread in threads {
        let _ = thread.join();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.room.change(|state| {
            state.is_over = true;
            for socket in state.connections.iter().filter_map(|it| it.socket.as_ref()) {
                let _ = socket.shutdown(Shutdown::Both);
            }
        });
        // Whoever accepts is woken by it.
        let _ = TcpStream::connect(self.room.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.room.address).finish_non_exhaustive()
    }
}
