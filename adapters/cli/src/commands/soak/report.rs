//! What a soak came to, as text and as a document.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::census::Census;
use super::latency::Latency;
use super::progress::{as_float, per_second};
use super::tally::Counts;
use crate::text;

/// All that is told.
pub(super) struct Report {
    pub(super) runtime: &'static str,
    pub(super) server: String,
    pub(super) protocol: String,
    pub(super) wanted: u64,
    pub(super) sessions: usize,
    pub(super) seed: u64,
    pub(super) chaos: bool,
    pub(super) elapsed: Duration,
    pub(super) counts: Counts,
    pub(super) censuses: Option<Censuses>,
    /// How many bytes more memory may be in use than after the warm-up.
    pub(super) max_growth: u64,
}

/// Counts of what the process has.
#[derive(Clone, Copy)]
pub(super) struct Censuses {
    pub(super) start: Census,
    /// After the warm-up, with all sessions ended.
    pub(super) before: Census,
    pub(super) most: Census,
    /// With all sessions ended.
    pub(super) behind: Census,
}

impl Censuses {
    fn each(&self, of: fn(&Census) -> u64) -> [u64; 4] {
        [self.start, self.before, self.most, self.behind].map(|census| of(&census))
    }
}

/// What is counted, and its name.
type Counted = (&'static str, fn(&Census) -> u64);

const COUNTED: [Counted; 4] = [
    ("descriptors", |census| census.descriptors),
    ("memory", |census| census.memory),
    ("processes", |census| census.processes),
    ("threads", |census| census.threads),
];

impl Report {
    /// What is left behind: how much more than before, for each that is more than it may be.
    fn leaks(&self) -> Vec<(&'static str, u64)> {
        let Some(censuses) = &self.censuses else { return Vec::new() };
        let more = |(name, of): Counted| {
            let [_, before, _, behind] = censuses.each(of);
            let may = if name == "memory" { self.max_growth } else { 0 };
            let more = behind.saturating_sub(before);
            (more > may).then_some((name, more))
        };
        COUNTED.into_iter().filter_map(more).collect()
    }

    /// What the exit status says.
    pub(super) fn is_good(&self) -> bool {
        self.counts.wrong() == 0 && self.leaks().is_empty() && self.counts.cycles == self.wanted
    }

    /// One line.
    pub(super) fn verdict(&self) -> String {
        let mut parts = Vec::new();
        if self.counts.cycles < self.wanted {
            parts.push(format!("ended after {} of {} cycles", self.counts.cycles, self.wanted));
        }
        match self.leaks().as_slice() {
            [] if self.censuses.is_none() => {
                parts.push("what is left behind can't be counted here".to_owned());
            }
            [] => parts.push("nothing leaked".to_owned()),
            leaks => parts.extend(leaks.iter().map(|(name, more)| match *name {
                "memory" => format!("LEAKED {} of memory", mebibytes(*more)),
                name => format!("LEAKED {more} {name}"),
            })),
        }
        match self.counts.wrong() {
            0 => parts.push("nothing was wrong".to_owned()),
            wrong => parts.push(format!("{wrong} WRONG")),
        }
        parts.join(", ")
    }

    pub(super) fn text(&self) -> String {
        let chaos = if self.chaos { ", with chaos" } else { "" };
        let heading = format!(
            "soak of {}, MCP {}\n{} on {}, seed {}{chaos}: {:.1} s\n",
            text::shortened(&text::one_line(&self.server), 60),
            text::one_line(&self.protocol),
            text::counted(self.sessions as u64, "session"),
            self.runtime,
            self.seed,
            self.elapsed.as_secs_f64(),
        );
        let told = self.counts.told.iter().fold(String::new(), |told, one| told + "wrong: " + one + "\n");
        format!(
            "{heading}\n{}\n{}\n{}{}\n{told}{}\n",
            self.happened(),
            self.latencies(),
            self.left(),
            self.errors(),
            self.verdict()
        )
    }

    fn happened(&self) -> String {
        let counts = &self.counts;
        let seconds = self.elapsed.as_secs_f64();
        let rate = |number| format!("{:.0} a second", per_second(number, seconds));
        let rows = [
            ("cycles", counts.cycles, rate(counts.cycles)),
            ("calls", counts.calls, rate(counts.calls)),
            ("  given up half-way", counts.cancelled_calls, String::new()),
            ("waits given up", counts.cancelled_acquires, String::new()),
            ("sessions opened", counts.sessions, String::new()),
            ("connects", counts.connects, rate(counts.connects)),
            ("  reconnects", counts.reconnects(), String::new()),
            ("closes", counts.closes, String::new()),
            ("closes given up", counts.cancelled_closes, String::new()),
            ("servers killed", counts.kills, String::new()),
            ("inputs checked", counts.inputs, String::new()),
        ];
        let row = |(name, number, rate): &(&str, u64, String)| {
            format!("{name:<22}{number:>9}  {rate}").trim_end().to_owned() + "\n"
        };
        rows.iter().map(row).collect()
    }

    fn latencies(&self) -> String {
        let mut out = format!(
            "{:<22}{:>9}{:>10}{:>10}{:>10}{:>10}\n",
            "milliseconds", "p50", "p90", "p99", "p99.9", "max"
        );
        for (name, latency) in self.measured() {
            let at = |thousandths| millis(latency.quantile(thousandths));
            let _ = writeln!(
                out,
                "{name:<22}{:>9.2}{:>10.2}{:>10.2}{:>10.2}{:>10.2}",
                at(500),
                at(900),
                at(990),
                at(999),
                millis(latency.longest())
            );
        }
        out
    }

    fn measured(&self) -> [(&'static str, &Latency); 4] {
        let counts = &self.counts;
        [
            ("wait for a lease", &counts.leases),
            ("call on a lease", &counts.on_lease),
            ("wait and call", &counts.one_shot),
            ("close", &counts.closing),
        ]
    }

    fn left(&self) -> String {
        let Some(censuses) = &self.censuses else {
            return "what is left behind can't be counted on this system\n".to_owned();
        };
        let mut out = format!("{:<22}{:>9}{:>10}{:>10}{:>10}\n", "", "at start", "before", "most", "behind");
        let leaks = self.leaks();
        for (name, of) in COUNTED {
            let numbers = censuses.each(of);
            let shown = numbers.map(|number| match name {
                "memory" => mebibytes(number),
                _ => number.to_string(),
            });
            let [start, before, most, behind] = shown;
            let leaked = if leaks.iter().any(|(leak, _)| *leak == name) { "  LEAK" } else { "" };
            let _ = writeln!(out, "{name:<22}{start:>9}{before:>10}{most:>10}{behind:>10}{leaked}");
        }
        out
    }

    fn errors(&self) -> String {
        let rows = |heading: &str, kinds: &BTreeMap<&str, u64>| {
            let row =
                |(kind, number): (&&str, &u64)| format!("{:<22}{number:>9}\n", format!("{heading} {kind}"));
            kinds.iter().map(row).collect::<String>()
        };
        let errors = rows("error", &self.counts.errors) + &rows("WRONG", &self.counts.wrong);
        if errors.is_empty() { errors } else { format!("\n{errors}") }
    }

    pub(super) fn document(&self) -> String {
        let counts = &self.counts;
        let latencies = self.measured().map(|(name, latency)| {
            let at = |thousandths| millis(latency.quantile(thousandths));
            let name = name.replace(' ', "_");
            let values = json!({
                "count": latency.count(), "p50": at(500), "p90": at(900), "p99": at(990), "p99.9": at(999),
                "max": millis(latency.longest()),
            });
            (name, values)
        });
        let left = self.censuses.map(|censuses| -> serde_json::Map<String, Value> {
            let value = |(name, of): Counted| {
                let [start, before, most, behind] = censuses.each(of);
                (name.to_owned(), json!({ "start": start, "before": before, "most": most, "behind": behind }))
            };
            COUNTED.into_iter().map(value).collect()
        });
        let document = json!({
            "good": self.is_good(), "verdict": self.verdict(),
            "server": self.server, "protocolVersion": self.protocol,
            "runtime": self.runtime, "sessions": self.sessions, "seed": self.seed, "chaos": self.chaos,
            "seconds": self.elapsed.as_secs_f64(),
            "cyclesWanted": self.wanted, "cycles": counts.cycles,
            "calls": counts.calls, "callsCancelled": counts.cancelled_calls,
            "acquiresCancelled": counts.cancelled_acquires,
            "sessionsOpened": counts.sessions, "connects": counts.connects, "reconnects": counts.reconnects(),
            "closes": counts.closes, "closesCancelled": counts.cancelled_closes, "kills": counts.kills,
            "inputsChecked": counts.inputs,
            "errors": counts.errors, "wrong": counts.wrong, "told": counts.told,
            "latencyMilliseconds": serde_json::Map::from_iter(latencies),
            "left": left,
        });
        format!("{document}\n")
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", as_float(bytes) / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(behind: Census) -> Report {
        let before = Census { descriptors: 9, memory: 10 << 20, processes: 0, threads: 4 };
        Report {
            runtime: "tokio",
            server: "s\u{202e} 1".to_owned(),
            protocol: "2025-11-25".to_owned(),
            wanted: 10,
            sessions: 4,
            seed: 1,
            chaos: true,
            elapsed: Duration::from_secs(2),
            counts: Counts { cycles: 10, ..Counts::default() },
            censuses: Some(Censuses { start: before, before, most: before, behind }),
            max_growth: 8 << 20,
        }
    }

    #[test]
    fn each_thing_left_behind_is_a_leak() {
        let good = Census { descriptors: 9, memory: 18 << 20, processes: 0, threads: 4 };
        assert!(report(good).is_good() && report(good).verdict() == "nothing leaked, nothing was wrong");
        for (leaks, words) in [
            (Census { descriptors: 10, ..good }, "LEAKED 1 descriptors"),
            (Census { memory: (18 << 20) + 1, ..good }, "LEAKED 8.0 MiB of memory"),
            (Census { processes: 2, ..good }, "LEAKED 2 processes"),
            (Census { threads: 5, ..good }, "LEAKED 1 threads"),
        ] {
            let report = report(leaks);
            assert!(!report.is_good() && report.text().contains(words), "{}", report.text());
            assert!(report.text().contains("  LEAK\n") && report.document().contains("\"good\":false"));
        }
    }

    #[test]
    fn something_wrong_or_missing_is_not_good() {
        let good = Census { descriptors: 9, ..Census::default() };
        let mut wrong = report(good);
        wrong.counts.wrong.insert("stuck", 1);
        assert!(
            !wrong.is_good() && wrong.verdict().ends_with("1 WRONG") && wrong.text().contains("WRONG stuck")
        );
        let mut short = report(good);
        short.counts.cycles = 9;
        assert!(!short.is_good() && short.verdict().starts_with("ended after 9 of 10 cycles"));
    }

    #[test]
    fn it_fits_a_terminal_and_harms_none() {
        let text = report(Census::default()).text();
        assert!(text.lines().all(|line| text::width(line) <= 80), "{text}");
        assert!(
            text.starts_with("soak of s\u{fffd} 1, MCP 2025-11-25\n4 sessions on tokio, seed 1"),
            "{text}"
        );
    }
}
