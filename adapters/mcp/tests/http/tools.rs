//! Tools that want arguments as headers (tests/http/ROWS.md, section 7).

use serde_json::{Value, json};
use tenure_mcp::{Delivery, Error};

use crate::stage::{Call, Stage};

/// A tool that wants the region, by this name of a header.
fn tool(header: &str) -> Value {
    let region = json!({ "type": "string", "x-mcp-header": header });
    json!({ "name": "sql", "inputSchema": { "type": "object", "properties": { "region": region } } })
}

fn page(tools: &[Value]) -> Value {
    json!({ "resultType": "complete", "tools": tools })
}

const MISMATCH: i64 = -32020;

#[test]
fn a_tool_whose_headers_have_changed_is_listed_again_and_called_once_more() {
    let (mut stage, lease) = Stage::modern();
    let mut call = Call::begun(lease.call_tool("sql", json!({ "region": "eu" })));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    assert_eq!(asked.header("mcp-param-region"), None, "nothing is known of it");
    asked.refuse(400, MISMATCH);
    stage.turn();
    assert!(call.poll().is_none());
    stage.turn();
    let more = json!({ "resultType": "complete", "tools": [], "nextCursor": "2" });
    stage.web.asked_for("tools/list").answer(&more);
    stage.turn();
    assert!(call.poll().is_none());
    stage.turn();
    stage.web.asked_for("tools/list").answer(&page(&[tool("Region")]));
    stage.turn();
    assert!(call.poll().is_none());
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    assert_eq!(asked.header("mcp-param-region"), Some("eu"));
    asked.refuse(400, MISMATCH);
    stage.turn();
    let Err(Error::Server(error)) = call.poll().unwrap() else { panic!("a second one is final") };
    assert_eq!(error.code, Some(MISMATCH));
    assert!(stage.web.asked().is_empty());
}

#[test]
fn a_tool_whose_headers_are_as_they_were_is_not_called_again() {
    let (mut stage, lease) = Stage::modern();
    let mut call = Call::begun(lease.call_tool("sql", json!({ "region": "eu" })));
    stage.turn();
    stage.web.asked_for("tools/call").refuse(400, MISMATCH);
    stage.turn();
    assert!(call.poll().is_none());
    stage.turn();
    stage.web.asked_for("tools/list").answer(&page(&[]));
    stage.turn();
    assert!(matches!(call.poll().unwrap(), Err(Error::Server(_))));
    assert!(stage.web.asked().is_empty());
}

#[test]
fn a_legacy_server_that_answers_with_that_code_is_not_asked_for_its_tools() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("sql", ()));
    stage.turn();
    stage.web.asked_for("tools/call").refuse(200, MISMATCH);
    stage.turn();
    assert!(matches!(call.poll(), Some(Err(_))));
    assert!(!stage.web.asked().iter().any(|asked| asked.name() == "tools/list"));
}

#[test]
fn a_tool_that_wants_headers_as_it_may_not_is_out_of_the_view_and_not_called() {
    let (mut stage, lease) = Stage::modern();
    let mut listing = Call::begun(lease.list_tools());
    stage.turn();
    let tools = [tool("not a name"), json!({ "name": "plain", "inputSchema": {} })];
    stage.web.asked_for("tools/list").answer(&page(&tools));
    stage.turn();
    let list = listing.poll().unwrap().unwrap();
    let names: Vec<_> = list.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["plain"]);
    assert!(list.warnings.iter().any(|warning| warning.to_string().contains("x-mcp-header")));

    let mut call = Call::begun(lease.call_tool("sql", json!({ "region": "eu" })));
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(stage.web.asked().is_empty());
}

#[test]
fn its_page_leaves_it_out_and_keeps_it_as_it_came() {
    let (mut stage, lease) = Stage::modern();
    let mut pages = lease.list_tools().pages();
    let mut next = Call::begun(pages.next());
    stage.turn();
    stage.web.asked_for("tools/list").answer(&page(&[tool("not a name")]));
    stage.turn();
    let page = next.poll().unwrap().unwrap().unwrap();
    assert!(page.items.is_empty());
    assert_eq!(page.odd.len(), 1);
    assert!(page.raw.get().contains("not a name"));
}

#[test]
fn a_legacy_server_may_annotate_its_tools_as_it_likes() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let mut listing = Call::begun(lease.list_tools());
    stage.turn();
    stage.web.asked_for("tools/list").answer(&page(&[tool("not a name")]));
    stage.turn();
    assert_eq!(listing.poll().unwrap().unwrap().len(), 1);
}
