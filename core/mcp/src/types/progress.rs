//! How far a call is (MCP 2025-11-25, basic/utilities/progress).

use serde_json::value::RawValue;

use crate::types::decode::{object, present, text};

/// How far a call is, as the server says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// The token that came with the call, as it was sent.
    pub token: Box<RawValue>,
    /// How far it is. It increases.
    pub progress: f64,
    /// How far it will be at the end, if the server knows.
    pub total: Option<f64>,
    /// What goes on, for people.
    pub message: Option<String>,
    /// The whole params as received, with the numbers as they were written.
    pub raw: Box<RawValue>,
}

impl Progress {
    /// Reads the params of `notifications/progress`; `None` without a token or a number that says how far the
    /// call is.
    pub fn read(params: &RawValue) -> Option<Self> {
        let [token, progress, total, message] =
            object(params, ["progressToken", "progress", "total", "message"]).ok()?;
        let progress = number(progress?)?;
        let token = present(token)?.to_owned();
        let total = total.and_then(number);
        Some(Self { token, progress, total, message: text(message), raw: params.to_owned() })
    }

    /// Which part of the call is done, from 0 to 1, if the server says how far it will be.
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0.0)?;
        Some((self.progress / total).clamp(0.0, 1.0))
    }
}

/// A number that is neither beyond all bounds nor in quotes.
fn number(raw: &RawValue) -> Option<f64> {
    raw.get().parse().ok().filter(|number: &f64| number.is_finite())
}
