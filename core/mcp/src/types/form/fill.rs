//! Defaults, filled in.

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::types::decode::{DecodeError, short};
use crate::types::form::schema::FormSchema;
use crate::types::form::value::entries;

impl FormSchema {
    /// What stands in the form to begin with: the defaults of those fields that have one, an object (MCP 2025-11-25,
    /// client/elicitation, "Requested Schema": clients that support defaults show them).
    pub fn defaults(&self) -> Box<RawValue> {
        json::object(&self.with_defaults("{}", |_| false))
    }

    /// The content with the defaults of the fields that it leaves out, behind all that is there, which stays byte for
    /// byte. `None` is no content.
    ///
    /// # Errors
    /// If the content is no JSON object.
    pub fn fill(&self, content: Option<&RawValue>) -> Result<Box<RawValue>, DecodeError> {
        let Some(content) = content else {
            return Ok(self.defaults());
        };
        let Some(there) = entries(content) else {
            let problem = format!("not a JSON object but {}", short(content));
            return Err(DecodeError::new("the form's content", problem, content.into()));
        };
        let is_there = |name: &str| there.iter().any(|(known, _)| known == name);
        Ok(json::object(&self.with_defaults(content.get(), is_there)))
    }

    fn with_defaults(&self, content: &str, is_there: impl Fn(&str) -> bool) -> String {
        let mut filled = content.to_owned();
        for field in &self.fields {
            if let Some(default) = field.default.as_ref().filter(|_| !is_there(&field.name)) {
                let entry = format!("{}:{}", json::quoted(&field.name), default.get());
                filled = json::with_entry(&filled, &entry).unwrap_or(filled);
            }
        }
        filled
    }
}
