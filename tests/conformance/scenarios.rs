//! The list of scenarios and the tests that it names.

use std::fs;
use std::path::Path;

use tenure_kit::{Place, SCENARIOS};

/// The folder of a place, beside this crate's own.
const fn folder(place: Place) -> &'static str {
    match place {
        Place::Children => "children",
        Place::Http => "http/tests",
        Place::Program => "../adapters/cli/tests",
        _ => "kit",
    }
}

/// All Rust files of a folder, one behind the other.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    all
}

#[test]
fn a_scenario_names_tests_that_are_there() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for scenario in SCENARIOS {
        let all: String = scenario.played.iter().map(|&place| sources(&tests.join(folder(place)))).collect();
        for test in scenario.tests {
            let is_there = [format!("fn {test}("), format!("fn {test}<")].iter().any(|it| all.contains(it));
            assert!(is_there, "{scenario}: there is no test {test}");
            named += 1;
        }
    }
    assert!(named > 10, "only {named}");
}
