//! What a server says of itself when the connection is opened (MCP 2025-11-25, basic/lifecycle).

use std::sync::Arc;

use crate::common::*;
use tenure_mcp_proto::{Event, Offers, Options, Server};

fn server(result: &str) -> Arc<Server> {
    let mut connection = opening(Options::default());
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#));
    match only(&mut connection) {
        Event::Ready(server) => server,
        other => panic!("{other:?}"),
    }
}

fn offers(capabilities: &str) -> Offers {
    server(&format!(r#"{{"protocolVersion":"2025-11-25","capabilities":{capabilities}}}"#)).offers()
}

#[test]
fn a_server_says_who_it_is() {
    let result = r#"{"protocolVersion":"2025-11-25","capabilities":{"tasks":{"list":{}}},"serverInfo":{"name":"n","title":"t","version":"1","description":"d","websiteUrl":"w","icons":[{"src":"i","sizes":["48x48"]}]},"instructions":"use it","_meta":{"n":1.0}}"#;
    let server = server(result);
    assert_eq!((server.name.as_str(), server.version.as_str()), ("n", "1"));
    let texts = [&server.title, &server.description, &server.website_url, &server.instructions];
    assert_eq!(texts.map(|text| text.as_deref().unwrap()), ["t", "d", "w", "use it"]);
    assert_eq!(server.icons.as_ref().unwrap().get(), r#"[{"src":"i","sizes":["48x48"]}]"#);
    assert_eq!(server.meta.as_ref().unwrap().get(), r#"{"n":1.0}"#);
    assert_eq!(server.capability("tasks").unwrap().get(), r#"{"list":{}}"#);
    assert_eq!(server.raw.get(), result);
    assert_eq!(server.offers(), Offers::default());
}

#[test]
fn what_a_server_offers_is_told_apart() {
    let all = offers(
        r#"{"tools":{"listChanged":true},"resources":{"subscribe":true},"prompts":{},"completions":{},"logging":{}}"#,
    );
    let (tools, resources, prompts) = (all.tools.unwrap(), all.resources.unwrap(), all.prompts.unwrap());
    assert_eq!((tools.list_changed, tools.subscribe), (true, false));
    assert_eq!((resources.list_changed, resources.subscribe), (false, true));
    assert_eq!((prompts.list_changed, prompts.subscribe), (false, false));
    assert!(all.completions && all.logging);
    let some = offers(r#"{"tools":null,"prompts":true,"logging":{},"completions":null}"#);
    assert!(some.tools.is_none() && some.resources.is_none() && some.prompts.is_some());
    assert!(some.logging && !some.completions);
    let odd = offers(r#"{"tools":{"listChanged":"true","subscribe":1}}"#).tools.unwrap();
    assert!(!odd.list_changed && !odd.subscribe);
    assert!(offers(r#"{"completions":{}}"#).completions);
}
