//! TCP to any of a name's addresses: the next one is tried along when one takes long (RFC 8305).

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::network::{BoxSocket, Network};

/// An address that doesn't answer is given so long before the next one is tried along.
const HEAD_START: Duration = Duration::from_millis(250);

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Connects to whichever address answers first.
pub(crate) async fn connect(network: &dyn Network, addresses: Vec<SocketAddr>) -> Result<BoxSocket, String> {
    Race { network, waiting: alternate(addresses), running: Vec::new(), head_start: None, failed: Vec::new() }
        .await
}

/// The two families in turns, beginning with the one that the system prefers.
fn alternate(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut first, mut second): (VecDeque<_>, VecDeque<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut all = VecDeque::new();
    while !first.is_empty() || !second.is_empty() {
        all.extend(first.pop_front());
        all.extend(second.pop_front());
    }
    all
}

struct Race<'a> {
    network: &'a dyn Network,
    waiting: VecDeque<SocketAddr>,
    running: Vec<(SocketAddr, BoxFuture<'a, io::Result<BoxSocket>>)>,
    head_start: Option<BoxFuture<'a, ()>>,
    failed: Vec<String>,
}

impl Race<'_> {
    /// Lets those that run go on; the first that is connected wins.
    fn poll_running(&mut self, cx: &mut Context<'_>) -> Option<BoxSocket> {
        let mut connected = None;
        let failed = &mut self.failed;
        self.running.retain_mut(|(address, connecting)| match connecting.as_mut().poll(cx) {
            Poll::Ready(Ok(socket)) => {
                connected.get_or_insert(socket);
                false
            }
            Poll::Ready(Err(error)) => {
                failed.push(format!("{address}: {error}"));
                false
            }
            Poll::Pending => true,
        });
        connected
    }

    /// Returns whether it is time for one more.
    fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        self.running.is_empty()
            || self.head_start.as_mut().is_none_or(|head_start| head_start.as_mut().poll(cx).is_ready())
    }

    fn start_next(&mut self) -> bool {
        let Some(address) = self.waiting.pop_front() else { return false };
        let network = self.network;
        self.running.push((address, network.connect(address)));
        self.head_start = Some(network.sleep(HEAD_START));
        true
    }
}

impl Future for Race<'_> {
    type Output = Result<BoxSocket, String>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let race = self.get_mut();
        loop {
            if let Some(socket) = race.poll_running(cx) {
                return Poll::Ready(Ok(socket));
            }
            let has_more = !race.waiting.is_empty() && race.is_due(cx) && race.start_next();
            if !has_more {
                break;
            }
        }
        if !race.running.is_empty() {
            return Poll::Pending;
        }
        let failed = std::mem::take(&mut race.failed);
        Poll::Ready(Err(if failed.is_empty() {
            "the name has no address".to_owned()
        } else {
            failed.join("; ")
        }))
    }
}
