//! Settings that contradict each other are told to who listens.

use std::time::Duration;

use tenure::{KeepAlive, Probe};
use tenure_mcp::{Contradiction, Options, ServerEvent};

use crate::stage::Stage;

const ZERO: Duration = Duration::ZERO;
const SECOND: Duration = Duration::from_secs(1);

fn words(options: &Options) -> Vec<String> {
    options.contradictions().iter().map(ToString::to_string).collect()
}

#[test]
fn each_option_that_contradicts_another_is_told_and_the_defaults_do_not() {
    assert_eq!(Options::new().contradictions(), []);
    let as_long = Options::new().protocol(|it| it.handshake_timeout(Some(60 * SECOND)));
    assert_eq!(as_long.contradictions(), [], "as long as the connect may take");
    for (told, options) in [
        ("connect_timeout is zero", Options::new().connect_timeout(ZERO)),
        ("acquire_timeout is zero", Options::new().acquire_timeout(Some(ZERO))),
        (
            "acquire_timeout (1s) is shorter than connect_timeout",
            Options::new().acquire_timeout(Some(SECOND)),
        ),
        ("keep_alive is for no time", Options::new().keep_alive(KeepAlive::For(ZERO))),
        // The keep-alive is the five minutes that nobody has changed.
        (
            "keep_alive (300s) is not shorter than max_age (1s)",
            Options::new().session(|it| it.max_age(Some(SECOND))),
        ),
        (
            "the timeout of probes (2s) is longer than their interval",
            Options::new().probe(Some(Probe { interval: SECOND, timeout: 2 * SECOND })),
        ),
        ("call_timeout is zero", Options::new().call_timeout(Some(ZERO))),
        ("call_idle_timeout is zero", Options::new().call_idle_timeout(Some(ZERO))),
        (
            "call_idle_timeout (600s) is no shorter than call_timeout (600s)",
            Options::new().call_idle_timeout(Some(600 * SECOND)),
        ),
        ("max_in_flight is zero", Options::new().protocol(|it| it.max_in_flight(0))),
        ("max_replies is zero", Options::new().protocol(|it| it.max_replies(0))),
        ("max_events is zero", Options::new().protocol(|it| it.max_events(0))),
        ("max_message is zero", Options::new().protocol(|it| it.max_message(0))),
        ("handshake_timeout is zero", Options::new().protocol(|it| it.handshake_timeout(Some(ZERO)))),
        (
            "handshake_timeout (61s) is longer than connect_timeout (60s)",
            Options::new().protocol(|it| it.handshake_timeout(Some(61 * SECOND))),
        ),
    ] {
        let words = words(&options);
        assert!(matches!(&words[..], [only] if only.starts_with(told)), "{told}: {words:?}");
    }
}

#[test]
fn who_listens_is_told_of_contradictions_once_before_anything_else() {
    let options = Options::new().keep_alive(KeepAlive::For(ZERO)).protocol(|it| it.max_in_flight(0));
    let mut stage = Stage::with(options);
    stage.turn();
    let events = stage.events();
    assert!(
        matches!(
            &events[..],
            [
                ServerEvent::Contradiction(Contradiction::Session(tenure::Contradiction::NoKeepAlive)),
                ServerEvent::Contradiction(Contradiction::Protocol(_)),
            ]
        ),
        "{events:?}"
    );
    let _live = stage.live();
    assert_eq!(stage.events().len(), 0);
}
