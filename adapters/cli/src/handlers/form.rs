//! A form, filled in field by field.

use serde_json::value::RawValue;
use tenure_mcp::proto::types::{ElicitAction, FormSchema};

use crate::colour::Paint;
use crate::handlers::dialogue::Dialogue;
use crate::handlers::field;
use crate::text;

const HELP: &str = "An empty answer takes what stands in [ ]. :decline says no, :cancel leaves it.";

#[derive(Clone, Copy)]
enum Review {
    Send,
    Decline,
    Again,
}

/// The form's content, once the person has seen all of it and agreed.
///
/// # Errors
/// They did not.
pub(super) async fn fill(
    dialogue: &mut Dialogue<'_>,
    form: &FormSchema,
) -> Result<Box<RawValue>, ElicitAction> {
    dialogue.say(HELP.to_owned()).await;
    loop {
        let filled = fields(dialogue, form).await?;
        let content = field::content(filled.iter().map(|(name, value)| (*name, &**value)));
        let content = content.ok_or(ElicitAction::Cancel)?;
        dialogue.say(summary(form, &filled)).await;
        let words = [("yes", Review::Send), ("no", Review::Decline), ("again", Review::Again)];
        match dialogue.choose("Send this? (yes, no, again)", &words).await? {
            Review::Send => return Ok(content),
            Review::Decline => return Err(ElicitAction::Decline),
            Review::Again => {}
        }
    }
}

/// What stands in each field that is not left out.
type Filled<'a> = Vec<(&'a str, Box<RawValue>)>;

async fn fields<'a>(dialogue: &mut Dialogue<'_>, form: &'a FormSchema) -> Result<Filled<'a>, ElicitAction> {
    let paint = Paint::on_stderr();
    let mut filled = Vec::new();
    for field in &form.fields {
        dialogue.say(field::described(field, paint)).await;
        let value = loop {
            let answer = dialogue.ask(field::prompt(field)).await?;
            match field::read(form, field, &answer) {
                Ok(value) => break value,
                Err(problem) => dialogue.say(format!("That {problem}.")).await,
            }
        };
        filled.extend(value.map(|value| (field.name.as_str(), value)));
    }
    Ok(filled)
}

fn summary(form: &FormSchema, filled: &Filled<'_>) -> String {
    let mut lines = vec![String::new()];
    for field in &form.fields {
        let title = text::clipped(&text::one_line(field::title(field)), 30);
        let value = filled.iter().find(|(name, _)| *name == field.name);
        let value = value.map_or_else(|| "(left out)".to_owned(), |(_, value)| field::shown(field, value));
        lines.push(text::clipped(&format!("  {title}: {value}"), 79));
    }
    lines.join("\n")
}
