//! The command line.

mod browse;
mod session;
mod soak;
mod url;
mod usage;
mod values;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use browse::{CompleteArgs, PromptArgs, PromptsArgs, ReadArgs, ResourcesArgs};
pub(crate) use session::{SessionArgs, TraceArgs};
pub(crate) use soak::SoakArgs;
pub(crate) use url::{UrlArgs, Value};
pub(crate) use usage::{parse, wants_json};
pub(crate) use values::Runtime;
pub(crate) use watch::{LogArgs, WatchArgs};

/// Talk to MCP servers over stdio or HTTP, on a session that is never reused while it dies.
///
/// Results go to standard output, everything else to standard error. On a terminal, a server may ask you to fill in a
/// form or to open a page; with --json it can't.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, max_term_width = 100, after_help = STATUS)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play the race this project exists for, on an embedded server, with a verdict for each step
    Demo(DemoArgs),
    /// Show who a server is, and what it offers
    Info(InfoArgs),
    /// List the tools of a server
    Tools(ToolsArgs),
    /// Call a tool of a server
    Call(CallArgs),
    /// List the resources of a server, or their templates
    Resources(ResourcesArgs),
    /// Read a resource of a server
    Read(ReadArgs),
    /// List the prompts of a server
    Prompts(PromptsArgs),
    /// Get a prompt of a server, filled in
    Prompt(PromptArgs),
    /// Ask a server what an argument of a prompt or of a resource's template may be
    Complete(CompleteArgs),
    /// Send a request of any method to a server
    Request(RequestArgs),
    /// Ask a server for signs of life
    Ping(PingArgs),
    /// Stay connected to a server, and print what changes, its log and the states of the session
    Watch(WatchArgs),
    /// Print the log of a server as it comes
    Log(LogArgs),
    /// Use and end sessions with a server many times at random, and check that nothing is left behind
    Soak(SoakArgs),
    /// Print the diagram of the session's states, generated from the code
    Graph(GraphArgs),
    /// Do a recorded trace again, and check that the machine does the same and keeps its invariants
    Replay(ReplayArgs),
    /// Print what a shell needs to complete the commands and options of this program
    Completions(CompletionsArgs),
    /// Print the manual page of this program, or of one of its commands
    Man(ManArgs),
    /// The embedded server of the demo
    #[command(hide = true)]
    DemoServer(DemoServerArgs),
    /// How the program dies by a signal that it has heard
    #[command(hide = true)]
    DieBy {
        /// The signal's number
        signal: i32,
    },
}

#[derive(Debug, Parser)]
#[command(after_help = DEMO_EXAMPLES)]
pub(crate) struct DemoArgs {
    /// Which runtime carries the session
    #[arg(long, value_enum, default_value = "tokio")]
    pub(crate) runtime: Runtime,
    #[command(flatten)]
    pub(crate) trace: TraceArgs,
    /// Print the verdicts as one JSON document on standard output, the timeline on standard error
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
#[command(after_help = INFO_EXAMPLES)]
pub(crate) struct InfoArgs {
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = TOOLS_EXAMPLES)]
pub(crate) struct ToolsArgs {
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = CALL_EXAMPLES)]
pub(crate) struct CallArgs {
    /// The tool's name
    pub(crate) tool: String,
    /// Its arguments, a JSON object; `@FILE` reads it from a file, `-` from standard input
    #[arg(value_name = "JSON|@FILE|-")]
    pub(crate) arguments: Option<OsString>,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = REQUEST_EXAMPLES)]
pub(crate) struct RequestArgs {
    /// The method, such as resources/list
    pub(crate) method: String,
    /// Its params, a JSON object; `@FILE` reads it from a file, `-` from standard input
    #[arg(value_name = "JSON|@FILE|-")]
    pub(crate) params: Option<OsString>,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = PING_EXAMPLES)]
pub(crate) struct PingArgs {
    /// How many times, one after the other
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: u32,
    /// How long to wait between two
    #[arg(long, value_parser = humantime::parse_duration, default_value = "0s", value_name = "DURATION")]
    pub(crate) interval: Duration,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = GRAPH_EXAMPLES)]
pub(crate) struct GraphArgs {
    /// For Mermaid or for Graphviz
    #[arg(long, value_enum, default_value = "mermaid")]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A Mermaid state diagram
    Mermaid,
    /// A digraph for Graphviz
    Dot,
}

