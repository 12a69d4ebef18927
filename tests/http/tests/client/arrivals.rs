//! Which answers have come to the client, whole: for tests in which one must be read before another is sent.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use async_trait::async_trait;
use bytes::Bytes;
use futures_lite::{Stream, StreamExt};
use tenure_mcp::{HttpBody, HttpClient, HttpFailure, Reuse};

/// The statuses of the answers that have come, in order.
#[derive(Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    statuses: Vec<u16>,
    wakers: Vec<Waker>,
}

impl Arrivals {
    /// What the client hears of this one is noted.
    pub(crate) fn of<C>(&self, client: C) -> Noted<C> {
        Noted { client, arrivals: self.clone() }
    }

    /// Waits until so many answers of this status have come. Whatever is sent then is heard later.
    pub(crate) async fn until(&self, count: usize, status: u16) {
        poll_fn(|cx| {
            let mut state = self.lock();
            if state.statuses.iter().filter(|it| **it == status).count() >= count {
                return Poll::Ready(());
            }
            state.wakers.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn note(&self, status: u16) {
        let wakers = {
            let mut state = self.lock();
            state.statuses.push(status);
            std::mem::take(&mut state.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client whose answers are noted.
pub(crate) struct Noted<C> {
    client: C,
    arrivals: Arrivals,
}

#[async_trait]
impl<C: HttpClient> HttpClient for Noted<C> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        reuse: Reuse,
    ) -> Result<http::Response<HttpBody>, HttpFailure> {
        let (head, body) = self.client.send(request, reuse).await?.into_parts();
        let body = NotedBody { body, status: head.status.as_u16(), arrivals: self.arrivals.clone() };
        Ok(http::Response::from_parts(head, Box::pin(body)))
    }
}

struct NotedBody {
    body: HttpBody,
    status: u16,
    arrivals: Arrivals,
}

impl Stream for NotedBody {
    type Item = Result<Bytes, HttpFailure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = ready!(self.body.poll_next(cx));
        if piece.is_none() {
            self.arrivals.note(self.status);
        }
        Poll::Ready(piece)
    }
}
