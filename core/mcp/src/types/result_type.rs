//! Whether a result is final.

use serde_json::value::RawValue;

use crate::jsonrpc::string::text;
use crate::types::decode::{present, short};

/// Whether a result is final (MCP 2026-07-28, basic/patterns). Servers of earlier versions don't say; that
/// means complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultType {
    /// The result is final.
    #[default]
    Complete,
    /// The server wants input first and the request made again.
    InputRequired,
}

impl ResultType {
    pub(crate) fn read(raw: Option<&RawValue>) -> Result<Self, String> {
        let Some(raw) = present(raw) else {
            return Ok(Self::Complete);
        };
        match text(raw).as_deref() {
            Some("complete") => Ok(Self::Complete),
            Some("input_required") => Ok(Self::InputRequired),
            _ => Err(format!("unknown resultType {}", short(raw))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn a_missing_result_type_is_complete_and_an_unknown_one_invalid() {
        let read = |text: &str| ResultType::read(Some(&raw(text)));
        assert_eq!(ResultType::read(None), Ok(ResultType::Complete));
        assert_eq!(read("null"), Ok(ResultType::Complete));
        assert_eq!(read("\"complete\""), Ok(ResultType::Complete));
        assert_eq!(read("\"input_required\""), Ok(ResultType::InputRequired));
        assert!(read("\"other\"").is_err());
        assert!(read("5").is_err());
    }
}
