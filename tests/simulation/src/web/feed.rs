//! Streams of events, which go on whether anybody reads them or not, and can be read from any event on.

use std::future::poll_fn;
use std::task::{Poll, Waker};

use crate::held::Held;

/// What comes on a stream of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A message, on one line.
    Message(String),
    /// The beginning of one; then whoever said it is gone.
    Cut(String),
    End,
}

/// All that was said on a stream.
#[derive(Debug, Default)]
pub(crate) struct Feed(Held<Inner>);

#[derive(Debug, Default)]
struct Inner {
    said: Vec<String>,
    cut: Option<String>,
    is_over: bool,
    wakers: Vec<Waker>,
}

impl Feed {
    pub(crate) fn say(&self, message: String) {
        self.change(|inner| inner.said.push(message));
    }

    /// Nothing more comes on it.
    pub(crate) fn end(&self) {
        self.change(|inner| inner.is_over = true);
    }

    /// It breaks off, in a message perhaps.
    pub(crate) fn cut(&self, beginning: String) {
        self.change(|inner| {
            inner.is_over = true;
            inner.cut.get_or_insert(beginning);
        });
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.with(|inner| inner.is_over)
    }

    fn change(&self, act: impl FnOnce(&mut Inner)) {
        let wakers = self.0.with(|inner| {
            if !inner.is_over {
                act(inner);
            }
            std::mem::take(&mut inner.wakers)
        });
        wakers.into_iter().for_each(Waker::wake);
    }

    /// What stands there, or comes there, as number `place`.
    pub(crate) async fn at(&self, place: usize) -> Piece {
        poll_fn(|cx| {
            self.0.with(|inner| {
                if let Some(message) = inner.said.get(place) {
                    return Poll::Ready(Piece::Message(message.clone()));
                }
                if inner.is_over {
                    return Poll::Ready(inner.cut.clone().map_or(Piece::End, Piece::Cut));
                }
                if !inner.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
                    inner.wakers.push(cx.waker().clone());
                }
                Poll::Pending
            })
        })
        .await
    }
}
