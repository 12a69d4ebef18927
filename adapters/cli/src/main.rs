//! The `tenure` program: talk to MCP servers over stdio, and see the lifecycle at work.

mod args;
mod bar;
mod colour;
mod commands;
mod demo;
mod environment;
mod exit;
mod handlers;
mod log;
mod out;
mod print;
mod processes;
mod runtime;
mod server_errors;
mod session;
mod signal_names;
mod signals;
mod text;
mod timeline;
mod tracefile;

use std::process::ExitCode;

use args::Command;
use exit::Failed;

fn main() -> ExitCode {
    if let Some(ended) = play_guardian() {
        return ended;
    }
    signals::prepare();
    let arguments: Vec<_> = std::env::args_os().collect();
    match args::parse(&arguments).and_then(|args| args.map_or(Ok(()), |args| run(args.command))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(mut failed) => {
            failed.tell(args::wants_json(&arguments));
            if let Some(signal) = failed.signal {
                signals::die_by(signal);
            }
            ExitCode::from(failed.status)
        }
    }
}

/// Before all else, so that it stays small; `None` if this is not to be a guardian.
fn play_guardian() -> Option<ExitCode> {
    tenure_process::guardian::run();
    // For hosts that start it by something in between, which drops the name that a guardian is known by.
    let mut words = std::env::args_os().skip(1);
    let asked = words.next().is_some_and(|word| word == "guardian");
    asked.then(|| tenure_process::guardian::guard(words))
}

fn run(command: Command) -> Result<(), Failed> {
    match command {
        Command::Demo(args) => demo::run(&args),
        Command::Info(args) => commands::info(&args),
        Command::Tools(args) => commands::tools(&args),
        Command::Call(args) => commands::call(&args),
        Command::Resources(args) => commands::resources(&args),
        Command::Read(args) => commands::read(&args),
        Command::Prompts(args) => commands::prompts(&args),
        Command::Prompt(args) => commands::prompt(&args),
        Command::Complete(args) => commands::complete(&args),
        Command::Request(args) => commands::request(&args),
        Command::Ping(args) => commands::ping(&args),
        Command::Watch(args) => commands::watch(&args),
        Command::Log(args) => commands::log(&args),
        Command::Soak(args) => commands::soak(&args),
        Command::Graph(args) => commands::graph(&args),
        Command::Replay(args) => commands::replay(&args),
        Command::Completions(args) => commands::completions(&args),
        Command::Man(args) => commands::man(&args),
        Command::DemoServer(args) => demo::serve(&args),
        Command::DieBy { signal } => signals::raise(signal),
    }
}
