//! What is shown of an answer.

use serde_json::value::RawValue;
use tenure_mcp::Error;

use super::misfit;
use crate::exit::Failed;
use crate::session::Output;

/// The answer, and what it is for people.
pub(super) struct View<'a> {
    pub(super) raw: &'a RawValue,
    /// What doesn't fit: then it is shown as it came.
    pub(super) warnings: &'a [String],
    pub(super) text: String,
    pub(super) notes: Vec<String>,
}

/// An answer that came, or what became of it.
pub(super) fn output<T>(
    answer: Result<T, Error>,
    json: bool,
    view: impl Fn(&T) -> View<'_>,
) -> Result<Output, Failed> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Error::Unreadable { reason, raw }) => return Ok(misfit::output(raw.get(), json, reason)),
        Err(error) => return Err(error.into()),
    };
    let View { raw, warnings, text, notes } = view(&answer);
    if !warnings.is_empty() {
        return Ok(misfit::output(raw.get(), json, warnings.join("; ")));
    }
    if json {
        return Ok(Output { text: format!("{}\n", raw.get()), ..Output::default() });
    }
    Ok(Output { text, notes, failed: None })
}
