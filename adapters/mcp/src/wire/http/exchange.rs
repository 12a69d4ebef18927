//! One request and what answers it, as it is moved.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use tenure_mcp_proto::http::{ExchangeId, Failure, Reuse, Stage as Reached, is_reserved};

use crate::wire::http::bells::{Bell, Bells, Ringer};
use crate::wire::http::client::{HttpBody, HttpClient};
use crate::wire::http::credentials::Credential;
use crate::wire::http::hook::{BoxFuture, Hook};

/// What came of an exchange.
pub(super) enum Came {
    /// Its request goes out with credentials of this version.
    Authorized(u64),
    Head(StatusCode, HeaderMap),
    Piece(Bytes),
    /// The body is complete: the last that comes.
    End,
    /// The last that comes.
    Failed(Failure),
}

/// One exchange under way. Dropping it cancels it.
pub(super) struct Exchange {
    stage: Stage,
    bell: Arc<Bell>,
    waker: Waker,
}

enum Stage {
    /// Asks for credentials.
    Authorizing {
        credential: BoxFuture<Result<Credential, String>>,
        then: Box<Unsent>,
    },
    Sending(BoxFuture<Result<Response<HttpBody>, Failure>>),
    Receiving(HttpBody),
    /// Nothing more comes.
    Ended,
}

/// A request that waits for its credentials.
struct Unsent {
    client: Arc<dyn HttpClient>,
    request: Request<Bytes>,
    reuse: Reuse,
}

impl Exchange {
    /// It is first polled by who receives next, which has to be before its task rests.
    pub(super) fn begin(
        id: ExchangeId,
        request: Request<Bytes>,
        reuse: Reuse,
        (client, hook, bells): (&Arc<dyn HttpClient>, &Hook, &Arc<Bells>),
    ) -> Self {
        let credential = hook.current(&request);
        let unsent = Unsent { client: client.clone(), request, reuse };
        let stage = match credential {
            Some(credential) => Stage::Authorizing { credential, then: Box::new(unsent) },
            None => Stage::Sending(unsent.send()),
        };
        let bell = Bell::new(Ringer::Exchange(id), bells);
        bell.note();
        Self { stage, waker: bell.clone().into(), bell }
    }

    /// What comes next. Its bell rings when it is worth asking again.
    pub(super) fn poll(&mut self) -> Poll<Came> {
        let Self { stage, waker, bell } = self;
        let polled = bell.poll(|| catch_unwind(AssertUnwindSafe(|| stage.poll(waker))));
        // A client that panics is the program's trouble, and costs the exchange that it does it in.
        let came = match polled {
            Ok(polled) => ready!(polled),
            Err(_) => stage.panicked(),
        };
        // There may be more, and others have their turn first.
        if !matches!(stage, Stage::Ended) {
            bell.note();
        }
        Poll::Ready(came)
    }
}

impl Stage {
    fn poll(&mut self, waker: &Waker) -> Poll<Came> {
        let mut cx = Context::from_waker(waker);
        let (next, came) = match self {
            Self::Authorizing { credential, .. } => {
                let credential = ready!(credential.as_mut().poll(&mut cx));
                return Poll::Ready(self.authorize(credential));
            }
            Self::Sending(response) => match ready!(response.as_mut().poll(&mut cx)) {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    (Self::Receiving(body), Came::Head(head.status, head.headers))
                }
                Err(failure) => (Self::Ended, Came::Failed(failure)),
            },
            Self::Receiving(body) => match ready!(body.as_mut().poll_next(&mut cx)) {
                Some(Ok(piece)) => return Poll::Ready(Came::Piece(piece)),
                Some(Err(failure)) => (Self::Ended, Came::Failed(failure)),
                None => (Self::Ended, Came::End),
            },
            Self::Ended => return Poll::Pending,
        };
        *self = next;
        Poll::Ready(came)
    }

    /// How far it was, nobody can say but by what had come.
    fn panicked(&mut self) -> Came {
        let was = std::mem::replace(self, Self::Ended);
        let stage = if matches!(was, Self::Receiving(_)) { Reached::Body } else { Reached::Sent };
        let reason = "the HTTP client panicked".to_owned();
        Came::Failed(Failure { stage, was_reused: false, is_permanent: false, reason })
    }

    fn authorize(&mut self, credential: Result<Credential, String>) -> Came {
        let Self::Authorizing { mut then, .. } = std::mem::replace(self, Self::Ended) else {
            return Came::Failed(unwritten("nothing was asked for".to_owned()));
        };
        match credential {
            Ok(credential) => {
                add(credential.headers(), then.request.headers_mut());
                *self = Self::Sending(then.send());
                Came::Authorized(credential.version())
            }
            Err(why) => Came::Failed(unwritten(format!("there are no credentials: {why}"))),
        }
    }
}

impl Unsent {
    fn send(self) -> BoxFuture<Result<Response<HttpBody>, Failure>> {
        let Self { client, request, reuse } = self;
        Box::pin(async move { client.as_ref().send(request, reuse).await })
    }
}

fn unwritten(reason: String) -> Failure {
    Failure { stage: Reached::Unwritten, was_reused: false, is_permanent: false, reason }
}

/// Adds the headers of a credential. They replace those of the same name that the program chose, and none that the
/// protocol or HTTP needs.
fn add(credential: &HeaderMap, headers: &mut HeaderMap) {
    let names = || credential.keys().filter(|name| !is_reserved(name));
    for name in names() {
        headers.remove(name);
    }
    for name in names() {
        for value in credential.get_all(name) {
            headers.append(name.clone(), value.clone());
        }
    }
}
