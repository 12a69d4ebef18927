//! Which arguments of a tool are wanted as headers: `x-mcp-header` in its schema.

use std::collections::{BTreeMap, HashSet};

use http::HeaderName;
use serde_json::value::RawValue;

use crate::http::challenge::is_token;
use crate::jsonrpc::json;
use crate::jsonrpc::shown::shown;
use crate::jsonrpc::string::string;

const KEYWORD: &str = "x-mcp-header";
/// So deep a schema is looked into; a property of an object is one level deeper.
const MOST_LEVELS: usize = 64;
/// So many headers a tool may want: a server takes about a hundred in all.
const MOST_HEADERS: usize = 64;
/// So many bytes their names and paths may have together.
const MOST_BYTES: usize = 16 * 1024;

/// Why a tool can't be called over HTTP: its schema wants headers as no schema may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("x-mcp-header: {reason}")]
pub(crate) struct InvalidToolHeader {
    reason: String,
}

impl InvalidToolHeader {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// An argument that is wanted as a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Param {
    /// `mcp-param-…`.
    pub(super) header: HeaderName,
    /// The names of the properties that lead to it.
    pub(super) path: Vec<String>,
}

/// Which headers the schema of a tool's arguments wants, in the order of their paths.
///
/// # Errors
/// If it wants one in a way that it may not.
pub(crate) fn check(schema: &RawValue) -> Result<Vec<Param>, InvalidToolHeader> {
    let mut reader = Reader::default();
    reader.schema(schema, Place::Root, 0).map_err(InvalidToolHeader::new)?;
    Ok(reader.params)
}

/// What a schema describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// All arguments.
    Root,
    /// What is at the path.
    Property,
    /// Anything else.
    Elsewhere,
}

/// How the value of a keyword is read.
enum Keyword {
    /// Schemas by the names of properties.
    Properties,
    /// Schemas by other names.
    Names,
    /// No schema, whatever it looks like.
    Data,
    /// A schema, or several, or something that says nothing here.
    Other,
}

#[derive(Default)]
struct Reader {
    params: Vec<Param>,
    names: HashSet<HeaderName>,
    path: Vec<String>,
    bytes: usize,
}

impl Reader {
    fn schema(&mut self, schema: &RawValue, place: Place, level: usize) -> Result<(), String> {
        let level = deeper(schema, level)?;
        if !may_want(schema) {
            return Ok(());
        }
        if schema.get().starts_with('[') {
            return each(schema, |element| self.schema(element, Place::Elsewhere, level));
        }
        let fields = fields(schema);
        if let Some(name) = fields.get(KEYWORD) {
            let kind = fields.get("type").copied();
            self.wanted(name, kind, place)?;
        }
        for (key, value) in &fields {
            match keyword(key) {
                Keyword::Properties if place != Place::Elsewhere => self.properties(value, level)?,
                Keyword::Properties | Keyword::Names => {
                    for value in self::fields(value).values() {
                        self.schema(value, Place::Elsewhere, level)?;
                    }
                }
                Keyword::Data => {}
                Keyword::Other => self.schema(value, Place::Elsewhere, level)?,
            }
        }
        Ok(())
    }

    fn properties(&mut self, properties: &RawValue, level: usize) -> Result<(), String> {
        for (name, schema) in fields(properties) {
            self.path.push(name);
            self.schema(schema, Place::Property, level)?;
            self.path.pop();
        }
        Ok(())
    }

    fn wanted(&mut self, name: &RawValue, kind: Option<&RawValue>, place: Place) -> Result<(), String> {
        if place != Place::Property {
            return Err("it stands where it may not, not at a property".to_owned());
        }
        let property = quoted(&self.path.join("."));
        let Some(name) = string(name) else {
            return Err(format!("that of {property} is no string"));
        };
        let header = HeaderName::try_from(format!("mcp-param-{name}")).ok();
        let Some(header) = header.filter(|_| !name.is_empty() && name.chars().all(is_token)) else {
            return Err(format!("that of {property} is no name of a header: {}", quoted(&name)));
        };
        let kind = kind.and_then(string);
        if !matches!(kind.as_deref(), Some("string" | "integer" | "boolean")) {
            return Err(format!("the type of {property} is not string, integer or boolean"));
        }
        self.count(&name)?;
        if !self.names.insert(header.clone()) {
            return Err(format!("two properties want {}", quoted(&name)));
        }
        self.params.push(Param { header, path: self.path.clone() });
        Ok(())
    }

