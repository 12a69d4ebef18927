//! A transport as rmcp's own task uses it, seen and cut off from outside of that task.
//!
//! rmcp moves the transport into a task that nobody else can end: cancelled, it first waits for its handlers'
//! answers, and then for the transport to close. A transport whose write is stuck never does, since the write holds
//! what closing needs. So the transport that rmcp gets is wrapped: it says when nothing more can come from it, it
//! gives stuck writes up before it closes, and it can be told not to wait for its own close either.

use std::borrow::Cow;
use std::future::pending;
use std::sync::{Arc, OnceLock};

use futures_lite::future;
use rmcp::RoleClient;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tenure_driver::Failure;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The outside of a transport.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire {
    /// Nothing more comes from the transport: each answer that came has been handed to its caller.
    ended: CancellationToken,
    /// What is sent doesn't arrive.
    broken: CancellationToken,
    /// The session has retired, for that reason.
    retired: CancellationToken,
    why: Arc<OnceLock<Failure>>,
    /// Nothing of it is waited for any more.
    given_up: CancellationToken,
    /// rmcp has dropped it.
    dropped: CancellationToken,
}

impl Wire {
    /// The transport for rmcp. `token` is dropped together with it.
    pub(crate) fn wrap<T: Transport<RoleClient>, L: Send>(&self, inner: T, token: L) -> Wrapped<T, L> {
        Wrapped { inner, wire: self.clone(), cut: self.given_up.child_token(), _token: token }
    }

    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Returns whether the session is about to end, and to say why.
    pub(crate) fn is_over(&self) -> bool {
        self.ended.is_cancelled() || self.broken.is_cancelled()
    }

    pub(crate) async fn broken(&self) {
        self.broken.cancelled().await;
    }

    pub(crate) fn set_broken(&self) {
        self.broken.cancel();
    }

    pub(crate) fn set_retired(&self, why: Failure) {
        let _ = self.why.set(why);
        self.retired.cancel();
    }

    /// Completes when the session has retired, with why.
    pub(crate) async fn retired(&self) -> Failure {
        self.retired.cancelled().await;
        match self.why.get() {
            Some(why) => why.clone(),
            None => pending().await,
        }
    }

    pub(crate) async fn dropped(&self) {
        self.dropped.cancelled().await;
    }

    pub(crate) fn give_up(&self) {
        self.given_up.cancel();
    }

    pub(crate) fn give_up_on_drop(&self) -> DropGuard {
        self.given_up.clone().drop_guard()
    }
}

/// The inside of it, as rmcp has it.
pub(crate) struct Wrapped<T, L> {
    inner: T,
    wire: Wire,
    /// Whoever still writes gives up.
    cut: CancellationToken,
    _token: L,
}

impl<T: Transport<RoleClient>, L: Send> Transport<RoleClient> for Wrapped<T, L> {
    // The same, not one around it: callers look for its cause by type.
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), T::Error>> + Send + 'static {
        let sending = self.inner.send(item);
        let cut = self.cut.clone();
        async move {
            let cut = async {
                cut.cancelled().await;
                None
            };
            // Cut off, the write is dropped here, and with it whatever it had locked.
            let sent = future::or(cut, async { Some(sending.await) }).await;
            match sent {
                Some(result) => result,
                // It is neither sent nor refused. rmcp drops it with its task.
                None => pending().await,
            }
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        let given_up = async {
            self.wire.given_up.cancelled().await;
            None
        };
        let received = future::or(given_up, self.inner.receive()).await;
        if received.is_none() {
            self.wire.ended.cancel();
        }
        received
    }

    async fn close(&mut self) -> Result<(), T::Error> {
        self.wire.ended.cancel();
        self.cut.cancel();
        let given_up = async {
            self.wire.given_up.cancelled().await;
            Ok(())
        };
        future::or(given_up, self.inner.close()).await
    }
}

impl<T, L> Drop for Wrapped<T, L> {
    fn drop(&mut self) {
        self.wire.ended.cancel();
        self.wire.dropped.cancel();
        self.cut.cancel();
    }
}
