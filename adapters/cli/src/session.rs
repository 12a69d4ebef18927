//! A session for one command: made, used, ended in order, also by a signal.

use std::ffi::OsStr;
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_lite::future;
use tenure::{Config, KeepAlive, Mode};
use tenure_mcp::{Client, Options, ServerEvent};

use crate::args::SessionArgs;
use crate::exit::{Failed, USAGE};
use crate::signals::Signals;
use crate::timeline;
use crate::tracefile::TraceFile;

/// Uses a session as `work` says, and ends it in order whatever comes of that.
pub(crate) fn with<T>(
    args: &SessionArgs,
    work: impl AsyncFnOnce(&Client) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let command = command(args)?;
    let config = config(args);
    let trace = args.trace.as_deref().map(|path| TraceFile::create(path, &config)).transpose()?;
    let options = options(args, config, trace.clone());
    let signals = Signals::listen();
    let runtime = args.runtime;
    runtime.block_on(async move {
        let (client, ended) = runtime.connect(command, options);
        let interrupted = async { Err(Failed::by_signal(signals.next().await)) };
        let worked = future::or(interrupted, work(&client)).await;
        let done = end(client, ended, &signals, worked.is_err()).await;
        let late = signals.close();
        let recorded = trace.map_or(Ok(()), |trace| trace.end());
        let result = worked?;
        done.and(late)?;
        recorded?;
        Ok(result)
    })
}

/// Ends the session, in order first; each signal meanwhile makes it hurry more.
async fn end(
    client: Client,
    ended: crate::runtime::Ended,
    signals: &Signals,
    failed: bool,
) -> Result<(), Failed> {
    // After a failure or a signal nothing in flight is worth waiting for.
    let (first, mut next) = if failed { (Mode::Force, Mode::Abort) } else { (Mode::Graceful, Mode::Force) };
    drop(client.shutdown(first));
    let mut hurried = Ok(());
    let hurry = async {
        loop {
            let signal = signals.next().await;
            drop(client.shutdown(next));
            next = Mode::Abort;
            hurried = Err(Failed::by_signal(signal));
        }
    };
    future::or(ended, hurry).await;
    hurried
}

fn config(args: &SessionArgs) -> Config {
    Config::default()
        .connect(args.connect_timeout)
        .finish(args.finish_timeout)
        .stop(args.stop_timeout)
        .abort(args.abort_timeout)
        // The program closes explicitly.
        .keep_alive(KeepAlive::For(Duration::from_secs(300)))
}

fn options(args: &SessionArgs, config: Config, trace: Option<TraceFile>) -> Options {
    let protocol =
        tenure_mcp::proto::Options::default().client(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let options = Options::new().session(config).protocol(protocol).call_timeout(Some(args.call_timeout));
    let verbose = args.verbose;
    let options = if verbose { options.on_event(|_, event| log(event)) } else { options };
    if !verbose && trace.is_none() {
        return options;
    }
    options.trace(move |event| {
        if verbose {
            for line in timeline::lines(event) {
                crate::text::to_stderr(&line.to_string());
            }
        }
        if let Some(trace) = &trace {
            trace.write(event);
        }
    })
}

fn log(event: &ServerEvent) {
    let line = match event {
        ServerEvent::Connected(server) => {
            format!("server {} {}, MCP {}", server.name, server.version, server.protocol_version)
        }
        ServerEvent::Notification { method, .. } => format!("server notifies {method}"),
        ServerEvent::ProtocolError(error) => format!("server breaks the protocol: {error}"),
        ServerEvent::Dropped(dropped) => format!("{} messages were too many and dropped", dropped.total()),
        _ => return,
    };
    crate::text::to_stderr(&crate::text::one_line(&line));
}

fn command(args: &SessionArgs) -> Result<Command, Failed> {
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Failed::new(USAGE, "the server's command is missing: give it after --"));
    };
    let mut command = Command::new(program);
    command.args(rest).envs(args.env.iter().map(|(name, value)| (name, value))).stderr(stderr(&args.stderr)?);
    if let Some(cwd) = &args.cwd {
        command.current_dir(cwd);
    }
    Ok(command)
}

fn stderr(to: &OsStr) -> Result<Stdio, Failed> {
    if to == "inherit" {
        return Ok(Stdio::inherit());
    }
    if to == "null" {
        return Ok(Stdio::null());
    }
    let failed =
        |error| Failed::new(USAGE, format!("can't write the server's errors to {}: {error}", to.display()));
    File::options().create(true).append(true).open(to).map(Stdio::from).map_err(failed)
}
