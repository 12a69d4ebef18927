//! Configs and histories of the machine.
//!
//! Random ids would nearly all be stale. So bytes speak of *the second caller that waits* or *the oldest
//! orphan*, and who that is is looked up when the input is made; a few choices name nobody at all.

use std::num::NonZeroU32;
use std::time::Duration;

use tenure::check::SystemUnderTest;
use tenure::{Config, Exit, ExitKind, Generation, Input, KeepAlive, Mode, Probe, Retry, Script, Time, Wake};

use crate::bytes::Bytes;

/// In nanoseconds. Short ones, so that everything happens soon; zero; and more than a clock can tell.
const SHORT: [u64; 15] = [0, 1, 1, 2, 3, 4, 5, 7, 10, 13, 20, 30, 50, 1000, u64::MAX];

/// A config of ten bytes.
pub(crate) fn config(bytes: &mut Bytes<'_>) -> Config {
    let (kinds, caps, seed) = (bytes.byte(), bytes.byte(), bytes.byte());
    let mut durations = bytes.take(7).iter().flat_map(|byte| [byte & 15, byte >> 4]);
    let mut duration = || {
        let nanos = SHORT.get(usize::from(durations.next().unwrap_or(5)));
        nanos.map_or(Duration::MAX, |nanos| Duration::from_nanos(*nanos))
    };
    let config = Config::default()
        .seed(u64::from(seed))
        .connect_timeout(duration())
        .finish_timeout(duration())
        .stop_timeout(duration())
        .abort_timeout(duration())
        .discard_timeout(duration())
        .keep_alive(match kinds & 3 {
            0 | 1 => KeepAlive::Never,
            2 => KeepAlive::For(duration()),
            _ => KeepAlive::Always,
        })
        .max_waiting(cap(caps))
        .max_orphans(cap(caps >> 2));
    let mut when = |bit: u8| (kinds & bit != 0).then(&mut duration);
    let (max_age, acquire, interval) = (when(4), when(8), when(16));
    let probe = interval.map(|interval| Probe { interval, timeout: duration() });
    let retry = (kinds & 32 != 0).then(|| {
        Retry::default()
            .attempts(cap(caps >> 4))
            .base(duration())
            .max(duration())
            .stable_after(duration())
            .jitter(if kinds & 64 != 0 { seed } else { 0 })
    });
    config.max_age(max_age).acquire_timeout(acquire).probe(probe).retry(retry)
}

fn cap(bits: u8) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(u32::from(bits & 3))
}

/// One timeout may take a session through as many lives as it may have orphans, if its deadlines are zero.
/// A forged config that allows millions takes its time, as it was told to.
pub(crate) fn is_quick(config: &Config) -> bool {
    config.max_orphans.get() <= 64
}

/// Returns whether no deadline is cut short by the end of time, as long as it is far.
pub(crate) fn is_short(config: &Config) -> bool {
    let keep_alive = match config.keep_alive {
        KeepAlive::For(duration) => Some(duration),
        KeepAlive::Never | KeepAlive::Always => None,
    };
    let steps = [
        config.connect_timeout,
        config.finish_timeout,
        config.stop_timeout,
        config.abort_timeout,
        config.discard_timeout,
    ];
    let options = [keep_alive, config.max_age, config.acquire_timeout];
    let probe = config.probe.iter().flat_map(|probe| [probe.interval, probe.timeout]);
    let retry = config.retry.iter().flat_map(|retry| [retry.base.min(retry.max), retry.stable_after]);
    let all = steps.into_iter().chain(options.into_iter().flatten()).chain(probe).chain(retry);
    all.max().is_none_or(|longest| longest < Duration::from_secs(1))
}

/// The clock of a history.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HistoryClock {
    now: u64,
}

