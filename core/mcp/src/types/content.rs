//! What tools say (MCP 2025-11-25, schema, `ContentBlock`).

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::reader::Reader;
use crate::jsonrpc::string::is;
use crate::types::text::Text;

/// A block of content. Each keeps its whole JSON as received, in `raw`.
///
/// A kind that is unknown here, and a block that lacks what its kind needs, is [`Content::Other`]: one odd
/// block never costs the rest of a result.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Content {
    /// Text.
    #[non_exhaustive]
    Text {
        /// The text.
        text: Text,
        /// The whole block.
        raw: Raw,
    },
    /// An image.
    #[non_exhaustive]
    Image {
        /// The image in base64.
        data: Text,
        /// Its MIME type.
        mime_type: Text,
        /// The whole block.
        raw: Raw,
    },
    /// A sound.
    #[non_exhaustive]
    Audio {
        /// The sound in base64.
        data: Text,
        /// Its MIME type.
        mime_type: Text,
        /// The whole block.
        raw: Raw,
    },
    /// A resource that can be read by its URI.
    #[non_exhaustive]
    ResourceLink {
        /// The URI.
        uri: Text,
        /// The name for programs.
        name: Text,
        /// The name for people.
        title: Option<Text>,
        /// What it is.
        description: Option<Text>,
        /// Its MIME type.
        mime_type: Option<Text>,
        /// The whole block.
        raw: Raw,
    },
    /// A resource itself.
    #[non_exhaustive]
    Resource {
        /// Its URI.
        uri: Text,
        /// Its MIME type.
        mime_type: Option<Text>,
        /// Its text, if it is text.
        text: Option<Text>,
        /// Its bytes in base64, if it is not.
        blob: Option<Text>,
        /// The whole block.
        raw: Raw,
    },
    /// Anything else.
    #[non_exhaustive]
    Other {
        /// What its `type` says; empty if it says nothing.
        kind: Text,
        /// The whole block.
        raw: Raw,
    },
}

impl Content {
    /// Reads a block. Never fails, see [`Content::Other`]. Plain text in the place of a block is read as text.
    pub fn from_raw(raw: impl Into<Raw>) -> Self {
        let raw = raw.into();
        Self::read(&raw, &raw)
    }

    /// Reads a part of `whole`.
    pub(crate) fn read(whole: &Raw, raw: &RawValue) -> Self {
        Self::of(json::fields_of(raw, FIELDS), whole.part(raw))
    }

    /// The block that begins here.
    pub(crate) fn next(whole: &Raw, at: &mut Reader<'_>) -> Option<Self> {
        let begin = at.place();
        let fields = at.next_fields(FIELDS);
        let raw = if fields.is_some() { at.since(begin) } else { at.next_value()? };
        Some(Self::of(fields, whole.part(raw)))
    }

    /// A block with these fields, or one that is no object.
    fn of(fields: Option<[Option<&RawValue>; FIELDS.len()]>, raw: Raw) -> Self {
        let text = |part| Text::of(&raw, part);
        let Some([kind, said, resource, data, mime_type, link @ ..]) = fields else {
            return match text(Some(&raw)) {
                Some(text) => Self::Text { text, raw },
                None => Self::other(raw),
            };
        };
        let is = |name| kind.is_some_and(|kind| is(kind, name));
        if is("text") {
            if let Some(text) = text(said) {
                return Self::Text { text, raw };
            }
        } else if is("image") {
            if let [Some(data), Some(mime_type)] = [data, mime_type].map(text) {
                return Self::Image { data, mime_type, raw };
            }
        } else if is("audio") {
            if let [Some(data), Some(mime_type)] = [data, mime_type].map(text) {
                return Self::Audio { data, mime_type, raw };
            }
        } else if is("resource_link") {
            if let [Some(uri), Some(name), title, description] = link.map(text) {
                let mime_type = text(mime_type);
                return Self::ResourceLink { uri, name, title, description, mime_type, raw };
            }
        } else if is("resource") {
            let parts = resource.and_then(|raw| json::fields_of(raw, ["uri", "mimeType", "text", "blob"]));
            if let [Some(uri), mime_type, text, blob] = parts.unwrap_or_default().map(text)
                && (text.is_some() || blob.is_some())
            {
                return Self::Resource { uri, mime_type, text, blob, raw };
            }
        }
        Self::Other { kind: text(kind).unwrap_or_default(), raw }
    }

    /// What is no block at all.
    pub(crate) fn other(raw: Raw) -> Self {
        Self::Other { kind: Text::default(), raw }
    }

    /// The whole block as received.
    pub fn raw(&self) -> &RawValue {
        match self {
            Self::Text { raw, .. }
            | Self::Image { raw, .. }
            | Self::Audio { raw, .. }
            | Self::ResourceLink { raw, .. }
            | Self::Resource { raw, .. }
            | Self::Other { raw, .. } => raw,
        }
    }

    /// Hints for the client: audience, priority, last modification.
    pub fn annotations(&self) -> Option<&RawValue> {
        self.field("annotations")
    }

    /// `_meta`.
    pub fn meta(&self) -> Option<&RawValue> {
        self.field("_meta")
    }

    fn field(&self, name: &str) -> Option<&RawValue> {
        let [found] = json::fields_of(self.raw(), [name])?;
        found.filter(|raw| !json::is_null(raw))
    }
}

/// What the kinds have of their own, and which kind it is.
const FIELDS: [&str; 9] =
    ["type", "text", "resource", "data", "mimeType", "uri", "name", "title", "description"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn every_known_kind_is_read_and_kept() {
        for (text, expected) in [
            (r#"{"type":"text","text":"a","n":1.0}"#, "Text"),
            (r#"{"type":"image","data":"aa","mimeType":"m"}"#, "Image"),
            (r#"{"data":"aa","mimeType":"m","type":"audio"}"#, "Audio"),
            (r#"{"type":"resource_link","uri":"u","name":"n","size":1}"#, "ResourceLink"),
            (r#"{"type":"resource","resource":{"uri":"u","text":"t"}}"#, "Resource"),
            (r#"{"type":"resource","resource":{"uri":"u","blob":""}}"#, "Resource"),
        ] {
            let content = Content::from_raw(raw(text));
            assert!(format!("{content:?}").starts_with(expected), "{content:?}");
            assert_eq!(content.raw().get(), text);
        }
    }

    #[test]
    fn unknown_and_incomplete_blocks_are_other_and_kept() {
        for (text, expected) in [
            (r#"{"type":"hologram","x":1.0}"#, "hologram"),
            (r#"{"type":"text"}"#, "text"),
            (r#"{"type":"image","data":"a"}"#, "image"),
            (r#"{"type":"resource","resource":[]}"#, "resource"),
            (r#"{"type":"resource","resource":{"uri":"u"}}"#, "resource"),
            (r#"{"type":5}"#, ""),
            ("17", ""),
        ] {
            match Content::from_raw(raw(text)) {
                Content::Other { kind, raw } => {
                    assert_eq!(kind, expected);
                    assert_eq!(raw.get(), text);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn annotations_and_meta_are_at_hand() {
        let text = r#"{"type":"text","text":"","annotations":{"priority":0.10},"_meta":null}"#;
        let content = Content::from_raw(raw(text));
        assert_eq!(content.annotations().unwrap().get(), r#"{"priority":0.10}"#);
        assert!(content.meta().is_none());
    }
}
