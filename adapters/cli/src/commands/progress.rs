//! How far a call is, in a line on the terminal that is gone when the call is over.

use smol::channel::{Receiver, Sender, bounded};
use tenure_mcp::proto::types::Progress;

use crate::colour::{CYAN, Paint};
use crate::{bar, out, text};

/// Drawn by a thread of its own: a terminal that is stopped must not keep a signal from being heard.
pub(super) struct Bar(Option<Drawing>);

struct Drawing {
    /// The latest report; one that was not drawn yet gives way to the next.
    reports: Sender<Progress>,
    done: Receiver<()>,
}

impl Bar {
    /// Nothing is drawn where nobody would see it, or where programs read.
    pub(super) fn start(json: bool) -> Self {
        if json || !bar::is_seen() {
            return Self(None);
        }
        let (reports, receive) = bounded(1);
        let (send, done) = bounded(1);
        std::thread::spawn(move || {
            draw_all(&receive);
            drop(send);
        });
        Self(Some(Drawing { reports, done }))
    }

    /// Returns whether the server is to tell how far it is.
    pub(super) const fn is_shown(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn tell(&self, report: Progress) {
        if let Some(drawing) = &self.0 {
            let _ = drawing.reports.force_send(report);
        }
    }

    /// Removes the line.
    pub(super) async fn end(self) {
        if let Some(Drawing { reports, done }) = self.0 {
            drop(reports);
            // It is closed, never sent to.
            let _ = done.recv().await;
        }
    }
}

fn draw_all(reports: &Receiver<Progress>) {
    let paint = Paint::on_stderr();
    while let Ok(report) = reports.recv_blocking() {
        let (bar, rest) = parts(&report, bar::columns());
        out::draw(&(paint.paint(CYAN, &bar) + &rest));
    }
    out::undraw();
}

/// The bar, if the server says how much there is, and the words beside it.
fn parts(report: &Progress, columns: usize) -> (String, String) {
    let bar = report.fraction().map_or_else(String::new, bar::cells);
    let of = report.total.map_or_else(String::new, |total| format!("/{}", number(total)));
    let message = text::one_line(report.message.as_deref().unwrap_or_default());
    let words = format!("{}{of} {message}", number(report.progress));
    let space = if bar.is_empty() { "" } else { " " };
    let bar = text::clipped(&bar, columns);
    let rest =
        text::clipped(&format!("{space}{}", words.trim_end()), columns.saturating_sub(text::width(&bar)));
    (bar, rest)
}

/// Short, as nobody reads more of a number that changes.
fn number(number: f64) -> String {
    if number.abs() >= 1e15 {
        format!("{number:.2e}")
    } else if number.fract() == 0.0 {
        format!("{number:.0}")
    } else {
        format!("{number:.2}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn line(params: &str, columns: usize) -> String {
        let params = RawValue::from_string(params.to_owned()).unwrap();
        let (bar, rest) = parts(&Progress::read(&params).unwrap(), columns);
        bar + &rest
    }

    #[test]
    fn there_is_a_bar_where_there_is_a_total_and_a_count_where_there_is_none() {
        let half = r#"{"progressToken":1,"progress":1.5,"total":3,"message":"one\u001b[2J\ntwo"}"#;
        assert_eq!(line(half, 79), "████████████░░░░░░░░░░░░ 1.50/3 one\u{fffd}[2J two");
        assert_eq!(line(r#"{"progressToken":1,"progress":7}"#, 79), "7");
    }

    #[test]
    fn it_fits_the_terminal() {
        let long = format!(
            r#"{{"progressToken":1,"progress":1e300,"total":2e300,"message":"{}"}}"#,
            "日".repeat(99)
        );
        for columns in [79, 30, 10, 1, 0] {
            assert!(
                text::width(&line(&long, columns)) <= columns.max(1),
                "{columns}: {}",
                line(&long, columns)
            );
        }
    }
}
