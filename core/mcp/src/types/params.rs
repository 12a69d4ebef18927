//! Params made of whatever a program has.

use serde_core::ser::{Serialize, SerializeStruct as _, Serializer};
use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::known::known;
use crate::types::complete::{CompleteParams, CompletionReference};
use crate::types::read::ResourceParams;
use crate::types::written::Written;

/// Params of a request or notification: a JSON object, or none (MCP 2025-11-25, basic, "Messages").
///
/// They are made of anything that can be [serialized](Serialize) as a JSON object. `()`, `None` and `null` are none.
/// Raw JSON ([`RawValue`], at any depth) goes out byte for byte.
///
/// ```
/// use serde::Serialize;
/// use serde_json::json;
/// use tenure_mcp_proto::types::Params;
///
/// #[derive(Serialize)]
/// struct Resource<'a> {
///     uri: &'a str,
/// }
///
/// let params = Params::new(Resource { uri: "file:///a" })?.with_meta(json!({ "progressToken": 7 }))?;
/// assert_eq!(params.raw().unwrap().get(), r#"{"uri":"file:///a","_meta":{"progressToken":7}}"#);
/// assert!(Params::new(())?.raw().is_none());
/// assert!(Params::new("file:///a").is_err());
/// # Ok::<(), tenure_mcp_proto::types::ParamsError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Params(Option<String>);

/// Params that can't be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamsError {
    /// They are JSON, but no object.
    #[error("{what} must be a JSON object, not {found}")]
    NotAnObject {
        /// Which: the params, the arguments of a tool or prompt, a form's content, or `_meta`.
        what: &'static str,
        /// What kind of JSON it is.
        found: &'static str,
    },
    /// They can't be written as JSON.
    #[error("{what} can't be written as JSON: {problem}")]
    NotJson {
        /// Which: the params, the arguments of a tool or prompt, a form's content, or `_meta`.
        what: &'static str,
        /// Why not.
        problem: String,
    },
    /// There is a `_meta` already, and of two one would be lost.
    #[error("the params have a _meta already")]
    MetaTwice,
    /// There is a `context` already, and of two one would be lost.
    #[error("the params have a context already")]
    ContextTwice,
}

impl Params {
    /// These params.
    ///
    /// # Errors
    /// If they are no JSON object.
    pub fn new(params: impl Serialize) -> Result<Self, ParamsError> {
        Ok(Self(object("the params", &params)?))
    }

    /// The params of `tools/call`: the tool `name` is called with `arguments` (MCP 2025-11-25, server/tools, "Calling
    /// Tools").
    ///
    /// # Errors
    /// If the arguments are no JSON object.
    pub fn of_tool_call(name: &str, arguments: impl Serialize) -> Result<Self, ParamsError> {
        Self::named("the tool's arguments", name, arguments)
    }

    /// The params of `prompts/get`: the prompt `name` is filled in with `arguments`, an object of strings (MCP
    /// 2025-11-25, server/prompts, "Getting a Prompt").
    ///
    /// # Errors
    /// If the arguments are no JSON object.
    pub fn of_prompt(name: &str, arguments: impl Serialize) -> Result<Self, ParamsError> {
        Self::named("the prompt's arguments", name, arguments)
    }

    /// The params of `resources/read`, `resources/subscribe` and `resources/unsubscribe` (MCP 2025-11-25,
    /// server/resources).
    pub fn of_resource(uri: &str) -> Self {
        Self::of(ResourceParams { uri, meta: None }.to_raw())
    }

    /// The params of `completion/complete`: what may the argument `name` become, of which there is `value`? (MCP
    /// 2025-11-25, server/utilities/completion).
    pub fn of_completion(reference: CompletionReference<'_>, name: &str, value: &str) -> Self {
        let params = CompleteParams { reference, name, value, arguments: None, meta: None };
        Self::of(params.to_raw())
    }

