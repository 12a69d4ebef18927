//! One connection, and what is said on it.

use std::io;
use std::net::{Shutdown, TcpStream};

use tungstenite::{Error, HandshakeError, Message, WebSocket};

use crate::{Outcome, Peer};

/// Returns when it has ended.
pub(crate) fn serve(peer: &Peer, stream: &TcpStream) {
    if let Err(error) = talk(peer, stream) {
        eprintln!("peer: {error}");
    }
    // The peer may have another handle of it.
    let _ = stream.shutdown(Shutdown::Both);
}

fn talk(peer: &Peer, stream: &TcpStream) -> Outcome {
    let socket = tungstenite::accept(stream).map_err(|error| match error {
        HandshakeError::Failure(error) => error,
        HandshakeError::Interrupted(_) => io::Error::from(io::ErrorKind::WouldBlock).into(),
    })?;
    let mut link = Link { peer, stream, socket, unanswered: Vec::new() };
    loop {
        match link.socket.read() {
            Ok(Message::Text(text)) => link.hear(&text)?,
            Ok(_) => {}
            Err(Error::ConnectionClosed) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

struct Link<'a> {
    peer: &'a Peer,
    stream: &'a TcpStream,
    socket: WebSocket<&'a TcpStream>,
    unanswered: Vec<String>,
}

impl Link<'_> {
    fn hear(&mut self, text: &str) -> Outcome {
        match text {
            "hello" => {
                let page = self.stream.try_clone()?;
                self.peer.change(|state| state.pages.push(page));
                self.say("welcome")
            }
            "bye" => {
                for call in std::mem::take(&mut self.unanswered) {
                    self.answer(&call)?;
                }
                Ok(self.socket.close(None)?)
            }
            _ => {
                if let Some((number, _)) = text.split_once(':') {
                    return self.call(number.parse()?, text);
                }
                self.peer.switch(text)?;
                self.say(text)
            }
        }
    }

    fn call(&mut self, number: u32, text: &str) -> Outcome {
        self.peer.change(|state| state.heard = number);
        if self.peer.state().silent {
            self.unanswered.push(text.to_owned());
            return Ok(());
        }
        self.answer(text)
    }

    fn answer(&mut self, call: &str) -> Outcome {
        self.say(&format!("{call} to you"))
    }

    fn say(&mut self, text: &str) -> Outcome {
        Ok(self.socket.send(text.into())?)
    }
}
