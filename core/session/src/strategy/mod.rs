//! Strategies of the proptest crate, and the walk that turns what they give into inputs.
//!
//! Random inputs that name random ids would all be stale. So a history is a list of [`Move`]s that speak
//! of *the current generation* or *the third lease held*, and a [`Walk`] looks up who that is when the
//! move is made. Moves shrink well: one that is left out doesn't rename the others.
//!
//! A machine of your own, or anything that can be put behind [`Subject`](crate::check::Subject), is tested with
//! them like this:
//!
//! ```
//! use proptest::prelude::*;
//! use tenure::check::{Checked, Subject};
//! use tenure::strategy::{Walk, configs, histories};
//! use tenure::{Script, Time};
//!
//! proptest!(|(config in configs(), history in histories(40))| {
//!     // Put your own `Subject` in the place of `Script`.
//!     let mut session = Checked::new(Script::new(config.clone()), config);
//!     let mut walk = Walk::new();
//!     for step in history {
//!         let (now, input) = walk.resolve(step, session.subject().view().wake);
//!         let output = session.apply(now, input).map_err(|broken| TestCaseError::fail(broken.to_string()))?;
//!         walk.follow(&input, &output);
//!     }
//! });
//! ```
//!
//! An async adapter goes through the same steps, but does what each input says: acquires, drops a future, lets a
//! runner end, lets time pass. Then it holds what its machine was told in the meantime against a
//! [`Checked`](crate::check::Checked) machine of its own. The driver's own test is an example to copy from:
//! `adapters/driver/tests/driver/histories.rs`.

mod walk;

use core::num::NonZeroU32;
use core::time::Duration;
use std::vec;
use std::vec::Vec;

use proptest::option;
use proptest::prelude::*;

pub use walk::{Move, Passed, Walk, What, Whose};

use crate::{Config, Exit, ExitKind, KeepAlive, Mode, Probe, Retry};

/// Configs with small bounds and short deadlines, zero among them, in which everything happens soon.
pub fn configs() -> impl Strategy<Value = Config> {
    let deadlines = (short(), short(), short(), short(), short());
    let options = (option::of(short()), option::of(short()), option::of(probes()), option::of(retries()));
    let caps = (1_u32..4, 1_u32..4);
    (any::<u64>(), deadlines, keep_alives(), options, caps).prop_map(
        |(seed, deadlines, keep_alive, options, caps)| {
            let (connect, finish, stop, abort, discard) = deadlines;
            let (acquire, max_age, probe, retry) = options;
            Config {
                seed,
                connect,
                finish,
                stop,
                abort,
                discard,
                keep_alive,
                max_age,
                acquire,
                probe,
                retry,
                max_waiting: cap(caps.0),
                max_orphans: cap(caps.1),
                ..Config::default()
            }
        },
    )
}

/// Histories of up to `length` moves.
pub fn histories(length: usize) -> impl Strategy<Value = Vec<Move>> {
    prop::collection::vec(moves(), 0..=length)
}

/// One move.
pub fn moves() -> impl Strategy<Value = Move> {
    (passed(), what()).prop_map(|(passed, what)| Move { passed, what })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        6 => Just(What::Timeout),
        5 => Just(What::Acquire),
        1 => Just(What::TryAcquire),
        2 => any::<u8>().prop_map(What::Cancel),
        4 => any::<u8>().prop_map(What::Release),
        2 => modes().prop_map(What::Close),
        1 => modes().prop_map(What::Shutdown),
        5 => whose().prop_map(What::Ready),
        2 => (whose(), exits()).prop_map(|(whose, exit)| What::Done(whose, exit)),
        4 => (whose(), exits()).prop_map(|(whose, exit)| What::Ended(whose, exit)),
        2 => (whose(), any::<bool>()).prop_map(|(whose, right)| What::ProbeAnswered(whose, right)),
    ]
}

fn whose() -> impl Strategy<Value = Whose> {
    prop_oneof![
        8 => Just(Whose::Current),
        2 => Just(Whose::Orphan),
        1 => Just(Whose::LastOrphan),
        1 => Just(Whose::Previous),
        1 => Just(Whose::Next),
    ]
}

fn passed() -> impl Strategy<Value = Passed> {
    prop_oneof![
        4 => Just(Passed::Nothing),
        4 => Just(Passed::ToDeadline),
        2 => (0_u64..50).prop_map(Passed::Nanos),
        1 => (1_u64..50).prop_map(Passed::Back),
    ]
}

fn modes() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Graceful), Just(Mode::Force), Just(Mode::Abort)]
}

fn exits() -> impl Strategy<Value = Exit> {
    let kinds = [ExitKind::Finished, ExitKind::Failed, ExitKind::Panicked, ExitKind::Dropped];
    let kinds = prop::sample::select(kinds.to_vec());
    (kinds, any::<bool>()).prop_map(|(kind, retryable)| Exit { kind, retryable })
}

fn short() -> impl Strategy<Value = Duration> {
    prop_oneof![4 => 1_u64..40, 1 => Just(0)].prop_map(Duration::from_nanos)
}

fn keep_alives() -> impl Strategy<Value = KeepAlive> {
    prop_oneof![Just(KeepAlive::Never), short().prop_map(KeepAlive::For), Just(KeepAlive::Always)]
}

fn probes() -> impl Strategy<Value = Probe> {
    // An interval of zero is allowed, but a probe answered at once then never lets time pass.
    ((1_u64..40).prop_map(Duration::from_nanos), short())
        .prop_map(|(interval, timeout)| Probe { interval, timeout })
}

fn retries() -> impl Strategy<Value = Retry> {
    (1_u32..4, short(), short(), 0_u8..=100, short()).prop_map(
        |(attempts, base, max, jitter, stable_after)| Retry {
            attempts: cap(attempts),
            base,
            max,
            jitter,
            stable_after,
        },
    )
}

fn cap(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}
