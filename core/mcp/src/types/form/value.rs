//! What stands in a field, held against what may.

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::number::integer;
use crate::jsonrpc::string::string;
use crate::types::decode::elements;
use crate::types::form::kind::{Choice, FieldKind, number};

/// The names and values of an object, in order, repeated ones included; `None` if it is none.
pub(super) fn entries(raw: &RawValue) -> Option<Vec<(String, &RawValue)>> {
    let mut entries = Vec::new();
    let read = json::entries(raw.get(), &mut |name, value| {
        entries.push((string(name).unwrap_or_default(), value));
        Ok(())
    });
    read.is_ok().then_some(entries)
}

/// What is wrong with a value of this kind.
pub(super) fn value(kind: &FieldKind, value: &RawValue) -> Option<&'static str> {
    match kind {
        FieldKind::Text { min_length, max_length, .. } => match string(value) {
            Some(text) => {
                length(text.chars().count(), *min_length, *max_length, ["is too short", "is too long"])
            }
            None => Some("is no text"),
        },
        FieldKind::Number { is_integer, minimum, maximum } => match number(value) {
            Some(_) if *is_integer && integer(value.get()).is_none() => Some("is no whole number"),
            Some(number) if minimum.is_some_and(|minimum| number < minimum) => Some("is too small"),
            Some(number) if maximum.is_some_and(|maximum| number > maximum) => Some("is too large"),
            Some(_) => None,
            None => Some("is no number"),
        },
        FieldKind::Boolean => {
            (!matches!(value.get(), "true" | "false")).then_some("is neither true nor false")
        }
        FieldKind::Select { choices } => match string(value) {
            Some(text) => (!is_one_of(&text, choices)).then_some("is none of the choices"),
            None => Some("is no text"),
        },
        FieldKind::MultiSelect { choices, min_items, max_items } => {
            let chosen = elements(value).filter(|chosen| chosen.is_whole);
            let chosen: Option<Vec<_>> =
                chosen.and_then(|chosen| chosen.read.into_iter().map(string).collect());
            match chosen {
                Some(chosen) if !chosen.iter().all(|it| is_one_of(it, choices)) => {
                    Some("has what is none of the choices")
                }
                Some(chosen) => length(chosen.len(), *min_items, *max_items, ["are too few", "are too many"]),
                None => Some("is no list of texts"),
            }
        }
        FieldKind::Other => None,
    }
}

fn is_one_of(text: &str, choices: &[Choice]) -> bool {
    choices.iter().any(|choice| choice.value == text)
}

fn length(
    length: usize,
    least: Option<u64>,
    most: Option<u64>,
    [short, long]: [&'static str; 2],
) -> Option<&'static str> {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    if least.is_some_and(|least| length < least) {
        Some(short)
    } else if most.is_some_and(|most| length > most) {
        Some(long)
    } else {
        None
    }
}
