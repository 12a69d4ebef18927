//! A stream of events, read as the standard says it (WHATWG HTML, section 9.2.6), by one who has the whole of it.

use std::time::Duration;

/// An event that was dispatched, or would have been if it had data.
#[derive(Debug, PartialEq)]
pub(super) struct Said {
    /// Empty for `message`.
    pub(super) kind: String,
    pub(super) data: String,
    /// The last event id at that time.
    pub(super) cursor: Option<String>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Whole {
    pub(super) events: Vec<Said>,
    /// Where the stream can be taken up again.
    pub(super) cursor: Option<String>,
    /// How long the server wants to be left alone: it counts when its line ends, and not with the event only.
    pub(super) retry: Option<Duration>,
}

impl Whole {
    pub(super) fn of(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut lines: Vec<&str> = text.split('\n').collect();
        // What has no end is no line.
        lines.pop();
        let mut whole = Self::default();
        let (mut data, mut kind, mut id) = (String::new(), String::new(), None);
        for line in lines {
            if line.is_empty() {
                whole.cursor.clone_from(&id);
                if data.ends_with('\n') {
                    data.pop();
                }
                if kind == "message" {
                    kind.clear();
                }
                let (kind, data) = (std::mem::take(&mut kind), std::mem::take(&mut data));
                whole.events.push(Said { kind, data, cursor: whole.cursor.clone() });
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" => {
                    data.push_str(value);
                    data.push('\n');
                }
                "event" => value.clone_into(&mut kind),
                "id" if !value.contains('\0') => id = Some(value.to_owned()),
                "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                    whole.retry = Some(Duration::from_millis(value.parse().unwrap_or(u64::MAX)));
                }
                _ => {}
            }
        }
        whole
    }
}
