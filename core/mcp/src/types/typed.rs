//! Results as types of the program's own.

use serde_core::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::jsonrpc::raw::Raw;
use crate::types::decode::{self, DecodeError};

/// Reads a result as a type of the program's own.
///
/// ```
/// use serde::Deserialize;
/// use tenure_mcp_proto::types::decode;
///
/// #[derive(Deserialize)]
/// struct Prompts {
///     prompts: Vec<Prompt>,
/// }
/// #[derive(Deserialize)]
/// struct Prompt {
///     name: String,
/// }
///
/// # let raw = serde_json::value::RawValue::from_string(r#"{"prompts":[{"name":"greet","title":"Hi"}]}"#.into()).unwrap();
/// let listed: Prompts = decode(raw)?;
/// assert_eq!(listed.prompts[0].name, "greet");
/// # Ok::<(), tenure_mcp_proto::types::DecodeError>(())
/// ```
///
/// # Errors
/// If the result is none of those. The error hands it back.
pub fn decode<T: DeserializeOwned>(raw: impl Into<Raw>) -> Result<T, DecodeError> {
    let (value, _) = decode::decode(raw, "the result", |raw| typed(raw))?;
    Ok(value)
}

pub(crate) fn typed<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| error.to_string())
}
