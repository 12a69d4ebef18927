//! `circles ROOT…`: fails if files of a crate import each other in a circle. Each ROOT is the first file of a
//! crate: its `lib.rs`, `main.rs`, or a test's file.
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

fn main() -> ExitCode {
    let roots: Vec<String> = std::env::args().skip(1).collect();
    if roots.is_empty() {
        eprintln!("usage: circles ROOT…");
        return ExitCode::from(2);
    }
    match look(&roots) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("circles: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns whether all is well.
fn look(roots: &[String]) -> Result<bool, String> {
    let (mut files, mut imports) = (0, 0);
    // A circle in files that two crates share is told once.
    let mut circles = BTreeSet::new();
    for root in roots {
        let tree = tree::load(Path::new(root))?;
        let edges = resolve::edges(&tree);
        files += tree.files.len();
        imports += edges.len();
        for circle in graph::circles(tree.files.len(), &edges) {
            circles.insert(graph::words(&circle, &edges, &tree.files));
        }
    }
    for circle in &circles {
        print!("circles: CIRCLE:\n{circle}");
    }
    // Nothing looked at is nothing shown.
    if !circles.is_empty() || imports == 0 {
        return Ok(false);
    }
    println!("circles: ok: none among {files} files of {} crates, {imports} imports", roots.len());
    Ok(true)
}
