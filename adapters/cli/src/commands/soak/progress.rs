//! A line on the terminal that says how far it has gone.

use std::time::{Duration, Instant};

use crate::{bar, out};

pub(super) struct Progress {
    /// Nothing is drawn where it would not be seen, or would be in the way.
    shown: bool,
    begin: Instant,
    drawn: bool,
}

impl Progress {
    pub(super) fn new(wanted: bool) -> Self {
        let shown = wanted && bar::is_seen();
        Self { shown, begin: Instant::now(), drawn: false }
    }

    /// Draws the line in the place of the one before.
    pub(super) fn draw(&mut self, done: u64, of: u64, calls: u64, wrong: u64) {
        if self.shown {
            self.drawn = true;
            out::draw(&line(done, of, calls, wrong, self.begin.elapsed()));
        }
    }

    /// Removes the line.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.drawn) {
            out::undraw();
        }
    }
}

/// At most 79 columns, for numbers that a soak comes to.
fn line(done: u64, of: u64, calls: u64, wrong: u64, elapsed: Duration) -> String {
    let bar = bar::cells(if of == 0 { 0.0 } else { as_float(done) / as_float(of) });
    let seconds = elapsed.as_secs_f64();
    let rate = |number: u64| per_second(number, seconds);
    let left = of.saturating_sub(done);
    let left = match rate(done) {
        rate if rate > 0.0 => format!("{:.0} s left", as_float(left) / rate),
        _ => String::new(),
    };
    let wrong = if wrong == 0 { String::new() } else { format!(", {wrong} WRONG") };
    format!("{bar} {done}/{of} {:.0}/s, {:.0} calls/s, {left}{wrong}", rate(done), rate(calls))
}

/// The number as one that can be divided; exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "rates for people")]
pub(super) const fn as_float(number: u64) -> f64 {
    number as f64
}

pub(super) fn per_second(number: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { as_float(number) / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_fits_a_terminal() {
        let line = line(99_999, 100_000, 4_000_000, 99, Duration::from_secs(1000));
        assert!(line.chars().count() < 80, "{line}");
        assert!(line.starts_with(&"█".repeat(23)) && line.contains("░ 99999/100000 100/s"), "{line}");
    }

    #[test]
    fn nothing_done_is_no_division_by_zero() {
        assert!(super::line(0, 0, 0, 0, Duration::ZERO).contains(" 0/0 0/s"));
    }
}
