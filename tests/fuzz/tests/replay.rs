//! The committed corpora, and what once failed, through the targets.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use tenure_fuzz::TARGETS;

/// Fewer inputs than this are no corpus: somebody has lost it.
const FEWEST: usize = 50;

fn folder(kind: &str, target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(kind).join(target)
}

/// The files of a folder in the order of their names; none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn replay(kind: &str, target: &str, feed: fn(&[u8])) -> usize {
    let files = files(&folder(kind, target));
    let failed: Vec<_> = files
        .iter()
        .filter(|file| {
            let data = fs::read(file).unwrap();
            catch_unwind(|| feed(&data)).is_err()
        })
        .map(|file| file.file_name().unwrap().to_string_lossy())
        .collect();
    assert!(failed.is_empty(), "{target}: {} of {} fail in {kind}: {failed:#?}", failed.len(), files.len());
    files.len()
}

fn target(name: &str) {
    let (_, feed) = TARGETS.into_iter().find(|(target, _)| *target == name).unwrap();
    let inputs = replay("corpus", name, feed);
    assert!(inputs >= FEWEST, "{name}: {inputs} inputs, fewer than {FEWEST}");
    let regressions = replay("regressions", name, feed);
    println!("{name}: {inputs} inputs, {regressions} that failed once");
}

#[test]
fn histories() {
    target("histories");
}

#[test]
fn twins() {
    target("twins");
}

#[test]
fn framing() {
    target("framing");
}

#[test]
fn json() {
    target("json");
}

#[test]
fn peer() {
    target("peer");
}

#[test]
fn headers() {
    target("headers");
}

#[test]
fn sse() {
    target("sse");
}

#[test]
fn exchanges() {
    target("exchanges");
}

#[test]
fn traces() {
    target("traces");
}

#[test]
fn views() {
    target("views");
}

/// Each target has a shell for the fuzzer and a test above; no corpus belongs to none.
#[test]
fn every_target_is_everywhere() {
    let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    let stems = |kind: &str| {
        let name = |file: &PathBuf| file.file_stem().unwrap().to_string_lossy().into_owned();
        files(&folder(kind, "")).iter().map(name).collect::<Vec<_>>()
    };
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(stems("targets"), sorted);
    assert_eq!(stems("corpus"), sorted);
    let here = include_str!("replay.rs");
    for name in names {
        assert!(here.contains(&format!("fn {name}()")), "{name} has no test");
    }
}

/// The shortest inputs of all are nobody's find.
#[test]
fn nothing_at_all_is_an_input() {
    for (name, feed) in TARGETS {
        for data in [&[][..], &[0], &[0xff], &[0; 64], &[0xff; 64]] {
            assert!(catch_unwind(|| feed(data)).is_ok(), "{name}: {data:?}");
        }
    }
}
