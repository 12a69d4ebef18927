//! Fills in forms, when it is let.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use async_trait::async_trait;
use serde_json::{Value, json};
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::proto::types::{ElicitFormParams, ElicitResult};
use tenure_mcp::{HandlerContext, Handlers, Refusal};

/// Fills in every form with the same name. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_held: bool,
    begun: usize,
    dropped: usize,
    wakers: Vec<Waker>,
}

impl Desk {
    /// One that fills in nothing until it is let.
    pub(crate) fn held() -> Self {
        let desk = Self::default();
        desk.change(|state| state.is_held = true);
        desk
    }

    /// From now on all is filled in.
    pub(crate) fn open(&self) {
        self.change(|state| state.is_held = false);
    }

    /// Waits until so many forms lie there.
    pub(crate) async fn begun(&self, forms: usize) {
        self.until(|state| state.begun >= forms).await;
    }

    /// Waits until so many were taken away before they were filled in.
    pub(crate) async fn dropped(&self, forms: usize) {
        self.until(|state| state.dropped >= forms).await;
    }

    async fn until(&self, is_it: impl Fn(&State) -> bool) {
        let look = |cx: &mut std::task::Context<'_>| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if is_it(&state) {
                return Poll::Ready(());
            }
            state.wakers.push(cx.waker().clone());
            Poll::Pending
        };
        poll_fn(look).await;
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let wakers = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut state);
            std::mem::take(&mut state.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// A form that lies there.
struct Form(Option<Desk>);

impl Drop for Form {
    fn drop(&mut self) {
        if let Some(desk) = self.0.take() {
            desk.change(|state| state.dropped += 1);
        }
    }
}

#[async_trait]
impl Handlers for Desk {
    fn offers(&self) -> Vec<ClientFeature> {
        vec![ClientFeature::FormElicitation]
    }

    async fn elicit_form(&self, _: &HandlerContext, _: ElicitFormParams) -> Result<ElicitResult, Refusal> {
        let mut form = Form(Some(self.clone()));
        self.change(|state| state.begun += 1);
        self.until(|state| !state.is_held).await;
        form.0 = None;
        ElicitResult::accept(json!({ "name": "octocat" }))
            .map_err(|error| Refusal::internal(error.to_string()))
    }
}

/// What a server sends that wants a form filled in: `elicitation/create`'s params.
pub(crate) fn form() -> Value {
    let schema = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    json!({ "mode": "form", "message": "Who?", "requestedSchema": schema })
}

/// The same as a request of the legacy era.
pub(crate) fn question(id: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "elicitation/create", "params": form() })
}
