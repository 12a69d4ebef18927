//! What the client does for the peers that ask: one of each.

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::proto::types::{
    CreateMessageParams, CreateMessageResult, ElicitFormParams, ElicitResult, ElicitUrlParams, FieldKind,
    ListRootsResult, Root,
};
use tenure_mcp::{HandlerContext, Handlers, Refusal};

/// What the model says.
pub const MODEL_SAYS: &str = "the model says so";

/// What is written into text fields without a default.
pub const FILLED_IN: &str = "ada";

/// The page that a person is asked to visit.
pub const PAGE: &str = "https://peer.test/page?a=1&b=%20";

/// The one root: a folder that there is, which server-filesystem works in either way.
pub const ROOT: &str = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/servers");

#[derive(Debug)]
pub struct Desk;

#[async_trait]
impl Handlers for Desk {
    fn offers(&self) -> Vec<ClientFeature> {
        vec![
            ClientFeature::Sampling,
            ClientFeature::FormElicitation,
            ClientFeature::UrlElicitation,
            ClientFeature::Roots,
        ]
    }

    async fn create_message(
        &self,
        _: &HandlerContext,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, Refusal> {
        if params.messages.is_empty() {
            return Err(Refusal::invalid_params("no message"));
        }
        Ok(CreateMessageResult::text("a-model", MODEL_SAYS).stop_reason("endTurn"))
    }

    /// The fields' defaults, and a name for each text that must be there.
    async fn elicit_form(&self, _: &HandlerContext, form: ElicitFormParams) -> Result<ElicitResult, Refusal> {
        let schema = form.schema().map_err(|error| Refusal::invalid_params(error.problem()))?;
        let mut names = Map::new();
        for field in &schema.fields {
            if field.is_required && matches!(field.kind, FieldKind::Text { .. }) {
                names.insert(field.name.clone(), json!(FILLED_IN));
            }
        }
        let names = crate::support::raw(Value::Object(names));
        let content = schema.fill(Some(&names)).map_err(|error| Refusal::internal(error.problem()))?;
        let problems = schema.check(&content);
        if !problems.is_empty() {
            return Err(Refusal::internal(format!("{problems:?}")));
        }
        ElicitResult::accept(content).map_err(|error| Refusal::internal(error.to_string()))
    }

    /// Whoever is asked for that page, as it was written, agrees to visit it.
    async fn elicit_url(&self, _: &HandlerContext, asked: ElicitUrlParams) -> Result<ElicitResult, Refusal> {
        if asked.url == PAGE && !asked.message.is_empty() {
            Ok(ElicitResult::agree())
        } else {
            Err(Refusal::invalid_params(format!("{asked:?}")))
        }
    }

    async fn list_roots(&self, _: &HandlerContext) -> Result<ListRootsResult, Refusal> {
        Ok(ListRootsResult::new([Root::new(ROOT).name("servers")]))
    }
}
