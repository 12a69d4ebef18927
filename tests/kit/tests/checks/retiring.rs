//! Connectors that retire, well and badly.

use std::future::pending;

use futures_lite::future;
use tenure_driver::{Connector, Failure, Life, from_fn};
use tenure_kit::{ConnectorCheck, Gate, Report, Rule};

use crate::connectors::{assert_breaks, short};

/// What becomes of a runner when it retires.
#[derive(Clone, Copy)]
enum Manner {
    Serves,
    Ends,
    ForgetsCalls,
    Panics,
    NeverRetires,
}

/// A runner whose calls wait for the gate in its handle, which is open, but while it retires.
fn retiring(manner: Manner) -> impl Connector<Handle = (Gate, Gate)> {
    from_fn(move |life: Life<(Gate, Gate)>| async move {
        life.or_stopped(future::yield_now()).await?;
        let (asked, answered) = (Gate::new(), Gate::new());
        let serving = life.ready((asked.clone(), answered.clone()));
        let serve = async {
            asked.passed().await;
            if !matches!(manner, Manner::NeverRetires) {
                serving.retire(Failure::new("goodbye"));
            }
            match manner {
                Manner::Ends => return Ok(()),
                #[expect(clippy::panic, reason = "a planted fault")]
                Manner::Panics => panic!("as planned"),
                Manner::ForgetsCalls => {}
                Manner::Serves | Manner::NeverRetires => {
                    future::yield_now().await;
                    answered.open();
                }
            }
            pending().await
        };
        let stopped = async {
            serving.stopped().await;
            Ok(())
        };
        future::or(stopped, serve).await
    })
}

async fn ask((asked, answered): &(Gate, Gate)) -> Result<(), Failure> {
    asked.open();
    answered.passed().await;
    Ok(())
}

fn check(manner: Manner) -> Report {
    let check = ConnectorCheck::new(|| retiring(Manner::NeverRetires), ask).config(short());
    future::block_on(check.retiring(|| retiring(manner)).run())
}

/// Returns whether the check says that it saw no runner retire.
fn saw_none_retire(report: &Report) -> bool {
    report.not_checked().iter().any(|what| what.contains("retire"))
}

#[test]
fn a_connector_that_serves_on_while_it_retires_passes() {
    let report = check(Manner::Serves);
    assert_breaks(&report, &[]);
    assert!(!saw_none_retire(&report), "{report}");
}

#[test]
fn a_runner_that_ends_when_it_retires_is_found() {
    let report = check(Manner::Ends);
    assert_breaks(&report, &[Rule::FinishesCalls]);
    assert!(report.faults()[0].seen().contains("goodbye"), "{report}");
}

#[test]
fn a_runner_that_forgets_its_calls_when_it_retires_is_found() {
    let report = check(Manner::ForgetsCalls);
    assert_breaks(&report, &[Rule::FinishesCalls]);
    assert!(report.faults()[0].seen().contains("had not ended"), "{report}");
}

#[test]
fn a_runner_that_panics_when_it_retires_is_found() {
    assert!(check(Manner::Panics).breaks(Rule::NeverPanics));
}

#[test]
fn a_peer_that_does_not_make_it_retire_checks_nothing_and_is_told() {
    let report = check(Manner::NeverRetires);
    assert_breaks(&report, &[]);
    assert!(saw_none_retire(&report), "{report}");
}
