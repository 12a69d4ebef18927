//! All tools of a server, page by page (MCP 2025-11-25, server/utilities/pagination).

use std::collections::HashSet;

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::types::{DecodeError, ListToolsParams, ListToolsResult, ResultType, Tool};

/// Collects the pages of `tools/list`. Does no I/O: it says what to ask for next and takes the answers.
///
/// ```
/// use serde_json::value::RawValue;
/// use tenure_mcp_proto::pages::ToolPages;
///
/// let mut answers = [
///     r#"{"tools":[{"name":"a","inputSchema":{}}],"nextCursor":"2"}"#,
///     r#"{"tools":[{"name":"b","inputSchema":{}}]}"#,
/// ]
/// .into_iter();
///
/// let mut pages = ToolPages::new();
/// while let Some(params) = pages.next_params() {
///     // connection.request(now, ToolPages::METHOD, Some(&params), timeout) ...
/// #   let _ = params;
///     let answer = RawValue::from_string(answers.next().unwrap().to_owned())?;
///     pages.handle_page(answer)?;
/// }
/// let names: Vec<_> = pages.into_tools().into_iter().map(|tool| tool.name).collect();
/// assert_eq!(names, ["a", "b"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ToolPages {
    tools: Vec<Tool>,
    next: Next,
    seen: HashSet<String>,
    pages: usize,
    bytes: usize,
    max_pages: usize,
    max_bytes: usize,
}

#[derive(Debug)]
enum Next {
    First,
    At(String),
    Nothing,
}

/// Why the collecting stopped. It can't be resumed; what was collected can still be taken.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PagesError {
    /// The server sent a cursor that it had sent before: an endless loop.
    #[error("the server repeats the cursor {cursor:?}")]
    RepeatedCursor {
        /// The cursor, shortened when it is long.
        cursor: String,
    },
    /// There are more pages than the cap allows.
    #[error("the list has more than {limit} pages")]
    TooManyPages {
        /// The cap.
        limit: usize,
    },
    /// The pages together are larger than the cap allows.
    #[error("the list has more than {limit} bytes")]
    TooLarge {
        /// The cap, in bytes.
        limit: usize,
    },
    /// A page is not what it should be.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The server wants input before it lists its tools.
    #[error("the server asks for input before it lists its tools")]
    InputRequired,
    /// A page that was not asked for.
    #[error("a page that was not asked for")]
    NotAsked,
}

impl Default for ToolPages {
    fn default() -> Self {
        Self::new()
    }
}

impl ToolPages {
    /// The method to request.
    pub const METHOD: &'static str = "tools/list";

    /// Before the first page; at most 10 000 pages of 64 MiB together.
    pub fn new() -> Self {
        Self {
            tools: Vec::new(),
            next: Next::First,
            seen: HashSet::new(),
            pages: 0,
            bytes: 0,
            max_pages: 10_000,
            max_bytes: 64 * 1024 * 1024,
        }
    }

    /// The same with another cap on the number of pages.
    #[must_use]
    pub fn max_pages(mut self, pages: usize) -> Self {
        self.max_pages = pages;
        self
    }

    /// The same with another cap on the bytes of all pages' results together.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Params of the next request, or `None` when the list is complete or the collecting stopped. The same
    /// until a page is handled.
    pub fn next_params(&self) -> Option<Box<RawValue>> {
        let cursor = match &self.next {
            Next::First => None,
            Next::At(cursor) => Some(cursor.as_str()),
            Next::Nothing => return None,
        };
        Some(ListToolsParams { cursor }.to_raw())
    }

    /// Takes the result of the request.
    ///
    /// # Errors
    /// See [`PagesError`]. After an error [`next_params`](Self::next_params) is `None`.
    pub fn handle_page(&mut self, result: Box<RawValue>) -> Result<(), PagesError> {
        if matches!(self.next, Next::Nothing) {
            return Err(PagesError::NotAsked);
        }
        self.next = Next::Nothing;
        if self.pages >= self.max_pages {
            return Err(PagesError::TooManyPages { limit: self.max_pages });
        }
        self.pages = self.pages.saturating_add(1);
        // Covers the cursors too, which are part of the pages.
        self.bytes = self.bytes.saturating_add(result.get().len());
        if self.bytes > self.max_bytes {
            return Err(PagesError::TooLarge { limit: self.max_bytes });
        }
        let page = ListToolsResult::from_raw(result)?;
        if page.result_type != ResultType::Complete {
            return Err(PagesError::InputRequired);
        }
        self.tools.extend(page.tools);
        let Some(cursor) = page.next_cursor else {
            return Ok(());
        };
        if !self.seen.insert(cursor.clone()) {
            let cursor = json::excerpt(cursor.as_bytes());
            return Err(PagesError::RepeatedCursor { cursor });
        }
        if self.pages >= self.max_pages {
            return Err(PagesError::TooManyPages { limit: self.max_pages });
        }
        self.next = Next::At(cursor);
        Ok(())
    }

