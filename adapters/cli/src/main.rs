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
    let args = Args::parse();
    match run(args.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            if let Some(why) = &failed.why {
                eprintln!("tenure: {why}");
            }
            ExitCode::from(failed.status)
        }
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
