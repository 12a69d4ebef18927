//! `tenure soak`: many cycles of sessions at random, and a count of what they leave behind.

mod census;
mod kill;
mod latency;
mod plan;
mod progress;
mod report;
mod rig;
mod session;
mod tally;
mod target;
mod worker;

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures_lite::future;
use tenure::Mode;
use tenure_mcp::proto::Server;

use self::census::Census;
use self::progress::Progress;
use self::report::{Censuses, Report};
use self::rig::{Rig, Stop};
use self::session::Session;
use self::tally::Tally;
use self::target::Target;
use super::json;
use crate::args::{Runtime, SoakArgs};
use crate::exit::{ANSWERED, Failed, USAGE};
use crate::log::Log;
use crate::signals::Signals;
use crate::{out, print};

/// Longer than a thread without work stays.
const IDLE: Duration = Duration::from_millis(700);
/// The most cycles of the warm-up: after it there is all that stays.
const WARM_UP: u64 = 100;
/// Its cycles are others than those that count.
const FIRST_OF_WARM_UP: u64 = 1 << 63;
const TICK: Duration = Duration::from_millis(100);
/// What a step may take beside its own deadlines, on a busy machine.
const MARGIN: Duration = Duration::from_secs(10);

pub(crate) fn soak(args: &SoakArgs) -> Result<(), Failed> {
    if args.session.trace.path.is_some() {
        return Err(Failed::new(USAGE, "a soak has many sessions, and a trace is of one: leave out --trace"));
    }
    if args.chaos && args.session.at.url.is_some() {
        return Err(Failed::new(USAGE, "a server over HTTP can't be killed from here: leave out --chaos"));
    }
    let arguments = args.arguments.as_deref();
    let most = args.session.max_message;
    let arguments = arguments.map(|given| json::object(given, "the tool's arguments", most)).transpose()?;
    let target = args.call.clone().map(|name| Target::Tool { name, arguments });
    let signals = Signals::listen();
    let log = args.session.verbose.then(|| Log::start(out::to_stderr));
    let (report, ended) = args.session.runtime.block_on(run(args, target, log, &signals))?;
    // From here on a signal ends the program at once.
    let _ = signals.close();
    print::print(&if args.session.json { report.document() } else { report.text() })?;
    match ended {
        Some(signal) => Err(Failed::by_signal(signal)),
        None if report.is_good() => Ok(()),
        None => Err(Failed::new(ANSWERED, format!("the soak was not good: {}", report.verdict())).printed()),
    }
}

/// The report, and the signal that ended it early.
async fn run(
    args: &SoakArgs,
    target: Option<Target>,
    log: Option<Log>,
    signals: &Signals,
) -> Result<(Report, Option<i32>), Failed> {
    let rig = Arc::new(prepared(args, target, log));
    let start = Census::take(&rig.mark);
    let mut runner = Runner { rig: &rig, sessions: args.sessions.into(), signals, signal: None, most: start };
    let server = runner.first().await?;
    let warm_up = WARM_UP.min(args.cycles);
    runner
        .pass(FIRST_OF_WARM_UP..FIRST_OF_WARM_UP.saturating_add(warm_up), &mut Progress::new(false))
        .await?;
    let before = settled(&rig, None, args.settle).await;
    rig.tally.begin_again();
    runner.most = before;
    let begin = Instant::now();
    runner.pass(0..args.cycles, &mut Progress::new(!args.session.verbose)).await?;
    let elapsed = begin.elapsed();
    let behind = settled(&rig, before, args.settle).await;
    let censuses = match (start, before, runner.most, behind) {
        (Some(start), Some(before), Some(most), Some(behind)) => {
            Some(Censuses { start, before, most: most.most(behind), behind })
        }
        _ => None,
    };
    let report = Report {
        runtime: match args.session.runtime {
            Runtime::Tokio => "tokio",
            Runtime::Smol => "smol",
        },
        server: format!("{} {}", server.name, server.version),
        protocol: server.protocol_version.to_string(),
        wanted: args.cycles,
        sessions: args.sessions.into(),
        seed: args.seed,
        chaos: args.chaos,
        elapsed,
        counts: rig.tally.counts().clone(),
        censuses,
        max_growth: args.max_growth as u64,
    };
    Ok((report, runner.signal))
}

