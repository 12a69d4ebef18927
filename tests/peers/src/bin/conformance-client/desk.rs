//! What the client does for the servers that ask.

use async_trait::async_trait;
use serde_json::{Map, json, value::to_raw_value};
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::proto::types::{
    CreateMessageParams, CreateMessageResult, ElicitFormParams, ElicitResult, FieldKind, ListRootsResult,
};
use tenure_mcp::{HandlerContext, Handlers, Refusal};

/// A call that is none of the server's business while it waits for an answer.
const UNRELATED: &str = "test_mrtr_unrelated";

#[derive(Debug)]
pub struct Desk {
    /// Before it answers, it makes an [`UNRELATED`] call.
    calls_meanwhile: bool,
}

impl Desk {
    pub fn new(scenario: &str) -> Self {
        Self { calls_meanwhile: scenario == "sep-2322-client-request-state" }
    }
}

#[async_trait]
impl Handlers for Desk {
    fn offers(&self) -> Vec<ClientFeature> {
        vec![ClientFeature::Sampling, ClientFeature::FormElicitation, ClientFeature::Roots]
    }

    async fn create_message(
        &self,
        _: &HandlerContext,
        _: CreateMessageParams,
    ) -> Result<CreateMessageResult, Refusal> {
        Ok(CreateMessageResult::text("a-model", "the model says so").stop_reason("endTurn"))
    }

    /// Accepts, with the fields' defaults; what has none and can be affirmed is.
    async fn elicit_form(
        &self,
        asked: &HandlerContext,
        form: ElicitFormParams,
    ) -> Result<ElicitResult, Refusal> {
        if self.calls_meanwhile {
            let called = asked.call_tool(UNRELATED, json!({})).await;
            called.map_err(|error| Refusal::internal(error.to_string()))?;
        }
        let schema = form.schema().map_err(|error| Refusal::invalid_params(error.problem()))?;
        let affirmed = schema
            .fields
            .iter()
            .filter(|field| matches!(field.kind, FieldKind::Boolean) && field.default.is_none());
        let affirmed: Map<_, _> = affirmed.map(|field| (field.name.clone(), true.into())).collect();
        let affirmed = to_raw_value(&affirmed).map_err(|error| Refusal::internal(error.to_string()))?;
        let content = schema.fill(Some(&affirmed)).map_err(|error| Refusal::internal(error.problem()))?;
        ElicitResult::accept(content).map_err(|error| Refusal::internal(error.to_string()))
    }

    async fn list_roots(&self, _: &HandlerContext) -> Result<ListRootsResult, Refusal> {
        Ok(ListRootsResult::new([]))
    }
}
