//! What is known of the tools of a server, and the headers of a call.

use std::collections::HashMap;

use http::{HeaderName, HeaderValue};
use serde_json::value::RawValue;

use crate::http::params::schema::{InvalidToolHeader, Param, check, quoted};
use crate::http::params::value::argument_header;
use crate::jsonrpc::json;
use crate::jsonrpc::string::string;

/// Of so many tools it is kept which headers they want; of others nothing is known.
const MOST_TOOLS: usize = 4096;
/// A tool with a longer name is not known.
const MOST_OF_NAME: usize = 4096;

/// What is known of the tools that a server has listed: which want headers, and which of them in a way that they may
/// not.
///
/// A tool that is not known is called without.
#[derive(Debug, Default)]
pub(crate) struct ToolHeaders {
    /// Those that want any.
    tools: HashMap<String, Result<Vec<Param>, InvalidToolHeader>>,
    version: u64,
}

impl ToolHeaders {
    /// Takes in a page of `tools/list`, as it came.
    pub(crate) fn learn(&mut self, page: &RawValue) {
        let Ok([Some(tools)]) = json::fields(page.get(), ["tools"]) else {
            return;
        };
        // A list that is none tells nothing.
        let _no_list = json::elements(tools.get(), &mut |tool| {
            if let Ok([Some(name), Some(schema)]) = json::fields(tool.get(), ["name", "inputSchema"])
                && let Some(name) = string(name).filter(|name| name.len() <= MOST_OF_NAME)
            {
                self.set(name, check(schema));
            }
            Ok(())
        });
    }

    /// The headers of a `tools/call` with these params, in the order of their names in the schema.
    ///
    /// # Errors
    /// If the tool wants headers in a way that it may not, or an argument that is wanted can't be sent as one. The call
    /// must not be sent.
    pub(crate) fn headers(
        &self,
        params: &RawValue,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidToolHeader> {
        let [name, arguments] = json::fields(params.get(), ["name", "arguments"]).unwrap_or_default();
        let Some(wanted) = name.and_then(string).and_then(|name| self.tools.get(&name)) else {
            return Ok(Vec::new());
        };
        let wanted = wanted.as_ref().map_err(Clone::clone)?;
        let mut headers = Vec::new();
        for Param { header, path } in wanted {
            let Some(argument) = arguments.and_then(|arguments| at(arguments, path)) else {
                continue;
            };
            let value = argument_header(argument)
                .map_err(|error| InvalidToolHeader::new(format!("{}: {error}", quoted(&path.join(".")))))?;
            headers.extend(value.map(|value| (header.clone(), value)));
        }
        Ok(headers)
    }

    /// Changes when the headers of a call may have changed.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    fn set(&mut self, name: String, wanted: Result<Vec<Param>, InvalidToolHeader>) {
        let has_changed = if wanted.as_ref().is_ok_and(Vec::is_empty) {
            self.tools.remove(&name).is_some()
        } else if self.tools.get(&name) == Some(&wanted)
            || self.tools.len() >= MOST_TOOLS && !self.tools.contains_key(&name)
        {
            false
        } else {
            self.tools.insert(name, wanted);
            true
        };
        self.version = self.version.saturating_add(has_changed.into());
    }
}

