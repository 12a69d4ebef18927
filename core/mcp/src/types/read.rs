//! `resources/read` (MCP 2025-11-25, server/resources, "Reading Resources").

use serde_json::value::RawValue;

use crate::jsonrpc::raw::Raw;
use crate::types::cache::CacheHints;
use crate::types::decode::{DecodeError, MOST_ELEMENTS, decode, elements, kept, object, present, short};
use crate::types::result_type::ResultType;
use crate::types::text::Text;
use crate::types::warnings::Warnings;
use crate::types::written::Written;

/// Params of `resources/read`, `resources/subscribe` and `resources/unsubscribe`.
#[derive(Clone, Debug, Default)]
pub struct ResourceParams<'a> {
    /// The resource's URI.
    pub uri: &'a str,
    /// `_meta`, an object; sent byte for byte.
    pub meta: Option<&'a RawValue>,
}

impl ResourceParams<'_> {
    /// The params as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        Written::new().text("uri", self.uri).raw("_meta", self.meta).into_raw()
    }
}

/// What a resource holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReadResourceResult {
    /// The contents in the server's order: more than one if the URI is that of a folder, say.
    pub contents: Vec<ResourceContents>,
    /// How long it may be kept, and by whom.
    pub cache: CacheHints,
    /// Whether this is final.
    pub result_type: ResultType,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// What is not as it should be and was read as well as it can be, in words. Empty for a proper result.
    pub warnings: Vec<String>,
    /// The whole result as received.
    pub raw: Raw,
}

impl ReadResourceResult {
    /// Reads a result. Contents that have neither text nor bytes are [`ResourceContents::Other`]; one of them
    /// alone, in the place of the list, is a list of one. Each is told in [`warnings`](Self::warnings).
    ///
    /// # Errors
    /// If nothing of it can be read: it is no object, it has no contents and asks for no input either, or its
    /// `resultType` is unknown (MCP 2026-07-28, basic/patterns).
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "ReadResourceResult", |raw| {
            let names = ["contents", "ttlMs", "cacheScope", "resultType", "_meta"];
            let [contents, ttl, scope, kind, meta] = object(raw, names)?;
            let kind = ResultType::read(kind)?;
            let mut warnings = Warnings::default();
            let contents = match present(contents) {
                Some(contents) => read_contents(raw, contents, &mut warnings),
                None if kind == ResultType::InputRequired => Vec::new(),
                None => return Err("contents are missing".to_owned()),
            };
            Ok((contents, CacheHints::read(ttl, scope), kind, kept(raw, meta), warnings.into_vec()))
        })?;
        let (contents, cache, result_type, meta, warnings) = view;
        Ok(Self { contents, cache, result_type, meta, warnings, raw })
    }
}

fn read_contents(whole: &Raw, raw: &RawValue, warnings: &mut Warnings) -> Vec<ResourceContents> {
    let Some(elements) = elements(raw) else {
        warnings.push(format!("contents are not a list but {}", short(raw)));
        return vec![ResourceContents::read(whole.part(raw))];
    };
    let mut contents = Vec::new();
    for (place, element) in elements.read.into_iter().enumerate() {
        let read = ResourceContents::read(whole.part(element));
        if matches!(read, ResourceContents::Other { .. }) {
            warnings.push(format!("contents[{place}] have neither text nor bytes: {}", short(element)));
        }
        contents.push(read);
    }
    if !elements.is_whole {
        warnings.push(format!("there are more than {MOST_ELEMENTS} contents; the first are read"));
    }
    contents
}

/// The contents of one resource (MCP 2025-11-25, schema, `TextResourceContents` and `BlobResourceContents`).
/// Each keeps its whole JSON as received, in `raw`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ResourceContents {
    /// Text.
    #[non_exhaustive]
    Text {
        /// Whose contents they are; empty if the server left it out.
        uri: Text,
        /// The MIME type.
        mime_type: Option<Text>,
        /// The text.
        text: Text,
        /// The whole of it.
        raw: Raw,
    },
    /// Bytes.
    #[non_exhaustive]
    Blob {
        /// Whose contents they are; empty if the server left it out.
        uri: Text,
        /// The MIME type.
        mime_type: Option<Text>,
        /// The bytes in base64.
        blob: Text,
        /// The whole of it.
        raw: Raw,
    },
    /// Anything else.
    #[non_exhaustive]
    Other {
        /// The whole of it.
        raw: Raw,
    },
}

impl ResourceContents {
    /// Reads contents. Never fails, see [`ResourceContents::Other`].
    pub fn from_raw(raw: impl Into<Raw>) -> Self {
        Self::read(raw.into())
    }

    fn read(raw: Raw) -> Self {
        let Ok(fields) = object(&raw, ["uri", "mimeType", "text", "blob"]) else {
            return Self::Other { raw };
        };
        let [uri, mime_type, content, blob] = fields.map(|part| Text::of(&raw, part));
        let uri = uri.unwrap_or_default();
        match (content, blob) {
            (Some(text), _) => Self::Text { uri, mime_type, text, raw },
            (None, Some(blob)) => Self::Blob { uri, mime_type, blob, raw },
            (None, None) => Self::Other { raw },
        }
    }

    /// The whole of it as received.
    pub fn raw(&self) -> &RawValue {
        match self {
            Self::Text { raw, .. } | Self::Blob { raw, .. } | Self::Other { raw } => raw,
        }
    }

    /// `_meta`.
    pub fn meta(&self) -> Option<&RawValue> {
        let [meta] = object(self.raw(), ["_meta"]).ok()?;
        present(meta)
    }
}
