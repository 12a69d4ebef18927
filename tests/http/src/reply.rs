//! What a request is answered with, piece by piece.

use serde_json::Value;

use crate::gate::Gate;

/// An answer: a head, a body in pieces, and how the connection goes on.
///
/// In texts and JSON, `$ID` (in JSON `"$ID"`) stands for the request's JSON-RPC id, `$TOKEN` for its progress token,
/// and `$HOST` for the server's address.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) base: Base,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) framing: Framing,
    pub(crate) steps: Vec<Step>,
    pub(crate) bytewise: bool,
    pub(crate) cut: Option<Cut>,
    pub(crate) held: Option<Gate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// What the test says.
    Own,
    /// What a correct server says.
    Correct,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length,
    Chunked,
    /// Until the connection is closed.
    Close,
    /// The pieces are all there is; no head either.
    Raw,
}

/// After so many bytes nothing more is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(crate) after: usize,
    pub(crate) reset: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Piece(Vec<u8>),
    /// The same, so many times.
    Repeat(Vec<u8>, u64),
    /// The same, until nobody reads any more.
    Endless(Vec<u8>),
    Gate(Gate),
    /// The tool call is done now.
    Execute,
    /// The events of a stream from there on, until it ends.
    Follow {
        stream: usize,
        from: usize,
    },
    /// Until the client closes the connection.
    Hold,
    /// The connection is kept, though nothing says where the answer ends.
    Keep,
    Close,
    Reset,
}

impl Reply {
    fn new(base: Base, status: u16, framing: Framing) -> Self {
        let (headers, steps) = (Vec::new(), Vec::new());
        Self { base, status, headers, framing, steps, bytewise: false, cut: None, held: None }
    }

    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self::new(Base::Own, status, Framing::Length)
    }

    /// What a correct server answers.
    pub fn correct() -> Self {
        Self::new(Base::Correct, 0, Framing::Length)
    }

    /// Bytes instead of an answer.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(Base::Own, 0, Framing::Raw).piece(bytes)
    }

    /// An answer with a JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::status(status).header("Content-Type", "application/json").piece(json_text(body))
    }

    /// The JSON-RPC result of the request.
    pub fn result(result: &Value) -> Self {
        Self::json(200, &serde_json::json!({ "jsonrpc": "2.0", "id": "$ID", "result": result }))
    }

    /// A JSON-RPC error that answers the request.
    pub fn error(status: u16, code: i64, message: &str) -> Self {
        let error = serde_json::json!({ "code": code, "message": message });
        Self::json(status, &serde_json::json!({ "jsonrpc": "2.0", "id": "$ID", "error": error }))
    }

    /// An answer with a body of text.
    pub fn text(status: u16, body: &str) -> Self {
        Self::status(status).header("Content-Type", "text/plain; charset=utf-8").piece(body)
    }

    /// A stream of events, in chunks.
    pub fn sse() -> Self {
        Self::new(Base::Own, 200, Framing::Chunked).header("Content-Type", "text/event-stream")
    }

    /// With a header; it may stand there more than once.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The body ends with the connection.
    #[must_use]
    pub fn until_close(mut self) -> Self {
        self.framing = Framing::Close;
        self.close()
    }

    /// The body comes in chunks, a piece each.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.framing = Framing::Chunked;
        self
    }

    /// Every byte is written by itself.
    #[must_use]
    pub fn bytewise(mut self) -> Self {
        self.bytewise = true;
        self
    }

    /// After so many bytes, head included, the connection is closed; `reset`: hard.
    #[must_use]
    pub fn cut(mut self, after: usize, reset: bool) -> Self {
        self.cut = Some(Cut { after, reset });
        self
    }

    /// Nothing is written before the gate is open.
    #[must_use]
    pub fn held(mut self, gate: &Gate) -> Self {
        self.held = Some(gate.clone());
        self
    }

    /// Another piece of the body.
    #[must_use]
    pub fn piece(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Piece(bytes.into()))
    }

    /// An event with a message.
    #[must_use]
    pub fn event(self, message: &Value) -> Self {
        self.piece(format!("data: {}\n\n", json_text(message)))
    }

    /// An event with an id and a message.
    #[must_use]
    pub fn event_id(self, id: &str, message: &Value) -> Self {
        self.piece(format!("id: {id}\ndata: {}\n\n", json_text(message)))
    }

    /// An event with the result of the request.
    #[must_use]
    pub fn event_result(self, result: &Value) -> Self {
        self.event(&serde_json::json!({ "jsonrpc": "2.0", "id": "$ID", "result": result }))
    }

    /// The same piece, so many times: made as it is written.
    #[must_use]
    pub fn repeat(self, bytes: impl Into<Vec<u8>>, times: u64) -> Self {
        self.step(Step::Repeat(bytes.into(), times))
    }

    /// The same piece, until nobody reads any more.
    #[must_use]
    pub fn endless(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Endless(bytes.into()))
    }

    /// What follows waits for the gate.
    #[must_use]
    pub fn gate(self, gate: &Gate) -> Self {
        self.step(Step::Gate(gate.clone()))
    }

    /// The tool call is done at this point.
    #[must_use]
    pub fn execute(self) -> Self {
        self.step(Step::Execute)
    }

    /// With the tool call done before anything of it is written.
    #[must_use]
    pub fn executed(mut self) -> Self {
        self.steps.insert(0, Step::Execute);
        self
    }

    /// The rest never comes.
    #[must_use]
    pub fn hold(self) -> Self {
        self.step(Step::Hold)
    }

    /// The connection is kept after bytes that stand for themselves.
    #[must_use]
    pub fn keep(self) -> Self {
        self.step(Step::Keep)
    }

    /// The connection is closed at this point.
    #[must_use]
    pub fn close(self) -> Self {
        self.step(Step::Close)
    }

    /// The connection is reset at this point.
    #[must_use]
    pub fn reset(self) -> Self {
        self.step(Step::Reset)
    }

    pub(crate) fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    pub(crate) fn has(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| &**value)
    }
}

/// `"$ID"` as a JSON string becomes `$ID`, in whose place an id of any type can stand.
fn json_text(value: &Value) -> String {
    value.to_string().replace("\"$ID\"", "$ID").replace("\"$TOKEN\"", "$TOKEN")
}
