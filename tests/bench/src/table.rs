//! What was measured, in Markdown.

use std::fmt::Write as _;

use crate::contest::Spread;
use crate::goals::Goal;
use crate::results::{Curve, Results};

/// The goals alone.
pub fn goals(goals: &[Goal]) -> String {
    let mut table = String::from("| | value | goal | met |\n|---|--:|--:|---|\n");
    for goal in goals {
        let value = goal.value.map_or_else(|| "not measured".to_owned(), number);
        let met = if goal.is_met() { "yes" } else { "no" };
        let _ =
            writeln!(table, "| {} | {value} | {} {} | {met} |", goal.name, goal.sign(), number(goal.bound));
    }
    table
}

/// Everything.
pub fn all(results: &Results, goals: &[Goal]) -> String {
    let mut page = String::from(HEAD);
    page += &self::goals(goals);
    page += "\n## Instructions of one operation\n\nBy callgrind, on one thread; the same in each run.\n\n";
    page += &counts(results);
    page += "\n## Allocations of one operation\n\nAllocations and reallocations.\n\n";
    page += &allocations(results);
    page += "\n## Times\n\nRatios of medians of rounds in which all take turns, and between which they lay. Below 1 is faster.\n\n";
    page += &times(results);
    page += "\n## What a live session holds\n\nBytes and blocks of the heap beyond what its pipe and its server hold, by how many there are.\n\n";
    page += &sessions(results);
    page += "\n## System calls of a call over stdio\n\nOf the client and of the server, on all threads, by strace.\n\n";
    page += &system_calls(results);
    page += "\n## Growth\n\nHow many times what it is where there are fewest.\n\n";
    page += &growth(results);
    page
}

const HEAD: &str = "# Results\n\nWritten by `cargo run --release --manifest-path tests/bench/Cargo.toml`; [README.md](README.md) says what is measured, and how.\n\n## Goals\n\n";

const COLUMNS: [&str; 4] = ["tokio", "smol", "rmcp", "floor"];

fn header(columns: &[&str]) -> String {
    format!("| | {} |\n|---|{}\n", columns.join(" | "), "--:|".repeat(columns.len()))
}

const OPERATIONS: &[(&str, &str)] = &[
    ("call, typed result", "call-typed"),
    ("call, raw result", "call-raw"),
    ("call with a lease of its own", "call-leased"),
    ("connect and close", "connect"),
    ("connect and close, a client each", "connect-anew"),
    ("1 MB result, raw", "large-raw"),
    ("1 MB result, typed", "large-typed"),
    ("list of 1,000 tools", "list-1000"),
    ("lease", "lease-alone"),
    ("lease, beside another", "lease-beside"),
];

fn counts(results: &Results) -> String {
    let Some(counted) = &results.instructions else {
        return "Not measured: there is no valgrind.\n".to_owned();
    };
    let count = |who: &str, what: &str| counted.get(&format!("{who}/{what}")).copied();
    let mut table = header(&["tenure, tokio", "tenure, smol", "rmcp", "floor", "tokio / rmcp"]);
    for (name, what) in OPERATIONS {
        let floor = if what.starts_with("call") {
            "call"
        } else if what.starts_with("large") {
            "large-bytes"
        } else {
            what
        };
        let row = COLUMNS.map(|who| cell(count(who, if who == "floor" { floor } else { what })));
        let ratio = count("tokio", what).zip(count("rmcp", what)).map(|(tenure, rmcp)| tenure / rmcp);
        let _ = writeln!(table, "| {name} | {} | {} |", row.join(" | "), cell(ratio));
    }
    let of = |case| cell(results.count(case));
    let _ = writeln!(
        table,
        "\nThe machine alone: acquire and release {}, a full cycle {}. A lease of deadpool {}, of bb8 {}, two lock pairs {}. \
         serde_json alone over a result of 1 MB: raw {}, its text {}.",
        of("machine/lease"),
        of("machine/cycle"),
        of("deadpool/lease-alone"),
        of("bb8/lease-alone"),
        of("locks/lease-alone"),
        of("floor/large-json-raw"),
        of("floor/large-json-typed"),
    );
    table
}

fn allocations(results: &Results) -> String {
    let mut table = header(&["tenure, tokio", "tenure, smol", "rmcp", "floor"]);
    for (name, what) in OPERATIONS {
        let row = COLUMNS.map(|who| {
            let what = if who == "floor" && what.starts_with("call") { "call" } else { what };
            match results.allocations.get(&format!("{who}/{what}")).map(Vec::as_slice) {
                Some([new, again]) => format!("{} + {}", number(new.round()), number(again.round())),
                _ => String::new(),
            }
        });
        if row.iter().any(|cell| !cell.is_empty()) {
            let _ = writeln!(table, "| {name} | {} |", row.join(" | "));
        }
    }
    table
}

/// What is compared: a title, what others are compared with, and the others.
type Contest = (&'static str, &'static str, &'static [&'static str]);

