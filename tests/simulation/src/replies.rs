//! What a server says to a message, and how it may get that wrong.

use std::time::Duration;

use serde_json::{Value, json};

use crate::ground::Ground;
use crate::tally::Seen;

/// Something that a server does at a time.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Say(Vec<u8>),
    /// Says this and dies at once.
    SayAndDie(Vec<u8>),
    Die,
    Think(Thought),
}

/// Something that a server comes to by itself.
#[derive(Clone, Debug)]
pub(crate) enum Thought {
    /// Asks for something.
    Ask,
    /// Tells of a change.
    Tell,
    /// Tells no more of what this request asked for; it cancels it, or not.
    EndListening(u64, bool),
    /// Looks whether it has heard what the client wishes.
    LookForWishes,
    /// Looks whether what it asked with this id is answered.
    LookForAnswer(String),
    /// Looks whether this call has come again for which it wanted input so often.
    LookForRound(u64, usize),
}

/// How a request is answered.
#[derive(Clone, Copy, Debug, Default)]
enum Manner {
    #[default]
    Plain,
    Slow,
    Never,
    Twice,
    Stranger,
    Error,
    Garbage,
    HalfLine,
    Huge,
    NoResult,
    WrongShape,
}

/// How the opening is answered.
#[derive(Clone, Copy, Debug, Default)]
enum Opening {
    #[default]
    Plain,
    Late,
    Never,
    WrongVersion,
    Error,
    Nonsense,
    Die,
}

/// A message as a line.
pub(crate) fn line(message: &Value) -> Vec<u8> {
    format!("{message}\n").into_bytes()
}

pub(crate) fn result(id: &Value, result: &Value) -> Vec<u8> {
    line(&json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

pub(crate) fn error(id: &Value) -> Vec<u8> {
    line(&json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32603, "message": "no" } }))
}

/// A refusal with this error.
pub(crate) fn refusal(id: &Value, error: &Value) -> Deed {
    Deed::Say(line(&json!({ "jsonrpc": "2.0", "id": id, "error": error })))
}

/// What a server that means well says.
pub(crate) fn meant(generation: u64, method: &str, message: &Value) -> Value {
    let nonce = message.pointer("/params/arguments/nonce").cloned().unwrap_or_default();
    match method {
        "tools/call" => json!({
            "content": [{ "type": "text", "text": nonce.to_string() }],
            "nonce": nonce,
            "generation": generation,
        }),
        "tools/list" => {
            let tool = |name: &str| json!({ "name": format!("{name}-g{generation}"), "inputSchema": {} });
            match message.pointer("/params/cursor") {
                None => json!({ "tools": [tool("a")], "nextCursor": "second" }),
                Some(_) => json!({ "tools": [tool("b")] }),
            }
        }
        _ => json!({}),
    }
}

/// What the server does about a request, and after how long.
pub(crate) fn answer(ground: &Ground, id: &Value, meant: &Value) -> Vec<(Duration, Deed)> {
    use Manner::{Error, Garbage, HalfLine, Huge, Never, NoResult, Plain, Slow, Stranger, Twice, WrongShape};
    let manners = [
        (14, Plain),
        (5, Slow),
        (3, Never),
        (2, Twice),
        (2, Stranger),
        (3, Error),
        (2, Garbage),
        (1, HalfLine),
        (2, Huge),
        (1, NoResult),
        (1, WrongShape),
    ];
    let manner = ground.pick(ground.mood.bad_answers, &manners);
    if !matches!(manner, Plain | Slow) {
        ground.saw(if matches!(manner, Never) { Seen::NoAnswer } else { Seen::OddAnswer });
    }
    let now = Duration::ZERO;
    let plain = Deed::Say(result(id, meant));
    match manner {
        Plain => vec![(now, plain)],
        Slow => vec![(ground.up_to(5000), plain)],
        Never => Vec::new(),
        Twice => vec![(now, plain.clone()), (ground.up_to(2000), plain)],
        Stranger => vec![(now, Deed::Say(result(&json!(987_654), meant))), (now, plain)],
        Error => vec![(now, Deed::Say(error(id)))],
        Garbage => vec![(now, Deed::Say(b"{\"jsonrpc\":\"2.0\",,\xff}\n\n[]\n".to_vec())), (now, plain)],
        HalfLine => {
            ground.saw(Seen::HalfLine);
            let mut line = result(id, meant);
            line.truncate(ground.below(line.len()));
            vec![(now, Deed::SayAndDie(line))]
        }
        Huge => vec![(now, Deed::Say(result(id, &json!({ "padding": "x".repeat(3000) }))))],
        NoResult => vec![(now, Deed::Say(line(&json!({ "jsonrpc": "2.0", "id": id }))))],
        WrongShape => vec![(now, Deed::Say(result(id, &json!([1, 2]))))],
    }
}

/// What the server does about the request that opens a connection.
pub(crate) fn opening(ground: &Ground, id: &Value, mut meant: Value) -> Vec<(Duration, Deed)> {
    use Opening::{Die, Error, Late, Never, Nonsense, Plain, WrongVersion};
    let manners =
        [(16, Plain), (5, Late), (2, Never), (2, WrongVersion), (2, Error), (2, Nonsense), (2, Die)];
    let manner = ground.pick(ground.mood.bad_handshakes, &manners);
    if !matches!(manner, Plain | Late) {
        ground.saw(Seen::BadHandshake);
    }
    if matches!(manner, WrongVersion) {
        for (name, version) in
            [("protocolVersion", json!("1999-12-31")), ("supportedVersions", json!(["1999-12-31"]))]
        {
            if let Some(there) = meant.get_mut(name) {
                *there = version;
            }
        }
    }
    let plain = Deed::Say(result(id, &meant));
    let now = Duration::ZERO;
    match manner {
        Plain | WrongVersion => vec![(now, plain)],
        Late => vec![(ground.up_to(8000), plain)],
        Never => Vec::new(),
        Error => vec![(now, Deed::Say(error(id)))],
        Nonsense => vec![(now, Deed::Say(result(id, &json!({ "protocolVersion": 3 }))))],
        Die => vec![(now, Deed::Die)],
    }
}

/// Something that nobody asked for.
pub(crate) fn chatter(ground: &Ground, number: u64) -> Deed {
    let message = match ground.below(6) {
        0 => json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }),
        1 => json!({ "jsonrpc": "2.0", "id": format!("s{number}"), "method": "ping" }),
        2 => json!({ "jsonrpc": "2.0", "id": number, "method": "roots/list" }),
        3 => {
            let params = json!({ "level": "info", "data": "x".repeat(ground.below(300)) });
            json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": params })
        }
        4 => json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32700, "message": "what?" } }),
        _ => json!("nothing that the protocol knows"),
    };
    Deed::Say(line(&message))
}
