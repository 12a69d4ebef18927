//! What the tools of the peer ask the client for: as requests in the legacy era, as required input in the modern one.

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, InputRequest, InputRequests, InputRequiredResult,
        ServerRequest,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use crate::{is_modern, text};

/// What a tool of this name asks for.
fn wanted(tool: &str) -> Option<Value> {
    let hi = json!({ "role": "user", "content": { "type": "text", "text": "hi" } });
    let name = json!({ "type": "string", "title": "Name" });
    let form = json!({ "type": "object", "properties": { "name": name }, "required": ["name"] });
    Some(match tool {
        "sample" => {
            json!({ "method": "sampling/createMessage", "params": { "messages": [hi], "maxTokens": 10 } })
        }
        "elicit" => json!({
            "method": "elicitation/create",
            "params": { "mode": "form", "message": "Who is it?", "requestedSchema": form },
        }),
        "elicit_url" => json!({
            "method": "elicitation/create",
            "params": {
                "mode": "url", "message": "Please visit this page.",
                "url": "https://peer.test/page?a=1&b=%20", "elicitationId": "it",
            },
        }),
        "roots" => json!({ "method": "roots/list" }),
        _ => return None,
    })
}

/// Asks, and says what was answered, as JSON. `None` if the tool asks for nothing.
pub async fn call(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Option<Result<CallToolResponse, ErrorData>> {
    let wanted = wanted(&request.name)?;
    if let Some(answers) = &request.input_responses {
        return Some(said(answers.get("it").cloned()));
    }
    let asked = match serde_json::from_value(wanted) {
        Ok(asked) => asked,
        Err(error) => return Some(Err(internal(error))),
    };
    if is_modern(context) {
        let required = InputRequiredResult::from_input_requests(InputRequests::from([("it".into(), asked)]));
        return Some(Ok(required.into()));
    }
    let asked = match asked {
        InputRequest::CreateMessage(asked) => ServerRequest::CreateMessageRequest(asked),
        InputRequest::Elicitation(asked) => ServerRequest::ElicitRequest(asked),
        InputRequest::ListRoots(asked) => ServerRequest::ListRootsRequest(asked),
        _ => return None,
    };
    Some(match context.peer.send_request(asked).await {
        Ok(answer) => said(serde_json::to_value(answer).ok()),
        Err(error) => Err(internal(error)),
    })
}

fn said(answer: Option<Value>) -> Result<CallToolResponse, ErrorData> {
    let answer = answer.ok_or_else(|| ErrorData::invalid_params("no answer", None))?;
    Ok(text(&answer.to_string()).into())
}

fn internal(error: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}
