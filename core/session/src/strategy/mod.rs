//! Strategies of the proptest crate, and the resolver that turns what they give into inputs.
//!
//! Random inputs that name random ids would all be stale. So a history is a list of [`Operation`]s that speak
//! of *the current generation* or *the third lease held*, and a [`Resolver`] looks up who that is when the
//! operation is done. Operations shrink well: one that is left out doesn't rename the others.
//!
//! A machine of your own, or anything that can be put behind [`SystemUnderTest`](crate::check::SystemUnderTest), is
//! tested with them like this:
//!
//! ```
//! use proptest::prelude::*;
//! use tenure::check::{Checked, SystemUnderTest};
//! use tenure::strategy::{Resolver, configs, histories};
//! use tenure::{Script, Time};
//!
//! proptest!(|(config in configs(), history in histories(40))| {
//!     // Put your own `SystemUnderTest` in the place of `Script`.
//!     let mut session = Checked::new(Script::new(config.clone()), config);
//!     let mut resolver = Resolver::new();
//!     for step in history {
//!         let (now, input) = resolver.resolve(step, session.system().view().wake);
//!         let output = session.apply(now, input).map_err(|broken| TestCaseError::fail(broken.to_string()))?;
//!         resolver.follow(&input, &output);
//!     }
//! });
//! ```
//!
//! An async adapter goes through the same steps, but does what each input says: acquires, drops a future, lets a
//! runner end, lets time pass. Then it holds what its machine was told in the meantime against a
//! [`Checked`](crate::check::Checked) machine of its own. The driver's own test is an example to copy from:
//! `adapters/driver/tests/driver/histories.rs`.

mod resolver;

use core::num::NonZeroU32;
use core::time::Duration;
use std::vec;
use std::vec::Vec;

use proptest::option;
use proptest::prelude::*;

pub use resolver::{Elapsed, Operation, OperationKind, Resolver, Target};

use crate::{Config, Exit, ExitKind, KeepAlive, Mode, Probe, Retry};

/// Configs with small bounds and short deadlines, zero among them, in which everything happens soon.
pub fn configs() -> impl Strategy<Value = Config> {
    let deadlines = (short(), short(), short(), short(), short());
    let options = (option::of(short()), option::of(short()), option::of(probes()), option::of(retries()));
    let caps = (1_u32..4, 1_u32..4);
    (any::<u64>(), deadlines, keep_alives(), options, caps).prop_map(
        |(seed, deadlines, keep_alive, options, caps)| {
            let (connect_timeout, finish_timeout, stop_timeout, abort_timeout, discard_timeout) = deadlines;
            let (acquire_timeout, max_age, probe, retry) = options;
            Config {
                seed,
                connect_timeout,
                finish_timeout,
                stop_timeout,
                abort_timeout,
                discard_timeout,
                keep_alive,
                max_age,
                acquire_timeout,
                probe,
                retry,
                max_waiting: cap(caps.0),
                max_orphans: cap(caps.1),
                ..Config::default()
            }
        },
    )
}

/// Histories of up to `length` operations.
pub fn histories(length: usize) -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operations(), 0..=length)
}

/// One move.
pub fn operations() -> impl Strategy<Value = Operation> {
    (elapsed_times(), kinds()).prop_map(|(elapsed, kind)| Operation { elapsed, kind })
}

fn kinds() -> impl Strategy<Value = OperationKind> {
    prop_oneof![
        6 => Just(OperationKind::Timeout),
        5 => Just(OperationKind::Acquire),
        1 => Just(OperationKind::TryAcquire),
        2 => any::<u8>().prop_map(OperationKind::Cancel),
        4 => any::<u8>().prop_map(OperationKind::Release),
        2 => modes().prop_map(OperationKind::Close),
        1 => modes().prop_map(OperationKind::Shutdown),
        5 => targets().prop_map(OperationKind::Ready),
        1 => (targets(), exits()).prop_map(|(target, exit)| OperationKind::Retiring(target, exit)),
        2 => (targets(), exits()).prop_map(|(target, exit)| OperationKind::Done(target, exit)),
        4 => (targets(), exits()).prop_map(|(target, exit)| OperationKind::Ended(target, exit)),
        2 => (targets(), any::<bool>()).prop_map(|(target, right)| OperationKind::ProbeAnswered(target, right)),
    ]
}

fn targets() -> impl Strategy<Value = Target> {
    prop_oneof![
        8 => Just(Target::Current),
        2 => Just(Target::Orphan),
        1 => Just(Target::LastOrphan),
        1 => Just(Target::Previous),
        1 => Just(Target::Next),
    ]
}

fn elapsed_times() -> impl Strategy<Value = Elapsed> {
    prop_oneof![
        4 => Just(Elapsed::Nothing),
        4 => Just(Elapsed::ToDeadline),
        2 => (0_u64..50).prop_map(Elapsed::Nanos),
        1 => (1_u64..50).prop_map(Elapsed::Back),
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
