//! The same stream, read by another library.
//!
//! Where `eventsource-stream` 0.2.3 and the standard differ, the standard is followed and nothing is compared:
//! - it keeps a carriage return at the end of the stream until it sees what follows; it is shown something harmless;
//! - it panics at a byte order mark at the start; the first is taken off before, and a comment stands before a second;
//! - it refuses what is no UTF-8, which the standard replaces; it is shown the stream with replacements;
//! - events without data move the id only with the next one that has data; the id is compared there;
//! - it takes `+5` for a number, and tells of a `retry` only with an event; it isn't asked for that.

use std::convert::Infallible;

use eventsource_stream::EventStream;
use futures_lite::stream::{self, block_on};

use super::whole::Whole;

pub(super) fn check(text: &str, whole: &Whole) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let harmless = if text.ends_with('\r') { ":" } else { "" };
    let stream = [":\n", text, harmless].concat();
    let read = EventStream::new(stream::iter([Ok::<_, Infallible>(stream.as_bytes())]));
    let events = block_on(read).map(|event| event.expect("it is text"));
    let events: Vec<_> = events.filter(|event| !event.data.is_empty()).collect();
    let expected: Vec<_> = whole.events.iter().filter(|event| !event.data.is_empty()).collect();
    assert_eq!(events.len(), expected.len(), "{events:?}, {expected:?}");
    for (event, expected) in events.iter().zip(expected) {
        let kind = if event.event == "message" { "" } else { &event.event };
        assert_eq!((kind, &event.data), (expected.kind.as_str(), &expected.data));
        assert_eq!(event.id, expected.cursor.clone().unwrap_or_default(), "{expected:?}");
    }
}
