//! Carries a reply out.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::gate::Gate;
use crate::journal::{Execution, Request};
use crate::output::{Disconnect, Output};
use crate::reply::{Base, Framing, Reply, Step};
use crate::room::{Room, State};

pub(crate) struct Performance<'a> {
    pub(crate) room: &'a Arc<Room>,
    pub(crate) request: &'a Request,
    pub(crate) output: &'a mut Output,
}

impl Performance<'_> {
    pub(crate) fn of(mut self, reply: Reply) -> Result<(), Disconnect> {
        let mut reply = self.resolved(reply);
        if let Some(gate) = reply.held.clone() {
            self.gate(&gate)?;
        }
        self.output.set(reply.bytewise, reply.cut);
        // What is done before anything is said is done before the head.
        while matches!(reply.steps.first(), Some(Step::Execute)) {
            reply.steps.remove(0);
            self.execute();
        }
        self.room.change(|state| state.play.saw_head(self.request, &reply));
        if reply.framing != Framing::Raw {
            let head = self.head(&reply);
            self.output.write(&head)?;
        }
        let framing = reply.framing;
        let is_kept = matches!(reply.steps.last(), Some(Step::Keep));
        for step in reply.steps {
            self.step(framing, step)?;
        }
        match framing {
            Framing::Chunked => self.output.write(b"0\r\n\r\n"),
            Framing::Length => Ok(()),
            Framing::Raw if is_kept => Ok(()),
            Framing::Close | Framing::Raw => Err(Disconnect::Close),
        }
    }

    /// What a correct server says, with what the test wants of it.
    fn resolved(&self, reply: Reply) -> Reply {
        if reply.base == Base::Own {
            return reply;
        }
        let mut correct = self.room.change(|state| state.play.answer(self.request));
        correct.headers.extend(reply.headers);
        correct.steps.extend(reply.steps);
        let framing = if reply.framing == Framing::Chunked { reply.framing } else { correct.framing };
        Reply { bytewise: reply.bytewise, cut: reply.cut, held: reply.held, framing, ..correct }
    }

    fn head(&self, reply: &Reply) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Status\r\n", reply.status);
        for (name, value) in &reply.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let is_bodiless = reply.status == 204;
        match reply.framing {
            Framing::Length if reply.has("content-length").is_none() && !is_bodiless => {
                let _ = write!(head, "Content-Length: {}\r\n", self.length(reply));
            }
            Framing::Chunked => head.push_str("Transfer-Encoding: chunked\r\n"),
            Framing::Close => head.push_str("Connection: close\r\n"),
            Framing::Length | Framing::Raw => {}
        }
        head.push_str("\r\n");
        self.filled(head.into_bytes())
    }

    fn length(&self, reply: &Reply) -> u64 {
        let size = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let of = |step: &Step| match step {
            Step::Piece(bytes) => size(&self.filled(bytes.clone())),
            Step::Repeat(bytes, times) => size(bytes) * times,
            _ => 0,
        };
        reply.steps.iter().map(of).sum()
    }

    fn step(&mut self, framing: Framing, step: Step) -> Result<(), Disconnect> {
        match step {
            Step::Piece(bytes) => {
                let bytes = self.filled(bytes);
                self.put(framing, &bytes)
            }
            Step::Repeat(bytes, times) => self.repeat(framing, &bytes, times),
            Step::Endless(bytes) => self.repeat(framing, &bytes, u64::MAX),
            Step::Gate(gate) => self.gate(&gate),
            Step::Execute => {
                self.execute();
                Ok(())
            }
            Step::Follow { stream, from } => self.follow(framing, stream, from),
            Step::Keep => Ok(()),
            Step::Hold => self.until(|_| false),
            Step::Close => Err(Disconnect::Close),
            Step::Reset => Err(Disconnect::Reset),
        }
    }

    fn put(&mut self, framing: Framing, bytes: &[u8]) -> Result<(), Disconnect> {
        if framing != Framing::Chunked {
            return self.output.write(bytes);
        }
        if bytes.is_empty() {
            return Ok(());
        }
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.output.write(&chunk)
    }

    /// Made as it is written, in blocks.
    fn repeat(&mut self, framing: Framing, bytes: &[u8], times: u64) -> Result<(), Disconnect> {
        let at_once = u64::try_from(64 * 1024 / bytes.len().max(1)).unwrap_or(1).max(1);
        let block = bytes.repeat(usize::try_from(at_once.min(times)).unwrap_or(1));
        for _ in 0..times / at_once {
            if self.room.look(|state| state.is_over) {
                return Err(Disconnect::Gone);
            }
            self.put(framing, &block)?;
        }
        let rest = usize::try_from(times % at_once).unwrap_or_default();
        self.put(framing, &bytes.repeat(rest))
    }

    fn follow(&mut self, framing: Framing, stream: usize, from: usize) -> Result<(), Disconnect> {
        let mut at = from;
        let connection = self.request.connection;
        loop {
            let next = self.room.wait(|state| {
                if state.is_closed(connection) {
                    return Some(Err(Disconnect::Gone));
                }
                state.play.streams.next(stream, at)
            });
            match next.unwrap_or(Err(Disconnect::Gone))? {
                Some(event) => self.put(framing, event.as_bytes())?,
                None => return Ok(()),
            }
            at += 1;
        }
    }

    fn gate(&self, gate: &Gate) -> Result<(), Disconnect> {
        self.until(|state| state.is_open(gate))
    }

    /// Waits, as long as the client does.
    fn until(&self, is_it: impl Fn(&State) -> bool) -> Result<(), Disconnect> {
        let connection = self.request.connection;
        let waited = self.room.wait(|state| {
            if is_it(state) {
                return Some(Ok(()));
            }
            state.is_closed(connection).then_some(Err(Disconnect::Gone))
        });
        waited.unwrap_or(Err(Disconnect::Gone))
    }

    fn execute(&self) {
        let key = self.request.key().unwrap_or_default().to_owned();
        let execution = Execution { key, request: self.request.number };
        self.room.change(|state| state.journal.executions.push(execution));
    }

    /// With the id of the request and the address of the server in their places.
    fn filled(&self, bytes: Vec<u8>) -> Vec<u8> {
        if !bytes.contains(&b'$') {
            return bytes;
        }
        let json = &self.request.json;
        let values = [
            ("$ID", json["id"].to_string()),
            ("$TOKEN", json["params"]["_meta"]["progressToken"].to_string()),
            ("$HOST", self.room.address.to_string()),
        ];
        let mut filled = Vec::new();
        let mut left = &*bytes;
        while let Some(at) = left.iter().position(|byte| *byte == b'$') {
            let (before, from) = left.split_at(at);
            filled.extend_from_slice(before);
            let place = values.iter().find(|(name, _)| from.starts_with(name.as_bytes()));
            let (name, value) = place.map_or(("$", "$"), |(name, value)| (*name, value));
            filled.extend_from_slice(value.as_bytes());
            left = from.get(name.len()..).unwrap_or_default();
        }
        filled.extend_from_slice(left);
        filled
    }
}
