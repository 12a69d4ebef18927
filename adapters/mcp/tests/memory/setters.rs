//! Each setter sets what it names, and nothing else.

use std::num::NonZeroU32;
use std::time::Duration;

use tenure::{KeepAlive, Probe, Retry};
use tenure_mcp::Options;

const SECOND: Duration = Duration::from_secs(1);

/// `set` shows in the settings as `shown`, and those that were set before stay.
#[track_caller]
fn assert_sets(set: impl FnOnce(Options) -> Options, shown: &str) {
    let before = Options::new().session(|config| config.max_waiting(NonZeroU32::new(4711).unwrap()));
    let words = format!("{:?}", set(before));
    for part in [shown, "4711"] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
}

#[test]
fn each_setter_of_the_session_sets_what_it_names() {
    assert_sets(|options| options.connect_timeout(SECOND), "connect_timeout: 1s");
    assert_sets(|options| options.acquire_timeout(Some(SECOND)), "acquire_timeout: Some(1s)");
    assert_sets(|options| options.keep_alive(KeepAlive::Never), "keep_alive: Never");
    let probe = Probe { interval: SECOND, timeout: SECOND };
    assert_sets(|options| options.probe(Some(probe)), &format!("{probe:?}"));
    let retry = Retry::default();
    assert_sets(|options| options.retry(Some(retry)), &format!("{retry:?}"));
}

#[test]
fn the_deadline_of_calls_and_who_listens_leave_the_rest_as_it_is() {
    assert_sets(|options| options, "call_timeout: Some(600s), call_idle_timeout: Some(60s)");
    assert_sets(|options| options.call_timeout(None), "call_timeout: None, call_idle_timeout: None");
    assert_sets(
        |options| options.call_idle_timeout(Some(SECOND)).call_timeout(None),
        "call_timeout: None, call_idle_timeout: Some(1s)",
    );
    assert_sets(
        |options| options.call_idle_timeout(Some(SECOND)),
        "call_timeout: Some(600s), call_idle_timeout: Some(1s)",
    );
    assert_sets(|options| options.on_event(|_, _| {}), "call_timeout");
    assert_sets(|options| options.trace(|_| {}), "call_timeout");
}
