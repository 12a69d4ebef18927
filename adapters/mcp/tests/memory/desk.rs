//! Handlers for tests, and what a server asks of them.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use async_trait::async_trait;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::proto::types::{
    Content, CreateMessageParams, CreateMessageResult, ElicitFormParams, ElicitResult, ElicitUrlParams,
    ListRootsResult, Root,
};
use tenure_mcp::{HandlerContext, Handlers, Options, Refusal};

use crate::stage::{Server, config};

pub(crate) fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// Where handlers wait until the test opens it.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    is_open: bool,
    is_shut: bool,
    wakers: Vec<Waker>,
    begun: usize,
    ended: usize,
}

/// A handler that is there.
struct There(Gate);

impl Drop for There {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().ended += 1;
    }
}

/// What a careless program has on the way.
struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("a handler's own");
    }
}

impl Gate {
    pub(crate) fn open(&self) {
        let wakers = {
            let mut waiting = self.0.lock().unwrap();
            waiting.is_open = true;
            std::mem::take(&mut waiting.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Roots are waited for, too.
    pub(crate) fn shut(&self) {
        self.0.lock().unwrap().is_shut = true;
    }

    fn is_shut(&self) -> bool {
        self.0.lock().unwrap().is_shut
    }

    /// How many handlers have begun, and how many of them are gone.
    pub(crate) fn seen(&self) -> (usize, usize) {
        let waiting = self.0.lock().unwrap();
        (waiting.begun, waiting.ended)
    }

    async fn pass(&self) {
        poll_fn(|cx| {
            let mut waiting = self.0.lock().unwrap();
            if waiting.is_open {
                return Poll::Ready(());
            }
            waiting.wakers.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn enter(&self) -> There {
        self.0.lock().unwrap().begun += 1;
        There(self.clone())
    }
}

/// Handlers that do what the method of the request says.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    pub(crate) offers: Vec<ClientFeature>,
    pub(crate) gate: Gate,
    /// What contexts and params said.
    pub(crate) seen: Arc<Mutex<Vec<Value>>>,
}

impl Desk {
    /// One that offers these methods.
    pub(crate) fn of(methods: &[&str]) -> Self {
        let offers = methods.iter().map(|method| ClientFeature::Other((*method).to_owned())).collect();
        Self { offers, ..Self::default() }
    }

    pub(crate) fn options(&self) -> Options {
        Options::new().session(|_| config()).handlers(self.clone())
    }

    fn note(&self, context: &HandlerContext, more: impl Into<Value>) {
        self.seen.lock().unwrap().push(json!({
            "method": context.method(),
            "generation": context.generation().number(),
            "server": context.server().name,
            "meta": context.meta().map(|meta| meta.get().to_owned()),
            "call": context.call().is_some(),
            "more": more.into(),
        }));
    }
}

#[async_trait]
impl Handlers for Desk {
    fn offers(&self) -> Vec<ClientFeature> {
        self.offers.clone()
    }

    async fn create_message(
        &self,
        context: &HandlerContext,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, Refusal> {
        let Some(Content::Text { text, .. }) = params.messages.first().and_then(|it| it.content.first())
        else {
            return Err(Refusal::invalid_params("no text"));
        };
        self.note(context, json!(text));
        Ok(CreateMessageResult::text("a-model", text).stop_reason("endTurn"))
    }

    async fn elicit_form(
        &self,
        context: &HandlerContext,
        params: ElicitFormParams,
    ) -> Result<ElicitResult, Refusal> {
        self.note(context, json!(params.message));
        let filled = params.schema().unwrap().defaults();
        Ok(ElicitResult::accept(filled).unwrap())
    }

    async fn elicit_url(
        &self,
        context: &HandlerContext,
        params: ElicitUrlParams,
    ) -> Result<ElicitResult, Refusal> {
        self.note(context, json!(params.url));
        Ok(ElicitResult::accept(json!({ "no": "content" })).unwrap())
    }

    async fn list_roots(&self, context: &HandlerContext) -> Result<ListRootsResult, Refusal> {
        self.note(context, json!(null));
        let _there = self.gate.enter();
        if self.gate.is_shut() {
            self.gate.pass().await;
        }
        Ok(ListRootsResult::new([Root::new("file:///project").name("work")]))
    }

    async fn other(
        &self,
        context: &HandlerContext,
        params: Option<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Refusal> {
        let _there = self.gate.enter();
        self.note(context, params.as_ref().map_or(Value::Null, |params| json!(params.get())));
        match context.method() {
            "x/wait" => self.gate.pass().await,
            "x/panic" => panic!("a handler's own"),
            "x/panic-later" => {
                self.gate.pass().await;
                panic!("a handler's own");
            }
            "x/large" => return Ok(raw(&json!({ "large": "x".repeat(5000) }).to_string())),
            "x/refuse" => return Err(Refusal::rejected("not now").data(raw(r#"{"n":1.00}"#))),
            "x/again" => {
                poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    Poll::<()>::Pending
                })
                .await;
            }
            "x/call" => {
                let result = context.call_tool("add", json!({ "a": 1 })).await;
                return Ok(raw(
                    &json!({ "said": result.map_err(|_| Refusal::internal("?"))?.text() }).to_string()
                ));
            }
            "x/notify" => context.notify("notifications/x", json!({ "a": 1 })).unwrap(),
            "x/shown" => return Ok(raw(&json!({ "shown": format!("{context:?}") }).to_string())),
            "x/panic-dropped" => {
                let _panics = PanicsWhenDropped;
                self.gate.pass().await;
            }
            "x/not" => return Err(Refusal::not_offered()),
            _ => {}
        }
        Ok(raw(r#"{ "n":1.00 }"#))
    }
}

/// The server asks.
pub(crate) fn ask(server: &Server, id: &str, method: &str, params: &str) {
    let line = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\",\"params\":{params}}}\n");
    server.say_bytes(line.as_bytes());
}
