//! Diagrams of the transition table, generated from it.

use core::fmt;

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
        writeln!(f, "        {} --> {}: {}", node(row.from), node(row.to), Reasons(row))?;
    }
    writeln!(f, "    }}")?;
    for row in TRANSITIONS.iter().filter(|row| !is_step(row)) {
        writeln!(f, "    {} --> {}: {}", node(row.from), node(row.to), Reasons(row))?;
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

/// What a place is called in a diagram: a step stands for itself.
fn node(place: Place) -> &'static str {
    match (place.state, place.step) {
        (_, Some(Step::Finish)) => "Finish",
        (_, Some(Step::Stop)) => "Stop",
        (_, Some(Step::Abort)) => "Abort",
        (_, Some(Step::Discard)) => "Discard",
        (StateName::Idle, None) => "Idle",
        (StateName::Connecting, None) => "Connecting",
        (StateName::Live, None) => "Live",
        (StateName::Draining, None) => "Draining",
        (StateName::Closed, None) => "Closed",
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
        let (from, frame) = match node(*from) {
            "Draining" => ("Discard", "ltail=cluster_draining, "),
            from => (from, ""),
        };
        write!(f, "{from} -> {} [{frame}label=\"", node(*to))?;
        for trigger in *when {
            write!(f, "{trigger}\\l")?;
        }
        if is_after_shutdown(self.0) {
            f.write_str("after shutdown\\l")?;
        }
        f.write_str("\"];")
    }
}
