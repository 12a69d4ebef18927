//! Each way in which settings contradict each other is told, and nothing else is.

use core::num::NonZeroU32;
use core::time::Duration;

use tenure::{Config, Contradiction, KeepAlive, Probe, Retry};

const ZERO: Duration = Duration::ZERO;
const SHORT: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(3);

fn found(config: &Config) -> Vec<Contradiction> {
    config.contradictions().collect()
}

fn probing(interval: Duration, timeout: Duration) -> Config {
    Config::default().probe(Some(Probe { interval, timeout }))
}

#[test]
fn each_pair_that_contradicts_is_told_and_its_twin_is_not() {
    use Contradiction as Is;
    let quick = || Config::default().connect_timeout(SHORT);
    let config = Config::default;
    let retry = Retry::default;
    let keep = |keep_alive, max_age| config().keep_alive(KeepAlive::For(keep_alive)).max_age(Some(max_age));
    let retries = |retry: Retry| config().retry(Some(retry));
    let mut said = Vec::new();
    for (told, contradicts, twin) in [
        (Is::NoTimeToConnect, config().connect_timeout(ZERO), config().connect_timeout(SHORT)),
        (Is::NoTimeToAcquire, quick().acquire_timeout(Some(ZERO)), quick().acquire_timeout(None)),
        (
            Is::AcquireBeforeConnect { acquire: SHORT, connect: LONG },
            config().connect_timeout(LONG).acquire_timeout(Some(SHORT)),
            config().connect_timeout(LONG).acquire_timeout(Some(LONG)),
        ),
        (
            Is::NoKeepAlive,
            config().keep_alive(KeepAlive::For(ZERO)),
            config().keep_alive(KeepAlive::Never).max_age(Some(SHORT)),
        ),
        (
            Is::KeepAlivePastMaxAge { keep_alive: SHORT, max_age: SHORT },
            keep(SHORT, SHORT),
            keep(SHORT, LONG),
        ),
        (
            Is::KeepAlivePastMaxAge { keep_alive: LONG, max_age: SHORT },
            keep(LONG, SHORT),
            config().keep_alive(KeepAlive::Always).max_age(Some(SHORT)),
        ),
        (Is::NoAge, keep(SHORT, ZERO), config().max_age(None)),
        (Is::ProbeWithoutPause, probing(ZERO, SHORT), probing(SHORT, SHORT)),
        (Is::NoTimeToAnswer, probing(SHORT, ZERO), config().probe(None)),
        (
            Is::ProbePastItsInterval { timeout: LONG, interval: SHORT },
            probing(SHORT, LONG),
            probing(LONG, SHORT),
        ),
        (
            Is::ProbePastMaxAge { interval: SHORT, max_age: SHORT },
            probing(SHORT, SHORT).max_age(Some(SHORT)),
            probing(SHORT, SHORT).max_age(Some(LONG)),
        ),
        (Is::RetryWithoutPause, retries(retry().base(ZERO)), retries(retry())),
        (
            Is::BackoffPastItsMaximum { base: LONG, max: SHORT },
            retries(retry().base(LONG).max(SHORT)),
            retries(retry().base(LONG).max(LONG)),
        ),
        (
            // Half of the base is left to chance.
            Is::RetryNobodyWaitsFor { acquire: SHORT, backoff: SHORT },
            quick().acquire_timeout(Some(SHORT)).retry(Some(retry().base(2 * SHORT))),
            quick().acquire_timeout(Some(SHORT)).retry(Some(retry().base(2 * SHORT).jitter(51))),
        ),
        (
            Is::RetryNobodyWaitsFor { acquire: SHORT, backoff: SHORT },
            quick().acquire_timeout(Some(SHORT)).retry(Some(retry().base(SHORT).max(LONG).jitter(0))),
            // One attempt is no second one, and the backoff is for those who come later.
            quick()
                .acquire_timeout(Some(SHORT))
                .retry(Some(retry().base(SHORT).jitter(0).attempts(NonZeroU32::MIN))),
        ),
        (Is::JitterPastAll { jitter: 101 }, retries(retry().jitter(101)), retries(retry().jitter(100))),
        (
            Is::StablePastMaxAge { stable_after: SHORT, max_age: SHORT },
            retries(retry().stable_after(SHORT)).max_age(Some(SHORT)),
            retries(retry().stable_after(SHORT)).max_age(Some(LONG)),
        ),
    ] {
        assert_eq!(found(&contradicts), [told], "{contradicts:?}");
        assert_eq!(found(&twin), [], "{twin:?}");
        let words = told.to_string();
        let is_its_own = said.iter().all(|(other, said)| *other == told || *said != words);
        assert!(words.len() > 30 && is_its_own, "{words}");
        said.push((told, words));
    }
}

#[test]
fn all_that_contradicts_is_told_at_once_and_zero_once() {
    use Contradiction as Is;
    let config = probing(ZERO, ZERO)
        .connect_timeout(ZERO)
        .acquire_timeout(Some(ZERO))
        .keep_alive(KeepAlive::For(ZERO))
        .max_age(Some(ZERO))
        .retry(Some(Retry::default().base(ZERO).max(ZERO).jitter(200).stable_after(ZERO)));
    let all = [
        Is::NoTimeToConnect,
        Is::NoTimeToAcquire,
        Is::NoKeepAlive,
        Is::NoAge,
        Is::ProbeWithoutPause,
        Is::NoTimeToAnswer,
        Is::RetryWithoutPause,
        Is::JitterPastAll { jitter: 200 },
    ];
    assert_eq!(found(&config), all);
}

#[test]
fn a_step_of_the_teardown_may_take_no_time_and_any_time_is_large_enough() {
    let brisk = Config::default()
        .finish_timeout(ZERO)
        .stop_timeout(ZERO)
        .abort_timeout(ZERO)
        .discard_timeout(ZERO)
        .retry(Some(Retry::default().stable_after(ZERO)));
    assert_eq!(found(&brisk), []);
    let endless = Duration::MAX;
    let patient = Config::default()
        .connect_timeout(endless)
        .acquire_timeout(Some(endless))
        .retry(Some(Retry::default().base(endless).max(endless)));
    let told = Contradiction::RetryNobodyWaitsFor { acquire: endless, backoff: endless };
    assert_eq!(found(&patient), [told]);
}

#[test]
fn a_contradiction_is_said_with_its_settings_and_values() {
    let said = |config: Config| found(&config).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(
        said(Config::default().acquire_timeout(Some(SHORT))),
        "acquire_timeout (2s) is shorter than connect_timeout (60s): a connect is stopped when all who wait for it have given up"
    );
    assert_eq!(
        said(Config::default().keep_alive(KeepAlive::For(LONG)).max_age(Some(SHORT))),
        "keep_alive (3s) is not shorter than max_age (2s): it never ends a session"
    );
    assert_eq!(said(probing(SHORT, ZERO)), "the timeout of probes is zero: none can be answered in time");
}
