//! The wait for any sign of life.
//!
//! The package tests/concurrency compiles this file by itself: it imports nothing of this crate but the channel.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tenure_driver::sync::Arc;
use tenure_driver::wake::Key;

use super::channel::Channel;

/// Completes when the server has sent something after this was made.
pub(crate) struct Hearing {
    heard: u64,
    key: Option<Key>,
    channel: Arc<Channel>,
}

impl Hearing {
    pub(crate) fn of(channel: &Arc<Channel>) -> Self {
        Self { heard: channel.heard(), key: None, channel: channel.clone() }
    }
}

impl Future for Hearing {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.channel.listeners().register(&mut this.key, cx.waker());
        if this.channel.heard() == this.heard { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.channel.listeners().deregister(&mut self.key);
    }
}
