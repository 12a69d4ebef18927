//! What a server sends for people or models to read.

use tenure_mcp::proto::types::Content;

use crate::text;

/// The text, on lines of its own; what isn't text is told by its JSON.
pub(super) fn shown(content: &Content) -> String {
    match content {
        Content::Text { text, .. } => ended(text::lines(text)),
        other => other_json(other.raw().get()),
    }
}

/// JSON in one line, shortened.
pub(super) fn other_json(raw: &str) -> String {
    ended(text::shortened(&text::one_line(raw), 120))
}

/// With an end of the line.
pub(super) fn ended(text: String) -> String {
    if text.ends_with('\n') { text } else { text + "\n" }
}
