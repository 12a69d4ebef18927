//! The protocol: requests and their answers, matched by id. On any runtime.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use smol::channel::{Receiver, Sender, bounded};
use smol::future;
use smol::io::{AsyncRead, AsyncWrite, BufReader};

use crate::framing;

/// How many messages may wait to be written.
const QUEUE: usize = 16;

/// What callers work with, through their leases. It owns nothing of the process, so whoever keeps it keeps nothing
/// alive.
#[derive(Clone)]
pub(crate) struct Peer {
    out: Sender<Value>,
    in_flight: Arc<Mutex<InFlight>>,
}

#[derive(Default)]
struct InFlight {
    latest: u64,
    answers: HashMap<u64, Sender<Result<Value, CallError>>>,
}

/// A peer, and the future that carries it: it ends with what broke the connection.
pub(crate) fn open(
    mut stdin: impl AsyncWrite + Unpin,
    stdout: impl AsyncRead + Unpin,
) -> (Peer, impl Future<Output = io::Error>) {
    let (out, queue): (_, Receiver<Value>) = bounded(QUEUE);
    let peer = Peer { out, in_flight: Arc::default() };
    let receiver = peer.clone();
    let carry = async move {
        let mut stdout = BufReader::new(stdout);
        let writing = async {
            while let Ok(message) = queue.recv().await {
                if let Err(broken) = framing::write(&mut stdin, &message).await {
                    return broken;
                }
            }
            future::pending().await
        };
        let reading = async {
            loop {
                match framing::read(&mut stdout).await {
                    Ok(message) => receiver.handle(&message),
                    Err(broken) => return broken,
                }
            }
        };
        // Neither is dropped in the middle of a message while the other goes on.
        let broken = future::or(writing, reading).await;
        // Who waits for an answer is told that none will come.
        receiver.lock().answers.clear();
        broken
    };
    (peer, carry)
}

impl Peer {
    /// Dropping the future cancels the request, and tells the server so.
    pub(crate) async fn request(&self, method: &str, params: Value) -> Result<Value, CallError> {
        let (sender, answer) = bounded(1);
        let id = {
            let mut in_flight = self.lock();
            in_flight.latest += 1;
            let id = in_flight.latest;
            in_flight.answers.insert(id, sender);
            id
        };
        let _cancels = CancelOnDrop { peer: self, id };
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await?;
        answer.recv().await.map_err(|_| CallError::Gone)?
    }

    pub(crate) async fn notify(&self, method: &str) -> Result<(), CallError> {
        self.send(json!({ "jsonrpc": "2.0", "method": method })).await
    }

    async fn send(&self, message: Value) -> Result<(), CallError> {
        self.out.send(message).await.map_err(|_| CallError::Gone)
    }

    fn handle(&self, message: &Value) {
        match (message["method"].as_str(), message.get("id")) {
            // The server asks: here it gets no for an answer. It must get one.
            (Some(method), Some(id)) => {
                let error = json!({ "code": -32601, "message": format!("there is no {method} here") });
                let _gone = self.out.try_send(json!({ "jsonrpc": "2.0", "id": id, "error": error }));
            }
            (Some(method), None) => println!("  the server tells: {method} {}", message["params"]),
            (None, id) => {
                let Some(id) = id.and_then(Value::as_u64) else { return };
                let Some(answer) = self.lock().answers.remove(&id) else { return };
                let result = match message.get("error") {
                    Some(error) => Err(CallError::Server(error["message"].to_string())),
                    None => Ok(message["result"].clone()),
                };
                let _gone = answer.try_send(result);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, InFlight> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct CancelOnDrop<'a> {
    peer: &'a Peer,
    id: u64,
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if self.peer.lock().answers.remove(&self.id).is_some() {
            let params = json!({ "id": self.id });
            let cancel = json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": params });
            let _gone = self.peer.out.try_send(cancel);
        }
    }
}

#[derive(Debug)]
pub(crate) enum CallError {
    Server(String),
    /// The connection is gone, and its runner with it.
    Gone,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(message) => write!(f, "the server answered with an error: {message}"),
            Self::Gone => f.write_str("the server is gone"),
        }
    }
}

impl std::error::Error for CallError {}
