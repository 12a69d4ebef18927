//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

/// Talk to MCP servers over stdio, on a session that is never reused while it dies.
///
/// Results go to standard output, everything else to standard error.
///
/// Exit status: 0 done; 1 the server answered with an error or nonsense, or a check failed; 2 wrong usage;
/// 3 could not connect, or the session was lost; 4 a deadline passed; 130 and 143 ended by Ctrl-C and
/// SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play the race this project exists for, on an embedded server, with a verdict for each step
    Demo(DemoArgs),
    /// List the tools of a server
    Tools(ToolsArgs),
    /// Call a tool of a server
    Call(CallArgs),
    /// Ask a server for signs of life
    Ping(PingArgs),
    /// Print the diagram of the session's states, generated from the code
    Graph(GraphArgs),
    /// Do a recorded trace again, and check that the machine does the same and keeps its invariants
    Replay(ReplayArgs),
    /// The embedded server of the demo
    #[command(hide = true)]
    DemoServer(DemoServerArgs),
}

/// Which runtime carries the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Runtime {
    /// The tokio runtime
    Tokio,
    /// The smol runtime
    Smol,
}

#[derive(Debug, Parser)]
#[command(after_help = DEMO_EXAMPLES)]
pub(crate) struct DemoArgs {
    /// Which runtime carries the session
    #[arg(long, value_enum, default_value = "tokio")]
    pub(crate) runtime: Runtime,
    /// Record every input of the session to this file, for `tenure replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Print the verdicts as one JSON document on standard output, the timeline on standard error
    #[arg(long)]
    pub(crate) json: bool,
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
    /// Its arguments, a JSON object
    #[arg(value_name = "JSON")]
    pub(crate) arguments: Option<String>,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = PING_EXAMPLES)]
pub(crate) struct PingArgs {
    /// How many times, one after the other
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: u32,
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

const DEMO_EXAMPLES: &str = "\
Examples:
  tenure demo
  tenure demo --runtime smol --trace demo.trace && tenure replay demo.trace

Exit status: 0 only if every verdict held; it takes about a second.";

const TOOLS_EXAMPLES: &str = "\
Examples:
  tenure tools -- npx -y @modelcontextprotocol/server-everything
  tenure tools --json --env TOKEN=secret --cwd /srv -- ./my-server --quiet
  tenure tools -v --connect-timeout 5s --stderr server.log -- ./my-server

Prints one line for each tool: its name and the first line of its description.";

const CALL_EXAMPLES: &str = "\
Examples:
  tenure call echo '{\"message\": \"hi\"}' -- npx -y @modelcontextprotocol/server-everything
  tenure call list-things --call-timeout 300ms -- ./my-server
  tenure call report --json -- ./my-server | jq .structuredContent

Prints the text of the result. A tool that says it failed is exit status 1, and its result is still printed.";

const PING_EXAMPLES: &str = "\
Examples:
  tenure ping -- ./my-server
  tenure ping --count 5 --call-timeout 1s -- ./my-server

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

#[derive(Debug, Parser)]
pub(crate) struct DemoServerArgs {
    /// How long the server takes to end once its input was closed
    #[arg(long, value_parser = humantime::parse_duration, default_value = "0ms")]
    pub(crate) teardown: Duration,
}

/// How the session with a server is made.
#[derive(Debug, Parser)]
pub(crate) struct SessionArgs {
    /// Which runtime carries the session
    #[arg(long, value_enum, default_value = "tokio")]
    pub(crate) runtime: Runtime,
    /// How long the server may take to start and shake hands, such as 5s or 300ms
    #[arg(long, value_parser = humantime::parse_duration, default_value = "60s", value_name = "DURATION")]
    pub(crate) connect_timeout: Duration,
    /// How long one request may take
    #[arg(long, value_parser = humantime::parse_duration, default_value = "60s", value_name = "DURATION")]
    pub(crate) call_timeout: Duration,
    /// How long calls in flight may go on once the session is closed in order
    #[arg(long, value_parser = humantime::parse_duration, default_value = "5s", value_name = "DURATION")]
    pub(crate) finish_timeout: Duration,
    /// How long the server may take to end once its input was closed; then SIGTERM
    #[arg(long, value_parser = humantime::parse_duration, default_value = "3s", value_name = "DURATION")]
    pub(crate) stop_timeout: Duration,
    /// How long the server may take to end after SIGTERM; then SIGKILL
    #[arg(long, value_parser = humantime::parse_duration, default_value = "2s", value_name = "DURATION")]
    pub(crate) abort_timeout: Duration,
    /// Set a variable in the server's environment; may be given several times
    #[arg(long, value_name = "K=V", value_parser = variable)]
    pub(crate) env: Vec<(OsString, OsString)>,
    /// The server's working directory
    #[arg(long, value_name = "DIR")]
    pub(crate) cwd: Option<PathBuf>,
    /// Record every input of the session to this file, for `tenure replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Where the server's standard error goes: inherit, null, or a file
    #[arg(long, value_name = "inherit|null|FILE", default_value = "inherit")]
    pub(crate) stderr: OsString,
    /// Print one JSON document: the server's own result
    #[arg(long)]
    pub(crate) json: bool,
    /// Say on standard error what happens to the session
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// The server's program and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

fn variable(text: &str) -> Result<(OsString, OsString), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !text.contains('\0') => Ok((name.into(), value.into())),
        _ => Err("expected NAME=VALUE".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_variable_needs_a_name() {
        assert_eq!(variable("A=b=c"), Ok(("A".into(), "b=c".into())));
        assert!(variable("=b").is_err() && variable("A").is_err());
    }
}
