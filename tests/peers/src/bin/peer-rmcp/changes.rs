//! Who is told of what changes here.

use std::sync::atomic::{AtomicUsize, Ordering};

use rmcp::{
    RoleServer,
    model::ResourceUpdatedNotificationParam,
    service::{Peer, SubscriptionContext, SubscriptionSink},
};
use tokio::sync::watch;

const URI: &str = "peer://text";

/// Those who listen, in the modern era.
#[derive(Default)]
pub struct Listeners {
    /// How many were accepted, whether they listen yet or not.
    accepted: AtomicUsize,
    sinks: watch::Sender<Vec<SubscriptionSink>>,
}

impl Listeners {
    /// The crate acknowledges it from here on, which is before it listens.
    pub fn accept(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// Until it is cancelled.
    pub async fn listen(&self, context: SubscriptionContext) {
        self.sinks.send_modify(|sinks| sinks.push(context.sink().clone()));
        context.cancelled().await;
        self.accepted.fetch_sub(1, Ordering::Relaxed);
        self.sinks.send_modify(|sinks| sinks.retain(|sink| sink.id() != context.sink().id()));
    }

    /// Tells them that the resource and the list of tools have changed; what one did not ask for it isn't told.
    pub async fn tell(&self) {
        let accepted = self.accepted.load(Ordering::Relaxed);
        let mut sinks = self.sinks.subscribe();
        let Ok(sinks) = sinks.wait_for(|sinks| sinks.len() >= accepted).await.map(|sinks| sinks.clone())
        else {
            return;
        };
        for sink in sinks {
            let _ = sink.notify_resource_updated(URI).await;
            let _ = sink.notify_tool_list_changed().await;
        }
    }
}

/// Tells a client of the legacy era the same.
pub async fn tell_legacy(peer: &Peer<RoleServer>, is_subscribed: bool) {
    // A client that is gone needs no word.
    if is_subscribed {
        let _ = peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(URI)).await;
    }
    let _ = peer.notify_tool_list_changed().await;
}
