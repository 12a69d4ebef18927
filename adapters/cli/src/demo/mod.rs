//! The main job on an embedded server: the race this project exists for, played on real processes.

mod event_log;
mod out;
mod server;
mod story;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future;
use tenure::check::Checker;
use tenure::{Config, KeepAlive};
use tenure_driver::TraceEvent;
use tenure_mcp::{Guardian, Options};

use event_log::EventLog;
use out::Out;
pub(crate) use server::serve;
use story::TEARDOWN;
use verdict::Verdicts;

use crate::args::DemoArgs;
use crate::colour::DIM;
use crate::exit::{ANSWERED, DEADLINE, Failed, LOST};
use crate::server_errors::ServerErrors;
use crate::session::{self, reached::Reached};
use crate::signals::Signals;
use crate::timeline::painted;
use crate::tracefile::TraceFile;

/// For who sees this for the first time.
const INTRODUCTION: &str = "\
One session to a server (a child process) is shared, closed, reconnected and
lost, and all of it is shown. A generation (g1, g2, …) is one life of the
connection; a lease is one caller's right to use it. Each line is something
the session was told or did, with the state it was in then.";
/// The whole demo hangs if it takes this long.
const LIMIT: Duration = Duration::from_secs(9);

pub(crate) fn run(args: &DemoArgs) -> Result<(), Failed> {
    let program = std::env::current_exe().map_err(|error| {
        Failed::new(LOST, format!("can't find this program to start it as a server: {error}"))
    })?;
    let guardian = Guardian::this_program();
    let mut command = guardian.command(program);
    command.arg("demo-server").arg("--teardown").arg(format!("{}ms", TEARDOWN.as_millis()));

    let config = Config::default().keep_alive(KeepAlive::For(Duration::from_secs(300)));
    let errors = ServerErrors::inherit(&mut command)?;
    let trace = TraceFile::create(&args.trace, &config)?;
    let runtime = args.runtime;
    let log = Arc::new(EventLog::new(runtime));
    let out = Out::new(args.json);
    out.say(INTRODUCTION);
    out.say("");
    out.say(&out.paint.paint(DIM, &tenure::timeline::heading()));
    let options =
        Options::new().session(|_| config.clone()).trace(sink(out.clone(), log.clone(), trace.clone()));
    let signals = Signals::listen();

    let verdicts = runtime.block_on(async {
        let (client, ended) = runtime.connect(Reached::Process(command, Some(guardian)), options);
        let interrupted = async { Err(Failed::by_signal(signals.next().await)) };
        let too_long = async {
            runtime.sleep(LIMIT).await;
            Err(Failed::new(DEADLINE, "the demo did not end in time"))
        };
        let mut verdicts = Verdicts::new(out.clone());
        let story = story::tell(&client, &log, &mut verdicts);
        let played = future::or(story, future::or(interrupted, too_long)).await;
        let hurried = session::end(client, ended, &signals, played.is_err()).await;
        if let Some(Err(failed)) = trace.map(|trace| trace.end()) {
            let note = format!("tenure: {}", failed.why);
            let said = smol::unblock(move || crate::out::to_stderr(&note));
            future::or(said, async {
                signals.next().await;
            })
            .await;
        }
        if let Ok(pids) = &played {
            story::nothing_left(pids, &mut verdicts);
            conclude(&mut verdicts, &config, &log);
        }
        let earlier = hurried.or_else(|| played.as_ref().err().and_then(|failed| failed.signal));
        let unread =
            session::read(runtime, future::zip(errors.end(), out.log.end()), earlier, &signals).await;
        let _ = signals.close();
        match unread {
            Some(signal) => played.and(Err(Failed::by_signal(signal))),
            None => played.map(|_| verdicts),
        }
    })?;
    verdicts.print()?;
    if verdicts.all_held() {
        Ok(())
    } else {
        Err(Failed::new(ANSWERED, "a step of the demo did not hold").printed())
    }
}

/// Prints the timeline as it goes, keeps the events to look back at, and writes the trace.
fn sink(out: Out, log: Arc<EventLog>, trace: Option<TraceFile>) -> impl FnMut(&TraceEvent) + Send + 'static {
    move |event| {
        for line in event.lines() {
            out.say(&painted(&line, out.paint));
        }
        if let Some(trace) = &trace {
            trace.write(event);
        }
        // Last: a verdict on it comes below its line.
        log.push(event);
    }
}

/// The last verdict: all that happened, held against the invariants.
fn conclude(verdicts: &mut Verdicts, config: &Config, log: &EventLog) {
    let mut checker = Checker::new(config.clone());
    let (broken, inputs) = log.with(|events| {
        let mut steps = events.iter();
        let broken =
            steps.find_map(|event| checker.step(event.time, &event.input, &event.output, None).err());
        (broken, events.len())
    });
    let seen = match &broken {
        None => format!("{} followed", crate::text::counted(inputs, "input")),
        Some(violation) => violation.to_string(),
    };
    verdicts.add("every input and action kept the invariants", broken.is_none(), &seen);
    verdicts.say_summary();
}
