//! How the session with a server is made.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use clap::builder::{OsStringValueParser, TypedValueParser as _};

use super::url::UrlArgs;
use super::values::{Era, Runtime, bytes, some_time, variable};

/// Where a trace goes.
#[derive(Clone, Debug, Parser)]
pub(crate) struct TraceArgs {
    /// Record every input of the session to this file, for `tenure replay`
    #[arg(long = "trace", value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
    /// Let --trace overwrite a file
    #[arg(long, requires = "path")]
    pub(crate) force: bool,
}

#[derive(Clone, Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "one for each option")]
pub(crate) struct SessionArgs {
    /// Which runtime carries the session
    #[arg(long, value_enum, default_value = "tokio")]
    pub(crate) runtime: Runtime,
    /// Which eras of the protocol to offer, instead of those that the library offers by itself
    #[arg(long, value_enum)]
    pub(crate) era: Option<Era>,
    /// How long the server may take to start and shake hands, such as 5s or 300ms
    #[arg(long, value_parser = some_time, default_value = "60s", value_name = "DURATION")]
    pub(crate) connect_timeout: Duration,
    /// How long one request may take in all [default: 60s without progress, 10min in all]
    #[arg(long, value_parser = some_time, value_name = "DURATION")]
    pub(crate) call_timeout: Option<Duration>,
    /// How long calls in flight may go on once the session is closed in order
    #[arg(long, value_parser = humantime::parse_duration, default_value = "5s", value_name = "DURATION")]
    pub(crate) finish_timeout: Duration,
    /// How long the server may take to end once its input was closed; then SIGTERM
    #[arg(long, value_parser = humantime::parse_duration, default_value = "3s", value_name = "DURATION")]
    pub(crate) stop_timeout: Duration,
    /// How long the server may take to end after SIGTERM; then SIGKILL
    #[arg(long, value_parser = humantime::parse_duration, default_value = "2s", value_name = "DURATION")]
    pub(crate) abort_timeout: Duration,
    /// The most bytes one message may have, such as 1000000, 64K or 256M
    #[arg(long, value_parser = bytes, default_value = "16M", value_name = "BYTES")]
    pub(crate) max_message: usize,
    #[command(flatten)]
    pub(crate) at: UrlArgs,
    /// Set a variable in the server's environment; may be given several times
    #[arg(long, value_name = "K=V", conflicts_with = "url",
        value_parser = OsStringValueParser::new().try_map(|text| variable(&text)))]
    pub(crate) env: Vec<(OsString, OsString)>,
    /// Give the server no variables but those of --env; it is still looked for in the PATH of this program
    #[arg(long, conflicts_with = "url")]
    pub(crate) env_clear: bool,
    /// The server's working directory
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub(crate) cwd: Option<PathBuf>,
    /// Start the server without a guardian: a process that ends it, and all that came of it, also if this program is
    /// killed. Without one a daemon of the server's stays, too
    #[arg(long, conflicts_with = "url")]
    pub(crate) no_guardian: bool,
    /// Let the server work in this folder, if it asks where it may; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) trace: TraceArgs,
    /// Where the server's standard error goes: inherit (copied to that of this program), null, or a file
    #[arg(long, value_name = "inherit|null|FILE", default_value = "inherit", conflicts_with = "url")]
    pub(crate) stderr: OsString,
    /// Print one JSON document: the server's own result as it came, or an error; see tenure --help
    #[arg(long)]
    pub(crate) json: bool,
    /// Say on standard error what happens to the session
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// The server's program and its arguments, after `--`
    #[arg(last = true, required_unless_present = "url", conflicts_with = "url", value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
