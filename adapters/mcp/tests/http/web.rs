//! A server as a test plays it: what it was asked, and the pieces of its answers.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use bytes::Bytes;
use futures_lite::Stream;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use serde_json::{Value, json};
use tenure_mcp::{HttpBody, HttpClient, HttpFailure, Reuse, Stage};

/// All that clients ask; the test takes the exchanges one by one.
#[derive(Clone, Default)]
pub(crate) struct Web {
    asked: Arc<Mutex<VecDeque<Served>>>,
    /// Nobody listens.
    is_down: Arc<Mutex<bool>>,
    count: Arc<Mutex<usize>>,
    /// The client panics.
    is_broken: Arc<Mutex<bool>>,
}

/// One exchange, as the server sees it.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) request: Arc<Request<Bytes>>,
    pub(crate) reuse: Reuse,
    answer: Arc<Mutex<Answer>>,
}

#[derive(Default)]
struct Answer {
    head: Option<Result<(StatusCode, HeaderMap), HttpFailure>>,
    pieces: VecDeque<Result<Bytes, HttpFailure>>,
    is_complete: bool,
    /// The client let go of it before it was complete.
    is_dropped: bool,
    /// How often the client looked.
    polls: usize,
    /// Comes again and again, without end.
    endless: Option<Bytes>,
    waker: Option<Waker>,
}

pub(crate) fn failure(stage: Stage) -> HttpFailure {
    HttpFailure { stage, was_reused: false, is_permanent: false, reason: "played by hand".to_owned() }
}

impl Web {
    /// What was asked since the last look.
    pub(crate) fn asked(&self) -> Vec<Served> {
        self.asked.lock().unwrap().drain(..).collect()
    }

    /// The one thing that was asked since the last look.
    #[track_caller]
    pub(crate) fn asked_one(&self) -> Served {
        let asked = self.asked();
        let names: Vec<_> = asked.iter().map(Served::name).collect();
        let [one] = <[Served; 1]>::try_from(asked).unwrap_or_else(|_| panic!("not one, but {names:?}"));
        one
    }

    /// The one thing that was asked, by the name of its message or its method of HTTP.
    #[track_caller]
    pub(crate) fn asked_for(&self, name: &str) -> Served {
        let one = self.asked_one();
        assert_eq!(one.name(), name);
        one
    }

    /// How many exchanges there ever were.
    pub(crate) fn count(&self) -> usize {
        *self.count.lock().unwrap()
    }

    /// The client panics from now on, or no more.
    pub(crate) fn set_broken(&self, is_broken: bool) {
        *self.is_broken.lock().unwrap() = is_broken;
    }

    /// Whether nobody listens there from now on.
    pub(crate) fn set_down(&self, is_down: bool) {
        *self.is_down.lock().unwrap() = is_down;
    }
}

