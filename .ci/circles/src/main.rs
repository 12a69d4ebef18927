//! `circles KNOWN ROOT…`: fails if files of a crate import each other in a circle. Each ROOT is the first file
//! of a crate: its `lib.rs`, `main.rs`, or a test's file. KNOWN lists imports that close a circle and are let
//! pass until they are gone, one `FILE imports FILE` a line; one that closes none any more fails too.
//!
//! A file imports another if it names something that is defined there, in a `use` or by its path. That a module
//! declares its children, or passes on what is theirs (`pub use`), is no import, unless it uses that itself;
//! who imports what is passed on imports it from where it is defined. Imports of tests written in the file that
//! they test (`#[cfg(test)] mod tests { … }`) don't count.
//!
//! Not seen: what is named in strings (attributes of serde), in the body of a `macro_rules!`, and what a glob
//! brings in, beyond the file that the glob names.

mod graph;
mod names;
mod resolve;
mod tree;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use resolve::Edges;
use tree::Tree;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [known, roots @ ..] = arguments.as_slice() else {
        eprintln!("usage: circles KNOWN ROOT…");
        return ExitCode::from(2);
    };
    match look(known, roots) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("circles: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns whether all is well.
fn look(list: &str, roots: &[String]) -> Result<bool, String> {
    let text = std::fs::read_to_string(list).map_err(|error| format!("{list}: {error}"))?;
    let known: BTreeSet<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let (mut files, mut imports) = (0, 0);
    let mut met = BTreeSet::new();
    // A circle in files that two crates share is told once.
    let mut circles = BTreeSet::new();
    for root in roots {
        let tree = tree::load(Path::new(root))?;
        let mut edges = resolve::edges(&tree);
        files += tree.files.len();
        imports += edges.len();
        let passed = closing(&known, &tree, &edges);
        edges.retain(|edge, _| !passed.contains(edge));
        met.extend(passed.iter().map(|edge| line(&tree, *edge)));
        for circle in graph::circles(tree.files.len(), &edges) {
            circles.insert(graph::words(&circle, &edges, &tree.files));
        }
    }
    for circle in &circles {
        print!("circles: CIRCLE:\n{circle}");
    }
    let stale: Vec<&&str> = known.iter().filter(|line| !met.contains(**line)).collect();
    for line in &stale {
        println!("circles: listed in {list}, but closes no circle any more: {line}");
    }
    // Nothing looked at is nothing shown.
    if !circles.is_empty() || !stale.is_empty() || imports == 0 {
        return Ok(false);
    }
    println!(
        "circles: ok: among {files} files of {} crates, {imports} imports: none but through the {} imports of {list}",
        roots.len(),
        known.len()
    );
    Ok(true)
}

/// The imports that are listed, and do close a circle.
fn closing(known: &BTreeSet<&str>, tree: &Tree, edges: &Edges) -> BTreeSet<(usize, usize)> {
    edges
        .keys()
        .copied()
        .filter(|&edge| known.contains(line(tree, edge).as_str()))
        .filter(|&(from, to)| graph::way(tree.files.len(), edges, to, from).is_some())
        .collect()
}

fn line(tree: &Tree, (from, to): (usize, usize)) -> String {
    format!("{} imports {}", tree.files[from].display(), tree.files[to].display())
}
