//! What carries the messages of a session, whatever that is.
//!
//! A [`Transport`] opens a [`Wire`] for each generation: a [`Carrier`], which takes messages and gives
//! messages, and a [`Peer`], which knows of the server what its messages don't say. How messages are told
//! apart is the carrier's business. [`lines`] does it for all that is a stream of bytes, [`stdio`] for a
//! child process.
//!
//! Nothing above this module knows of bytes or processes; [`Carrier`] says how HTTP fits in.

mod boxed;
#[cfg(feature = "http")]
pub(crate) mod http;
pub(crate) mod lines;
pub(crate) mod stderr;
pub(crate) mod stdio;

use std::fmt;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use tenure::Generation;
use tenure_driver::Failure;
use tenure_mcp_proto::{Incoming, Outgoing, RequestId};

use crate::session::outlet::Outlet;
use crate::wire::stderr::StderrTail;

/// Opens wires to one server, one for each generation.
///
/// [`Stdio`](crate::Stdio) is one, for child processes. To bring another is to say how it is opened:
///
/// ```
/// use async_trait::async_trait;
/// use futures_lite::io::{AsyncRead, AsyncWrite, split};
/// use tenure_mcp::{Failure, Linger, Transport, Wire};
///
/// struct Socket { address: String }
/// # struct Stream;
/// # impl AsyncRead for Stream {
/// #     fn poll_read(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>, _: &mut [u8])
/// #         -> std::task::Poll<std::io::Result<usize>> { unimplemented!() }
/// # }
/// # impl AsyncWrite for Stream {
/// #     fn poll_write(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>, _: &[u8])
/// #         -> std::task::Poll<std::io::Result<usize>> { unimplemented!() }
/// #     fn poll_flush(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>)
/// #         -> std::task::Poll<std::io::Result<()>> { unimplemented!() }
/// #     fn poll_close(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>)
/// #         -> std::task::Poll<std::io::Result<()>> { unimplemented!() }
/// # }
/// # async fn connect(_: &str) -> std::io::Result<Stream> { unimplemented!() }
///
/// #[async_trait]
/// impl Transport for Socket {
///     async fn open(&self, _: Linger) -> Result<Wire, Failure> {
///         // An error here is tried again, if the session's retry policy says so.
///         let (reader, writer) = split(connect(&self.address).await?);
///         Ok(Wire::of_bytes(reader, writer))
///     }
/// }
/// ```
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Opens a wire.
    ///
    /// What outlives the wire, such as a process that is still to be reaped, holds `linger`: no new
    /// generation starts before it is gone, or the discard deadline has passed.
    ///
    /// # Errors
    /// Why it can't be opened; [`Failure::permanent`] if trying again won't help.
    ///
    /// # Cancel safety
    /// It is dropped half-way when the session is told to stop meanwhile. What was begun must end by that.
    async fn open(&self, linger: Linger) -> Result<Wire, Failure>;
}

/// Keeps its generation from being over while it exists.
///
/// What of a server outlives its wire holds it: no new generation starts before it is dropped, or the discard
/// deadline has passed.
pub struct Linger {
    generation: Generation,
    pub(crate) teardown: Teardown,
    _token: Box<dyn Send + Sync>,
}

/// How long a server has to end by itself, and once it was asked to: what the session says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Teardown {
    pub(crate) stop: Duration,
    pub(crate) abort: Duration,
}

