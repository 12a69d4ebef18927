//! Resources, their templates, and their lists (MCP 2025-11-25, server/resources, "Listing Resources" and
//! "Resource Templates").

use serde_json::value::RawValue;

use crate::jsonrpc::number::integer;
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::reader::Reader;
use crate::types::decode::{DecodeError, decode, kept, object, required};
use crate::types::list::{ListResult, Listed, sealed};
use crate::types::text::Text;

/// One page of resources.
pub type ListResourcesResult = ListResult<Resource>;

/// One page of templates of resources.
pub type ListResourceTemplatesResult = ListResult<ResourceTemplate>;

/// A resource that can be read by its URI (MCP 2025-11-25, schema, `Resource`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resource {
    /// The URI to read it by.
    pub uri: Text,
    /// The name for programs; empty if the server left it out, since nothing depends on it.
    pub name: Text,
    /// The name for people.
    pub title: Option<Text>,
    /// What it is, meant for a model.
    pub description: Option<Text>,
    /// Its MIME type.
    pub mime_type: Option<Text>,
    /// Its size in bytes, before any encoding.
    pub size: Option<u64>,
    /// Hints for the client: audience, priority, last modification.
    pub annotations: Option<Raw>,
    /// Icons, a list, as they were sent.
    pub icons: Option<Raw>,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// The whole resource as received.
    pub raw: Raw,
}

impl Resource {
    /// Reads a resource.
    ///
    /// # Errors
    /// If it has no URI.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (resource, _) = decode(raw, "Resource", |raw| Self::read(object(raw, FIELDS)?, raw.clone()))?;
        Ok(resource)
    }

    fn read(fields: [Option<&RawValue>; FIELDS.len()], raw: Raw) -> Result<Self, String> {
        let [uri, size, described @ ..] = fields;
        let uri = required("uri", uri, Text::of(&raw, uri))?;
        let size = size.and_then(|size| integer(size.get())).and_then(|size| u64::try_from(size).ok());
        let described = Described::read(&raw, described);
        let Described { name, title, description, mime_type, annotations, icons, meta } = described;
        Ok(Self { uri, name, title, description, mime_type, size, annotations, icons, meta, raw })
    }
}

const FIELDS: [&str; 9] =
    ["uri", "size", "name", "title", "description", "mimeType", "annotations", "icons", "_meta"];

/// A template of the URIs of resources (MCP 2025-11-25, schema, `ResourceTemplate`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResourceTemplate {
    /// The template of the URIs (RFC 6570).
    pub uri_template: Text,
    /// The name for programs; empty if the server left it out, since nothing depends on it.
    pub name: Text,
    /// The name for people.
    pub title: Option<Text>,
    /// What it is for, meant for a model.
    pub description: Option<Text>,
    /// The MIME type of all resources that match, if it is the same.
    pub mime_type: Option<Text>,
    /// Hints for the client: audience, priority, last modification.
    pub annotations: Option<Raw>,
    /// Icons, a list, as they were sent.
    pub icons: Option<Raw>,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// The whole template as received.
    pub raw: Raw,
}

impl ResourceTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// If it has no template of URIs.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (template, _) =
            decode(raw, "ResourceTemplate", |raw| Self::read(object(raw, TEMPLATE_FIELDS)?, raw.clone()))?;
        Ok(template)
    }

    fn read(fields: [Option<&RawValue>; TEMPLATE_FIELDS.len()], raw: Raw) -> Result<Self, String> {
        let [uri_template, described @ ..] = fields;
        let uri_template = required("uriTemplate", uri_template, Text::of(&raw, uri_template))?;
        let described = Described::read(&raw, described);
        let Described { name, title, description, mime_type, annotations, icons, meta } = described;
        Ok(Self { uri_template, name, title, description, mime_type, annotations, icons, meta, raw })
    }
}

const TEMPLATE_FIELDS: [&str; 8] =
    ["uriTemplate", "name", "title", "description", "mimeType", "annotations", "icons", "_meta"];

/// What resources and templates say of themselves alike.
struct Described {
    name: Text,
    title: Option<Text>,
    description: Option<Text>,
    mime_type: Option<Text>,
    annotations: Option<Raw>,
    icons: Option<Raw>,
    meta: Option<Raw>,
}

impl Described {
    fn read(raw: &Raw, fields: [Option<&RawValue>; 7]) -> Self {
        let [name, title, description, mime_type, rest @ ..] = fields;
        let [name, title, description, mime_type] =
            [name, title, description, mime_type].map(|part| Text::of(raw, part));
        let [annotations, icons, meta] = rest.map(|part| kept(raw, part));
        let name = name.unwrap_or_default();
        Self { name, title, description, mime_type, annotations, icons, meta }
    }
}

impl Listed for Resource {
    const METHOD: &'static str = "resources/list";

    fn name(&self) -> &str {
        self.uri.as_str()
    }

    fn raw(&self) -> &RawValue {
        &self.raw
    }
}

impl sealed::Readable for Resource {
    const FIELD: &'static str = "resources";
    const RESULT: &'static str = "ListResourcesResult";

    fn next(whole: &Raw, at: &mut Reader<'_>) -> Option<Result<Self, String>> {
        let begin = at.place();
        let fields = at.next_fields(FIELDS)?;
        Some(Self::read(fields, whole.part(at.since(begin))))
    }
}

impl Listed for ResourceTemplate {
    const METHOD: &'static str = "resources/templates/list";

    fn name(&self) -> &str {
        self.uri_template.as_str()
    }

    fn raw(&self) -> &RawValue {
        &self.raw
    }
}

impl sealed::Readable for ResourceTemplate {
    const FIELD: &'static str = "resourceTemplates";
    const RESULT: &'static str = "ListResourceTemplatesResult";

    fn next(whole: &Raw, at: &mut Reader<'_>) -> Option<Result<Self, String>> {
        let begin = at.place();
        let fields = at.next_fields(TEMPLATE_FIELDS)?;
        Some(Self::read(fields, whole.part(at.since(begin))))
    }
}