impl HistoryClock {
    /// The next input, made for what `script` is now, and its time.
    pub(crate) fn step(&mut self, bytes: &mut Bytes<'_>, script: &Script) -> Option<(Time, Input)> {
        let what = bytes.next()?;
        let now = self.time(what >> 5, bytes, script);
        self.now = self.now.max(now);
        Some((Time::from_nanos(now), input(what & 31, bytes, script)))
    }

    fn time(self, how: u8, bytes: &mut Bytes<'_>, script: &Script) -> u64 {
        let deadline = || match script.view().wake {
            Wake::At(time, _) => time.as_nanos(),
            Wake::Never | Wake::Now(_) => self.now,
        };
        match how {
            0..=2 => self.now,
            3..=5 => self.now.max(deadline()),
            6 => self.now.saturating_add(u64::from(bytes.byte())),
            _ => match bytes.byte() {
                0 => u64::MAX,
                1 => deadline().saturating_sub(1),
                2 => deadline().saturating_add(1),
                3 => self.now.saturating_add(1 << 40),
                back => self.now.saturating_sub(u64::from(back)),
            },
        }
    }
}

fn input(what: u8, bytes: &mut Bytes<'_>, script: &Script) -> Input {
    match what {
        0..=5 => Input::Timeout,
        6..=10 => Input::Acquire,
        11 => Input::TryAcquire,
        12 | 13 => Input::Cancel { ticket: name(script.waiting(), bytes.byte()) },
        14..=17 => Input::Release { lease: name(script.leases().map(|lease| lease.number), bytes.byte()) },
        18 | 19 => Input::Close { mode: mode(bytes.byte()) },
        20 => Input::Shutdown { mode: mode(bytes.byte()) },
        21..=24 => Input::RunnerReady { generation: whose(bytes.byte(), script) },
        25 | 26 => {
            let whom = bytes.byte();
            Input::RunnerDone { generation: whose(whom, script), exit: exit(whom) }
        }
        27..=29 => {
            let whom = bytes.byte();
            Input::RunnerEnded { generation: whose(whom, script), exit: exit(whom) }
        }
        30 => {
            let whom = bytes.byte();
            Input::RunnerRetiring { generation: whose(whom, script), exit: exit(whom) }
        }
        _ => {
            let whom = bytes.byte();
            // Probes are numbered from 1 in each generation.
            Input::ProbeAnswered { generation: whose(whom, script), number: u64::from(whom >> 3) }
        }
    }
}

/// One of those known, or a name that nobody has, has no longer or doesn't have yet.
fn name(known: impl Iterator<Item = u64>, index: u8) -> u64 {
    let mut all: Vec<u64> = known.collect();
    all.extend([u64::MAX, 0, u64::from(index / 8)]);
    let index = usize::from(index).checked_rem(all.len()).unwrap_or(0);
    all.get(index).copied().unwrap_or(0)
}

fn whose(choice: u8, script: &Script) -> Generation {
    let session = script.session();
    let current = session.status().generation().map_or(1, Generation::number);
    let orphan = |orphan: Option<&Generation>| orphan.map_or(current, |orphan| orphan.number());
    let number = match choice & 7 {
        0..=3 => current,
        4 => orphan(session.orphans().first()),
        5 => orphan(session.orphans().last()),
        6 => current.saturating_sub(1),
        _ if choice == 255 => u64::MAX,
        _ => current.saturating_add(1),
    };
    Generation::new(number).unwrap_or(Generation::FIRST)
}

fn exit(choice: u8) -> Exit {
    let kind = match (choice >> 3) & 7 {
        0 | 1 => ExitKind::Finished,
        2 | 3 => ExitKind::Failed,
        4 => ExitKind::Panicked,
        5 => ExitKind::Dropped,
        _ => ExitKind::Unconfirmed,
    };
    Exit::new(kind, choice & 64 == 0)
}

fn mode(choice: u8) -> Mode {
    match choice % 3 {
        0 => Mode::Graceful,
        1 => Mode::Force,
        _ => Mode::Abort,
    }
}