    fn count(&mut self, name: &str) -> Result<(), String> {
        let path = self.path.iter().map(String::len).fold(name.len(), usize::saturating_add);
        self.bytes = self.bytes.saturating_add(path);
        if self.params.len() >= MOST_HEADERS || self.bytes > MOST_BYTES {
            return Err(format!(
                "more than {MOST_HEADERS} headers, or more than {MOST_BYTES} bytes of names"
            ));
        }
        Ok(())
    }
}

/// Some text of a server's, safe to print.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

fn keyword(key: &str) -> Keyword {
    match key {
        "properties" => Keyword::Properties,
        "patternProperties" | "$defs" | "definitions" | "dependentSchemas" | "dependentRequired"
        | "dependencies" => Keyword::Names,
        "default" | "const" | "enum" | "examples" => Keyword::Data,
        _ => Keyword::Other,
    }
}

fn deeper(schema: &RawValue, level: usize) -> Result<usize, String> {
    if level >= MOST_LEVELS && may_want(schema) {
        return Err(format!("the schema is deeper than {MOST_LEVELS} levels"));
    }
    Ok(level.saturating_add(1))
}

/// Returns whether a text may have the keyword in it, written with escapes perhaps. Most schemas don't, and need not be
/// read.
fn may_want(schema: &RawValue) -> bool {
    const LETTERS: [&str; 4] = ["\\u002d", "\\u002D", "\\u006", "\\u007"];
    let text = schema.get();
    text.contains(KEYWORD) || LETTERS.iter().any(|escape| text.contains(escape))
}

/// The fields of an object, none of anything else. Of a key that is repeated, the last one counts.
fn fields(object: &RawValue) -> BTreeMap<String, &RawValue> {
    let mut fields = BTreeMap::new();
    // What is no object has no fields; an object can be read to its end.
    let _no_object = json::entries(object.get(), &mut |key, value| {
        fields.extend(string(key).map(|key| (key, value)));
        Ok(())
    });
    fields
}

