//! What a session is made of, as the command line says it.

use std::time::Duration;

use tenure::{Config, Generation, KeepAlive, Retry};
use tenure_mcp::proto::types::LogLevel;
use tenure_mcp::{Options, ServerEvent, Subscriptions};

use crate::args::SessionArgs;
use crate::handlers::Offered;
use crate::log::Log;
use crate::tracefile::TraceFile;

/// Who is told of a session's events.
pub(crate) type Listener = Box<dyn Fn(Generation, &ServerEvent) + Send + Sync>;

/// What only some commands have.
#[derive(Default)]
pub(crate) struct Extra {
    pub(crate) listener: Option<Listener>,
    /// Whether a failed connect is tried again.
    pub(crate) retry: Option<Retry>,
    /// What servers are to tell of.
    pub(crate) subscriptions: Subscriptions,
    pub(crate) log_level: Option<LogLevel>,
}

pub(crate) fn config(args: &SessionArgs) -> Config {
    Config::default()
        .connect_timeout(args.connect_timeout)
        .finish_timeout(args.finish_timeout)
        .stop_timeout(args.stop_timeout)
        .abort_timeout(args.abort_timeout)
        // The program closes explicitly.
        .keep_alive(KeepAlive::For(Duration::from_secs(300)))
}

/// The client's options, with nobody who listens.
pub(crate) fn options(args: &SessionArgs, config: Config, offered: Offered) -> Options {
    let protocol = |protocol: tenure_mcp::proto::Options| {
        let protocol =
            protocol.client(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")).max_message(args.max_message);
        match args.era {
            Some(era) => protocol.eras(era.into()),
            None => protocol,
        }
    };
    let options = Options::new().session(|_| config).protocol(protocol);
    offered.give(match args.call_timeout {
        Some(timeout) => options.call_timeout(Some(timeout)),
        None => options,
    })
}

/// The same, with what is to be told of the session.
pub(crate) fn with_listeners(
    args: &SessionArgs,
    options: Options,
    trace: Option<TraceFile>,
    log: &Log,
    listener: Option<Listener>,
) -> Options {
    let verbose = args.verbose;
    let (events, log) = (log.clone(), log.clone());
    let options = match (verbose, listener) {
        (false, None) => options,
        (false, Some(listener)) => options.on_event(listener),
        (true, listener) => options.on_event(move |generation, event| {
            tell_event(&events, event);
            if let Some(listener) = &listener {
                listener(generation, event);
            }
        }),
    };
    if !verbose && trace.is_none() {
        return options;
    }
    options.trace(move |event| {
        if verbose {
            for line in event.lines() {
                log.say(line.to_string());
            }
        }
        if let Some(trace) = &trace {
            trace.write(event);
        }
    })
}

fn tell_event(log: &Log, event: &ServerEvent) {
    let line = match event {
        ServerEvent::Connected { server, .. } => {
            format!("server {}", crate::text::server(&server.name, &server.version, &server.protocol_version))
        }
        ServerEvent::Disconnected { cause, failure: Some(failure) } => {
            format!("server is gone ({cause:#}): {failure}")
        }
        ServerEvent::Notification { method, .. } => format!("server notifies {method}"),
        ServerEvent::ProtocolError(error) => format!("server breaks the protocol: {error}"),
        ServerEvent::Dropped(dropped) => format!("{} messages were too many and dropped", dropped.total()),
        ServerEvent::Contradiction(contradiction) => {
            format!("the settings contradict each other: {contradiction}")
        }
        _ => return,
    };
    log.say(crate::text::one_line(&line));
}
