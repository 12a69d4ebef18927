//! The page of the crate's documentation.

use std::fmt::Write as _;

use crate::failures::FAILURES;
use crate::timeline::{timeline, wrapped};

/// Where the page is; documentation takes it from there.
pub(crate) const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../core/session/src/races.md");

const BEGIN: &str = "\
The races that this crate is here for, each in the shortest form there is.

A client keeps one session to a server and many tasks share it. Written by hand it is a lock, a counter of
users, the handle of the task that owns the session, and the session. Below are five such designs; v1
repaired v0, and v2 repaired v1. Each is a small model behind the public
[checker](crate::check); a breadth-first search found the shortest history after which an invariant doesn't
hold, and the same history was then given to [`Session`](crate::Session). `g1` is the first generation; leases
and callers are numbered in the order in which they came.
";

/// All failures, as they are found now.
pub(crate) fn page() -> Result<String, String> {
    let mut text = BEGIN.to_owned();
    for failure in &FAILURES {
        let timeline = timeline(&failure.found()?)?;
        let paragraph = |text| wrapped(text, "").join("\n");
        let (title, story, instead) = (failure.title, paragraph(failure.story), paragraph(failure.instead));
        let _ = write!(text, "\n# {title}\n\n{story}\n\n```text\n{timeline}```\n\n{instead}\n");
    }
    Ok(text)
}
