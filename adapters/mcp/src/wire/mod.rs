//! What carries the bytes.

pub(crate) mod stdio;

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use futures_lite::{AsyncRead, AsyncWrite};
use tenure::Generation;
use tenure_driver::Failure;

/// Opens connections to one server, one for each generation.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Opens a connection. It is dropped half-way when the session is told to stop meanwhile.
    ///
    /// What outlives the wire, such as a process that is still to be reaped, holds `linger`: no new
    /// generation starts before it is gone, or the discard deadline passed.
    ///
    /// # Errors
    /// Why it can't be opened; [`Failure::permanent`] if trying again won't help.
    async fn open(&self, linger: Linger) -> Result<Wire, Failure>;
}

/// Keeps its generation from being over while it exists.
///
/// What of a server outlives its wire holds it: no new generation starts before it is dropped, or the discard
/// deadline has passed.
pub struct Linger {
    generation: Generation,
    _token: Box<dyn Send + Sync>,
}

impl Linger {
    pub(crate) fn new(generation: Generation, token: impl Send + Sync + 'static) -> Self {
        Self { generation, _token: Box::new(token) }
    }

    /// The generation that it keeps.
    pub const fn generation(&self) -> Generation {
        self.generation
    }
}

impl fmt::Debug for Linger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linger").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// One open connection.
pub struct Wire {
    /// What the server says.
    pub reader: Pin<Box<dyn AsyncRead + Send>>,
    /// What the server is told; dropping it tells it that nothing more comes.
    pub writer: Pin<Box<dyn AsyncWrite + Send>>,
    /// Who is at the other end.
    pub peer: Box<dyn Peer>,
}

impl Wire {
    /// A connection whose other end is known only by its bytes, a socket or a pipe in memory.
    pub fn of_bytes(
        reader: impl AsyncRead + Send + 'static,
        writer: impl AsyncWrite + Send + 'static,
    ) -> Self {
        Self { reader: Box::pin(reader), writer: Box::pin(writer), peer: Box::new(Unknown) }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

/// Who is at the other end: a child process, say. All methods are cancel-safe.
#[async_trait]
pub trait Peer: Send {
    /// Completes when the server has ended by itself, with how; at once with `None` if that can't be known.
    async fn ended(&mut self) -> Option<Failure>;

    /// The writer is gone: completes when the server has ended, at once if that can't be known.
    async fn unwound(&mut self) -> Result<(), Failure>;

    /// Tells the server to hurry.
    fn hurry(&mut self);
}

/// Nobody that could be asked: once the writer is closed there is nothing left to wait for.
struct Unknown;

#[async_trait]
impl Peer for Unknown {
    async fn ended(&mut self) -> Option<Failure> {
        None
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn hurry(&mut self) {}
}
