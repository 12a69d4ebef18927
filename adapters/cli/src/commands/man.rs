//! `tenure man`.

use clap::CommandFactory as _;

use crate::args::{Args, ManArgs};
use crate::exit::{Failed, USAGE};
use crate::print;

pub(crate) fn man(args: &ManArgs) -> Result<(), Failed> {
    let mut program = Args::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => {
            let wanted = program.get_subcommands().find(|command| command.get_name() == name);
            let command = wanted.filter(|command| !command.is_hide_set()).ok_or_else(|| {
                Failed::new(USAGE, format!("there is no command '{name}'; tenure --help lists them"))
            })?;
            command.clone()
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut roff)
        .map_err(|error| Failed::new(USAGE, format!("can't make the page: {error}")))?;
    print::print(&String::from_utf8_lossy(&roff))
}
