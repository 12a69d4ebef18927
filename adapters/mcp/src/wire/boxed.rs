//! Boxed parts of a wire are parts of a wire.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tenure_driver::Failure;
use tenure_mcp_proto::{Incoming, Outgoing, RequestId};

use crate::wire::stderr::StderrTail;
use crate::wire::{Carrier, Peer, Received};

impl Carrier for Box<dyn Carrier> {
    fn limit(&mut self, max_message: usize) {
        (**self).limit(max_message);
    }

    fn patience(&mut self, time: Duration) {
        (**self).patience(time);
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        (**self).poll_ready(cx)
    }

    fn takes_calls(&self) -> bool {
        (**self).takes_calls()
    }

    fn send(&mut self, message: Outgoing) {
        (**self).send(message);
    }

    fn withdraw(&mut self, id: RequestId) {
        (**self).withdraw(id);
    }

    fn has_exchanges(&self) -> bool {
        (**self).has_exchanges()
    }

    fn tools_version(&self) -> u64 {
        (**self).tools_version()
    }

    fn session_hint(&self) -> Option<String> {
        (**self).session_hint()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        (**self).poll_flush(cx)
    }

    fn is_cut_short(&self) -> bool {
        (**self).is_cut_short()
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>> {
        (**self).poll_receive(cx)
    }

    fn unfinished(&mut self) -> Option<Incoming<'_>> {
        (**self).unfinished()
    }

    fn close(&mut self, cx: &mut Context<'_>) {
        (**self).close(cx);
    }
}

/// Not as async functions: their futures are in boxes of their own already.
impl Peer for Box<dyn Peer> {
    fn ended<'s, 'f>(&'s mut self) -> Pin<Box<dyn Future<Output = Option<Failure>> + Send + 'f>>
    where
        's: 'f,
    {
        (**self).ended()
    }

    fn unwound<'s, 'f>(&'s mut self) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'f>>
    where
        's: 'f,
    {
        (**self).unwound()
    }

    fn hurry(&mut self) {
        (**self).hurry();
    }

    fn pid(&self) -> Option<u32> {
        (**self).pid()
    }

    fn stderr_tail(&self) -> Option<StderrTail> {
        (**self).stderr_tail()
    }

    fn explain(&mut self, failure: Failure) -> Failure {
        (**self).explain(failure)
    }
}

#[cfg(test)]
mod tests;
