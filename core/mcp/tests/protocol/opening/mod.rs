//! From the first message to an open connection: options, handshake, eras, and what the server is.

mod before_handshake;
mod contradictions;
mod eras;
mod expected;
mod handshake;
mod server;
