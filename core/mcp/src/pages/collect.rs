//! Collects the pages of a list.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::pages::list::{List, ListWarning};
use crate::types::{
    CacheHints, Cursor, DecodeError, ListParams, ListResult, Listed, OddElement, Prompt, Resource,
    ResourceTemplate, ResultType, Tool,
};

/// So many pages in a row may bring nothing but what came before, as when the list changes meanwhile.
const REPEATED: usize = 3;

/// So many pages in a row may be empty, as when a server leaves out what isn't for everyone.
const EMPTY: usize = 100;

/// So many elements of one name are looked at for a copy.
const NAMESAKES: usize = 8;

/// Collects the pages of `tools/list`.
pub type ToolPages = Pages<Tool>;

/// Collects the pages of `resources/list`.
pub type ResourcePages = Pages<Resource>;

/// Collects the pages of `resources/templates/list`.
pub type ResourceTemplatePages = Pages<ResourceTemplate>;

/// Collects the pages of `prompts/list`.
pub type PromptPages = Pages<Prompt>;

/// Collects the pages of a list. Does no I/O: it says what to ask for next and takes the answers.
///
/// What came is kept, whatever comes later: an element that can't be read, a page that fails, a server that has
/// pages without end. Each costs itself, and a [`ListWarning`] tells of it.
///
/// ```
/// use serde_json::value::RawValue;
/// use tenure_mcp_proto::pages::ToolPages;
///
/// let mut answers = [
///     r#"{"tools":[{"name":"a","inputSchema":{}},null],"nextCursor":""}"#,
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
/// let tools = pages.into_list();
/// let names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
/// assert_eq!(names, ["a", "b"]);
/// assert_eq!(
///     tools.warnings[0].to_string(),
///     "left out: element [1] of page 1: not a JSON object but null"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pages<T> {
    list: List<T>,
    next: Next,
    seen: Seen,
    /// Pages in a row that brought nothing new: with elements, and without.
    repeated: usize,
    empty: usize,
    taken: usize,
    bytes: usize,
    page_limit: usize,
    byte_limit: usize,
    #[cfg(feature = "http")]
    retains_valid_headers: bool,
}

#[derive(Debug)]
enum Next {
    First,
    At(Cursor),
    Nothing,
}

/// What came before.
#[derive(Debug, Default)]
struct Seen {
    /// The places in the list of the elements of a name: of the first so many.
    items: HashMap<String, Vec<usize>>,
    noted: usize,
    /// The raw JSON of odd elements.
    odd: HashSet<String>,
}

/// Why there is no list at all. The collecting can't be resumed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PagesError {
    /// The first page can't be read. The error holds it.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The server wants input before it lists anything.
    #[error("the server asks for input before it lists anything")]
    InputRequired,
    /// A page that was not asked for.
    #[error("a page that was not asked for")]
    NotAsked,
}

impl<T: Listed> Default for Pages<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Listed> Pages<T> {
    /// The method to request.
    pub const METHOD: &'static str = T::METHOD;

    /// Before the first page; at most 10 000 pages of 64 MiB together.
    pub fn new() -> Self {
        Self {
            list: List::new(),
            next: Next::First,
            seen: Seen::default(),
            repeated: 0,
            empty: 0,
            taken: 0,
            bytes: 0,
            page_limit: 10_000,
            byte_limit: 64 * 1024 * 1024,
            #[cfg(feature = "http")]
            retains_valid_headers: false,
        }
    }

    /// The same with another limit on the number of pages. With 0 none is asked for.
    #[must_use]
    pub fn max_pages(mut self, pages: usize) -> Self {
        self.page_limit = pages;
        self
    }

