//! How a server is soaked.

use std::ffi::OsString;
use std::time::Duration;

use clap::Parser;

use super::session::SessionArgs;
use super::values::bytes;

#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SoakArgs {
    /// How many cycles, of all sessions together
    #[arg(long, default_value = "1000", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) cycles: u64,
    /// How many sessions at the same time
    #[arg(long, default_value = "4", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) sessions: u16,
    /// How many tasks share a session
    #[arg(long, default_value = "4", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) tasks: u16,
    /// What is done in which cycle is chosen at random by this number, the same each time
    #[arg(long, default_value = "1")]
    pub(crate) seed: u64,
    /// Kill servers while calls are in flight, too
    #[arg(long)]
    pub(crate) chaos: bool,
    /// The tool to call; without it signs of life are asked for, and the list of tools
    #[arg(long, value_name = "TOOL")]
    pub(crate) call: Option<String>,
    /// Its arguments, a JSON object; `@FILE` reads it from a file, `-` from standard input
    #[arg(long, value_name = "JSON|@FILE|-", requires = "call")]
    pub(crate) arguments: Option<OsString>,
    /// How many bytes more memory may be in use at the end than after the warm-up
    #[arg(long, value_parser = bytes, default_value = "8M", value_name = "BYTES")]
    pub(crate) max_growth: usize,
    /// How long what the sessions had may take to be gone once they have ended
    #[arg(long, value_parser = humantime::parse_duration, default_value = "5s", value_name = "DURATION")]
    pub(crate) settle: Duration,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

const EXAMPLES: &str = "\
Examples:
  tenure soak --cycles 10000 --chaos -- ./my-server
  tenure soak --sessions 16 --seed 7 --call echo --arguments '{\"text\": \"hi\"}' -- ./my-server
  tenure soak --json --stderr null -- ./my-server | jq .verdict

In a cycle the tasks that share a session call the server, give calls and waits for a connection up half-way, and
meanwhile the session is closed (in order, by force, or by whoever doesn't wait for it), or its server killed with
--chaos; tasks that are not done go on with the next connection. A warm-up of up to 100 cycles comes first; what the
program has then is what it must have at the end. The servers have the variable TENURE_SOAK in their environment.

Exit status: 0 only if all cycles were played, nothing leaked and nothing was wrong.
A leak: more descriptors, threads or processes (also those that a server has left) than before, or more memory by
--max-growth. They have --settle to be gone. Only Linux and Windows can count them (there descriptors
are handles, and a process counts that living parents lead back to the soak: one that a dead server has left does
not, but has ended with the server's job); elsewhere the report says so.
Wrong: an error that nothing the soak did explains (a closed session explains its calls, and with --chaos so does a
lost one), a tool that says it failed, a lease of a connection that was told to end, a broken invariant of the session,
a message that breaks the protocol (without --chaos), and a step that outlasts all its deadlines together by 10 s.
A soak ends early once a step is stuck or 100 things are wrong; a signal ends it too, with the report so far.";