#[derive(Debug, Parser)]
#[command(after_help = REPLAY_EXAMPLES)]
pub(crate) struct ReplayArgs {
    /// The file that `--trace` wrote
    #[arg(value_name = "TRACE")]
    pub(crate) trace: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Parser)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Parser)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct ManArgs {
    /// One of the commands
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

const STATUS: &str = "\
Exit status:
  0    done: the result was printed
  1    the server answered with an error or nonsense, or a check failed
  2    wrong usage, or the output can't be written
  3    could not connect, or the session was lost
  4    a deadline passed
A signal ends the session in order, a second one makes that hurry, then the
program dies by it (a shell says 130 for Ctrl-C, 143 for SIGTERM). The status
tells what became of the result: a signal, or a trace that can't be written,
once the result was printed changes nothing, and is said on standard error.
SIGHUP, SIGINT and SIGQUIT stay ignored if they were from the start (nohup).

With --json, standard output is one JSON document: the result, or
  {\"error\":{\"kind\":...,\"code\":...,\"message\":...,\"data\":...}}
kind is answer, connect, deadline, http, input_required, lost, not_sent,
protocol, server, too_large, unreadable or usage; code and data are the server's
own (of unreadable, data is the answer as it came), or null; of http, connect
and lost, code is the HTTP status, if one came. A program that a signal ended
prints none. watch and log print an object a line for each thing that happens,
and such an error as the last line.

A server over HTTP has a URL in place of a command: tenure tools --url URL";

const DEMO_EXAMPLES: &str = "\
Examples:
  tenure demo
  tenure demo --runtime smol --trace demo.trace && tenure replay demo.trace

Exit status: 0 only if every verdict held; it takes about a second.";

const INFO_EXAMPLES: &str = "\
Examples:
  tenure info -- npx -y @modelcontextprotocol/server-everything
  tenure info --json -- ./my-server | jq .server.capabilities
  tenure info --era legacy -- ./my-server
  tenure info --url https://mcp.example.com/mcp --bearer-env TOKEN

Prints what the server says of itself, and how long it took until it was ready; over HTTP the beginning of the
session's id, too. With --json one document of era, protocolVersion, pid, session, connectMilliseconds and server: the
answer that opened the connection, as it came.";

const TOOLS_EXAMPLES: &str = "\
Examples:
  tenure tools -- npx -y @modelcontextprotocol/server-everything
  tenure tools --json --env TOKEN=secret --cwd /srv -- ./my-server --quiet
  tenure tools -v --connect-timeout 5s --stderr server.log -- ./my-server
  tenure tools --url http://localhost:3000/mcp --header 'X-Api-Key: env:KEY'

Prints one line for each tool: its name and the first line of its description, with … if there is more;
--json has it whole.";

const CALL_EXAMPLES: &str = "\
Examples:
  tenure call echo '{\"message\": \"hi\"}' -- npx -y @modelcontextprotocol/server-everything
  tenure call list-things --call-timeout 300ms -- ./my-server
  tenure call report --json -- ./my-server | jq .structuredContent
  tenure call store @document.json -- ./my-server

Prints the text of the result; what isn't text is shortened, and --json has it whole. A tool that says it failed
is exit status 1, and its result is still printed. On a terminal a bar shows how far the server is. An answer that is no result of a tool is printed as it came.";

const REQUEST_EXAMPLES: &str = "\
Examples:
  tenure request resources/list -- ./my-server
  tenure request prompts/get '{\"name\": \"greet\"}' --json -- ./my-server
  echo '{\"uri\": \"file:///a\"}' | tenure request resources/read - -- ./my-server

Prints the result as JSON, as it came; without --json made fit for a terminal.";

const PING_EXAMPLES: &str = "\
Examples:
  tenure ping -- ./my-server
  tenure ping --count 5 --interval 1s --call-timeout 1s -- ./my-server

Prints how long each answer took. The first ping that fails ends it.";

const GRAPH_EXAMPLES: &str = "\
Examples:
  tenure graph
  tenure graph --format dot | dot -Tsvg > session.svg";

const REPLAY_EXAMPLES: &str = "\
Examples:
  tenure tools --trace session.trace -- ./my-server
  tenure replay session.trace

Exit status: 0 if the machine does the same again and keeps its invariants; 1 if not, with the first difference.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tenure completions bash > ~/.local/share/bash-completion/completions/tenure
  tenure completions fish > ~/.config/fish/completions/tenure.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  tenure man > tenure.1
  tenure man call > tenure-call.1";

#[derive(Debug, Parser)]
pub(crate) struct DemoServerArgs {
    /// How long the server takes to end once its input was closed
    #[arg(long, value_parser = humantime::parse_duration, default_value = "0ms")]
    pub(crate) teardown: Duration,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
