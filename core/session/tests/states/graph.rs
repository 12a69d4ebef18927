//! The diagrams are generated from the table of transitions and are the ones that are shown.

use std::fmt::Write;
use std::path::Path;

use tenure::Graph;

use crate::snapshot;

#[test]
fn the_mermaid_diagram_is_as_committed() {
    snapshot::compare("states.mmd", &Graph::Mermaid.to_string());
}

#[test]
fn the_dot_diagram_is_as_committed() {
    snapshot::compare("states.dot", &Graph::Dot.to_string());
}

#[test]
fn the_readme_shows_the_diagram_of_the_code() {
    let block = format!("```mermaid\n{}```\n", Graph::Mermaid);
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(&readme).unwrap_or_default();
    assert!(text.contains(&block), "README.md doesn't hold the diagram as it is. Paste this:\n\n{block}");
}

/// Takes so many bytes and no more.
struct Room(usize);

impl Write for Room {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 = self.0.checked_sub(text.len()).ok_or(std::fmt::Error)?;
        Ok(())
    }
}

#[test]
fn a_diagram_that_can_not_be_written_says_so_wherever_it_stops() {
    for graph in [Graph::Mermaid, Graph::Dot] {
        let whole = graph.to_string().len();
        assert!(write!(Room(whole), "{graph}").is_ok());
        for room in 0..whole {
            assert!(write!(Room(room), "{graph}").is_err(), "{graph:?} in {room} bytes");
        }
    }
}
