//! Traces that were damaged, and texts that never were traces.

use tenure::trace::{Event, Footer, Header, Recorder, VERSION, replay};
use tenure::{Config, Script};

use crate::bytes::Bytes;
use crate::machine::{self, HistoryClock};
use crate::text;

/// Histories are short: it is the text that is of interest.
const LONGEST: usize = 24;

/// A byte of kind. Then a text; or a history, which is recorded, and what is done to the recording.
pub fn traces(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let kind = bytes.byte();
    if kind.is_multiple_of(4) {
        return replays(&String::from_utf8_lossy(&text::traces(bytes)));
    }
    let length = usize::from(bytes.byte()) % LONGEST;
    let original = recorded(&mut bytes, length);
    let replayed = replay(original.lines()).map(|replayed| replayed.events);
    assert_eq!(replayed, Ok(original.lines().count() as u64 - 2), "a trace is not replayed:\n{original}");

    let mut damaged = original.clone().into_bytes();
    for _ in 0..=kind >> 6 {
        damage(&mut damaged, &mut bytes);
    }
    let Ok(damaged) = String::from_utf8(damaged) else {
        return;
    };
    if kind % 4 == 1 {
        replays(&resealed(&damaged));
    } else {
        is_noticed(&original, &damaged);
    }
}

fn recorded(bytes: &mut Bytes<'_>, length: usize) -> String {
    let config = machine::config(bytes);
    let mut script = Script::new(config.clone());
    let mut recorder = Recorder::new(&config);
    let mut clock = HistoryClock::default();
    let mut text = recorder.header();
    for _ in 0..length {
        let Some((now, input)) = clock.step(bytes, &script) else {
            break;
        };
        let output = script.apply(now, input);
        text += &recorder.line(now, input, output);
    }
    text + &recorder.footer()
}

/// A line more, less, elsewhere or twice; or a change within one; or an end too soon.
fn damage(text: &mut Vec<u8>, bytes: &mut Bytes<'_>) {
    let how = bytes.byte() & 15;
    if how < 8 {
        return text::edit(text, bytes);
    }
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (bytes.place(lines.len()), bytes.place(lines.len()));
    let line = lines.get(one).cloned();
    match how {
        8 | 9 => drop(lines.drain(one.min(lines.len())..).next()),
        10 | 11 => lines.insert(other.min(lines.len()), line.unwrap_or_default()),
        12 if one < lines.len() && other < lines.len() => lines.swap(one, other),
        13 if one < lines.len() => drop(lines.remove(one)),
        _ => {
            let at = bytes.place(text.len().max(1));
            return text.truncate(at);
        }
    }
    *text = lines.concat();
}

/// Refused, unless every line is what it was. Blanks in the last line may differ: no checksum counts it.
fn is_noticed(original: &str, damaged: &str) {
    let result = replay(damaged.lines());
    if original.lines().eq(damaged.lines()) {
        assert!(result.is_ok(), "nothing was damaged: {result:?}");
        return;
    }
    assert!(result.is_err() || is_same(original, damaged), "not noticed:\n{original}\nbecame\n{damaged}");
}

fn is_same(original: &str, damaged: &str) -> bool {
    let (before, after) = (original.lines().collect::<Vec<_>>(), damaged.lines().collect::<Vec<_>>());
    match (before.split_last(), after.split_last()) {
        (Some((last, lines)), Some((new_last, new_lines))) => {
            let (last, new_last) =
                (serde_json::from_str::<Footer>(last), serde_json::from_str::<Footer>(new_last));
            lines == new_lines && last.ok().is_some_and(|last| new_last.is_ok_and(|new| new == last))
        }
        _ => false,
    }
}

/// The same lines with a last line that is right for them: nothing but the machine can tell the damage.
fn resealed(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.pop();
    let mut checksum = 0xcbf2_9ce4_8422_2325_u64;
    for byte in lines.iter().flat_map(|line| line.bytes().chain([b'\n'])) {
        checksum = (checksum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let events = lines.len().saturating_sub(1);
    let footer = format!("{{\"events\":{events},\"checksum\":{checksum}}}");
    lines.push(&footer);
    lines.join("\n")
}

/// Any text is refused, or tells what the machine really does.
fn replays(text: &str) {
    let mut lines = text.lines();
    let header = lines.next().and_then(|line| serde_json::from_str::<Header>(line).ok());
    if header.as_ref().is_some_and(|header| !machine::is_quick(&header.config)) {
        return;
    }
    let result = replay(text.lines());
    let Ok(replayed) = result else {
        return;
    };
    let header = header.expect("a trace that was replayed has a header");
    assert_eq!(header.tenure_trace, VERSION, "of another version");
    let events: Vec<Event> = lines.map_while(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(events.len() + 2, text.lines().count(), "a line is neither event nor footer:\n{text}");
    assert_eq!(replayed.events, events.len() as u64, "the count of events");
    happened(header.config, events);
}

fn happened(config: Config, events: Vec<Event>) {
    let mut script = Script::new(config);
    for (event, number) in events.into_iter().zip(1..) {
        assert_eq!(event.n, number, "events are numbered");
        assert_eq!(script.apply(event.t, event.input), event.output, "of event {number}");
    }
}
