//! The handlers as the generations of a session share them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::value::RawValue;
use tenure_mcp_proto::types::{CreateMessageParams, DecodeError, ElicitFormParams, ElicitUrlParams};
use tenure_mcp_proto::{ClientFeature, Options};

use crate::client::limits::Limits;
use crate::handlers::context::HandlerContext;
use crate::handlers::handler::Handlers;
use crate::handlers::refusal::{METHOD_NOT_FOUND, Refusal};
use crate::handlers::unhandled::Unhandled;

/// What the server gets, and why if no handler chose it.
pub(crate) struct Outcome {
    pub(crate) answer: Result<Box<RawValue>, Refusal>,
    pub(crate) why: Option<Unhandled>,
}

impl Outcome {
    pub(crate) const fn refused(refusal: Refusal, why: Unhandled) -> Self {
        Self { answer: Err(refusal), why: Some(why) }
    }

    pub(crate) fn not_offered() -> Self {
        Self::refused(Refusal::not_offered(), Unhandled::NotOffered)
    }
}

pub(crate) struct Offer {
    handlers: Arc<dyn Handlers>,
    features: BTreeSet<ClientFeature>,
    /// A server may send tools along when it asks the model.
    has_tools: bool,
    /// Those of requests that handlers make.
    pub(crate) limits: Limits,
}

impl Offer {
    pub(crate) fn new(handlers: Arc<dyn Handlers>, limits: Limits, protocol: &Options) -> Self {
        let features = handlers.offers().into_iter().collect();
        let has_tools = protocol.announces_sampling_tools();
        Self { handlers, features, has_tools, limits }
    }

    /// The protocol's options, with what is offered.
    pub(crate) fn announce(&self, protocol: Options) -> Options {
        self.features.iter().cloned().fold(protocol, Options::offer)
    }

    /// Has a request answered.
    pub(crate) async fn handle(
        self: Arc<Self>,
        context: HandlerContext,
        params: Option<Box<RawValue>>,
    ) -> Outcome {
        let answer = match self.answer(&context, params).await {
            Ok(answer) => answer,
            Err(problem) => {
                let refusal = Refusal::invalid_params(problem.as_str());
                return Outcome::refused(refusal, Unhandled::InvalidParams(problem));
            }
        };
        let is_handled = answer.as_ref().err().is_none_or(|refusal| refusal.code != METHOD_NOT_FOUND);
        Outcome { answer, why: (!is_handled).then_some(Unhandled::NotOffered) }
    }

    /// Fails if the params are not what the method needs.
    async fn answer(
        &self,
        context: &HandlerContext,
        params: Option<Box<RawValue>>,
    ) -> Result<Result<Box<RawValue>, Refusal>, String> {
        let problem = |error: DecodeError| error.problem().to_owned();
        let handlers = &self.handlers;
        let raw = ClientFeature::Other(context.method.clone());
        let feature = ClientFeature::of(&context.method, params.as_deref());
        let feature = feature.filter(|_| !self.features.contains(&raw)).unwrap_or(raw);
        let given = |params: Option<Box<RawValue>>| params.unwrap_or_else(|| RawValue::NULL.to_owned());
        Ok(match feature {
            ClientFeature::Sampling => {
                let params = CreateMessageParams::from_raw(given(params)).map_err(problem)?;
                // MCP 2025-11-25, schema, `CreateMessageRequestParams`.
                if !self.has_tools && (params.tools.is_some() || params.tool_choice.is_some()) {
                    return Err("tools are not offered".to_owned());
                }
                handlers.create_message(context, params).await.map(|result| result.to_raw())
            }
            ClientFeature::FormElicitation => {
                let params = ElicitFormParams::from_raw(given(params)).map_err(problem)?;
                handlers.elicit_form(context, params).await.map(|result| result.to_raw())
            }
            ClientFeature::UrlElicitation => {
                let params = ElicitUrlParams::from_raw(given(params)).map_err(problem)?;
                let result = handlers.elicit_url(context, params).await;
                result.map(|result| result.without_content().to_raw())
            }
            ClientFeature::Roots => handlers.list_roots(context).await.map(|result| result.to_raw()),
            _ => handlers.other(context, params).await,
        })
    }
}
