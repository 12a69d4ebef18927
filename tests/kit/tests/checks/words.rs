//! What a report says.

use std::future::pending;
use std::panic::catch_unwind;

use std::time::Duration;

use futures_lite::future;
use tenure::{Contradiction, Probe};
use tenure_driver::{Life, from_fn};
use tenure_kit::ConnectorCheck;

use crate::connectors::{check, open, polls, short, works};

#[test]
fn a_report_says_what_must_hold_when_what_was_seen_what_to_try_and_where_to_look() {
    let report = check(|| {
        from_fn(|life: Life<u32>| async move {
            polls(1).await;
            life.ready(7).stopped().await;
            Ok(())
        })
    });
    let text = report.to_string();
    for words in [
        "the connector: one rule isn't kept",
        "must hold: a runner that is told to stop while it connects ends within the stop deadline",
        "when: told to stop before its connect was polled (and 1 more)",
        "seen: it went on connecting, and said ready",
        "try: put the open and the handshake under `life.or_stopped(…).await?`",
        "see: tenure_driver::Connector, \"What a runner does\", 1",
        "not checked:\n- ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_rule_that_is_broken_in_many_situations_is_told_once() {
    let report = check(|| {
        from_fn(|life: Life<u32>| async move {
            polls(3).await;
            life.ready(7).stopped().await;
            Ok(())
        })
    });
    assert_eq!(report.to_string().matches("must hold:").count(), 1, "{report}");
    assert!(report.to_string().contains(" more)"), "{report}");
}

#[test]
fn a_connector_that_never_ends_is_not_asked_for_everything_else() {
    let report = check(|| {
        from_fn(|life| async move {
            let _serving = open(life).await?;
            pending().await
        })
    });
    assert!(report.not_checked().iter().any(|what| what.contains("mend the above first")), "{report}");
}

#[test]
fn to_assert_a_report_panics_with_all_of_it() {
    let report = check(|| from_fn(|_: Life<u32>| pending()));
    let text = report.to_string();
    let panic = catch_unwind(move || report.assert()).unwrap_err();
    assert!(panic.downcast_ref::<String>().is_some_and(|panic| panic.contains(&text)));
}

#[test]
fn a_config_that_contradicts_itself_is_told_in_the_report() {
    let (interval, timeout) = (Duration::from_millis(1), Duration::from_millis(200));
    let config = short().probe(Some(Probe { interval, timeout }));
    let good = || {
        from_fn(|life: Life<u32>| async move {
            life.ready(7).stopped().await;
            Ok(())
        })
    };
    let report = future::block_on(ConnectorCheck::new(good, works).config(config).run());
    assert_eq!(report.settings(), [Contradiction::ProbePastItsInterval { timeout, interval }]);
    assert!(
        report.to_string().contains("contradicts itself:\n- the timeout of probes (200ms) is longer"),
        "{report}"
    );
    let report = future::block_on(ConnectorCheck::new(good, works).config(short()).run());
    assert_eq!(report.settings(), []);
}
