//! Who answers what.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::testing::answer::Answer;

/// A closure of the test's. It is given the arguments of a tool, or the params of another method.
pub(super) type Handler = Arc<dyn Fn(&Value) -> Answer + Send + Sync>;

const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

/// What a server has been told to answer.
#[derive(Default)]
pub(super) struct Script {
    /// In the order in which they are listed.
    tools: Vec<(String, Handler)>,
    methods: Vec<(String, Handler)>,
}

/// How a request is answered: by the script at once, or by a closure, to be called without any lock.
pub(super) enum Plan {
    Answer(Answer),
    Ask(Handler, Value),
}

impl Script {
    /// Another tool, in the place of one that has the same name.
    pub(super) fn set_tool(&mut self, name: String, handler: Handler) {
        set(&mut self.tools, name, handler);
    }

    pub(super) fn set_method(&mut self, method: String, handler: Handler) {
        set(&mut self.methods, method, handler);
    }

    /// Returns whether there was one.
    pub(super) fn remove_tool(&mut self, name: &str) -> bool {
        let before = self.tools.len();
        self.tools.retain(|(known, _)| known != name);
        self.tools.len() < before
    }

    pub(super) fn plan(&self, method: &str, params: &Value) -> Plan {
        if let Some(handler) = find(&self.methods, method) {
            return Plan::Ask(handler, params.clone());
        }
        Plan::Answer(match method {
            "initialize" => initialize(params),
            "ping" | "logging/setLevel" => Answer::result(json!({})),
            "tools/list" => Answer::result(json!({ "tools": self.list() })),
            "tools/call" => return self.call(params),
            _ => Answer::error(METHOD_NOT_FOUND, format!("method not found: {method}")),
        })
    }

    fn call(&self, params: &Value) -> Plan {
        let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
        match find(&self.tools, name) {
            Some(handler) => {
                let arguments = params.get("arguments").cloned().unwrap_or_else(|| json!({}));
                Plan::Ask(handler, arguments)
            }
            None => Plan::Answer(Answer::error(INVALID_PARAMS, format!("unknown tool: {name}"))),
        }
    }

    fn list(&self) -> Vec<Value> {
        let tool = |name: &String| json!({ "name": name, "inputSchema": { "type": "object" } });
        self.tools.iter().map(|(name, _)| tool(name)).collect()
    }
}

fn set(handlers: &mut Vec<(String, Handler)>, name: String, handler: Handler) {
    match handlers.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = handler,
        None => handlers.push((name, handler)),
    }
}

fn find(handlers: &[(String, Handler)], name: &str) -> Option<Handler> {
    handlers.iter().find(|(known, _)| known == name).map(|(_, handler)| handler.clone())
}

/// Whatever version the client asks for is spoken.
fn initialize(params: &Value) -> Answer {
    Answer::result(json!({
        "protocolVersion": params.get("protocolVersion"),
        "capabilities": { "tools": { "listChanged": true }, "logging": {} },
        "serverInfo": { "name": "memory", "version": "1" },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tool_is_removed_and_once() {
        let mut script = Script::default();
        for name in ["a", "b", "c"] {
            script.set_tool(name.to_owned(), Arc::new(|_| Answer::result(json!({}))));
        }
        assert!(script.remove_tool("b"));
        assert!(!script.remove_tool("b"));
        let names: Vec<_> = script.tools.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "c"]);
    }
}
