//! A wish, and what is heard of it: now, and of the next generation.

use tenure_mcp::proto::types::Notification;
use tenure_mcp::{Lease, ServerEvent};

use crate::peers::Subscription;
use crate::row::Cell;
use crate::steps::{Run, Tried, good, is_modern, said, words};

impl Run<'_> {
    /// What changed is told, and told again once the connection was lost.
    pub async fn subscription(&self, lease: Lease) -> Tried {
        let Some(subscription) = &self.peer.subscription else {
            return Ok(Cell::NotOffered);
        };
        while self.events.try_recv().is_ok() {}
        let (uri, has_tools) = (subscription.uri, subscription.has_tools);
        self.client.subscribe(|wished| wished.tools(has_tools).resource(uri));
        self.heard(&lease, subscription).await?;
        let lease = match &self.web {
            None => self.killed(lease).await?,
            Some(web) if is_modern(&lease).await? => {
                // There is no session that it could lose, but the stream.
                web.proxy.cut();
                lease
            }
            Some(web) => self.expired(web, lease).await?,
        };
        self.heard(&lease, subscription).await.map_err(|why| format!("after a reconnect: {why}"))?;
        self.client.subscribe(|_| tenure_mcp::Subscriptions::default());
        said(&lease, &self.peer.call).await?;
        Ok(good("ok"))
    }

    /// The wish is granted; then there is a change, and it is told.
    async fn heard(&self, lease: &Lease, subscription: &Subscription) -> Result<(), String> {
        self.until(|event| match event {
            ServerEvent::Subscribed { granted, refused } => {
                granted.uris.contains(subscription.uri)
                    && granted.tools == subscription.has_tools
                    && refused.is_empty()
            }
            _ => false,
        })
        .await
        .map_err(|why| format!("not granted: {why}"))?;
        said(lease, &subscription.change).await?;
        let (mut resource, mut tools) = (false, !subscription.has_tools);
        self.until(|event| {
            if let ServerEvent::Notification { method, params } = event {
                match Notification::read(method, params.as_deref()) {
                    Notification::ResourceUpdated { uri, .. } => resource |= uri == subscription.uri,
                    Notification::ToolsChanged => tools = true,
                    _ => {}
                }
            }
            resource && tools
        })
        .await
        .map_err(|why| format!("not told: {why}"))
    }

    /// Waits for an event; says what came until nobody waited any more.
    async fn until(&self, mut is_it: impl FnMut(&ServerEvent) -> bool) -> Result<(), String> {
        let mut last = Vec::new();
        let found = async {
            loop {
                let event = self.events.recv().await.map_err(words)?;
                if is_it(&event) {
                    return Ok(true);
                }
                last.push(format!("{event:?}"));
            }
        };
        let late = async {
            smol::Timer::after(tenure_peers::LIMIT).await;
            Ok::<_, String>(false)
        };
        if futures_lite::future::or(found, late).await? { Ok(()) } else { Err(format!("only {last:?}")) }
    }
}
