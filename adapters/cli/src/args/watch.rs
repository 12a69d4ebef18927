//! Sessions that stay.

use std::num::NonZeroU32;

use clap::Parser;

use super::session::SessionArgs;
use super::values::level;
use tenure_mcp::proto::types::LogLevel;

#[derive(Debug, Parser)]
#[command(after_help = WATCH_EXAMPLES)]
pub(crate) struct WatchArgs {
    /// Hear when this resource changes, by its URI; may be given several times
    #[arg(long, value_name = "URI")]
    pub(crate) subscribe: Vec<String>,
    /// Ask the server for its log, from this level on
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    pub(crate) log_level: Option<LogLevel>,
    /// How many failed connects in a row end it; a connection that lasts less than 10 s is one, too
    #[arg(long, default_value = "5", value_name = "N")]
    pub(crate) attempts: NonZeroU32,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Debug, Parser)]
#[command(after_help = LOG_EXAMPLES)]
pub(crate) struct LogArgs {
    /// From which level on
    #[arg(value_parser = level())]
    pub(crate) level: LogLevel,
    /// How many failed connects in a row end it; a connection that lasts less than 10 s is one, too
    #[arg(long, default_value = "5", value_name = "N")]
    pub(crate) attempts: NonZeroU32,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

const WATCH_EXAMPLES: &str = "\
Examples:
  tenure watch -- ./my-server
  tenure watch --log-level info --subscribe file:///a -- ./my-server
  tenure watch --json -- ./my-server | jq -c 'select(.event == \"notification\")'

Prints a line for each thing as it happens: its time (UTC), the connection (g1, g2, …), what kind of thing and what.
Lists that change are asked for, and what the server grants of that and of --subscribe is a line, too.
With --json each is an object with time, generation and event: state, connected, disconnected, notification (method and
params as they came), subscribed (granted and refused), unsubscribed, refused (the log), protocol, dropped, settings or
missed. A server that is lost is started again, after a wait
that doubles; --attempts ends that with exit status 3. Ctrl-C ends it in order.";

const LOG_EXAMPLES: &str = "\
Examples:
  tenure log info -- ./my-server
  tenure log debug --json -- ./my-server | jq -c .params.data

Asks for the log from this level on and prints the messages as they come, and
when a server was lost; otherwise it is tenure watch. Servers of the modern era
(2026-07-28) tell their log only while they answer a request: most of them have
an older era too, for --era legacy.";
