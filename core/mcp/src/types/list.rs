//! One page of a list (MCP 2025-11-25, server/utilities/pagination).

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::reader::Reader;
use crate::types::cache::CacheHints;
use crate::types::cursor::Cursor;
use crate::types::decode::{DecodeError, MOST_ELEMENTS, decode, kept, no_object, present, short, text};
use crate::types::result_type::ResultType;

/// What servers list: tools, resources, templates of resources, prompts. It can't be implemented elsewhere.
pub trait Listed: sealed::Readable {
    /// The request that lists them.
    const METHOD: &'static str;

    /// What it is asked for by: the name of a tool or prompt, the URI of a resource, a template of URIs.
    fn name(&self) -> &str;

    /// The whole of it as received.
    fn raw(&self) -> &RawValue;
}

pub(crate) mod sealed {
    use crate::jsonrpc::raw::Raw;
    use crate::jsonrpc::reader::Reader;
    use crate::types::list::OddElement;

    pub trait Readable: Sized {
        /// The field of the result that holds the list.
        const FIELD: &'static str;
        /// What the result is called.
        const RESULT: &'static str;

        /// The element of `whole` that begins here, or what is wrong with it; `None` if it is no object.
        fn next(whole: &Raw, at: &mut Reader<'_>) -> Option<Result<Self, String>>;

        /// What of it can't be read, though the rest can.
        fn odd_parts(&self) -> &[OddElement] {
            &[]
        }

        /// Why it can't be asked for over HTTP.
        #[cfg(feature = "http")]
        fn unsendable(&self) -> Option<String> {
            None
        }
    }
}

/// One page of a list.
///
/// An element that can't be read costs itself and nothing else: it is among the [`odd`](Self::odd) ones. What
/// else is not as it should be, and costs less than the page, is told by [`problems`](Self::problems).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListResult<T> {
    /// The elements in the server's order, without the odd ones.
    pub items: Vec<T>,
    /// The elements that can't be read.
    pub odd: Vec<OddElement>,
    /// What else is not as it should be, in words.
    pub problems: Vec<String>,
    /// Where the next page is.
    pub next_cursor: Option<Cursor>,
    /// How long this page may be kept, and by whom.
    pub cache: CacheHints,
    /// Whether this is final.
    pub result_type: ResultType,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// The whole result as received.
    pub raw: Raw,
}

/// An element of a list that can't be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OddElement {
    /// Its place on its page, from 0.
    pub position: usize,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// The whole element as received.
    pub raw: Raw,
}

impl<T: Listed> ListResult<T> {
    /// Reads a page.
    ///
    /// # Errors
    /// If nothing of it can be read: it is no object, it has no list and asks for no input either, or its
    /// `resultType` is unknown (MCP 2026-07-28, basic/patterns).
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (page, raw) = decode(raw, T::RESULT, |raw| {
            let names = [T::FIELD, "nextCursor", "ttlMs", "cacheScope", "resultType", "_meta"];
            let mut page = None;
            let fields = Reader::of(raw).fields_with(names, |place, value| {
                if place == 0 {
                    page = Page::next(raw, value);
                }
            });
            let [list, cursor, ttl, scope, kind, meta] = fields.ok_or_else(|| no_object(raw))?;
            let kind = ResultType::read(kind)?;
            let mut page = page.map_or_else(|| Page::without_list(list, kind), Ok)?;
            let cursor = page.cursor(cursor);
            Ok((page, cursor, CacheHints::read(ttl, scope), kind, kept(raw, meta)))
        })?;
        let (Page { items, odd, problems }, next_cursor, cache, result_type, meta) = page;
        Ok(Self { items, odd, problems, next_cursor, cache, result_type, meta, raw })
    }
}