#[async_trait]
impl HttpClient for Web {
    async fn send(&self, request: Request<Bytes>, reuse: Reuse) -> Result<Response<HttpBody>, HttpFailure> {
        *self.count.lock().unwrap() += 1;
        let is_broken = *self.is_broken.lock().unwrap();
        assert!(!is_broken, "the client is broken, as the test wants it");
        if *self.is_down.lock().unwrap() {
            return Err(failure(Stage::Connect));
        }
        let served = Served { request: Arc::new(request), reuse, answer: Arc::default() };
        self.asked.lock().unwrap().push_back(served.clone());
        let body = Body(served.answer);
        let (status, headers) = poll_fn(|cx| body.poll_head(cx)).await?;
        let mut response = Response::new(Box::pin(body) as HttpBody);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// The client's hold on an answer.
struct Body(Arc<Mutex<Answer>>);

impl Body {
    fn poll_head(&self, cx: &mut Context<'_>) -> Poll<Result<(StatusCode, HeaderMap), HttpFailure>> {
        let mut answer = self.0.lock().unwrap();
        answer.waker = Some(cx.waker().clone());
        answer.polls += 1;
        answer.head.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Stream for Body {
    type Item = Result<Bytes, HttpFailure>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut answer = self.0.lock().unwrap();
        answer.waker = Some(cx.waker().clone());
        answer.polls += 1;
        let piece = answer.pieces.pop_front().or_else(|| answer.endless.clone().map(Ok));
        match piece {
            Some(piece) => Poll::Ready(Some(piece)),
            None if answer.is_complete => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let mut answer = self.0.lock().unwrap();
        answer.is_dropped = !answer.is_complete;
    }
}

impl Served {
    /// The message's method; that of HTTP if there is no message; what else it is.
    pub(crate) fn name(&self) -> String {
        if self.request.body().is_empty() {
            return self.request.method().to_string();
        }
        match &self.message()["method"] {
            Value::String(method) => method.clone(),
            _ => "an answer".to_owned(),
        }
    }

    pub(crate) fn message(&self) -> Value {
        serde_json::from_slice(self.request.body()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).map(|value| value.to_str().unwrap())
    }

    fn change(&self, change: impl FnOnce(&mut Answer)) {
        let waker = {
            let mut answer = self.answer.lock().unwrap();
            change(&mut answer);
            answer.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn head(&self, status: u16, headers: &[(&str, &str)]) {
        let pairs =
            headers.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        let head = (StatusCode::from_u16(status).unwrap(), pairs.collect());
        self.change(|answer| answer.head = Some(Ok(head)));
    }

    pub(crate) fn piece(&self, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        self.change(|answer| answer.pieces.push_back(Ok(bytes)));
    }

    pub(crate) fn end(&self) {
        self.change(|answer| answer.is_complete = true);
    }

    pub(crate) fn break_off(&self, stage: Stage) {
        self.change(|answer| {
            answer.is_complete = true;
            if answer.head.is_none() && stage != Stage::Body {
                answer.head = Some(Err(failure(stage)));
            } else {
                answer.pieces.push_back(Err(failure(stage)));
            }
        });
    }

    /// A whole answer.
    pub(crate) fn respond(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        self.head(status, headers);
        if !body.is_empty() {
            self.piece(body.to_owned());
        }
        self.end();
    }

    /// A whole answer without a body.
    pub(crate) fn status(&self, status: u16) {
        self.respond(status, &[], "");
    }

    /// The answer to its message.
    pub(crate) fn answer(&self, result: &Value) {
        self.answer_with(&[], result);
    }

    pub(crate) fn answer_with(&self, headers: &[(&str, &str)], result: &Value) {
        let body = json!({ "jsonrpc": "2.0", "id": self.message()["id"], "result": result });
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.respond(200, &headers, &body.to_string());
    }

    /// The error that answers its message, under any status.
    pub(crate) fn refuse(&self, status: u16, code: i64) {
        let error = json!({ "code": code, "message": "no" });
        let body = json!({ "jsonrpc": "2.0", "id": self.message()["id"], "error": error });
        self.respond(status, &[("content-type", "application/json")], &body.to_string());
    }

    /// A stream of events begins.
    pub(crate) fn stream(&self) {
        self.head(200, &[("content-type", "text/event-stream")]);
    }

    pub(crate) fn event(&self, message: &Value) {
        self.piece(format!("data: {message}\n\n"));
    }

    /// The answer to its message, on its stream.
    pub(crate) fn answer_as_event(&self, result: &Value) {
        self.event(&json!({ "jsonrpc": "2.0", "id": self.message()["id"], "result": result }));
    }

    /// The same piece again and again, from now on.
    pub(crate) fn flood(&self, piece: String) {
        self.change(|answer| answer.endless = Some(piece.into()));
    }

    /// How often the client looked whether there is something.
    pub(crate) fn polls(&self) -> usize {
        self.answer.lock().unwrap().polls
    }

    /// The client let go of it before it was complete.
    pub(crate) fn is_dropped(&self) -> bool {
        self.answer.lock().unwrap().is_dropped
    }
}
