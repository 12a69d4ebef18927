//! One connection: a thread that reads, and one that answers in order.

use std::io::BufReader;
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

use crate::journal::Request;
use crate::output::{Disconnect, Output};
use crate::perform::Performance;
use crate::reply::Reply;
use crate::room::{self, Room, State};
use crate::{read, rules};

/// A body of more bytes is large.
const LARGE: usize = 1_000_000;

/// Serves it to its end, which the end of the server is at the latest.
pub(crate) fn serve(room: &Arc<Room>, socket: TcpStream) {
    // Each write is a packet of its own, and none of them waits longer than the server lives.
    let _ = socket.set_nodelay(true);
    let _ = socket.set_write_timeout(Some(room::LIFE));
    let (Ok(kept), Ok(read)) = (socket.try_clone(), socket.try_clone()) else { return };
    let number = room.change(|state| state.connected(kept));
    let reader = {
        let room = room.clone();
        thread::spawn(move || hear(&room, number, read))
    };
    answer(room, number, Output::new(socket));
    let _ = reader.join();
}

impl State {
    fn connected(&mut self, socket: TcpStream) -> usize {
        let connection = room::Connection { socket: Some(socket), inbox: [].into(), is_closed: false };
        self.connections.push(connection);
        self.journal.connections += 1;
        self.journal.open += 1;
        self.connections.len() - 1
    }

    fn came(&mut self, connection: usize, mut request: Request) {
        request.number = self.journal.requests.len();
        request.connection = connection;
        request.before = self.journal.requests.iter().filter(|it| it.connection == connection).count();
        let faults = if request.is_early { Vec::new() } else { rules::faults(&self.play, &request) };
        let named = |fault| {
            format!("request {} ({}): {fault}", request.number, request.rpc().unwrap_or(&request.method))
        };
        self.journal.faults.extend(faults.into_iter().map(named));
        self.journal.requests.push(request.clone());
        let waiting = self.journal.requests.iter().filter(|it| !it.is_answered && !it.is_dropped).count();
        self.journal.most_waiting = self.journal.most_waiting.max(waiting);
        // Here and not where it is carried out, so that what the test says goes by the journal's order.
        let reply = self.reply_to(&request);
        if let Some(it) = self.connections.get_mut(connection) {
            it.inbox.push_back((request, reply));
        }
    }

    /// Nothing more comes on it. If the server did not end it, the client did.
    fn closed(&mut self, number: usize) {
        self.journal.open -= 1;
        let Some(connection) = self.connections.get_mut(number) else { return };
        connection.is_closed = true;
        if connection.socket.is_some() {
            let unanswered = |it: &&mut Request| it.connection == number && !it.is_answered;
            self.journal.requests.iter_mut().filter(unanswered).for_each(|it| it.is_dropped = true);
        }
    }

    fn is_early(&self, head: &Request) -> bool {
        let length = head.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0_usize);
        self.early.is_some() && length > LARGE
    }

    /// What a test says of this request, or what a correct server answers.
    fn reply_to(&mut self, request: &Request) -> Reply {
        if request.is_early
            && let Some(reply) = self.early.take()
        {
            return reply;
        }
        let meant = |it: &room::Scripted| it.times != Some(0) && it.of.is_it(request);
        match self.scripted.iter_mut().find(|it| meant(it)) {
            None => Reply::correct(),
            Some(scripted) => {
                scripted.times = scripted.times.map(|times| times - 1);
                scripted.reply.clone()
            }
        }
    }
}

fn hear(room: &Room, number: usize, socket: TcpStream) {
    let mut input = BufReader::new(socket);
    loop {
        match read::request(&mut input, |request| room.look(|state| state.is_early(request))) {
            Ok(Some(request)) => {
                let is_early = request.is_early;
                room.change(|state| state.came(number, request));
                if is_early {
                    // What follows is no request, and nobody reads it.
                    return;
                }
            }
            Ok(None) => break,
            Err(error) => {
                // A connection that ends inside of a request is no fault.
                if error.kind() == std::io::ErrorKind::Other {
                    room.change(|state| state.journal.faults.push(error.to_string()));
                }
                break;
            }
        }
    }
    room.change(|state| state.closed(number));
}

fn answer(room: &Arc<Room>, number: usize, mut output: Output) {
    let disconnect = loop {
        let next = room.wait(|state| {
            let connection = state.connections.get_mut(number)?;
            match connection.inbox.pop_front() {
                Some(next) => Some(Some(next)),
                None => connection.is_closed.then_some(None),
            }
        });
        let Some(Some((request, reply))) = next else { break Disconnect::Gone };
        let performance = Performance { room, request: &request, output: &mut output };
        match performance.of(reply) {
            Ok(()) => room.change(|state| state.answered(&request)),
            Err(disconnect) => break disconnect,
        }
    };
    if disconnect != Disconnect::Gone {
        // Its copy goes before the socket's end: with copies left, nothing is reset.
        room.change(|state| state.ended(number));
    }
    output.end(disconnect);
}

impl State {
    fn answered(&mut self, request: &Request) {
        if let Some(request) = self.journal.requests.get_mut(request.number) {
            request.is_answered = true;
        }
    }

    fn ended(&mut self, connection: usize) {
        if let Some(connection) = self.connections.get_mut(connection) {
            connection.socket = None;
        }
    }
}
