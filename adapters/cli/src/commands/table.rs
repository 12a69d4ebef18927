//! Lists, as columns or as a document.

use tenure_mcp::Error;
use tenure_mcp::proto::pages::List;
use tenure_mcp::proto::types::{Listed, Text};

use super::misfit;
use crate::exit::Failed;
use crate::session::Output;
use crate::text;

/// What is said when a description has more than its first line.
const CUT: &str = "descriptions that end with … go on; --json has them whole";

/// One line: what comes first in columns, then the description.
pub(super) struct Row {
    pub(super) columns: Vec<String>,
    pub(super) description: Option<Text>,
}

/// A list that came, or what became of it. `field` is the list's name in the server's answers.
pub(super) fn output<T: Listed>(
    listed: Result<List<T>, Error>,
    json: bool,
    field: &str,
    row: impl Fn(&T) -> Row,
) -> Result<Output, Failed> {
    let list = match listed {
        Ok(list) => list,
        Err(Error::Unreadable { reason, raw }) => return Ok(misfit::output(raw.get(), json, reason)),
        Err(error) => return Err(error.into()),
    };
    let mut notes: Vec<String> = list.warnings.iter().map(ToString::to_string).collect();
    if json {
        let raw: Vec<&str> = list.iter().map(|item| item.raw().get()).collect();
        return Ok(Output { text: format!("{{\"{field}\":[{}]}}\n", raw.join(",")), notes, failed: None });
    }
    let rows: Vec<Row> = list.iter().map(row).collect();
    let text = aligned(&rows);
    if text.lines().any(|line| line.ends_with(text::MORE)) {
        notes.push(CUT.to_owned());
    }
    Ok(Output { text, notes, failed: None })
}

fn aligned(rows: &[Row]) -> String {
    let shown: Vec<Vec<String>> =
        rows.iter().map(|row| row.columns.iter().map(|column| text::one_line(column)).collect()).collect();
    let count = shown.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| shown.iter().filter_map(|row| row.get(at)).map(|text| text::width(text)).max();
    let widths: Vec<usize> = (0..count).map(|at| widest(at).unwrap_or(0)).collect();
    let line = |(columns, row): (&Vec<String>, &Row)| {
        let padded = columns.iter().zip(&widths).map(|(column, width)| text::padded(column, *width) + "  ");
        let description = text::first_line(row.description.as_deref().unwrap_or_default());
        (padded.collect::<String>() + &description).trim_end().to_owned() + "\n"
    };
    shown.iter().zip(rows).map(line).collect()
}
