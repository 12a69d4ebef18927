//! A session for one command: made, used, ended in order, also by a signal. A result that has come is printed at once,
//! and nothing that happens later takes it back.

pub(crate) mod reached;
pub(crate) mod setup;

use std::time::Duration;

use futures_lite::future;
use tenure::Mode;
use tenure_mcp::Client;

use crate::args::{Runtime, SessionArgs};
use crate::exit::Failed;
use crate::handlers::Offered;
use crate::log::Log;
use crate::out;
use crate::print;
use crate::session::reached::Reached;
use crate::session::setup::Extra;
use crate::signals::Signals;
use crate::tracefile::TraceFile;

/// How long a result that is being printed still has when a signal has ended the session.
const GRACE: Duration = Duration::from_millis(200);

/// What a command came to: an answer, whatever it says.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// For standard output.
    pub(crate) text: String,
    /// Lines for standard error.
    pub(crate) notes: Vec<String>,
    /// The answer says that something failed; it is printed all the same.
    pub(crate) failed: Option<Failed>,
}

impl Output {
    /// Prints it all.
    fn tell(self) -> Result<(), Failed> {
        print::print(&self.text)?;
        for note in &self.notes {
            out::to_stderr(&format!("tenure: {note}"));
        }
        self.failed.map_or(Ok(()), |failed| Err(failed.printed()))
    }
}

/// Uses a session as `work` says, prints what that came to, and ends the session in order.
pub(crate) fn with(
    args: &SessionArgs,
    work: impl AsyncFnOnce(&Client) -> Result<Output, Failed>,
) -> Result<(), Failed> {
    with_extra(args, Extra::default(), work)
}

/// The same, with somebody who listens, or another policy.
pub(crate) fn with_extra(
    args: &SessionArgs,
    extra: Extra,
    work: impl AsyncFnOnce(&Client) -> Result<Output, Failed>,
) -> Result<(), Failed> {
    let mut server = Reached::of(args)?;
    let errors = server.errors(args)?;
    let offered = Offered::new(args, true)?;
    let config = setup::config(args).retry(extra.retry);
    let trace = TraceFile::create(&args.trace, &config)?;
    let log = Log::start(out::to_stderr);
    let options = setup::options(args, config, offered);
    let options = options.subscribe(extra.subscriptions).log_level(extra.log_level);
    let options = setup::with_listeners(args, options, trace.clone(), &log, extra.listener);
    let signals = Signals::listen();
    let (runtime, json) = (args.runtime, args.json);
    runtime.block_on(async move {
        let (client, ended) = runtime.connect(server, options);
        let interrupted = async { Err(Failed::by_signal(signals.next().await)) };
        let outcome = future::or(work(&client), interrupted).await;
        let failed = outcome.is_err();
        if failed {
            // What the server said of it comes first, unless nobody reads that.
            future::or(errors.caught_up(), runtime.sleep(GRACE)).await;
        }
        // By a thread: who reads it may be slow or stuck, and the session ends meanwhile.
        let telling = smol::unblock(move || tell(outcome, json));
        let hurried = end(client, ended, &signals, failed).await;
        let printed = until_printed(runtime, telling, hurried, &signals).await;
        if let Some(Err(failed)) = trace.map(|trace| trace.end()) {
            log.say(format!("tenure: {}", failed.why));
        }
        let earlier = hurried.or_else(|| printed.as_ref().err().and_then(|failed| failed.signal));
        read(runtime, future::zip(errors.end(), log.end()), earlier, &signals).await;
        // One that comes only now comes too late to change what this has come to.
        let _ = signals.close();
        printed
    })
}

fn tell(outcome: Result<Output, Failed>, json: bool) -> Result<(), Failed> {
    let printed = outcome.and_then(Output::tell);
    printed.map_err(|mut failed| {
        failed.tell(json);
        failed
    })
}

/// Waits until all is printed. A signal ends that, if nobody reads it.
async fn until_printed(
    runtime: Runtime,
    telling: impl Future<Output = Result<(), Failed>>,
    hurried: Option<i32>,
    signals: &Signals,
) -> Result<(), Failed> {
    let stuck = async {
        let signal = match hurried {
            None => signals.next().await,
            Some(signal) => {
                runtime.sleep(GRACE).await;
                signal
            }
        };
        Err(Failed::by_signal(signal))
    };
    future::or(telling, stuck).await
}

/// Waits until the last lines are read. A signal ends that, if nobody reads them: that one, or an earlier one.
pub(crate) async fn read<T>(
    runtime: Runtime,
    lines: impl Future<Output = T>,
    earlier: Option<i32>,
    signals: &Signals,
) -> Option<i32> {
    let read = async {
        lines.await;
        None
    };
    let stuck = async {
        match earlier {
            None => Some(signals.next().await),
            Some(signal) => {
                runtime.sleep(GRACE).await;
                Some(signal)
            }
        }
    };
    future::or(read, stuck).await
}

/// Ends the session, in order first; each signal meanwhile makes it hurry more. The first of those.
pub(crate) async fn end(
    client: Client,
    ended: crate::runtime::Ended,
    signals: &Signals,
    failed: bool,
) -> Option<i32> {
    // After a failure or a signal nothing in flight is worth waiting for.
    let (first, mut next) = if failed { (Mode::Force, Mode::Abort) } else { (Mode::Graceful, Mode::Force) };
    drop(client.shutdown(first));
    let mut hurried = None;
    let hurry = async {
        loop {
            let signal = signals.next().await;
            drop(client.shutdown(next));
            next = Mode::Abort;
            if hurried.replace(hurried.unwrap_or(signal)).is_none() && !failed {
                let name = crate::signal_names::name(signal);
                let note = format!("tenure: {name} hurries the end of the session, not the result");
                smol::unblock(move || out::to_stderr(&note)).detach();
            }
        }
    };
    future::or(ended, hurry).await;
    hurried
}
