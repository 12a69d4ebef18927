//! What the client wishes to hear of: the client's, not a connection's. Each generation is asked for it when it becomes
//! ready, and again when it changes.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Context;

use tenure_driver::wake::{Key, Waiters};
use tenure_mcp_proto::types::LogLevel;
use tenure_mcp_proto::{RequestError, Subscriptions};

use crate::session::channel::Channel;
use crate::session::events::ServerEvent;
use crate::session::listener::Listener;

/// What is wished at present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wished {
    subscriptions: Subscriptions,
    log_level: Option<LogLevel>,
}

/// The wishes of one client, shared by it and its generations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    wished: Mutex<Wished>,
    /// How often they changed: mostly there is nothing to look at.
    changes: AtomicU64,
    /// The runner that carries them out.
    runner: Waiters,
}

impl Wishes {
    pub(crate) fn new(subscriptions: Subscriptions, log_level: Option<LogLevel>) -> Self {
        let wished = Mutex::new(Wished { subscriptions, log_level });
        Self(Arc::new(Shared { wished, changes: AtomicU64::new(0), runner: Waiters::default() }))
    }

    pub(crate) fn subscriptions(&self) -> Subscriptions {
        self.lock().subscriptions.clone()
    }

    /// Changes what is subscribed to. The closure is called without any lock, again if somebody else was faster.
    pub(crate) fn subscribe(&self, mut change: impl FnMut(Subscriptions) -> Subscriptions) {
        let mut before = self.subscriptions();
        loop {
            let changed = change(before.clone());
            let mut wished = self.lock();
            if wished.subscriptions == before {
                wished.subscriptions = changed;
                break;
            }
            before = wished.subscriptions.clone();
        }
        self.tell();
    }

    pub(crate) fn set_log_level(&self, level: LogLevel) {
        self.lock().log_level = Some(level);
        self.tell();
    }

    /// They have changed.
    fn tell(&self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
        self.0.runner.wake_all();
    }

    fn lock(&self) -> MutexGuard<'_, Wished> {
        self.0.wished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one generation was asked for.
pub(crate) struct Asked {
    wishes: Wishes,
    sent: Wished,
    /// How often the wishes had changed when they were looked at last.
    seen: Option<u64>,
    key: Option<Key>,
}

impl Asked {
    /// Nothing yet.
    pub(crate) fn of(wishes: &Wishes) -> Self {
        Self { wishes: wishes.clone(), sent: Wished::default(), seen: None, key: None }
    }

    /// Asks for what is wished and was not asked for.
    pub(crate) fn ask(&mut self, channel: &Channel, listener: &Listener) {
        let changes = Some(self.wishes.0.changes.load(Ordering::SeqCst));
        if mem::replace(&mut self.seen, changes) == changes {
            return;
        }
        let wished = {
            let wished = self.wishes.lock();
            if *wished == self.sent {
                return;
            }
            wished.clone()
        };
        let before = mem::replace(&mut self.sent, wished.clone());
        let mut failed = Vec::new();
        if wished.log_level != before.log_level
            && let Some(level) = wished.log_level
        {
            failed.extend(channel.set_log_level(level).err());
        }
        if wished.subscriptions != before.subscriptions {
            failed.extend(channel.subscribe(wished.subscriptions).err());
        }
        // Where nothing can be sent, nobody hears of anything any more.
        failed.retain(|error| !matches!(error, RequestError::Closed));
        for error in failed {
            listener.tell(&ServerEvent::WishNotSent(error));
        }
    }

    /// Asks for what has changed, and wakes the task when something changes.
    pub(crate) fn tend(&mut self, cx: &Context<'_>, channel: &Channel, listener: &Listener) {
        self.wishes.0.runner.register(&mut self.key, cx.waker());
        self.ask(channel, listener);
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.wishes.0.runner.deregister(&mut self.key);
    }
}
