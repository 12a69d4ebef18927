//! The `tenure` program: talk to MCP servers over stdio, and see the lifecycle at work.

mod args;
mod commands;
mod demo;
mod exit;
mod runtime;
mod session;
mod signals;
mod text;
mod timeline;
mod tracefile;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser;
use exit::Failed;

fn main() -> ExitCode {
    match parse().and_then(|args| args.map_or(Ok(()), |args| run(args.command))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            text::to_stderr(&format!("tenure: {}", failed.why));
            ExitCode::from(failed.status)
        }
    }
}

/// What was asked for; `None` if it was help, which is shown then.
fn parse() -> Result<Option<Args>, Failed> {
    match Args::try_parse() {
        Ok(args) => Ok(Some(args)),
        Err(help) if !help.use_stderr() => {
            // A reader that went away is no failure of ours.
            let _ = help.print();
            Ok(None)
        }
        Err(error) => Err(Failed::usage(&error)),
    }
}

fn run(command: Command) -> Result<(), Failed> {
    match command {
        Command::Demo(args) => demo::run(&args),
        Command::Tools(args) => commands::tools(&args),
        Command::Call(args) => commands::call(&args),
        Command::Ping(args) => commands::ping(&args),
        Command::Graph(args) => commands::graph(&args),
        Command::Replay(args) => commands::replay(&args),
        Command::DemoServer(args) => demo::serve(&args),
    }
}
