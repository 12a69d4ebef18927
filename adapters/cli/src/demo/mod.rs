//! The main job on an embedded server: the race this project exists for, played on real processes.

mod server;
mod story;
mod verdict;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_lite::future;
use tenure::check::Checker;
use tenure::{Config, KeepAlive};
use tenure_driver::TraceEvent;
use tenure_mcp::Options;

pub(crate) use server::serve;
use verdict::Verdicts;

use crate::args::DemoArgs;
use crate::exit::{ANSWERED, DEADLINE, Failed, LOST};
use crate::signals::Signals;
use crate::timeline;
use crate::tracefile::TraceFile;

/// The server's teardown: slow enough to be overtaken, were that possible.
const TEARDOWN: Duration = Duration::from_millis(600);
/// For who sees this for the first time.
const INTRODUCTION: &str = "\
One session to a server (a child process) is shared, closed, reconnected and lost, and all of it is shown.
A generation (g1, g2, …) is one life of the connection; a lease is one caller's right to use it.
Each line is something the session was told or did, with the state after it; the driver may tell it a moment
after the verdict on it.";
/// The whole demo hangs if it takes this long.
const LIMIT: Duration = Duration::from_secs(9);

pub(crate) fn run(args: &DemoArgs) -> Result<(), Failed> {
    let program = std::env::current_exe().map_err(|error| {
        Failed::new(LOST, format!("can't find this program to start it as a server: {error}"))
    })?;
    let mut command = std::process::Command::new(program);
    command.arg("demo-server").arg("--teardown").arg(format!("{}ms", TEARDOWN.as_millis()));

    let config = Config::default().keep_alive(KeepAlive::For(Duration::from_secs(300)));
    let trace = args.trace.as_deref().map(|path| TraceFile::create(path, &config)).transpose()?;
    let events = Arc::new(Mutex::new(Vec::new()));
    let out = Out { json: args.json };
    out.say(INTRODUCTION);
    out.say("");
    out.say(&timeline::heading());
    let options = Options::new().session(config.clone()).trace(sink(out, events.clone(), trace.clone()));
    let signals = Signals::listen();
    let runtime = args.runtime;

    let verdicts = runtime.block_on(async {
        let (client, ended) = runtime.connect(command, options);
        let interrupted = async { Err(Failed::by_signal(signals.next().await)) };
        let too_long = async {
            runtime.sleep(LIMIT).await;
            Err(Failed::new(DEADLINE, "the demo did not end in time"))
        };
        let mut verdicts = Verdicts::new(out);
        let told =
            future::or(future::or(interrupted, too_long), story::tell(&client, &events, &mut verdicts)).await;
        if told.is_err() {
            drop(client.shutdown(tenure::Mode::Force));
        }
        ended.await;
        let late = signals.close();
        let recorded = trace.map_or(Ok(()), |trace| trace.end());
        story::nothing_left(&told?, &mut verdicts);
        late.and(recorded).map(|()| verdicts)
    })?;
    conclude(verdicts, &config, &events)
}

/// Prints the timeline as it goes, keeps the events to look back at, and writes the trace.
fn sink(
    out: Out,
    events: Arc<Mutex<Vec<TraceEvent>>>,
    trace: Option<TraceFile>,
) -> impl FnMut(&TraceEvent) + Send + 'static {
    move |event| {
        for line in timeline::lines(event) {
            out.say(&line.to_string());
        }
        if let Some(trace) = &trace {
            trace.write(event);
        }
        events.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}

/// The last verdict: all that happened, held against the invariants.
fn conclude(mut verdicts: Verdicts, config: &Config, events: &Mutex<Vec<TraceEvent>>) -> Result<(), Failed> {
    let events = events.lock().unwrap_or_else(PoisonError::into_inner);
    let mut checker = Checker::new(config.clone());
    let broken =
        events.iter().find_map(|event| checker.step(event.time, &event.input, &event.output, None).err());
    let seen = match &broken {
        None => format!("{} followed", crate::text::counted(events.len(), "input")),
        Some(violation) => violation.to_string(),
    };
    verdicts.add("every input and action kept the invariants", broken.is_none(), &seen);
    verdicts.print_summary()?;
    if verdicts.all_held() { Ok(()) } else { Err(Failed::new(ANSWERED, "a step of the demo did not hold")) }
}

/// Where the timeline goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    json: bool,
}

impl Out {
    fn say(self, line: &str) {
        if self.json {
            crate::text::to_stderr(line);
        } else {
            // A reader that went away doesn't end the demo.
            let _ = crate::commands::print(&format!("{}\n", line.trim_end()));
        }
    }
}
