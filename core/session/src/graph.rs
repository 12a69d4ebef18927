//! Diagrams of the transition table, generated from it.

use core::fmt;

use crate::state::{StateName, TRANSITIONS};

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

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "Idle",
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Draining => "Draining",
            Self::Closed => "Closed",
        })
    }
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
    for row in TRANSITIONS {
        writeln!(f, "    {} --> {}: {}", row.from, row.to, row.when)?;
    }
    writeln!(f, "    {} --> [*]", StateName::Closed)
}

fn dot(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "digraph session {{")?;
    writeln!(f, "    rankdir=LR;")?;
    writeln!(f, "    node [shape=box, style=rounded];")?;
    writeln!(f, "    start [shape=point];")?;
    writeln!(f, "    start -> {};", StateName::Idle)?;
    writeln!(f, "    {} [peripheries=2];", StateName::Closed)?;
    for row in TRANSITIONS {
        writeln!(f, "    {} -> {} [label=\"{}\"];", row.from, row.to, row.when)?;
    }
    writeln!(f, "}}")
}
