//! What was tried with each peer, as tables in Markdown: server × era × runtime × what was tried, as child processes
//! and over HTTP. Whoever failed is named below, and then the exit code is 1.
//!
//!     cargo test --manifest-path tests/peers/Cargo.toml --test matrix -- [--whole] [--stdio] [--http] [PEER…]
//!
//! With `--whole` each server is tried in each way to choose the era, on both runtimes. Without, the servers that take
//! long to start are tried on tokio as they like it best, and on smol in each era that they have, over HTTP in the
//! older one alone. Servers that `tests/peers/real-servers` has not installed are skipped, and said so.

use std::process::ExitCode;

use peers::{Era, Peer};
use row::Row;
use support::{Runtime, Smol, Tokio};

mod child;
mod desk;
mod peers;
mod row;
mod steps;
mod subscription;
#[allow(unused_macros, reason = "it is a program of its own, not a list of tests")]
#[path = "../support/mod.rs"]
mod support;
mod web;
mod web_peers;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_whole = arguments.iter().any(|argument| argument == "--whole");
    let names: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let mut is_good = true;
    for (flag, title, peers) in
        [("--stdio", "stdio", peers::all()), ("--http", "Streamable HTTP", web_peers::all())]
    {
        if has(flag) || !(has("--stdio") || has("--http")) {
            let rows = rows(peers, &names, is_whole);
            row::print(title, &rows);
            is_good &= rows.iter().all(Row::is_good);
        }
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn rows(peers: Vec<Peer>, names: &[&String], is_whole: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for peer in peers {
        let is_wanted = names.is_empty() || names.iter().any(|name| **name == peer.name);
        if !is_wanted || (peer.command)().is_none() {
            continue;
        }
        // Where not all is tried on smol: over HTTP the era with the sessions is the one with more to try.
        let short = if peer.web.is_some() {
            peer.eras.last_chunk::<1>().map_or(peer.eras, |last| last)
        } else {
            peer.eras
        };
        for era in [Era::Auto, Era::Legacy, Era::Modern] {
            if is_whole || peer.is_quick || era == Era::Auto {
                rows.push(tried::<Tokio>(&peer, era));
            }
            if is_whole || peer.is_quick || short.contains(&era) {
                rows.push(tried::<Smol>(&peer, era));
            }
        }
    }
    rows
}

fn tried<R: Runtime>(peer: &Peer, era: Era) -> Row {
    let row = steps::row::<R>(peer, era);
    eprintln!("{}", row.line());
    row
}