    /// The same with another limit on the bytes of all pages' results together. The page that passes it is the
    /// last one; it has come, so it is kept.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.byte_limit = bytes;
        self
    }

    /// Whether tools whose `x-mcp-header` isn't valid are left out, each with a warning that names it. Off by default:
    /// see [`ListResult::retain_valid_headers`].
    #[cfg(feature = "http")]
    #[must_use]
    pub fn retain_valid_headers(mut self, retain: bool) -> Self {
        self.retains_valid_headers = retain;
        self
    }

    /// Params of the next request, or `None` when nothing more is to be asked for. The same until a page is
    /// handled.
    pub fn next_params(&self) -> Option<Box<RawValue>> {
        let cursor = match &self.next {
            Next::First if self.page_limit == 0 => return None,
            Next::First => None,
            Next::At(cursor) => Some(cursor),
            Next::Nothing => return None,
        };
        Some(ListParams { cursor }.to_raw())
    }

    /// Takes the result of the request.
    ///
    /// # Errors
    /// If there is no list at all: the first page can't be read, or this one was not asked for. The error of a
    /// later page is a warning. After an error [`next_params`](Self::next_params) is `None`.
    pub fn handle_page(&mut self, result: impl Into<Raw>) -> Result<(), PagesError> {
        if self.next_params().is_none() {
            return Err(PagesError::NotAsked);
        }
        self.next = Next::Nothing;
        let result = result.into();
        // Covers the cursors too, which are part of the pages.
        self.bytes = self.bytes.saturating_add(result.get().len());
        let page = ListResult::from_raw(result).map_err(PagesError::from).and_then(|page| match page {
            ListResult { result_type: ResultType::InputRequired, .. } => Err(PagesError::InputRequired),
            page => Ok(page),
        });
        match page {
            Ok(page) => self.take(page),
            Err(error) if self.taken == 0 => return Err(error),
            Err(error) => self.handle_failure(&error),
        }
        Ok(())
    }

    /// There is no result of the request: what came before is the list, with a warning that says why.
    pub fn handle_failure(&mut self, why: &dyn fmt::Display) {
        self.next = Next::Nothing;
        self.list.cache = CacheHints::default();
        let page = self.taken.saturating_add(1);
        self.list.warn_of_page(page, &why.to_string());
    }

    /// How many pages came that could be read.
    pub fn pages(&self) -> usize {
        self.taken
    }

    /// What was collected.
    pub fn into_list(self) -> List<T> {
        self.list
    }

    #[cfg_attr(not(feature = "http"), expect(unused_mut, reason = "what HTTP needs is left out of the page"))]
    fn take(&mut self, mut page: ListResult<T>) {
        self.taken = self.taken.saturating_add(1);
        #[cfg(feature = "http")]
        if self.retains_valid_headers {
            page.retain_valid_headers();
        }
        let ListResult { items, odd, problems, next_cursor, cache, .. } = page;
        self.list.cache = if self.taken == 1 { cache } else { self.list.cache.and(cache) };
        self.note_items();
        self.count_idle(&items, &odd);
        if self.repeated > 0 {
            for item in items {
                self.take_repeated(item);
            }
        } else if self.list.items.is_empty() {
            self.list.items = items;
        } else {
            self.list.items.extend(items);
        }
        for element in odd {
            self.take_odd(element);
        }
        for problem in problems {
            self.list.warn_of_page(self.taken, &problem);
        }
        if let Some(cursor) = next_cursor {
            self.go_on(cursor);
        }
    }

    /// Counts the pages in a row that bring nothing new.
    fn count_idle(&mut self, items: &[T], odd: &[OddElement]) {
        let news = items.iter().any(|item| !self.seen.items.contains_key(item.name()))
            || odd.iter().any(|element| !self.seen.odd.contains(element.raw.get()));
        if news {
            (self.repeated, self.empty) = (0, 0);
        } else if items.is_empty() && odd.is_empty() {
            self.empty = self.empty.saturating_add(1);
        } else {
            self.repeated = self.repeated.saturating_add(1);
        }
    }

    /// On a page that brings nothing new, what came before byte for byte doesn't come again.
    fn take_repeated(&mut self, item: T) {
        self.note_items();
        let is_copy = |place: &usize| self.list.items.get(*place).is_some_and(|seen| same(seen, &item));
        if !self.seen.items.get(item.name()).is_some_and(|places| places.iter().any(is_copy)) {
            self.list.items.push(item);
        }
    }

    /// Notes what came since the last time: not before it is needed, since most lists have one page.
    fn note_items(&mut self) {
        for (place, item) in self.list.items.iter().enumerate().skip(self.seen.noted) {
            let places = self.seen.items.entry(item.name().to_owned()).or_default();
            if places.len() < NAMESAKES {
                places.push(place);
            }
        }
        self.seen.noted = self.list.items.len();
    }

    fn take_odd(&mut self, element: OddElement) {
        let OddElement { position, name, reason, raw } = element;
        if self.seen.odd.insert(raw.get().to_owned()) || self.repeated == 0 {
            let name = name.map(|name| json::excerpt(name.as_bytes()));
            self.list.warn(ListWarning::Element { page: self.taken, position, name, reason });
        }
    }

    fn go_on(&mut self, cursor: Cursor) {
        let warning = if self.repeated >= REPEATED || self.empty >= EMPTY {
            ListWarning::NothingNew { page: self.taken }
        } else if self.taken >= self.page_limit {
            ListWarning::TooManyPages { limit: self.page_limit }
        } else if self.bytes > self.byte_limit {
            ListWarning::TooLarge { limit: self.byte_limit }
        } else {
            self.next = Next::At(cursor);
            return;
        };
        self.list.cache = CacheHints::default();
        self.list.warn(warning);
    }
}

fn same<T: Listed>(a: &T, b: &T) -> bool {
    a.raw().get() == b.raw().get()
}
