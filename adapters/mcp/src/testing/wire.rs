//! The connections of a scripted server: messages, not bytes.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use tenure_driver::Failure;
use tenure_driver::wake::Key;
use tenure_mcp_proto::{Incoming, Outgoing};

use crate::testing::state::{Room, Said};
use crate::wire::{Carrier, Linger, Peer, Received, Transport, Wire};

pub(super) struct MemoryTransport(pub(super) Room);

#[async_trait]
impl Transport for MemoryTransport {
    async fn open(&self, _: Linger) -> Result<Wire, Failure> {
        let connection = Arc::new(Open { room: self.0.clone(), number: self.0.open()? });
        let carrier =
            MemoryCarrier { open: connection.clone(), key: None, received: Vec::new(), is_piece_due: false };
        Ok(Wire::new(carrier, MemoryPeer { open: connection }))
    }
}

/// One open connection; it is closed when both of its halves are gone.
struct Open {
    room: Room,
    number: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.room.close(self.number);
    }
}

struct MemoryCarrier {
    open: Arc<Open>,
    /// The runner's place among those whom a change wakes.
    key: Option<Key>,
    /// The message that was received last.
    received: Vec<u8>,
    /// A message was received, and it is still to be said that it was a whole one.
    is_piece_due: bool,
}

impl Carrier for MemoryCarrier {
    /// The protocol itself looks at the size of what it is given.
    fn limit(&mut self, _: usize) {}

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, message: Outgoing) {
        self.open.room.receive(self.open.number, message.as_bytes());
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>> {
        if std::mem::take(&mut self.is_piece_due) {
            return Poll::Ready(Ok(Received::Piece));
        }
        let Open { room, number } = &*self.open;
        Poll::Ready(Ok(match ready!(room.poll_said(*number, &mut self.key, cx)) {
            Said::Message(message) => {
                self.received = message;
                self.is_piece_due = true;
                Received::Message(Incoming::Message(&self.received))
            }
            Said::End => Received::End,
        }))
    }

    fn close(&mut self, _: &mut Context<'_>) {}
}

impl Drop for MemoryCarrier {
    fn drop(&mut self) {
        self.open.room.leave(&mut self.key);
    }
}

struct MemoryPeer {
    open: Arc<Open>,
}

#[async_trait]
impl Peer for MemoryPeer {
    async fn ended(&mut self) -> Option<Failure> {
        Some(Failure::new(self.open.room.death(self.open.number).await))
    }

    /// It ends as soon as its input does.
    async fn unwound(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn hurry(&mut self) {}
}

#[cfg(test)]
mod tests {
    use std::task::Wake;

    use super::*;

    struct Runner;

    impl Wake for Runner {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn a_carrier_that_is_gone_keeps_no_waker_while_its_peer_is_there() {
        let (room, runner) = (Room::default(), Arc::new(Runner));
        let peer = Arc::new(Open { number: room.open().unwrap(), room });
        let mut carrier =
            MemoryCarrier { open: peer.clone(), key: None, received: Vec::new(), is_piece_due: false };
        assert!(carrier.poll_receive(&mut Context::from_waker(&runner.clone().into())).is_pending());
        assert_eq!(Arc::strong_count(&runner), 2);
        drop(carrier);
        assert_eq!(Arc::strong_count(&runner), 1);
        drop(peer);
    }
}