    /// How many pages were handled.
    pub fn pages(&self) -> usize {
        self.pages
    }

    /// The tools collected so far.
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tools, all pages in order.
    pub fn into_tools(self) -> Vec<Tool> {
        self.tools
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    fn page(next: &str) -> Box<RawValue> {
        raw(&format!(r#"{{"tools":[{{"name":"t","inputSchema":{{}}}}],"nextCursor":{next}}}"#))
    }

    #[test]
    fn cursors_are_handed_back_as_they_came() {
        let mut pages = ToolPages::new();
        assert_eq!(pages.next_params().unwrap().get(), "{}");
        pages.handle_page(page(r#""\u00e9\"""#)).unwrap();
        assert_eq!(pages.next_params().unwrap().get(), r#"{"cursor":"é\""}"#);
        pages.handle_page(page("\"\"")).unwrap();
        assert_eq!(pages.next_params().unwrap().get(), r#"{"cursor":""}"#);
        pages.handle_page(page("null")).unwrap();
        assert!(pages.next_params().is_none());
        assert_eq!((pages.pages(), pages.tools().len()), (3, 3));
        assert!(matches!(pages.handle_page(page("null")), Err(PagesError::NotAsked)));
    }

    #[test]
    fn a_cursor_seen_at_any_time_before_ends_it() {
        let mut pages = ToolPages::new();
        for cursor in ["\"a\"", "\"b\"", "\"c\""] {
            pages.handle_page(page(cursor)).unwrap();
        }
        match pages.handle_page(page("\"a\"")) {
            Err(PagesError::RepeatedCursor { cursor }) => assert_eq!(cursor, "a"),
            other => panic!("{other:?}"),
        }
        assert!(pages.next_params().is_none());
        assert_eq!(pages.into_tools().len(), 4);
    }

    #[test]
    fn ever_new_cursors_end_at_the_cap() {
        let mut pages = ToolPages::new().max_pages(3);
        let mut asked = 0;
        let end = loop {
            assert!(pages.next_params().is_some());
            asked += 1;
            if let Err(error) = pages.handle_page(page(&format!("\"{asked}\""))) {
                break error;
            }
        };
        assert!(matches!(end, PagesError::TooManyPages { limit: 3 }));
        assert_eq!(asked, 3);
        assert!(pages.next_params().is_none());
    }

    #[test]
    fn exactly_as_many_pages_as_the_cap_are_fine() {
        let mut pages = ToolPages::new().max_pages(2);
        pages.handle_page(page("\"a\"")).unwrap();
        pages.handle_page(page("null")).unwrap();
        assert_eq!(pages.into_tools().len(), 2);
    }

    #[test]
    fn all_pages_together_are_bounded() {
        let one = page("\"a\"");
        let mut pages = ToolPages::new().max_bytes(one.get().len());
        pages.handle_page(one).unwrap();
        assert!(matches!(pages.handle_page(page("\"b\"")), Err(PagesError::TooLarge { .. })));
    }

    #[test]
    fn a_server_that_wants_input_first_has_not_listed_its_tools() {
        let mut pages = ToolPages::new();
        let asks = raw(r#"{"resultType":"input_required","inputRequests":{}}"#);
        assert!(matches!(pages.handle_page(asks), Err(PagesError::InputRequired)));
        assert!(pages.next_params().is_none());
    }

    #[test]
    fn a_bad_page_ends_it() {
        let mut pages = ToolPages::new();
        assert!(matches!(pages.handle_page(raw("[]")), Err(PagesError::Decode(_))));
        assert!(pages.next_params().is_none());
    }
}
