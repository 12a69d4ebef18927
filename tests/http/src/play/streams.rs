//! Streams of events, kept for those who take them up again.

use serde_json::Value;

use crate::output::Disconnect;

#[derive(Default)]
pub(crate) struct Streams(Vec<Stream>);

#[derive(Default)]
struct Stream {
    events: Vec<String>,
    is_over: bool,
}

impl Streams {
    pub(crate) fn open(&mut self) -> usize {
        self.0.push(Stream::default());
        self.0.len() - 1
    }

    /// An event of that text.
    pub(crate) fn say(&mut self, stream: usize, event: &str) {
        if let Some(stream) = self.0.get_mut(stream) {
            stream.events.push(event.to_owned());
        }
    }

    /// An event with a message, and an id by which it is found again.
    pub(crate) fn message(&mut self, stream: usize, message: &Value) {
        let number = self.0.get(stream).map_or(0, |it| it.events.len());
        self.say(stream, &format!("id: {stream}-{number}\ndata: {message}\n\n"));
    }

    pub(crate) fn end(&mut self, stream: usize) {
        if let Some(stream) = self.0.get_mut(stream) {
            stream.is_over = true;
        }
    }

    /// The event of that number; `Ok(None)` after the last one; nothing if it is still to come.
    pub(crate) fn next(&self, stream: usize, number: usize) -> Option<Result<Option<String>, Disconnect>> {
        let Some(stream) = self.0.get(stream) else { return Some(Err(Disconnect::Gone)) };
        match stream.events.get(number) {
            Some(event) => Some(Ok(Some(event.clone()))),
            None => stream.is_over.then_some(Ok(None)),
        }
    }

    /// Where the events after this one are.
    pub(crate) fn position_after(&self, id: &str) -> Option<(usize, usize)> {
        let (stream, number) = id.split_once('-')?;
        let (stream, number) = (stream.parse().ok()?, number.parse::<usize>().ok()?);
        self.0.get(stream).map(|_| (stream, number + 1))
    }
}
