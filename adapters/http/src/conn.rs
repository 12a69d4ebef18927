//! One connection, driven by whoever uses it: there is no task behind it.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_lite::future::poll_fn;
use http::{HeaderValue, Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use tenure_mcp::{HttpFailure, Stage};

use crate::failure::{failure, permanent, words};
use crate::io::{HyperIo, Notes};
use crate::network::BoxSocket;
use crate::origin::Origin;

const MAX_HEAD: usize = 64 * 1024;
const MAX_FIELDS: usize = 100;

/// How the target of a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// To the server itself: path and query.
    Origin,
    /// To a proxy: the whole URI.
    Absolute,
}

/// A connection to a server, or to a proxy that passes requests on.
pub(crate) struct Conn {
    sender: SendRequest<Whole>,
    driver: Connection<HyperIo, Whole>,
    notes: Notes,
    pub(crate) origin: Origin,
    /// How requests are written on it, and what a proxy is told with each.
    pub(crate) form: Form,
    /// What each says of where it goes.
    pub(crate) host: HeaderValue,
    pub(crate) proxy_authorization: Option<HeaderValue>,
    was_used: bool,
    is_over: bool,
}

impl Conn {
    /// A connection for requests to this origin.
    pub(crate) async fn new(
        socket: BoxSocket,
        notes: Notes,
        form: Form,
        origin: &Origin,
    ) -> Result<Box<Self>, HttpFailure> {
        let host = HeaderValue::try_from(origin.host_header())
            .map_err(|_| permanent(Stage::Unwritten, "the host is no header"))?;
        let io = HyperIo::new(socket, notes.clone());
        let (sender, driver) = http1::Builder::new()
            .max_header_size(MAX_HEAD)
            .max_buf_size(MAX_HEAD)
            .max_headers(MAX_FIELDS)
            .handshake(io)
            .await
            .map_err(|error| failure(Stage::Unwritten, words(&error)))?;
        Ok(Box::new(Self {
            sender,
            driver,
            notes,
            origin: origin.clone(),
            form,
            host,
            proxy_authorization: None,
            was_used: false,
            is_over: false,
        }))
    }

    /// Returns whether it carried an exchange before this one.
    pub(crate) fn was_used(&self) -> bool {
        self.was_used
    }

    /// Lets hyper read and write. The task is woken when there is more to be done.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        // What it ends with is told to whoever waits for the answer.
        if !self.is_over && Pin::new(&mut self.driver).poll(cx).is_ready() {
            self.is_over = true;
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Returns whether the exchange is over and the next one may begin.
    pub(crate) fn is_ready(&self) -> bool {
        !self.is_over && self.sender.is_ready()
    }

    /// Looks whether the server still has it open, and has said nothing unasked.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.notes.look(true);
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.notes.look(false);
        self.is_ready()
    }

    /// Sends the request, and completes with the answer's head.
    pub(crate) async fn send(&mut self, request: Request<Bytes>) -> Result<Response<Incoming>, HttpFailure> {
        self.notes.forget();
        let was_reused = std::mem::replace(&mut self.was_used, true);
        let mut head = pin!(self.sender.send_request(request.map(|body| Whole(Some(body)))));
        let head = poll_fn(|cx| {
            self.drive(cx);
            match head.as_mut().poll(cx) {
                Poll::Pending if self.is_over => Poll::Ready(Err(None)),
                head => head.map_err(Some),
            }
        });
        head.await.map_err(|error| HttpFailure { was_reused, ..self.without_head(error.as_ref()) })
    }

    fn without_head(&self, error: Option<&hyper::Error>) -> HttpFailure {
        let reason = error.map_or_else(|| "the connection is over".to_owned(), words);
        if !self.notes.is_written() {
            failure(Stage::Unwritten, reason)
        } else if error.is_some_and(hyper::Error::is_parse) {
            failure(Stage::Head, reason)
        } else {
            failure(Stage::Sent, reason)
        }
    }
}

/// A request's body.
pub(crate) struct Whole(Option<Bytes>);

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = self.0.take().filter(|body| !body.is_empty());
        Poll::Ready(body.map(|body| Ok(Frame::data(body))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |body| body.len() as u64))
    }
}
