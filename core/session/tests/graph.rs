//! The diagrams are generated from the table of transitions and are the ones that are shown.

#[path = "machine/snapshot.rs"]
#[allow(clippy::unwrap_used, reason = "helpers of tests")]
mod snapshot;

use std::path::Path;

use tenure::Graph;

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