fn each<'a>(
    array: &'a RawValue,
    mut read: impl FnMut(&'a RawValue) -> Result<(), String>,
) -> Result<(), String> {
    let mut result = Ok(());
    let _failed = json::elements(array.get(), &mut |element| {
        result = read(element);
        result.clone()
    });
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    /// `header path`, or why not.
    fn wanted(schema: &str) -> Result<Vec<String>, String> {
        let params = check(&raw(schema)).map_err(|error| error.to_string())?;
        Ok(params.iter().map(|param| format!("{} {}", param.header, param.path.join("."))).collect())
    }

    /// A schema whose property `a` is this.
    fn property(schema: &str) -> String {
        format!(r#"{{"type":"object","properties":{{"a":{schema}}}}}"#)
    }

    const WANTED: &str = r#"{"type":"string","x-mcp-header":"A"}"#;

    #[test]
    fn properties_are_found_by_their_paths() {
        let schema = r#"{"type":"object","properties":{
            "region":{"type":"string","description":"d","x-mcp-header":"Region"},
            "query":{"type":"string"},
            "options":{"type":"object","properties":{"limit":{"type":"integer","x-mcp-header":"X-Limit"},
                "deep":{"properties":{"on":{"x-mcp-header":"on!#$%&'*+-.^_`|~9","type":"boolean"}}}}}
        },"required":["region"]}"#;
        assert_eq!(
            wanted(schema).unwrap(),
            [
                "mcp-param-on!#$%&'*+-.^_`|~9 options.deep.on",
                "mcp-param-x-limit options.limit",
                "mcp-param-region region"
            ]
        );
        for none in ["{}", r#"{"type":"object"}"#, r#"{"properties":[]}"#, r#"{"properties":{"a":true}}"#] {
            assert!(wanted(none).unwrap().is_empty(), "{none}");
        }
    }

    #[test]
    fn a_name_must_be_a_token() {
        for name in ["", "a b", "a:b", "a\\r\\nb", "\\u0000", "ä", "a/b", "a\\\"b", "(a)", "a,"] {
            let schema = property(&format!(r#"{{"type":"string","x-mcp-header":"{name}"}}"#));
            assert!(wanted(&schema).unwrap_err().contains("no name of a header"), "{name:?}");
        }
        for name in ["null", "5", "true", "[]", "{}", r#"["A"]"#] {
            let schema = property(&format!(r#"{{"type":"string","x-mcp-header":{name}}}"#));
            assert!(wanted(&schema).unwrap_err().contains("no string"), "{name:?}");
        }
    }

    #[test]
    fn names_are_unique_in_upper_and_lower_case() {
        let two = |a: &str, b: &str| {
            wanted(&format!(
                r#"{{"properties":{{"a":{{"type":"string","x-mcp-header":"{a}"}},
                    "b":{{"properties":{{"c":{{"type":"string","x-mcp-header":"{b}"}}}}}}}}}}"#
            ))
        };
        assert!(two("Region", "Region").unwrap_err().contains("two properties want"));
        assert!(two("Region", "REGION").unwrap_err().contains("two properties want"));
        assert_eq!(two("Region", "Regions").unwrap().len(), 2);
        assert_eq!(two("Method", "Name").unwrap(), ["mcp-param-method a", "mcp-param-name b.c"]);
    }

    #[test]
    fn a_type_is_string_integer_or_boolean() {
        for kind in [r#""string""#, r#""integer""#, r#""boolean""#] {
            assert!(wanted(&property(&format!(r#"{{"x-mcp-header":"A","type":{kind}}}"#))).is_ok(), "{kind}");
        }
        for kind in [
            r#""number""#,
            r#""object""#,
            r#""array""#,
            r#""null""#,
            r#"["string"]"#,
            r#"["string","null"]"#,
            "5",
        ] {
            let error = wanted(&property(&format!(r#"{{"x-mcp-header":"A","type":{kind}}}"#))).unwrap_err();
            assert!(error.contains("type of \"a\""), "{kind}: {error}");
        }
        assert!(wanted(&property(r#"{"x-mcp-header":"A"}"#)).is_err());
        assert!(wanted(&property(r#"{"x-mcp-header":"A","anyOf":[{"type":"string"}]}"#)).is_err());
    }

    #[test]
    fn it_spoils_the_tool_wherever_it_is_not_reached_through_properties_alone() {
        for schema in [
            r#"{"x-mcp-header":"A","type":"string"}"#.to_owned(),
            format!(r#"{{"items":{WANTED}}}"#),
            format!(r#"{{"prefixItems":[{{}},{WANTED}]}}"#),
            format!(r#"{{"additionalProperties":{WANTED}}}"#),
            format!(r#"{{"patternProperties":{{"x":{WANTED}}}}}"#),
            format!(r#"{{"$defs":{{"x":{WANTED}}}}}"#),
            format!(r#"{{"definitions":{{"x":{WANTED}}}}}"#),
            format!(r#"{{"dependentSchemas":{{"x":{WANTED}}}}}"#),
            format!(r#"{{"dependencies":{{"x":{WANTED}}}}}"#),
            format!(r#"{{"not":{WANTED}}}"#),
            format!(r#"{{"unknown":{WANTED}}}"#),
            format!(r#"{{"oneOf":[{}]}}"#, property(WANTED)),
            format!(r#"{{"allOf":[{}]}}"#, property(WANTED)),
            format!(r#"{{"if":{}}}"#, property(WANTED)),
            format!(r#"{{"then":{}}}"#, property(WANTED)),
            property(&format!(r#"{{"type":"array","items":{WANTED}}}"#)),
            property(&format!(r#"{{"anyOf":[{WANTED},{{"type":"null"}}]}}"#)),
            property(&format!(r#"{{"items":{}}}"#, property(WANTED))),
            property(r#"{"$\u0072ef":"x","oneOf":[{"\u0078\u002Dmcp-header":"A"}]}"#),
        ] {
            assert!(wanted(&schema).unwrap_err().contains("stands where it may not"), "{schema}");
        }
    }

    #[test]
    fn what_is_data_or_a_name_is_no_annotation() {
        for schema in [
            property(&format!(r#"{{"default":{WANTED},"const":{WANTED},"enum":[{WANTED}],"examples":[{WANTED}]}}"#)),
            r#"{"properties":{"x-mcp-header":{"type":"string"}},"required":["x-mcp-header"]}"#.to_owned(),
            r#"{"$defs":{"x-mcp-header":{}},"dependentRequired":{"x-mcp-header":["a"]},"title":"x-mcp-header"}"#.to_owned(),
        ] {
            assert_eq!(wanted(&schema), Ok(Vec::new()), "{schema}");
        }
        // A property may have any name, that of a keyword too.
        for name in ["default", "items", "properties", "x-mcp-header", ""] {
            let schema = format!(r#"{{"properties":{{"{name}":{WANTED}}}}}"#);
            assert_eq!(wanted(&schema), Ok(vec![format!("mcp-param-a {name}")]));
        }
    }

    #[test]
    fn an_escaped_keyword_is_the_same_and_the_last_of_repeated_ones_counts() {
        for key in ["x-mcp\\u002dheader", "x-mcp\\u002Dheader", "\\u0078-mcp-header", "x-\\u006dcp-header"] {
            let schema = property(&format!(r#"{{"type":"string","{key}":"A"}}"#));
            assert_eq!(wanted(&schema).unwrap(), ["mcp-param-a a"], "{key}");
        }
        let schema = property(r#"{"type":"object","x-mcp-header":"A","x-mcp-header":"B","type":"string"}"#);
        assert_eq!(wanted(&schema).unwrap(), ["mcp-param-b a"]);
        let schema = format!(r#"{{"properties":{{"a":{WANTED},"a":{{}}}}}}"#);
        assert!(wanted(&schema).unwrap().is_empty());
    }

    #[test]
    fn odd_json_elsewhere_does_not_matter() {
        let schema =
            property(r#"{"type":"string","x-mcp-header":"A","maximum":1e400,"title":"\ud800","\udc00":[]}"#);
        assert_eq!(wanted(&schema).unwrap(), ["mcp-param-a a"]);
    }

    #[test]
    fn depth_number_and_length_are_bounded() {
        let nested = |levels: usize, inner: &str| {
            let (before, after) = (r#"{"properties":{"a":"#.repeat(levels), "}}".repeat(levels));
            format!("{before}{inner}{after}")
        };
        assert_eq!(wanted(&nested(63, WANTED)).map(|params| params.len()), Ok(1));
        assert!(wanted(&nested(64, WANTED)).unwrap_err().contains("deeper than 64"));
        assert!(wanted(&nested(100_000, "{}")).unwrap().is_empty());
        assert!(wanted(&nested(1000, WANTED)).unwrap_err().contains("deeper than 64"));
        let many = |count: usize, name: &str| {
            let each = |n| format!(r#""{name}{n}":{{"type":"string","x-mcp-header":"H{n}"}}"#);
            wanted(&format!(r#"{{"properties":{{{}}}}}"#, (0..count).map(each).collect::<Vec<_>>().join(",")))
        };
        assert_eq!(many(64, "a").unwrap().len(), 64);
        assert!(many(65, "a").unwrap_err().contains("more than 64 headers"));
        assert!(many(2, &"a".repeat(9000)).unwrap_err().contains("bytes of names"));
        // With the name of the header and a digit.
        assert!(many(1, &"a".repeat(16 * 1024 - 3)).is_ok());
        assert!(many(1, &"a".repeat(16 * 1024 - 2)).is_err());
    }

    #[test]
    fn an_error_shows_nothing_that_controls_a_terminal() {
        let error = wanted(r#"{"properties":{"a\u001bb":{"type":"string","x-mcp-header":"\u001b[2J"}}}"#)
            .unwrap_err();
        assert_eq!(error, r#"x-mcp-header: that of "a\u{1b}b" is no name of a header: "\u{1b}[2J""#);
        let long = "x".repeat(10_000);
        let error =
            wanted(&format!(r#"{{"properties":{{"{long}":{{"type":"{long}","x-mcp-header":"{long}ä"}}}}}}"#))
                .unwrap_err();
        assert!(error.len() < 400);
    }
}
