//! What is tried with a peer over HTTP.

use std::time::{Duration, Instant};

use futures_lite::future::{self, poll_once};
use serde_json::{Value, json};
use smol::channel;
use tenure::Mode;
use tenure_mcp::{Delivery, Lease};

use crate::peers::{Call, Resumes};
use crate::row::Cell;
use crate::steps::{Run, Tried, good, is_modern, said, words};
use crate::web::Web;
use crate::web::proxy::Mark;

/// Whoever can't reach a server says so sooner than this.
const AT_ONCE: Duration = Duration::from_secs(10);

/// How long a call takes that is cut off.
const TAKES: Duration = Duration::from_millis(1500);

impl Run<'_> {
    pub async fn web_step(&self, step: &str, web: &Web, lease: Lease) -> Tried {
        match step {
            "cut off" => self.cut_off(web, &lease).await,
            "expired" => self.expires(web, lease).await,
            "restart" => self.restarted(web, lease).await,
            "close" => self.ends(web, lease).await,
            other => Err(format!("there is no step {other}")),
        }
    }

    /// Once the call is at the server it is dropped, of which the server hears in the era's way.
    pub async fn cancelled<T>(
        &self,
        web: &Web,
        before: Mark,
        slow: T,
        is_modern: bool,
    ) -> Result<(), String> {
        let Some((tool, ..)) = self.peer.slow else { return Ok(()) };
        if !web.proxy.sends(before, tool).await {
            return Err("it wasn't sent".to_owned());
        }
        drop(slow);
        let is_told = if is_modern {
            web.proxy.is_hung_up(before).await
        } else {
            web.proxy.sends(before, "notifications/cancelled").await
        };
        if is_told { Ok(()) } else { Err("the server wasn't told".to_owned()) }
    }

    /// The connection is cut under a call that has begun: it is resumed where the server can, and fails otherwise; and
    /// the session goes on.
    async fn cut_off(&self, web: &Web, lease: &Lease) -> Tried {
        let Some((tool, arguments, says)) = self.takes_a_while() else {
            return Ok(Cell::NotOffered);
        };
        let resumes = match self.peer.web {
            Some(reached) if !is_modern(lease).await? => reached.resumes,
            _ => Resumes::Never,
        };
        let before = web.proxy.mark();
        let (tells, told) = channel::unbounded();
        let call = lease.call_tool(tool, &arguments).progress(move |_| {
            // Once is enough.
            let _ = tells.try_send(());
        });
        let cut = async {
            let _ = told.recv().await;
            if resumes == Resumes::Afterwards {
                // Nothing says when a server is done with a call that nobody hears of.
                web.away_for(TAKES * 2).await;
            } else {
                web.proxy.cut();
            }
        };
        let (result, ()) = future::zip(call.into_future(), cut).await;
        let became = match result {
            Ok(result) if resumes != Resumes::Never && result.raw.get().contains(says) => {
                let sent = web.proxy.sent_since(before).to_ascii_lowercase();
                if !sent.contains("last-event-id: ") {
                    return Err("it didn't say where it was".to_owned());
                }
                good("resumed")
            }
            Err(error) if resumes == Resumes::Never && error.delivery() == Delivery::Unknown => {
                good("unknown")
            }
            other => return Err(format!("{other:?}")),
        };
        said(lease, &self.peer.call).await?;
        Ok(became)
    }

    /// The call that tells its progress, but longer.
    fn takes_a_while(&self) -> Option<(&'static str, Value, &'static str)> {
        let (tool, ..) = self.peer.progress.as_ref()?;
        Some(match *tool {
            "slow" => ("slow", json!({ "ms": TAKES.as_millis() }), " ms"),
            tool => (tool, json!({ "duration": TAKES.as_secs_f64(), "steps": 4 }), "completed"),
        })
    }

    /// A session that the server has forgotten costs a call nothing.
    async fn expires(&self, web: &Web, lease: Lease) -> Tried {
        if is_modern(&lease).await? || !self.peer.web.is_some_and(|web| web.has_sessions) {
            return Ok(Cell::Cannot("– (no session)"));
        }
        web.expire()?;
        let generation = lease.generation();
        // One of the lease fails, and says that it was not done.
        let (tool, arguments, _) = &self.peer.call;
        match lease.call_tool(tool, arguments).await {
            Err(error) if error.delivery() == Delivery::Refused => {}
            other => return Err(format!("{other:?}")),
        }
        drop(lease);
        web_said(self, &self.peer.call).await?;
        let lease = self.client.acquire().await.map_err(words)?;
        if lease.generation() == generation {
            return Err("it is the same generation".to_owned());
        }
        drop(lease);
        // One of the client is made again.
        web.expire()?;
        web_said(self, &self.peer.call).await?;
        Ok(good("ok"))
    }

    /// A lease of the session after this one, which the server has forgotten.
    pub async fn expired(&self, web: &Web, lease: Lease) -> Result<Lease, String> {
        web.expire()?;
        drop(lease);
        web_said(self, &self.peer.call).await?;
        self.client.acquire().await.map_err(words)
    }

    /// A call that is under way when the server goes down fails, and others fail at once while it is down; when another
    /// is there in its place, calls go on.
    async fn restarted(&self, web: &Web, lease: Lease) -> Tried {
        let (slow, slow_arguments, _) = self.peer.slow.as_ref().ok_or("no call takes long enough")?;
        let before = web.proxy.mark();
        let mut under_way = Box::pin(lease.call_tool(slow, slow_arguments).into_future());
        if let Some(result) = poll_once(&mut under_way).await {
            return Err(format!("{result:?}"));
        }
        if !web.proxy.sends(before, slow).await {
            return Err("it wasn't sent".to_owned());
        }
        web.stop();
        let begun = Instant::now();
        let (tool, arguments, _) = &self.peer.call;
        match self.client.call_tool(tool, arguments).await {
            Err(error) if error.delivery() == Delivery::NotSent => {}
            other => return Err(format!("while it was down: {other:?}")),
        }
        if begun.elapsed() > AT_ONCE {
            return Err(format!("it took {:?} to say that it was down", begun.elapsed()));
        }
        web.restart(self.command())?;
        match under_way.await {
            Err(error) if error.delivery() == Delivery::Unknown => {}
            other => return Err(format!("what was under way: {other:?}")),
        }
        drop(lease);
        web_said(self, &self.peer.call).await
    }

    /// A session ends with DELETE, and what has none without; and the next lease is served.
    async fn ends(&self, web: &Web, lease: Lease) -> Tried {
        let has_session = self.peer.web.is_some_and(|web| web.has_sessions) && !is_modern(&lease).await?;
        let before = web.proxy.mark();
        drop(lease);
        self.client.close(Mode::Graceful).await;
        let sent = web.proxy.sent_since(before);
        if sent.contains("DELETE /mcp ") != has_session {
            return Err(format!("it was closed with: {sent}"));
        }
        web_said(self, &self.peer.call).await?;
        Ok(good(if has_session { "DELETE" } else { "ok" }))
    }
}

/// A call for which any lease will do.
async fn web_said(run: &Run<'_>, (tool, arguments, says): &Call) -> Tried {
    let result = run.client.call_tool(tool, arguments).await.map_err(words)?;
    if result.is_error || !(result.text().contains(says) || result.raw.get().contains(says)) {
        return Err(result.raw.to_string());
    }
    Ok(good("ok"))
}
