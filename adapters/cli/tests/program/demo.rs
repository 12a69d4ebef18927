//! The demo, as a newcomer and as a script see it.

use std::time::{Duration, Instant};

use crate::on_both_runtimes;
use crate::support::{Folder, run, start};
#[cfg(unix)]
use unix::{
    a_reader_that_is_stuck_does_not_keep_it, a_signal_ends_it,
    a_terminal_gets_colours_unless_they_are_forbidden,
};

#[cfg(unix)]
mod unix;

on_both_runtimes!(
    every_step_holds_in_time,
    the_columns_are_aligned_and_each_end_is_its_own_generations,
    it_fits_a_terminal_of_80_columns,
    each_verdict_comes_below_its_lines,
    #[cfg(unix)]
    a_terminal_gets_colours_unless_they_are_forbidden,
    as_json_it_is_one_document,
    its_trace_can_be_done_again,
    #[cfg(unix)]
    a_signal_ends_it,
    #[cfg(unix)]
    a_reader_that_is_stuck_does_not_keep_it,
    a_reader_that_went_away_is_no_failure,
);

fn every_step_holds_in_time(runtime: &str) {
    let begin = Instant::now();
    let text = run(["demo", "--runtime", runtime]).held();
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert_eq!(text.matches("✓ held").count(), 11, "{text}");
    assert!(!text.contains("BROKEN") && text.ends_with("11 of 11 verdicts held\n"), "{text}");
}

fn the_columns_are_aligned_and_each_end_is_its_own_generations(runtime: &str) {
    let text = run(["demo", "--runtime", runtime]).held();
    let heading: Vec<char> =
        text.lines().find(|line| line.contains("what happened")).unwrap().chars().collect();
    let starts: Vec<usize> = ["gen", "state", "what happened", "why"]
        .iter()
        .map(|word| heading.iter().collect::<String>().find(word).unwrap())
        .collect();
    let lines: Vec<Vec<char>> =
        text.lines().filter(|line| line.contains("s  g")).map(|line| line.chars().collect()).collect();
    assert!(lines.len() > 30, "{text}");
    for line in &lines {
        let cut = starts.iter().filter(|start| **start < line.len());
        assert!(cut.clone().all(|start| line[*start] != ' ' && line[*start - 1] == ' '), "{text}");
    }
    let generations = |words: &str| -> Vec<&str> {
        text.lines()
            .filter(|line| line.contains(words))
            .filter_map(|line| line.split_whitespace().nth(1))
            .collect()
    };
    assert_eq!(generations(" has ended"), ["g1", "g2", "g3"]);
    assert_eq!(generations(" is over"), ["g1", "g2", "g3"]);
    assert_eq!(generations("handshake complete"), ["g1", "g2", "g3"]);
}

fn it_fits_a_terminal_of_80_columns(runtime: &str) {
    let text = run(["demo", "--runtime", runtime]).held();
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| widest <= 80), "{widest:?}: {text}");
    assert!(text.contains("▶ THE RACE: g1 is dying") && !text.contains('\u{1b}'), "{text}");
}

fn each_verdict_comes_below_its_lines(runtime: &str) {
    let text = run(["demo", "--runtime", runtime]).held();
    let mut at = 0;
    for words in [
        "── four tasks",
        "lease 4 is released",
        "✓ held: one connect",
        "── a force close",
        "granted lease 5",
        "stop g1",
        "✓ held: the closing caller",
        "caller 5 waits",
        "▶ THE RACE",
        "runner g1 has ended",
        "caller 5 gets lease 6 of g2",
        "✓ held: the new caller",
        "✓ held: the teardown",
        "── a lease of the old",
        "lease 5 is released",
        "▶ A naive client counts",
        "✓ held: the late release",
        "── the server is killed",
        "g2 is over",
        "✓ held: the call failed",
        "of g3",
        "✓ held: the next caller",
        "── the end",
        "shutdown (graceful)",
        "g3 is over",
        "✓ held: no server",
        "11 of 11",
    ] {
        at = at + text[at..].find(words).unwrap_or_else(|| panic!("{words:?} is not below the last: {text}"));
    }
    let last = text.find("── the end").unwrap();
    assert!(!text[last..].contains("is released"), "{text}");
}

fn as_json_it_is_one_document(runtime: &str) {
    let ran = run(["demo", "--json", "--runtime", runtime]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, ran.stdout.lines().count(), &document["held"]), (0, 1, &true.into()));
    assert_eq!(document["verdicts"].as_array().map(Vec::len), Some(11));
    assert!(ran.stderr.iter().any(|line| line.contains("what happened")));
}

fn its_trace_can_be_done_again(runtime: &str) {
    let folder = Folder::new();
    let trace = folder.path("trace");
    run(["demo", "--runtime", runtime, "--trace", trace.to_str().unwrap()]).held();
    let text = run(["replay", trace.to_str().unwrap()]).held();
    assert!(text.contains("3 generations, ends Closed"), "{text}");
}

fn a_reader_that_went_away_is_no_failure(runtime: &str) {
    let mut running = start(["demo", "--runtime", runtime]);
    drop(running.stdout());
    running.wait().held();
}