impl Linger {
    pub(crate) fn new(generation: Generation, teardown: Teardown, token: impl Send + Sync + 'static) -> Self {
        Self { generation, teardown, _token: Box::new(token) }
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

/// One open connection: what carries its messages, and who is at its other end.
///
/// [`Wire::lines`] makes one of a stream of bytes, [`Wire::of_bytes`] of one whose other end is known only by
/// what it says. The runner of a generation owns it, and drops it when the generation has ended.
pub struct Wire {
    pub(crate) carried: Carried,
    pub(crate) peer: Box<dyn Peer>,
}

/// What carries the messages.
pub(crate) enum Carried {
    Halves(Box<dyn Halves>),
    Whole(Box<dyn Carrier>),
}

/// A carrier whose halves work without each other.
pub(crate) trait Halves: Carrier {
    /// Takes out the half that sends; what is left only receives. `None` if it was closed.
    fn take_outlet(&mut self) -> Option<Box<dyn Outlet>>;
}

impl Carried {
    fn into_whole(self) -> Box<dyn Carrier> {
        match self {
            Self::Halves(carrier) => carrier,
            Self::Whole(carrier) => carrier,
        }
    }

    /// What receives, and what sends if that is apart.
    pub(crate) fn into_halves(self) -> (Box<dyn Carrier>, Option<Box<dyn Outlet>>) {
        match self {
            Self::Halves(mut carrier) => {
                let outlet = carrier.take_outlet();
                (carrier, outlet)
            }
            Self::Whole(carrier) => (carrier, None),
        }
    }

    pub(crate) fn as_carrier(&self) -> &dyn Carrier {
        match self {
            Self::Halves(carrier) => &**carrier,
            Self::Whole(carrier) => &**carrier,
        }
    }

    pub(crate) fn as_carrier_mut(&mut self) -> &mut dyn Carrier {
        match self {
            Self::Halves(carrier) => &mut **carrier,
            Self::Whole(carrier) => &mut **carrier,
        }
    }
}

impl Wire {
    /// A connection of any kind.
    pub fn new(carrier: impl Carrier + 'static, peer: impl Peer + 'static) -> Self {
        Self { carried: Carried::Whole(Box::new(carrier)), peer: Box::new(peer) }
    }

    /// The process id of the server, if it is a process.
    pub fn pid(&self) -> Option<u32> {
        self.peer.pid()
    }

    /// What carries the messages and who is at the other end, for a [`Transport`] that puts something in between;
    /// [`new`](Self::new) takes them, and what wraps them.
    pub fn into_parts(self) -> (Box<dyn Carrier>, Box<dyn Peer>) {
        (self.carried.into_whole(), self.peer)
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

/// Carries messages both ways.
///
/// One task polls it. `Pending` means that the task is woken when it is worth polling again, as for any
/// future. Sending and receiving are apart: neither may wait for the other, since a server may well not read
/// while it writes. Each call does a bounded piece of work, so that whoever calls can give others their turn.
///
/// How messages are told apart is the carrier's business: lines of a stream, or exchanges, one for each
/// message, as HTTP has them. There `poll_ready` completes while one more exchange may begin; `send` begins it;
/// `poll_receive` gives the messages of all answers and streams as they come, with a `Piece` for each head and
/// each part of a body; an exchange that fails is an [`Incoming`] that says whose it was, and only a session
/// that the server no longer knows is an error; `close` begins the request that ends the session, and
/// [`Peer::unwound`] waits for its answer. Deadlines of its own it keeps with a timer of its own.
pub trait Carrier: Send {
    /// Said once, before anything else: a message may have so many bytes. Of a larger one no more than that
    /// is kept.
    fn limit(&mut self, max_message: usize);

    /// Said once, before anything is sent: so long a server may be waited for that asks for it while the session opens.
    fn patience(&mut self, _: Duration) {}

    /// Completes when one more message can be taken. What is left of those before goes on being sent.
    ///
    /// # Errors
    /// Nothing more can be sent. What the server says is still received, until that ends too.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>>;

    /// Returns whether the message that [`poll_ready`](Self::poll_ready) has room for may be any. If not, only answers
    /// to the server and cancel notices are taken, so that those never wait for a call that goes on and on.
    fn takes_calls(&self) -> bool {
        true
    }

    /// Takes a message; once for each time that [`poll_ready`](Self::poll_ready) completed. Where there
    /// [are exchanges](Self::has_exchanges), [`poll_receive`](Self::poll_receive) is polled behind it, before the task
    /// rests.
    fn send(&mut self, message: Outgoing);

    /// Nobody waits any more for the answer to this request, which was taken: by its id in JSON-RPC.
    /// Said only where there [are exchanges](Self::has_exchanges), and followed as [`send`](Self::send) is.
    fn withdraw(&mut self, _: RequestId) {}

    /// Returns whether each message is an exchange of its own, as with HTTP. Then there is no wire whose end says more
    /// than what its carrier says: how the other side ended is not waited for, and one that refuses the handshake is
    /// told goodbye. Asked before anything is sent; always the same.
    fn has_exchanges(&self) -> bool {
        false
    }

    /// Changes when it changes which headers the server's tools want of their calls (MCP 2026-07-28,
    /// basic/transports/streamable-http, "Custom Headers from Tool Parameters"), by what was received.
    fn tools_version(&self) -> u64 {
        0
    }

    /// The beginning of the id that the server gave the session, for people: never enough of it to use it.
    fn session_hint(&self) -> Option<String> {
        None
    }

    /// Completes when all that was taken is sent.
    ///
    /// # Errors
    /// As those of [`poll_ready`](Self::poll_ready).
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>>;

    /// Asked when sending has failed: whether it is certain that the server did not get the message that was taken
    /// last, or not the whole of it. A request that it was counts as [not sent](crate::Delivery::NotSent) then.
    fn is_cut_short(&self) -> bool {
        false
    }

    /// Receives.
    ///
    /// # Errors
    /// The wire is broken: nothing more will come.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>>;

    /// The message that the end of the wire left unfinished, if there is one. Asked once, when nothing is
    /// received any more.
    fn unfinished(&mut self) -> Option<Incoming<'_>> {
        None
    }

    /// Nothing more will be sent. The server is to notice that; how it goes is waited for by
    /// [`Peer::unwound`]. What can't be done at once is done by the carrier's drop. Receiving goes on,
    /// at once where there [are exchanges](Self::has_exchanges).
    fn close(&mut self, cx: &mut Context<'_>);
}

/// What a [`Carrier`] received.
#[derive(Debug)]
#[non_exhaustive]
pub enum Received<'a> {
    /// A message.
    Message(Incoming<'a>),
    /// Something came, and all messages that it completed were handed out. It is a sign of life, and counts
    /// as one turn; so it must come now and then from a server that never pauses, too.
    Piece,
    /// Nothing more will come.
    End,
}

/// Who is at the other end of a wire, as far as more is known of it than what it says.
///
/// # Cancel safety
/// All methods are cancel-safe: a future that is dropped before it completes has changed nothing.
#[async_trait]
pub trait Peer: Send {
    /// Completes when the other side has ended by itself, with how: a process exited. At once with `None` if
    /// that can't be known but by the end of the wire, as for a socket.
    async fn ended(&mut self) -> Option<Failure>;

    /// The wire was closed: completes when the other side has let go (a process exited, a request to end the
    /// session was answered), at once if that can't be known.
    ///
    /// # Errors
    /// It didn't end in order.
    async fn unwound(&mut self) -> Result<(), Failure>;

    /// The time to let go in order has passed: whatever can still make it end does so now. What hasn't ended
    /// a moment later is dropped.
    fn hurry(&mut self);

    /// The process id of the server, if it is a process.
    fn pid(&self) -> Option<u32> {
        None
    }

    /// The last lines of the server's standard error, if they are read here: what there is now, and what comes.
    fn stderr_tail(&self) -> Option<StderrTail> {
        None
    }

    /// The generation ends with `failure`: adds what else is known that helps to explain it
    /// ([`Failure::with_note`]). Asked last of all.
    fn explain(&mut self, failure: Failure) -> Failure {
        failure
    }
}
