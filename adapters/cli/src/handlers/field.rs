//! One field of a form: how it is asked for, and what an answer comes to.

use serde_json::Value;
use serde_json::value::RawValue;
use tenure_mcp::proto::types::{Choice, FieldKind, FormField, FormSchema};

use crate::colour::{BOLD, Paint};
use crate::handlers::dialogue::quoted;
use crate::text;

/// So many choices are listed.
const MOST_CHOICES: usize = 50;
/// So many columns of a default, a choice or a name are shown.
const COLUMNS: usize = 60;

/// What stands above the answer.
pub(super) fn described(field: &FormField, paint: Paint) -> String {
    let optional = if field.is_required { "" } else { ", may be left out" };
    let title = paint.paint(BOLD, &short(title(field)));
    let mut lines = vec![format!("\n{title}: {}{optional}", kind(&field.kind))];
    lines.extend(field.description.as_deref().filter(|words| !words.trim().is_empty()).map(quoted));
    let choices = choices(&field.kind);
    let listed = choices.iter().take(MOST_CHOICES).zip(1..);
    lines.extend(listed.map(|(choice, number)| format!("{number:4}  {}", short(name(choice)))));
    if choices.len() > MOST_CHOICES {
        lines.push(format!("   …  {} in all", choices.len()));
    }
    lines.join("\n")
}

/// What stands before the answer: the default.
pub(super) fn prompt(field: &FormField) -> String {
    field
        .default
        .as_deref()
        .map_or_else(|| "> ".to_owned(), |default| format!("[{}] > ", shown(field, default)))
}

/// A value as people read it.
pub(super) fn shown(field: &FormField, value: &RawValue) -> String {
    let named = |value: &str| {
        choices(&field.kind)
            .iter()
            .find(|choice| choice.value == value)
            .map_or_else(|| value.to_owned(), |choice| name(choice).to_owned())
    };
    if let Ok(value) = serde_json::from_str::<String>(value.get()) {
        return short(&named(&value));
    }
    match serde_json::from_str::<Vec<String>>(value.get()) {
        Ok(values) => short(&values.iter().map(|value| named(value)).collect::<Vec<_>>().join(", ")),
        Err(_) if field.kind == FieldKind::Boolean => {
            if value.get() == "true" { "yes" } else { "no" }.to_owned()
        }
        Err(_) => short(value.get()),
    }
}

/// What the field's name is for people.
pub(super) fn title(field: &FormField) -> &str {
    field.title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or(&field.name)
}

/// What the answer comes to; `None` leaves the field out.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(
    form: &FormSchema,
    field: &FormField,
    answer: &str,
) -> Result<Option<Box<RawValue>>, &'static str> {
    let value = if answer.trim().is_empty() {
        match (&field.default, field.is_required, &field.kind) {
            (Some(default), ..) => default.clone(),
            (None, true, FieldKind::MultiSelect { .. }) => json(Value::Array(Vec::new()))?,
            (None, true, _) => return Err("must be filled in"),
            (None, false, _) => return Ok(None),
        }
    } else {
        value(&field.kind, answer)?
    };
    let content = content([(field.name.as_str(), &*value)]).ok_or("can't be sent")?;
    let mut problems = form.check(&content).into_iter();
    match problems.find(|problem| problem.field == field.name) {
        Some(problem) => Err(problem.problem),
        None => Ok(Some(value)),
    }
}

fn value(kind: &FieldKind, answer: &str) -> Result<Box<RawValue>, &'static str> {
    match kind {
        FieldKind::Text { .. } => json(answer),
        FieldKind::Number { .. } => raw(answer).ok_or("is no number"),
        FieldKind::Boolean => match answer.trim().to_lowercase().as_str() {
            "yes" | "y" | "true" => json(true),
            "no" | "n" | "false" => json(false),
            _ => Err("is neither yes nor no"),
        },
        FieldKind::Select { choices, .. } => json(chosen(choices, answer)?),
        FieldKind::MultiSelect { choices, .. } => {
            let mut all: Vec<&str> = Vec::new();
            for answer in answer.split(',').filter(|answer| !answer.trim().is_empty()) {
                let chosen = chosen(choices, answer)?;
                if !all.contains(&chosen) {
                    all.push(chosen);
                }
            }
            json(all)
        }
        _ => raw(answer).ok_or("is no JSON"),
    }
}

/// By its value, its name or its number.
fn chosen<'a>(choices: &'a [Choice], answer: &str) -> Result<&'a str, &'static str> {
    let answer = answer.trim();
    let is_named = |choice: &&Choice| choice.value == answer || name(choice) == answer;
    let numbered = || choices.get(answer.parse::<usize>().ok()?.checked_sub(1)?);
    let found = choices.iter().find(is_named).or_else(numbered);
    found.map(|choice| choice.value.as_str()).ok_or("is none of the choices")
}

fn raw(answer: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(answer.trim().to_owned()).ok()
}

fn json(value: impl Into<Value>) -> Result<Box<RawValue>, &'static str> {
    raw(&value.into().to_string()).ok_or("can't be sent")
}

/// The fields as an object, in this order.
pub(super) fn content<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a RawValue)>,
) -> Option<Box<RawValue>> {
    let entry = |(name, value): (&str, &RawValue)| format!("{}:{}", Value::from(name), value.get());
    raw(&format!("{{{}}}", fields.into_iter().map(entry).collect::<Vec<_>>().join(",")))
}

fn choices(kind: &FieldKind) -> &[Choice] {
    match kind {
        FieldKind::Select { choices, .. } | FieldKind::MultiSelect { choices, .. } => choices,
        _ => &[],
    }
}

fn name(choice: &Choice) -> &str {
    choice.title.as_deref().unwrap_or(&choice.value)
}

fn short(words: &str) -> String {
    text::clipped(&text::one_line(words), COLUMNS)
}

/// What may stand in it, in words.
fn kind(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text { min_length, max_length, format, .. } => {
            let format = format.as_deref().map_or_else(String::new, |format| format!(" ({})", short(format)));
            format!("text{format}{}", bounds(*min_length, *max_length, " characters"))
        }
        FieldKind::Number { is_integer, minimum, maximum, .. } => {
            let what = if *is_integer { "a whole number" } else { "a number" };
            format!("{what}{}", bounds(*minimum, *maximum, ""))
        }
        FieldKind::Boolean => "yes or no".to_owned(),
        FieldKind::Select { .. } => "one of these".to_owned(),
        FieldKind::MultiSelect { min_items, max_items, .. } => {
            format!("some of these, with commas between{}", bounds(*min_items, *max_items, " of them"))
        }
        _ => "JSON".to_owned(),
    }
}

fn bounds<T: std::fmt::Display>(least: Option<T>, most: Option<T>, of: &str) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!(", {least} to {most}{of}"),
        (Some(least), None) => format!(", at least {least}{of}"),
        (None, Some(most)) => format!(", at most {most}{of}"),
        (None, None) => String::new(),
    }
}
