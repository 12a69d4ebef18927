//! Diagrams of the transition table, generated from it.

use core::fmt::{self, Write as _};

use crate::Step;
use crate::state::{Place, StateName, TRANSITIONS, Transition};

/// A diagram of all transitions, as text; print it with `Display`.
///
/// ```
/// use tenure::Graph;
/// assert!(Graph::Mermaid.to_string().starts_with("stateDiagram-v2"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graph {
    /// For Mermaid, which many sites render in Markdown.
    Mermaid,
    /// For Graphviz.
    Dot,
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mermaid => mermaid(f),
            Self::Dot => dot(f),
        }
    }
}

fn mermaid(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "stateDiagram-v2")?;
    writeln!(f, "    [*] --> {}", StateName::Idle)?;
    // First, so that the steps are inside of it wherever they are named.
    writeln!(f, "    state {} {{", StateName::Draining)?;
    for row in TRANSITIONS.iter().filter(|row| is_step(row)) {
        writeln!(f, "        {} --> {}: {}", Node(row.from), Node(row.to), Reasons(row))?;
    }
    writeln!(f, "    }}")?;
    for row in TRANSITIONS.iter().filter(|row| !is_step(row)) {
        writeln!(f, "    {} --> {}: {}", Node(row.from), Node(row.to), Reasons(row))?;
    }
    writeln!(f, "    {} --> [*]", StateName::Closed)
}

fn dot(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "digraph session {{")?;
    writeln!(f, "    compound=true;")?;
    writeln!(f, "    node [shape=box, style=rounded];")?;
    writeln!(f, "    start [shape=point];")?;
    writeln!(f, "    start -> {};", StateName::Idle)?;
    writeln!(f, "    {} [peripheries=2];", StateName::Closed)?;
    writeln!(f, "    subgraph cluster_draining {{")?;
    writeln!(f, "        label={};", StateName::Draining)?;
    for row in TRANSITIONS.iter().filter(|row| is_step(row)) {
        writeln!(f, "        {}", DotEdge(row))?;
    }
    writeln!(f, "    }}")?;
    for row in TRANSITIONS.iter().filter(|row| !is_step(row)) {
        writeln!(f, "    {}", DotEdge(row))?;
    }
    writeln!(f, "}}")
}

/// From one step of draining to another.
fn is_step(row: &Transition) -> bool {
    row.from.step.is_some()
}

/// What a place is called in a diagram: a step stands for itself, with a capital like a state.
struct Node(Place);

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.step {
            Some(step) => write!(Capital { f, is_first: true }, "{step}"),
            None => self.0.state.fmt(f),
        }
    }
}

/// Writes the first letter as a capital.
struct Capital<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    is_first: bool,
}

impl fmt::Write for Capital<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|letter| self.write_char(letter))
    }

    fn write_char(&mut self, letter: char) -> fmt::Result {
        let is_first = core::mem::take(&mut self.is_first);
        self.f.write_char(if is_first { letter.to_ascii_uppercase() } else { letter })
    }
}

/// What draining for good leads to: the reasons are those of the way back to idle.
fn is_after_shutdown(row: &Transition) -> bool {
    (row.from.state, row.to.state) == (StateName::Draining, StateName::Closed)
}

/// The reasons of a row, in words.
struct Reasons<'a>(&'a Transition);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, trigger) in self.0.when.iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            write!(f, "{comma}{trigger}")?;
        }
        f.write_str(if is_after_shutdown(self.0) { ", after shutdown" } else { "" })
    }
}

/// An edge for Graphviz, with a line for each trigger. One that leaves any step leaves the frame around them.
struct DotEdge<'a>(&'a Transition);

impl fmt::Display for DotEdge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Transition { from, to, when } = self.0;
        let (from, frame) = if *from == Place::new(StateName::Draining, None) {
            (Place::new(StateName::Draining, Some(Step::Discard)), "ltail=cluster_draining, ")
        } else {
            (*from, "")
        };
        write!(f, "{} -> {} [{frame}label=\"", Node(from), Node(*to))?;
        for trigger in *when {
            write!(f, "{trigger}\\l")?;
        }
        if is_after_shutdown(self.0) {
            f.write_str("after shutdown\\l")?;
        }
        f.write_str("\"];")
    }
}
