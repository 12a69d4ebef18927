//! Where the parts of a JSON text are: one pass, nothing built, nothing copied.
//!
//! It reads what `serde_json` reads, and gives up on two things: on what isn't JSON, without a word about it, and on a
//! text that nobody has read yet and that is nested deeper than what [`ends`] follow. Whoever needs the word or the
//! rest asks `serde_json`, see [`fields`](crate::jsonrpc::json::fields).

use memchr::memchr;
use serde_json::value::RawValue;

use crate::jsonrpc::ends::{self, Known};
use crate::jsonrpc::known::known;

/// A place in a JSON text.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    rest: &'a [u8],
    known: Known,
}

impl<'a> Reader<'a> {
    /// The beginning of a text of which nothing is known.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, rest: text.as_bytes(), known: Known::of(text) }
    }

    /// The beginning of a text that is known to be JSON.
    pub(crate) fn of(raw: &'a RawValue) -> Self {
        Self { text: raw.get(), rest: raw.get().as_bytes(), known: Known::JSON }
    }

    /// The named fields of the object that is the whole text, blanks aside. Of a repeated one the last counts.
    pub(crate) fn fields<const N: usize>(self, names: [&str; N]) -> Option<[Option<&'a RawValue>; N]> {
        self.fields_with(names, |_, _| {})
    }

    /// The same; at each that is found, `read` is told its place among the names. It may read the value that begins
    /// there, or leave it.
    pub(crate) fn fields_with<const N: usize>(
        mut self,
        names: [&str; N],
        read: impl FnMut(usize, &mut Self),
    ) -> Option<[Option<&'a RawValue>; N]> {
        self.rest = ends::blanks(self.rest);
        let found = self.next_fields_with(names, read)?;
        ends::blanks(self.rest).is_empty().then_some(found)
    }

    /// The named fields of the object that begins here. If none does, this stays where it is.
    #[inline]
    pub(crate) fn next_fields<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Option<[Option<&'a RawValue>; N]> {
        self.next_fields_with(names, |_, _| {})
    }

    #[inline]
    fn next_fields_with<const N: usize>(
        &mut self,
        names: [&str; N],
        mut read: impl FnMut(usize, &mut Self),
    ) -> Option<[Option<&'a RawValue>; N]> {
        let mut found = [None; N];
        self.object(|key, value| {
            let Some(place) = place(key, &names) else {
                return value.skip_value();
            };
            let begin = value.place();
            read(place, value);
            if value.place() == begin {
                value.skip_value()?;
            }
            *found.get_mut(place)? = Some(value.since(begin));
            Some(())
        })?;
        Some(found)
    }

    /// Calls `each` at each element of the array that begins here; it reads the element. If none begins here, this
    /// stays where it is.
    pub(crate) fn array(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let [b'[', inside @ ..] = self.rest else {
            return None;
        };
        self.rest = ends::blanks(inside);
        if let [b']', behind @ ..] = self.rest {
            self.rest = behind;
            return Some(());
        }
        loop {
            each(self)?;
            if self.is_last(b']')? {
                return Some(());
            }
            self.rest = ends::blanks(self.rest);
        }
    }

    /// The value that begins here.
    pub(crate) fn next_value(&mut self) -> Option<&'a RawValue> {
        let begin = self.place();
        self.skip_value().map(|()| self.since(begin))
    }

    /// Where in the text this is.
    pub(crate) fn place(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    /// What stands between this place and here, a value.
    pub(crate) fn since(&self, begin: usize) -> &'a RawValue {
        known(self.text.get(begin..self.place()).unwrap_or("null"))
    }

    /// Calls `each` with each key of the object that begins here, with its quotes, at its value; it reads that.
    #[inline]
    fn object(&mut self, mut each: impl FnMut(&'a [u8], &mut Self) -> Option<()>) -> Option<()> {
        let [b'{', inside @ ..] = self.rest else {
            return None;
        };
        self.rest = ends::blanks(inside);
        if let [b'}', behind @ ..] = self.rest {
            self.rest = behind;
            return Some(());
        }
        loop {
            let from = ends::blanks(self.rest);
            let behind = ends::key(from, self.known)?;
            let (key, _) = from.split_at_checked(from.len().saturating_sub(behind.len()))?;
            self.rest = ends::blanks(ends::behind(behind, b':')?);
            each(key, self)?;
            if self.is_last(b'}')? {
                return Some(());
            }
        }
    }

    /// Behind an element: whether it was the last one.
    #[inline]
    fn is_last(&mut self, close: u8) -> Option<bool> {
        let is_last;
        (self.rest, is_last) = ends::element(self.rest, close)?;
        Some(is_last)
    }

    #[inline]
    fn skip_value(&mut self) -> Option<()> {
        self.rest = ends::value(self.rest, self.known)?;
        Some(())
    }
}

/// A key's place among the names, which need no escapes. The key has its quotes.
#[inline]
fn place(key: &[u8], names: &[&str]) -> Option<usize> {
    let [b'"', inside @ .., b'"'] = key else {
        return None;
    };
    let place = names.iter().position(|name| name.as_bytes() == inside);
    place.or_else(|| escaped_place(key, names))
}

#[inline(never)]
fn escaped_place(key: &[u8], names: &[&str]) -> Option<usize> {
    memchr(b'\\', key)?;
    // One with half of a pair of UTF-16 is no name.
    let key: String = serde_json::from_slice(key).ok()?;
    names.iter().position(|name| *name == key)
}

#[cfg(test)]
mod tests;
