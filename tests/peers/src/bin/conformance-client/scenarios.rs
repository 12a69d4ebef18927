//! What is done in each scenario.

use std::fmt::Display;

use serde_json::{Value, json};
use tenure_mcp::proto::pages::List;
use tenure_mcp::proto::types::Tool;
use tenure_mcp::{Error, Lease};

type Played = Result<(), String>;

pub async fn play(scenario: &str, context: &Value, lease: &Lease) -> Played {
    match scenario {
        "initialize" => lease.ping().await.map_err(words),
        "request-metadata" | "json-schema-ref-no-deref" => listed(lease).await.map(drop),
        "tools_call" => one(lease, "add_numbers", json!({ "a": 2, "b": 3 }), "5").await,
        "elicitation-sep1034-client-defaults" => {
            one(lease, "test_client_elicitation_defaults", json!({}), "completed").await
        }
        "sse-retry" => one(lease, "test_reconnection", json!({}), "completed successfully").await,
        "json-schema-2020-12-preservation" => schema(lease).await,
        "sep-2322-client-request-state" => request_state(lease).await,
        "http-standard-headers" => everything(lease).await,
        "http-custom-headers" => as_told(lease, context).await,
        "http-invalid-tool-headers" => invalid_tools(lease).await,
        other => Err(format!("no scenario of ours: {other}")),
    }
}

/// The tools, all of which can be used.
async fn listed(lease: &Lease) -> Result<List<Tool>, String> {
    let tools = lease.list_tools().await.map_err(words)?;
    if tools.warnings.is_empty() { Ok(tools) } else { Err(format!("{:?}", tools.warnings)) }
}

/// Calls a tool, which then says this.
async fn called(lease: &Lease, tool: &str, arguments: &Value, says: &str) -> Played {
    let result = lease.call_tool(tool, arguments).await.map_err(|error| format!("{tool}: {error}"))?;
    if !result.is_error && result.text().contains(says) { Ok(()) } else { Err(result.raw.to_string()) }
}

async fn one(lease: &Lease, tool: &str, arguments: Value, says: &str) -> Played {
    listed(lease).await?;
    called(lease, tool, &arguments, says).await
}

/// A tool's schema goes back as it came.
async fn schema(lease: &Lease) -> Played {
    let tools = listed(lease).await?;
    let tool = tools.iter().find(|tool| tool.name == "json_schema_2020_12_tool").ok_or("it isn't listed")?;
    called(lease, "json_schema_echo", &json!({ "schema": tool.input_schema }), "echoed").await
}

async fn request_state(lease: &Lease) -> Played {
    listed(lease).await?;
    called(lease, "test_mrtr_echo_state", &json!({}), "echo-state-ok").await?;
    called(lease, "test_mrtr_no_state", &json!({}), "no-state-ok").await?;
    called(lease, "test_mrtr_no_result_type", &json!({}), "no-result-type-test-ok").await
}

async fn everything(lease: &Lease) -> Played {
    for tool in &listed(lease).await? {
        called(lease, &tool.name, &json!({}), "completed").await?;
    }
    for resource in &lease.list_resources().await.map_err(words)? {
        lease.read_resource(&resource.uri).await.map_err(words)?;
    }
    for prompt in &lease.list_prompts().await.map_err(words)? {
        lease.get_prompt(&prompt.name, json!({})).await.map_err(words)?;
    }
    Ok(())
}

/// The calls that the runner names.
async fn as_told(lease: &Lease, context: &Value) -> Played {
    listed(lease).await?;
    for call in context["toolCalls"].as_array().ok_or("the context has no calls")? {
        let name = call["name"].as_str().ok_or("a call without a name")?;
        called(lease, name, &call["arguments"], "completed").await?;
    }
    Ok(())
}

/// The tools whose headers can't be are not there, and calling them sends nothing; the valid one is.
async fn invalid_tools(lease: &Lease) -> Played {
    let tools = lease.list_tools().await.map_err(words)?;
    let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
    if names != ["valid_tool"] || tools.warnings.len() != 11 {
        return Err(format!("listed are {names:?}, with {:?}", tools.warnings));
    }
    called(lease, "valid_tool", &json!({ "region": "eu" }), "received").await?;
    match lease.call_tool("invalid_duplicate_diff_case", json!({ "field1": "a", "field2": "b" })).await {
        Err(Error::NotSent(_)) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

pub fn words(error: impl Display) -> String {
    error.to_string()
}
