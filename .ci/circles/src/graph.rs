//! Circles among files.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::resolve::Edges;

/// One shortest circle through each file that is in one, each told once.
pub fn circles(files: usize, edges: &Edges) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = (0..files).filter_map(|file| way_back(files, edges, file)).collect();
    for circle in &mut all {
        let least = (0..circle.len()).min_by_key(|&at| circle[at]).unwrap_or(0);
        circle.rotate_left(least);
    }
    all.sort();
    all.dedup();
    all
}

/// The shortest way along imports from a file back to itself, found in breadth.
fn way_back(files: usize, edges: &Edges, start: usize) -> Option<Vec<usize>> {
    let mut from = vec![None; files];
    let mut layer = vec![start];
    while !layer.is_empty() {
        let mut next = Vec::new();
        for file in layer {
            for &(_, to) in edges.range((file, 0)..=(file, usize::MAX)).map(|(edge, _)| edge) {
                if to == start {
                    return Some(back(&from, start, file));
                }
                if from[to].is_none() {
                    from[to] = Some(file);
                    next.push(to);
                }
            }
        }
        layer = next;
    }
    None
}

fn back(from: &[Option<usize>], start: usize, mut file: usize) -> Vec<usize> {
    let mut way = vec![file];
    while file != start {
        match from[file] {
            Some(before) => file = before,
            None => break,
        }
        way.push(file);
    }
    way.reverse();
    way
}

/// A line for each import of a circle.
pub fn words(circle: &[usize], edges: &Edges, files: &[PathBuf]) -> String {
    let mut text = String::new();
    for (at, &from) in circle.iter().enumerate() {
        let to = circle[(at + 1) % circle.len()];
        let names: Vec<&str> =
            edges.get(&(from, to)).into_iter().flatten().map(String::as_str).take(4).collect();
        let _ = writeln!(
            text,
            "    {} imports {}: {}",
            files[from].display(),
            files[to].display(),
            names.join(", ")
        );
    }
    text
}
