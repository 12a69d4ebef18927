//! What tools say (MCP 2025-11-25, schema, `ContentBlock`).

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::types::decode::text;

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
        text: String,
        /// The whole block.
        raw: Box<RawValue>,
    },
    /// An image.
    #[non_exhaustive]
    Image {
        /// The image in base64.
        data: String,
        /// Its MIME type.
        mime_type: String,
        /// The whole block.
        raw: Box<RawValue>,
    },
    /// A sound.
    #[non_exhaustive]
    Audio {
        /// The sound in base64.
        data: String,
        /// Its MIME type.
        mime_type: String,
        /// The whole block.
        raw: Box<RawValue>,
    },
    /// A resource that can be read by its URI.
    #[non_exhaustive]
    ResourceLink {
        /// The URI.
        uri: String,
        /// The name for programs.
        name: String,
        /// The name for people.
        title: Option<String>,
        /// What it is.
        description: Option<String>,
        /// Its MIME type.
        mime_type: Option<String>,
        /// The whole block.
        raw: Box<RawValue>,
    },
    /// A resource itself.
    #[non_exhaustive]
    Resource {
        /// Its URI.
        uri: String,
        /// Its MIME type.
        mime_type: Option<String>,
        /// Its text, if it is text.
        text: Option<String>,
        /// Its bytes in base64, if it is not.
        blob: Option<String>,
        /// The whole block.
        raw: Box<RawValue>,
    },
    /// Anything else.
    #[non_exhaustive]
    Other {
        /// What its `type` says; empty if it says nothing.
        kind: String,
        /// The whole block.
        raw: Box<RawValue>,
    },
}

impl Content {
    /// Reads a block. Never fails, see [`Content::Other`].
    pub fn from_raw(raw: Box<RawValue>) -> Self {
        // First its kind, then, by its kind, the rest.
        let kind = json::fields(raw.get(), ["type"]).ok().and_then(|[kind]| text(kind)).unwrap_or_default();
        match kind.as_str() {
            "text" => Self::text_from(raw),
            "image" => Self::image_from(raw),
            "audio" => Self::audio_from(raw),
            "resource_link" => Self::link_from(raw),
            "resource" => Self::resource_from(raw),
            _ => Err(raw),
        }
        .unwrap_or_else(|raw| Self::Other { kind, raw })
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
        let [found] = json::fields(self.raw().get(), [name]).ok()?;
        found.filter(|raw| !json::is_null(raw))
    }

    fn text_from(raw: Box<RawValue>) -> Result<Self, Box<RawValue>> {
        match texts(&raw, ["text"]) {
            [Some(text)] => Ok(Self::Text { text, raw }),
            _ => Err(raw),
        }
    }

    fn image_from(raw: Box<RawValue>) -> Result<Self, Box<RawValue>> {
        match texts(&raw, ["data", "mimeType"]) {
            [Some(data), Some(mime_type)] => Ok(Self::Image { data, mime_type, raw }),
            _ => Err(raw),
        }
    }

    fn audio_from(raw: Box<RawValue>) -> Result<Self, Box<RawValue>> {
        match texts(&raw, ["data", "mimeType"]) {
            [Some(data), Some(mime_type)] => Ok(Self::Audio { data, mime_type, raw }),
            _ => Err(raw),
        }
    }

    fn link_from(raw: Box<RawValue>) -> Result<Self, Box<RawValue>> {
        match texts(&raw, ["uri", "name", "title", "description", "mimeType"]) {
            [Some(uri), Some(name), title, description, mime_type] => {
                Ok(Self::ResourceLink { uri, name, title, description, mime_type, raw })
            }
            _ => Err(raw),
        }
    }

    fn resource_from(raw: Box<RawValue>) -> Result<Self, Box<RawValue>> {
        let resource = json::fields(raw.get(), ["resource"]).unwrap_or_default();
        let [Some(resource)] = resource else {
            return Err(raw);
        };
        match texts(resource, ["uri", "mimeType", "text", "blob"]) {
            [Some(uri), mime_type, text, blob] if text.is_some() || blob.is_some() => {
                Ok(Self::Resource { uri, mime_type, text, blob, raw })
            }
            _ => Err(raw),
        }
    }
}

fn texts<const N: usize>(raw: &RawValue, names: [&str; N]) -> [Option<String>; N] {
    match json::fields(raw.get(), names) {
        Ok(found) => found.map(text),
        Err(_) => std::array::from_fn(|_| None),
    }
}

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
            (r#"{"type":"text","text":"\ud800"}"#, "text"),
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
