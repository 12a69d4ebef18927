//! A conversation with whoever sits at the terminal. Who writes waits elsewhere than in the session's driver.

use smol::lock::MutexGuard;
use tenure_mcp::proto::types::ElicitAction;

use crate::handlers::keyboard::Keyboard;
use crate::{out, text};

/// The most characters that are shown of what a server says.
const LONGEST: usize = 4000;
/// Every line of a server's begins with this, so that none passes for the program's own.
const MARGIN: &str = "  │ ";
/// How wide its lines are beside that.
const COLUMNS: usize = 76;

/// One at a time: who has the keyboard.
pub(super) struct Dialogue<'a> {
    keyboard: MutexGuard<'a, Keyboard>,
}

/// A question that waits for its answer.
struct Asked;

impl Drop for Asked {
    fn drop(&mut self) {
        out::asked(false);
    }
}

impl<'a> Dialogue<'a> {
    /// Nothing that was typed before is an answer.
    pub(super) fn begin(mut keyboard: MutexGuard<'a, Keyboard>) -> Self {
        keyboard.forget();
        Self { keyboard }
    }

    pub(super) async fn say(&self, lines: String) {
        smol::unblock(move || out::to_stderr(&lines)).await;
    }

    /// What is typed.
    ///
    /// # Errors
    /// The person says no, or nothing any more.
    pub(super) async fn ask(&mut self, question: String) -> Result<String, ElicitAction> {
        let asked = Asked;
        smol::unblock(move || out::ask(&question)).await;
        let line = self.keyboard.line().await.ok_or(ElicitAction::Cancel)?;
        out::asked(true);
        drop(asked);
        match line.trim() {
            ":decline" => Err(ElicitAction::Decline),
            ":cancel" => Err(ElicitAction::Cancel),
            _ => Ok(line),
        }
    }

    /// A question that must be answered with one of these words, or how they begin.
    pub(super) async fn choose<T: Copy>(
        &mut self,
        question: &str,
        words: &[(&str, T)],
    ) -> Result<T, ElicitAction> {
        loop {
            let answer = self.ask(format!("{question} ")).await?.trim().to_lowercase();
            let found = words.iter().find(|(word, _)| !answer.is_empty() && word.starts_with(&answer));
            if let Some((_, chosen)) = found {
                return Ok(*chosen);
            }
        }
    }
}

/// Words of a server in lines of their own.
pub(super) fn quoted(words: &str) -> String {
    let shown: String = words.chars().take(LONGEST).collect();
    let more = if shown.len() < words.len() { "\n…" } else { "" };
    let shown = text::lines(shown.trim()) + more;
    let lines = shown.lines().flat_map(|line| text::wrapped(line, COLUMNS));
    lines.map(|line| format!("{MARGIN}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_server_passes_for_one_of_the_program() {
        assert_eq!(quoted("one\n> two\r\x1b[2J"), "  │ one\n  │ > two\u{fffd}\u{fffd}[2J");
        assert_eq!(quoted(&"x ".repeat(4000)).lines().last(), Some("  │ …"));
    }
}