/// What is at the path.
fn at<'a>(arguments: &'a RawValue, path: &[String]) -> Option<&'a RawValue> {
    path.iter().try_fold(arguments, |object, name| {
        let [value] = json::fields(object.get(), [name.as_str()]).ok()?;
        value
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    const SQL: &str = r#"{"name":"sql","inputSchema":{"type":"object","properties":{
        "region":{"type":"string","x-mcp-header":"Region"},
        "options":{"properties":{"limit":{"type":"integer","x-mcp-header":"Limit"}}},
        "dry":{"type":"boolean","x-mcp-header":"Dry"}}}}"#;
    const BAD: &str =
        r#"{"name":"bad","inputSchema":{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}}"#;
    const PLAIN: &str = r#"{"name":"sql","inputSchema":{"type":"object"}}"#;

    fn known(tools: &[&str]) -> ToolHeaders {
        let mut headers = ToolHeaders::default();
        learn(&mut headers, tools);
        headers
    }

    fn learn(headers: &mut ToolHeaders, tools: &[&str]) {
        headers.learn(&raw(&format!(r#"{{"tools":[{}],"nextCursor":"x"}}"#, tools.join(","))));
    }

    fn sent(headers: &ToolHeaders, params: &str) -> Result<Vec<String>, String> {
        let headers = headers.headers(&raw(params)).map_err(|error| error.to_string())?;
        Ok(headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect())
    }

    #[test]
    fn the_arguments_at_the_paths_are_sent() {
        let headers = known(&[SQL]);
        let params = r#"{"name":"sql","arguments":{"region":"us-west1","query":"x","dry":true,"options":{"limit":5.0}}}"#;
        assert_eq!(
            sent(&headers, params).unwrap(),
            ["mcp-param-dry: true", "mcp-param-limit: 5", "mcp-param-region: us-west1"]
        );
        let repeated = r#"{"name":"sql","arguments":{"region":"a","r\u0065gion":"b"}}"#;
        assert_eq!(sent(&headers, repeated).unwrap(), ["mcp-param-region: b"]);
    }

    #[test]
    fn what_is_null_missing_or_elsewhere_is_no_header() {
        let headers = known(&[SQL]);
        for params in [
            "{}",
            "[]",
            r#"{"name":"sql"}"#,
            r#"{"name":"sql","arguments":null}"#,
            r#"{"name":"sql","arguments":[]}"#,
            r#"{"name":"sql","arguments":{"region":null,"options":{"limit":null},"limit":5}}"#,
            r#"{"name":"sql","arguments":{"options":{"region":"x"}}}"#,
            r#"{"name":"sql","arguments":{"options":"limit"}}"#,
            r#"{"name":"sql","arguments":{"region":{"a":1},"dry":[]}}"#,
            r#"{"name":"sq","arguments":{"region":"a"}}"#,
            r#"{"name":5,"arguments":{"region":"a"}}"#,
        ] {
            assert_eq!(sent(&headers, params), Ok(Vec::new()), "{params}");
        }
    }

    #[test]
    fn a_tool_that_is_not_known_is_called_without() {
        let headers = ToolHeaders::default();
        assert_eq!(sent(&headers, r#"{"name":"sql","arguments":{"region":"a"}}"#), Ok(Vec::new()));
    }

    #[test]
    fn an_invalid_tool_is_not_called_and_others_are() {
        let headers = known(&[BAD, SQL]);
        let error = sent(&headers, r#"{"name":"bad","arguments":{}}"#).unwrap_err();
        assert_eq!(error, r#"x-mcp-header: the type of "a" is not string, integer or boolean"#);
        assert_eq!(
            sent(&headers, r#"{"name":"sql","arguments":{"dry":false}}"#).unwrap(),
            ["mcp-param-dry: false"]
        );
    }

    #[test]
    fn an_argument_that_no_header_can_say_is_not_sent() {
        let headers = known(&[SQL]);
        let error = sent(&headers, r#"{"name":"sql","arguments":{"options":{"limit":1e16}}}"#).unwrap_err();
        assert!(error.contains(r#""options.limit""#), "{error}");
    }

    #[test]
    fn the_version_changes_with_what_is_known() {
        let mut headers = ToolHeaders::default();
        let mut versions = vec![headers.version()];
        for tools in [&[SQL][..], &[SQL], &[PLAIN], &[PLAIN], &[BAD], &[BAD], &[SQL, BAD], &[]] {
            learn(&mut headers, tools);
            versions.push(headers.version());
        }
        assert_eq!(versions, [0, 1, 1, 2, 2, 3, 3, 4, 4]);
        assert_eq!(sent(&known(&[SQL, PLAIN]), r#"{"name":"sql","arguments":{"dry":true}}"#), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_list_of_tools_teaches_nothing() {
        let mut headers = known(&[SQL]);
        for page in [
            "[]",
            "{}",
            r#"{"tools":null}"#,
            r#"{"tools":{}}"#,
            r#"{"tools":[null,{},{"name":"sql"},{"name":5,"inputSchema":{}},{"inputSchema":{}}]}"#,
        ] {
            headers.learn(&raw(page));
        }
        assert_eq!((headers.tools.len(), headers.version()), (1, 1));
    }

    #[test]
    fn so_many_tools_are_known_and_no_more() {
        let tool = |name: &str| SQL.replace("\"sql\"", &format!("\"{name}\""));
        let tools: Vec<_> = (0..4200).map(|n| tool(&n.to_string())).collect();
        let tools: Vec<_> = tools.iter().map(String::as_str).collect();
        let mut headers = known(&tools);
        assert_eq!((headers.tools.len(), headers.version()), (MOST_TOOLS, 4096));
        // What is known may change.
        let plain = PLAIN.replace("\"sql\"", "\"0\"");
        let bad = BAD.replace("\"bad\"", "\"1\"");
        learn(&mut headers, &[&bad, &plain, &tool(&"x".repeat(5000))]);
        assert_eq!((headers.tools.len(), headers.version()), (MOST_TOOLS - 1, 4098));
    }
}
