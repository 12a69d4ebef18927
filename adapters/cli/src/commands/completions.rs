//! `tenure completions`.

use clap::CommandFactory as _;

use crate::args::{Args, CompletionsArgs};
use crate::exit::Failed;
use crate::print;

pub(crate) fn completions(args: &CompletionsArgs) -> Result<(), Failed> {
    let program = Args::command();
    // What help doesn't show, shells don't offer.
    let shown = program.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let mut program = clap::Command::new("tenure").version(env!("CARGO_PKG_VERSION")).subcommands(shown);
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "tenure", &mut script);
    print::print(&String::from_utf8_lossy(&script))
}