#[cfg(feature = "http")]
impl<T: Listed> ListResult<T> {
    /// Moves the tools whose `x-mcp-header` isn't valid to the [`odd`](Self::odd) ones. Other elements stay.
    ///
    /// That is for HTTP in the modern era, where such a tool must not be called (MCP 2026-07-28,
    /// basic/transports/streamable-http, "Custom Headers from Tool Parameters"). On any other way the annotation says
    /// nothing.
    pub fn retain_valid_headers(&mut self) {
        let odd: Vec<usize> = self.odd.iter().map(|element| element.position).collect();
        let mut positions = (0_usize..).filter(|position| odd.binary_search(position).is_err());
        for item in std::mem::take(&mut self.items) {
            let position = positions.next().unwrap_or(usize::MAX);
            match item.unsendable() {
                None => self.items.push(item),
                Some(reason) => {
                    let (name, raw) = (Some(item.name().to_owned()), item.raw().to_owned().into());
                    self.odd.push(OddElement { position, name, reason, raw });
                }
            }
        }
        self.odd.sort_by_key(|element| element.position);
    }
}

/// What is read of a page so far.
struct Page<T> {
    items: Vec<T>,
    odd: Vec<OddElement>,
    problems: Vec<String>,
}

impl<T: Listed> Page<T> {
    fn new() -> Self {
        Self { items: Vec::new(), odd: Vec::new(), problems: Vec::new() }
    }

    /// A page with something else in the place of its list.
    fn without_list(list: Option<&RawValue>, kind: ResultType) -> Result<Self, String> {
        let name = T::FIELD;
        let mut page = Self::new();
        match list {
            None if kind == ResultType::InputRequired => {}
            None => return Err(format!("{name} is missing")),
            // What servers write that keep an empty list as nothing.
            Some(list) if json::is_null(list) => page.problems.push(format!("{name} is null")),
            Some(list) => return Err(format!("{name} is not a list but {}", short(list))),
        }
        Ok(page)
    }

    /// The list that begins here, if one does.
    fn next(whole: &Raw, at: &mut Reader<'_>) -> Option<Self> {
        let mut page = Self::new();
        let (mut position, mut is_whole) = (0_usize, true);
        at.array(|element| {
            if position >= MOST_ELEMENTS {
                is_whole = false;
                return element.next_value().map(drop);
            }
            page.take_next(position, whole, element)?;
            position = position.saturating_add(1);
            Some(())
        })?;
        if !is_whole {
            let name = T::FIELD;
            page.problems.push(format!("{name} has more than {MOST_ELEMENTS} elements; the first are read"));
        }
        Some(page)
    }

    /// Takes the element that begins here, which has this position.
    fn take_next(&mut self, position: usize, whole: &Raw, at: &mut Reader<'_>) -> Option<()> {
        let begin = at.place();
        let read = T::next(whole, at);
        let raw = if read.is_some() { at.since(begin) } else { at.next_value()? };
        match read.unwrap_or_else(|| Err(no_object(raw))) {
            Ok(item) => {
                for part in item.odd_parts() {
                    let (name, OddElement { position: at, reason, .. }) = (T::FIELD, part);
                    self.problems.push(format!("{name}[{position}], part [{at}]: {reason}"));
                }
                self.items.push(item);
            }
            Err(reason) => self.odd.push(OddElement::new(position, reason, whole.part(raw))),
        }
        Some(())
    }

    fn cursor(&mut self, cursor: Option<&RawValue>) -> Option<Cursor> {
        let cursor = present(cursor)?;
        if cursor.get().starts_with('"') {
            return Some(Cursor::new(cursor.to_owned()));
        }
        self.problems.push(format!("nextCursor is not a string but {}", short(cursor)));
        // A server that counts its pages understands its own number. What else it may be is no place to go on.
        let is_number = cursor.get().starts_with(|first: char| first == '-' || first.is_ascii_digit());
        is_number.then(|| Cursor::new(cursor.to_owned()))
    }
}

impl OddElement {
    pub(crate) fn new(position: usize, reason: String, raw: Raw) -> Self {
        let name = json::fields_of(&raw, ["name"]).and_then(|[name]| text(name));
        Self { position, name, reason, raw }
    }

    /// What stands in the place of a whole list.
    pub(crate) fn whole(reason: String, raw: Raw) -> Self {
        Self { position: 0, name: None, reason, raw }
    }
}
