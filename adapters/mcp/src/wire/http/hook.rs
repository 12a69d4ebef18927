//! How credentials are asked for, and for how long.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_lite::{FutureExt as _, future};
use http::Request;
use tenure_driver::Failure;
use tenure_mcp_proto::http::Challenge;

use crate::wire::http::bells::{Bell, Bells, Ringer};
use crate::wire::http::credentials::{Credential, CredentialRequest, Credentials, CredentialsRefused};

/// How long credentials may take.
const LIMIT: Duration = Duration::from_secs(30);

pub(super) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A sleep of so long.
type Sleep = Arc<dyn Fn(Duration) -> BoxFuture<()> + Send + Sync>;

/// Who gives credentials, if anybody does.
#[derive(Clone)]
pub(super) struct Hook {
    credentials: Option<Arc<dyn Credentials>>,
    sleep: Sleep,
}

impl Hook {
    pub(super) fn new(credentials: Option<Arc<dyn Credentials>>, sleep: Sleep) -> Self {
        Self { credentials, sleep }
    }

    /// What to send with a request; `None` if there is nobody to ask.
    pub(super) fn current(&self, request: &Request<Bytes>) -> Option<BoxFuture<Result<Credential, String>>> {
        let credentials = self.credentials.clone()?;
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let current = async move { credentials.current(CredentialRequest::new(&method, &uri)).await };
        Some(self.bounded(current))
    }

    /// What there is instead of what was refused; `None` if there is nobody to ask.
    pub(super) fn renewed(
        &self,
        challenges: Vec<Challenge>,
        refused: Option<u64>,
    ) -> Option<BoxFuture<Result<u64, String>>> {
        let credentials = self.credentials.clone()?;
        let refused = CredentialsRefused::new(refused, challenges);
        Some(self.bounded(async move { credentials.refused(refused).await }))
    }

    fn bounded<T: Send + 'static>(
        &self,
        asked: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> BoxFuture<Result<T, String>> {
        let slept = (self.sleep)(LIMIT);
        let late = async move {
            slept.await;
            Err(format!("the credentials took longer than {} s", LIMIT.as_secs()))
        };
        let asked = async move {
            match AssertUnwindSafe(asked).catch_unwind().await {
                Ok(given) => given.map_err(|failure| failure.to_string()),
                // That is the program's trouble, and costs the requests that wait for it.
                Err(_) => Err("the credentials panicked".to_owned()),
            }
        };
        Box::pin(future::or(asked, late))
    }
}

/// What was asked when the server refused a credential.
pub(super) struct Asking {
    answer: BoxFuture<Result<u64, String>>,
    bell: Arc<Bell>,
    waker: Waker,
}

impl Asking {
    pub(super) fn begin(answer: BoxFuture<Result<u64, String>>, bells: &Arc<Bells>) -> Self {
        let bell = Bell::new(Ringer::Hook, bells);
        bell.ring();
        Self { answer, waker: bell.clone().into(), bell }
    }

    pub(super) fn poll(&mut self) -> Poll<Result<u64, String>> {
        let Self { answer, bell, waker } = self;
        bell.poll(|| answer.as_mut().poll(&mut Context::from_waker(waker)))
    }
}
