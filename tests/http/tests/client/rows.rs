//! That each test which ROWS.md names for a row is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where they stand.
const FOLDERS: [&str; 5] = [
    "../../core/mcp/src",
    "../../core/mcp/tests",
    "../../adapters/mcp/tests",
    "../../adapters/http/tests",
    "tests",
];

/// The names of all functions of these sources, and of the folders in them.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let named = text.lines().filter_map(|line| line.split_once("fn ")?.1.split(['(', '<']).next());
            found.extend(named.map(str::to_owned));
        }
    }
}

#[test]
fn each_row_has_tests_and_all_of_them_are_there() {
    let (own, mut found) = (Path::new(env!("CARGO_MANIFEST_DIR")), BTreeSet::new());
    for folder in FOLDERS {
        functions(&own.join(folder), &mut found);
    }
    let text = fs::read_to_string(own.join("ROWS.md")).unwrap();
    let rows =
        text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once(" | "));
    let rows: Vec<_> = rows.filter(|(row, _)| *row != "row").collect();
    assert!(rows.len() > 90, "{}", rows.len());
    for (row, tests) in rows {
        let tests: Vec<_> = tests.split(", ").map(|test| test.trim_matches('`')).collect();
        let missing: Vec<_> = tests.iter().filter(|test| !found.contains(**test)).collect();
        assert!(missing.is_empty() && !tests.is_empty(), "{row}: {missing:?}");
    }
}