fn prepared(args: &SoakArgs, target: Option<Target>, log: Option<Log>) -> Rig {
    let session = args.session.clone();
    let limits = [
        session.connect_timeout,
        // Nothing that is called here tells progress.
        session.call_timeout.unwrap_or(Duration::from_secs(60)),
        session.finish_timeout,
        session.stop_timeout,
        session.abort_timeout,
        MARGIN,
    ];
    let limit = limits.into_iter().fold(Duration::ZERO, Duration::saturating_add);
    Rig {
        session,
        seed: args.seed,
        chaos: args.chaos,
        tasks: args.tasks.into(),
        target: target.map_or_else(OnceLock::new, OnceLock::from),
        mark: census::mark(),
        tally: Tally::default(),
        stop: Stop::new(),
        limit,
        cycles: Mutex::default(),
        log,
    }
}

struct Runner<'a> {
    rig: &'a Arc<Rig>,
    sessions: usize,
    signals: &'a Signals,
    /// The first signal that came.
    signal: Option<i32>,
    /// The most there was at one time.
    most: Option<Census>,
}

impl Runner<'_> {
    /// A session that does nothing: a server that can't be started is no soak.
    async fn first(&self) -> Result<Arc<Server>, Failed> {
        let session = Session::open(self.rig, 0)?;
        let server = async {
            let lease = session.user.acquire().await?;
            Ok(lease.server().await?)
        };
        let interrupted = async { Err(Failed::by_signal(self.signals.next().await)) };
        let server: Result<Arc<Server>, Failed> = future::or(server, interrupted).await;
        session.end(if server.is_ok() { Mode::Graceful } else { Mode::Force }).await;
        if let Ok(server) = &server {
            self.rig.target.get_or_init(|| Target::of_server(server));
        }
        server
    }

    /// Plays these cycles, unless it was told to stop.
    async fn pass(&mut self, cycles: Range<u64>, progress: &mut Progress) -> Result<(), Failed> {
        let (rig, signals) = (self.rig, self.signals);
        let of = cycles.end.saturating_sub(cycles.start);
        *rig.cycles.lock().unwrap_or_else(PoisonError::into_inner) = cycles;
        let work = async {
            let spawn = |number| rig.runtime().spawn(worker::work(rig.clone(), number));
            let workers: Vec<_> = (1..=self.sessions).map(spawn).collect();
            let mut outcome = Ok(());
            for worker in workers {
                match worker.await {
                    Some(worked) => outcome = outcome.and(worked),
                    None => rig.tally.wrong("panic", "a session's task has panicked"),
                }
            }
            outcome
        };
        let (signal, most) = (&mut self.signal, &mut self.most);
        let stop = async {
            loop {
                let came = signals.next().await;
                signal.get_or_insert(came);
                rig.stop.ask();
            }
        };
        let watch = async {
            for tick in 0_u64.. {
                rig.runtime().sleep(TICK).await;
                let counts = rig.tally.counts();
                let (cycles, calls, wrong) = (counts.cycles, counts.calls, counts.wrong());
                drop(counts);
                progress.draw(cycles, of, calls, wrong);
                if tick % 10 == 0 {
                    *most = most.zip(Census::take(&rig.mark)).map(|(most, now)| most.most(now));
                }
            }
            future::pending().await
        };
        let outcome = future::or(work, future::or(stop, watch)).await;
        progress.end();
        outcome
    }
}

/// A count, once all is back at what it was before, or won't be; without such a count, once nothing changes any more.
async fn settled(rig: &Rig, before: Option<Census>, most: Duration) -> Option<Census> {
    let begin = Instant::now();
    let mut last = Census::take(&rig.mark)?;
    let mut since = begin;
    loop {
        let is_settled = match before {
            Some(before) => last.is_back_at(&before),
            None => since.elapsed() > IDLE,
        };
        if is_settled || begin.elapsed() > most {
            return Some(last);
        }
        rig.runtime().sleep(TICK / 4).await;
        let now = Census::take(&rig.mark)?;
        if !now.is_back_at(&last) || !last.is_back_at(&now) {
            since = Instant::now();
        }
        last = now;
    }
}
