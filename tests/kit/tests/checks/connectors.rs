//! What the tests of broken connectors share.

use std::time::Duration;

use futures_lite::future;
use tenure::Config;
use tenure_driver::{Connector, Failure, Life, Serving};
use tenure_kit::{ConnectorCheck, Report, Rule};

/// Deadlines that broken connectors overrun soon.
pub(crate) fn short() -> Config {
    let moment = Duration::from_millis(100);
    Config::default()
        .connect_timeout(moment * 10)
        .stop_timeout(moment)
        .abort_timeout(moment)
        .discard_timeout(moment)
}

/// A call that takes a moment.
pub(crate) async fn works<H>(_: &H) -> Result<(), Failure> {
    future::yield_now().await;
    Ok(())
}

pub(crate) fn check<C: Connector>(connector: impl FnMut() -> C) -> Report {
    future::block_on(ConnectorCheck::new(connector, works).config(short()).run())
}

/// Opens in three polls, and can be stopped meanwhile.
pub(crate) async fn open(life: Life<u32>) -> Result<Serving<u32>, Failure> {
    life.or_stopped(polls(3)).await?;
    Ok(life.ready(7))
}

/// Takes so many polls.
pub(crate) async fn polls(number: u32) {
    for _ in 0..number {
        future::yield_now().await;
    }
}

/// Asserts that these rules are broken, and no other.
#[track_caller]
pub(crate) fn assert_breaks(report: &Report, rules: &[Rule]) {
    let broken: Vec<_> = report.faults().iter().map(tenure_kit::Fault::rule).collect();
    assert!(
        broken.len() == rules.len() && rules.iter().all(|rule| broken.contains(rule)),
        "{rules:?}: {report}"
    );
}
