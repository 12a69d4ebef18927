//! `tenure graph`.

use tenure::Graph;

use crate::args::{Format, GraphArgs};
use crate::exit::Failed;
use crate::print;

pub(crate) fn graph(args: &GraphArgs) -> Result<(), Failed> {
    let graph = match args.format {
        Format::Mermaid => Graph::Mermaid,
        Format::Dot => Graph::Dot,
    };
    print::print(&graph.to_string())
}