    /// Params of `completion/complete` with the arguments that are filled in already, an object of strings, as their
    /// `context` (MCP 2025-11-25, server/utilities/completion, "Requesting Completions").
    ///
    /// # Errors
    /// If they are no JSON object, or the params have a `context` already.
    pub fn with_context(self, arguments: impl Serialize) -> Result<Self, ParamsError> {
        let Some(arguments) = object("the context's arguments", &arguments)? else {
            return Ok(self);
        };
        let entry = format!("\"context\":{{\"arguments\":{arguments}}}");
        self.with_entry("context", &entry, ParamsError::ContextTwice)
    }

    /// The same with `_meta`, an object too, behind all that is there (MCP 2025-11-25, basic, "`_meta`"): a progress
    /// token, or what the two sides have agreed on. Names with a prefix of the protocol's own are reserved.
    ///
    /// # Errors
    /// If it is no JSON object, or the params have a `_meta` already.
    pub fn with_meta(self, meta: impl Serialize) -> Result<Self, ParamsError> {
        let Some(meta) = object("_meta", &meta)? else {
            return Ok(self);
        };
        let entry = format!("\"_meta\":{meta}");
        self.with_entry("_meta", &entry, ParamsError::MetaTwice)
    }

    fn of(raw: Box<RawValue>) -> Self {
        Self(Some(Box::<str>::from(raw).into()))
    }

    /// What is asked for by a name, with arguments, which are looked at where they were written.
    fn named(what: &'static str, name: &str, arguments: impl Serialize) -> Result<Self, ParamsError> {
        const BEGIN: usize = r#"{"name":"","arguments":"#.len();
        let params = written(what, &Named { name, arguments })?;
        let begin = BEGIN.saturating_add(json::escaped(name).len());
        match kind(params.get(begin..).unwrap_or_default()) {
            None => Ok(Self(Some(params))),
            Some("null") => Ok(Self::of(Written::new().text("name", name).into_raw())),
            Some(found) => Err(ParamsError::NotAnObject { what, found }),
        }
    }

    /// The same with one more field, `"name":value`, or `twice` if there is one of that name.
    fn with_entry(self, name: &str, entry: &str, twice: ParamsError) -> Result<Self, ParamsError> {
        let params = self.0.as_deref().unwrap_or("{}");
        match json::fields(params, [name]) {
            Ok([None]) => Ok(Self(json::with_entry(params, entry))),
            Ok([Some(_)]) => Err(twice),
            Err(error) => Err(ParamsError::NotJson { what: "the params", problem: error.to_string() }),
        }
    }

    /// The params as JSON; `None` if there are none.
    pub fn raw(&self) -> Option<&RawValue> {
        self.0.as_deref().map(known)
    }
}

struct Named<'a, A> {
    name: &'a str,
    arguments: A,
}

impl<A: Serialize> Serialize for Named<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Named", 2)?;
        fields.serialize_field("name", self.name)?;
        fields.serialize_field("arguments", &self.arguments)?;
        fields.end()
    }
}

fn written(what: &'static str, value: &impl Serialize) -> Result<String, ParamsError> {
    serde_json::to_string(value).map_err(|error| ParamsError::NotJson { what, problem: error.to_string() })
}

/// A JSON object, if this is one; nothing if it is `null`.
pub(crate) fn object(what: &'static str, value: &impl Serialize) -> Result<Option<String>, ParamsError> {
    let text = written(what, value)?;
    match kind(&text) {
        None => Ok(Some(text)),
        Some("null") => Ok(None),
        Some(found) => Err(ParamsError::NotAnObject { what, found }),
    }
}

/// What JSON is that is no object. It isn't shown: it is the caller's own, and may be secret.
fn kind(text: &str) -> Option<&'static str> {
    match text.as_bytes().first() {
        Some(b'{') => None,
        Some(b'[') => Some("a list"),
        Some(b'"') => Some("a string"),
        Some(b't' | b'f') => Some("a boolean"),
        Some(b'n') => Some("null"),
        _ => Some("a number"),
    }
}
