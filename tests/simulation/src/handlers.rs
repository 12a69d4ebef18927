//! The user of a simulated world, whom servers ask, and who is no better than they are.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use serde_json::value::RawValue;
use tenure::Mode;
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::proto::types::{
    CreateMessageParams, CreateMessageResult, ElicitFormParams, ElicitResult, ElicitUrlParams,
    ListRootsResult, Root,
};
use tenure_mcp::{HandlerContext, Handlers, Refusal, WeakClient};

use crate::books::Place;
use crate::call::arguments;
use crate::failure::Kind;
use crate::ground::Ground;
use crate::held::{Held, Thing, Token};
use crate::tally::Seen;
use crate::timeline::Who;

/// A method that the user offers beside those of the specification.
pub(crate) const OWN: &str = "x/own";

/// What an answer to this question has in it.
pub(crate) fn mark(question: u64) -> String {
    format!("n-{question}-")
}

pub(crate) struct User {
    ground: Arc<Ground>,
    client: Arc<Held<Option<WeakClient>>>,
    _token: Token,
}

#[derive(Clone, Copy, Debug, Default)]
enum Manner {
    #[default]
    AtOnce,
    Slow,
    Never,
    Refuse,
    Panic,
    Call,
    Close,
}

impl User {
    pub(crate) fn new(ground: &Arc<Ground>, client: &Arc<Held<Option<WeakClient>>>) -> Self {
        Self { ground: ground.clone(), client: client.clone(), _token: ground.token(Thing::EventHandler) }
    }

    /// Works on a question; its mark.
    async fn work(&self, context: &HandlerContext) -> Result<String, Refusal> {
        use Manner::{AtOnce, Call, Close, Never, Panic, Refuse, Slow};
        let ground = &self.ground;
        let meta = context.meta().and_then(|meta| serde_json::from_str::<Value>(meta.get()).ok());
        let question = meta.as_ref().and_then(|meta| meta.get("nonce")?.as_u64());
        // What nobody asked came to be on the way.
        let question = question.ok_or_else(|| Refusal::invalid_params("no number"))?;
        let mut work = Work::begin(ground, context, question);
        let manners = [(6, AtOnce), (5, Slow), (2, Never), (2, Refuse), (2, Panic), (2, Call), (1, Close)];
        let manner = ground.pick(ground.mood.odd_handlers, &manners);
        ground.say(work.who(), || format!("is asked {} ({question}): {manner:?}", context.method()));
        match manner {
            AtOnce => {}
            Slow => {
                ground.saw(Seen::HandlerSlow);
                ground.sleep(ground.up_to(20_000)).await;
            }
            Never => {
                ground.saw(Seen::HandlerNever);
                std::future::pending::<()>().await;
            }
            Refuse => {
                ground.saw(Seen::HandlerRefused);
                return Err(Refusal::rejected("no"));
            }
            // Without a mark: it must not cost the runner.
            Panic => {
                ground.saw(Seen::HandlerPanicked);
                std::panic::resume_unwind(Box::new("planned"));
            }
            Call => self.call(context).await,
            Close => self.close(),
        }
        work.has_result = true;
        Ok(mark(question))
    }

    /// A call of the server that asks.
    async fn call(&self, context: &HandlerContext) {
        let ground = &self.ground;
        let nonce = ground.number();
        ground.saw(Seen::HandlerCalled);
        let Ok(result) = context.call_tool("echo", arguments(nonce)).await else {
            return;
        };
        let generation = context.generation().number();
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&generation));
        let odd = corrupted || ground.mood.bad_answers;
        if !odd && !result.raw.get().contains(&format!("\"nonce\":{nonce}}}")) {
            ground.fail(Kind::WrongAnswer, || format!("a handler asked with {nonce}: {}", result.raw));
        }
    }

    fn close(&self) {
        let ground = &self.ground;
        if let Some(client) = self.client.with(|client| client.clone()).and_then(|weak| weak.upgrade()) {
            ground.saw(Seen::HandlerClosed);
            let mode = if ground.chance(50) { Mode::Force } else { Mode::Graceful };
            drop(client.close(mode));
        }
    }
}

/// A handler at work.
struct Work {
    ground: Arc<Ground>,
    generation: u64,
    question: u64,
    /// The call that it is for.
    place: Option<Place>,
    has_result: bool,
    _token: Token,
}

impl Work {
    fn begin(ground: &Arc<Ground>, context: &HandlerContext, question: u64) -> Self {
        let generation = context.generation().number();
        let place = context.call().map(|call| (generation, call.as_u64()));
        let now = ground.clock.both();
        let asked = ground.books.with(|books| {
            let at_work = books.at_work.entry(generation).or_default();
            *at_work = at_work.saturating_add(1);
            if let Some(place) = place {
                books.stand(place, now);
            }
            let question = books.questions.entry(question).or_default();
            question.begun = question.begun.saturating_add(1);
            question.begun <= question.asked
        });
        ground.saw(Seen::HandlerBegun);
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&generation));
        if !asked && !corrupted {
            ground
                .fail(Kind::WrongAnswer, || format!("question {question} of g{generation} is handled again"));
        }
        let token = ground.token(Thing::Handler);
        Self { ground: ground.clone(), generation, question, place, has_result: false, _token: token }
    }

    const fn who(&self) -> Who {
        Who::Handler(self.generation)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let now = self.ground.clock.both();
        self.ground.books.with(|books| {
            if let Some(at_work) = books.at_work.get_mut(&self.generation) {
                *at_work = at_work.saturating_sub(1);
            }
            if let Some(place) = self.place {
                books.go_on(place, now);
            }
            let question = books.questions.entry(self.question).or_default();
            question.ended = Some(now.1);
            question.has_result |= self.has_result;
        });
        self.ground.say(self.who(), || format!("is done with {}", self.question));
    }
}

#[async_trait]
impl Handlers for User {
    fn offers(&self) -> Vec<ClientFeature> {
        vec![
            ClientFeature::Sampling,
            ClientFeature::FormElicitation,
            ClientFeature::UrlElicitation,
            ClientFeature::Roots,
            ClientFeature::Other(OWN.to_owned()),
        ]
    }

    async fn create_message(
        &self,
        context: &HandlerContext,
        _: CreateMessageParams,
    ) -> Result<CreateMessageResult, Refusal> {
        Ok(CreateMessageResult::text("a model", &self.work(context).await?))
    }

    async fn elicit_form(
        &self,
        context: &HandlerContext,
        _: ElicitFormParams,
    ) -> Result<ElicitResult, Refusal> {
        let mark = self.work(context).await?;
        ElicitResult::accept(serde_json::json!({ "mark": mark }))
            .map_err(|error| Refusal::internal(error.to_string()))
    }

    async fn elicit_url(
        &self,
        context: &HandlerContext,
        _: ElicitUrlParams,
    ) -> Result<ElicitResult, Refusal> {
        let mark = self.work(context).await?;
        Ok(ElicitResult::decline().meta(object(&mark)))
    }

    async fn list_roots(&self, context: &HandlerContext) -> Result<ListRootsResult, Refusal> {
        let mark = self.work(context).await?;
        Ok(ListRootsResult::new([Root::new(format!("file:///{mark}"))]))
    }

    async fn other(
        &self,
        context: &HandlerContext,
        _: Option<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Refusal> {
        Ok(object(&self.work(context).await?))
    }
}

fn object(mark: &str) -> Box<RawValue> {
    // Text in an object is JSON.
    RawValue::from_string(format!("{{\"mark\":\"{mark}\"}}")).unwrap_or_default()
}
