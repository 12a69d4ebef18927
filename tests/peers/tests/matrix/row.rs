//! A row of the table.

/// What came of a step.
#[derive(Clone, Debug)]
pub enum Cell {
    /// It worked; in a word.
    Good(String),
    /// The server doesn't offer it.
    NotOffered,
    /// The server's library can't; the word that says so.
    Cannot(&'static str),
    /// The server speaks no such era and said so.
    Refused,
    Failed(String),
}

/// What is tried with a child process, in order.
pub const CHILD_STEPS: &[&str] = &[
    "info",
    "tools",
    "resources",
    "templates",
    "prompts",
    "call",
    "read",
    "prompt",
    "complete",
    "progress",
    "sampling",
    "elicitation",
    "elicitation, URL",
    "roots",
    "subscription",
    "cancel",
    "close",
    "kill",
    "nothing left",
];

/// What is tried over HTTP, in order.
pub const WEB_STEPS: &[&str] = &[
    "info",
    "tools",
    "resources",
    "templates",
    "prompts",
    "call",
    "read",
    "prompt",
    "complete",
    "progress",
    "sampling",
    "elicitation",
    "elicitation, URL",
    "roots",
    "subscription",
    "cancel",
    "cut off",
    "expired",
    "restart",
    "close",
    "nothing left",
];

#[derive(Debug)]
pub struct Row {
    pub server: &'static str,
    pub era: &'static str,
    pub runtime: &'static str,
    /// What is tried, in order.
    pub steps: &'static [&'static str],
    /// What came of each; it may end early.
    pub cells: Vec<Cell>,
}

impl Row {
    pub fn is_good(&self) -> bool {
        !self.cells.iter().any(|cell| matches!(cell, Cell::Failed(_)))
    }

    /// As a line of the table.
    pub fn line(&self) -> String {
        let ran = self.cells.iter().map(Cell::word);
        let missing = self.steps.iter().skip(self.cells.len()).map(|_| "");
        let cells: Vec<&str> =
            [self.server, self.era, self.runtime].into_iter().chain(ran).chain(missing).collect();
        format!("| {} |", cells.join(" | "))
    }
}

impl Cell {
    fn word(&self) -> &str {
        match self {
            Self::Good(word) => word,
            Self::NotOffered => "–",
            Self::Cannot(why) => why,
            Self::Refused => "refused, as it must",
            Self::Failed(_) => "**FAILED**",
        }
    }
}

/// Prints a table, all of whose rows have the same steps, and below it what failed.
pub fn print(title: &str, rows: &[Row]) {
    let Some(first) = rows.first() else { return };
    let head: Vec<&str> =
        ["server", "era", "runtime"].into_iter().chain(first.steps.iter().copied()).collect();
    println!("{title}\n");
    println!("| {} |", head.join(" | "));
    println!("|{}", "---|".repeat(head.len()));
    for row in rows {
        println!("{}", row.line());
    }
    println!();
    for row in rows {
        for (step, cell) in row.steps.iter().zip(&row.cells) {
            if let Cell::Failed(why) = cell {
                println!("FAILED: {title}: {}, {}, {}: {step}: {why}", row.server, row.era, row.runtime);
            }
        }
    }
    let bad = rows.iter().filter(|row| !row.is_good()).count();
    println!("{} rows, {bad} failed\n", rows.len());
}