const CONTESTS: &[Contest] = &[
    ("call in memory with a lease of its own, one thread", "rmcp/call-typed", &["tokio/call-leased"]),
    (
        "call in memory, one thread",
        "rmcp/call-typed",
        &["tokio/call-typed", "smol/call-typed", "floor/call-typed"],
    ),
    (
        "call in memory, two workers",
        "rmcp-workers/call-typed",
        &["tokio-workers/call-typed", "smol-workers/call-typed"],
    ),
    (
        "64 callers, two workers",
        "rmcp-workers/callers-64",
        &["tokio-workers/callers-64", "smol-workers/callers-64"],
    ),
    ("smol beside tokio, one thread", "tokio/call-typed", &["smol/call-typed", "smol-unwatched/call-typed"]),
    ("the same floor on smol, beside tokio", "floor/call-typed", &["floor-smol/call-typed"]),
    ("connect and close in memory", "rmcp/connect", &["tokio/connect", "smol/connect", "floor/connect"]),
    ("1 MB result", "rmcp/large-typed", &["tokio/large-typed"]),
    ("list of 1,000 tools", "rmcp/list-1000", &["tokio/list-1000"]),
    (
        "call over stdio, one thread",
        "rmcp/stdio-call",
        &["tokio/stdio-call", "smol/stdio-call", "floor-tokio/stdio-call", "floor/stdio-call"],
    ),
    (
        "call over stdio, two workers",
        "rmcp-workers/stdio-call",
        &["tokio-workers/stdio-call", "floor-workers/stdio-call"],
    ),
    (
        "call over stdio, beside a blocking echo",
        "floor/stdio-call",
        &[
            "tokio/stdio-call",
            "tokio-workers/stdio-call",
            "smol/stdio-call",
            "rmcp/stdio-call",
            "floor-tokio/stdio-call",
            "floor-workers/stdio-call",
        ],
    ),
    (
        "connect and close over stdio, beside spawn + one reply + wait",
        "floor/stdio-connect",
        &["tokio/stdio-connect", "smol/stdio-connect", "rmcp/stdio-connect", "floor-tokio/stdio-connect"],
    ),
    (
        "lease, beside two lock pairs",
        "locks/lease-alone",
        &["tokio/lease-alone", "deadpool/lease-alone", "bb8/lease-alone"],
    ),
    ("lease, beside deadpool", "deadpool/lease-alone", &["tokio/lease-alone", "bb8/lease-alone"]),
    (
        "lease, 8 threads, beside deadpool",
        "deadpool/lease-8-threads",
        &["tokio/lease-8-threads", "bb8/lease-8-threads", "locks/lease-8-threads"],
    ),
    ("HTTP call, JSON", "rmcp/http-json", &["tokio/http-json", "smol/http-json", "hyper/http-json"]),
    ("HTTP call, SSE", "rmcp/http-events", &["tokio/http-events", "smol/http-events", "hyper/http-events"]),
    (
        "HTTP call, JSON, beside bare hyper",
        "hyper/http-json",
        &["tokio/http-json", "smol/http-json", "rmcp/http-json"],
    ),
    (
        "HTTP call, SSE, beside bare hyper",
        "hyper/http-events",
        &["tokio/http-events", "smol/http-events", "rmcp/http-events"],
    ),
];

fn times(results: &Results) -> String {
    let mut table = header(&["who", "ratio", "lowest", "highest", "beside"]);
    for (title, reference, cases) in CONTESTS {
        for case in *cases {
            let Some(Spread { median, low, high }) = results.ratio(case, reference) else { continue };
            let ratios = [median, low, high].map(|ratio| format!("{ratio:.2}")).join(" | ");
            let _ = writeln!(table, "| {title} | {} | {ratios} | {} |", who(case), who(reference));
        }
    }
    table
}

/// Who does a case, in words.
pub fn who(case: &str) -> &str {
    match case.split('/').next().unwrap_or_default() {
        "tokio" => "tenure, tokio",
        "tokio-workers" => "tenure, tokio, two workers",
        "smol" => "tenure, smol",
        "smol-workers" => "tenure, smol, two workers",
        "rmcp-workers" => "rmcp, two workers",
        "smol-unwatched" => "tenure, smol's executor without its reactor",
        "floor-smol" => "floor, smol",
        "floor-tokio" => "floor, tokio",
        "floor-workers" => "floor, tokio, two workers",
        "locks" => "two lock pairs",
        "hyper" => "hyper alone",
        who => who,
    }
}

fn sessions(results: &Results) -> String {
    let mut table = header(&["tenure, tokio", "tenure, smol", "rmcp"]);
    for (count, _) in &results.held {
        let row = ["tokio", "smol", "rmcp"].map(|who| match results.held_net(who, *count) {
            Some((bytes, blocks)) => format!("{}, {}", number(bytes), number(blocks)),
            None => String::new(),
        });
        let _ = writeln!(table, "| {} | {} |", number(f64::from(*count)), row.join(" | "));
    }
    table
}

fn system_calls(results: &Results) -> String {
    let mut table = header(&["system calls"]);
    for (case, calls) in &results.system_calls {
        let calls = calls.map_or_else(|| "not measured".to_owned(), |calls| format!("{calls:.2}"));
        let _ = writeln!(table, "| {} | {calls} |", who(case));
    }
    table
}

fn growth(results: &Results) -> String {
    let mut table = header(&["who", "growth"]);
    for (what, curves) in [
        ("callers", &results.callers[..]),
        ("bytes of a result", &results.payloads),
        ("waiters that give up", &results.waiters),
    ] {
        for Curve { name, points } in curves {
            let Some((_, first)) = points.first() else { continue };
            let each = points.iter().map(|(count, time)| format!("{}: {:.2}", number(*count), time / first));
            let _ = writeln!(table, "| {what} | {name} | {} |", each.collect::<Vec<_>>().join(", "));
        }
    }
    let [own, floor] = ["tenure", "tokio's semaphore"].map(|who| results.waiter(who, 100_000));
    if let Some((own, floor)) = own.zip(floor) {
        let ratio = own / floor;
        let _ = writeln!(
            table,
            "\nOf 100,000 waiters one takes {ratio:.2} of the time of one of tokio's semaphore."
        );
    }
    table
}

fn cell(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

/// Whole numbers with commas; small ones with two digits behind the point.
pub fn number(value: f64) -> String {
    if value.abs() < 100.0 && value.fract() != 0.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::from(if value < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
