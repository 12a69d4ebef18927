//! Connectors whose calls or probes go wrong; and some that are well.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use futures_lite::future;
use tenure::{Config, Probe};
use tenure_driver::{Connector, Failure, Life, from_fn};
use tenure_kit::{ConnectorCheck, Deaf, Gate, Handle, Peer, Plan, Rule, Scripted, check_connector};

use crate::connectors::{assert_breaks, open, short, works};

fn good() -> impl Connector<Handle = u32> {
    from_fn(|life| async move {
        open(life).await?.stopped().await;
        Ok(())
    })
}

#[test]
fn a_connector_that_behaves_well_passes() {
    future::block_on(async { check_connector(good, works).await.assert() });
}

#[test]
fn one_that_is_ready_at_once_passes() {
    let connector = || {
        from_fn(|life: Life<u32>| async move {
            life.ready(7).stopped().await;
            Ok(())
        })
    };
    future::block_on(async { check_connector(connector, works).await.assert() });
}

#[test]
fn the_scripted_connector_passes_with_each_peer() {
    let planned = |plan: &dyn Fn() -> Plan| {
        let peer = Peer::default();
        peer.plan(std::iter::repeat_with(plan).take(3));
        Scripted::new(&peer)
    };
    let call = async |handle: &Handle| {
        future::yield_now().await;
        if handle.echo(5) == 5 { Ok(()) } else { Err(Failure::new("another answer")) }
    };
    let (never, late) = (Gate::new(), Gate::new());
    let check = ConnectorCheck::new(|| planned(&Plan::new), call)
        .config(short())
        .silent(|| planned(&|| Plan::new().opening(&never)))
        .stubborn(|| planned(&|| Plan::new().deaf(Deaf::ToStop)))
        .retiring(|| {
            let peer = Peer::default();
            peer.retire(1, "goodbye");
            Scripted::new(&peer)
        });
    let report = future::block_on(check.run());
    report.assert();
    assert_eq!(report.not_checked().len(), 1, "{report}");
    drop(late);
}

#[test]
fn one_that_dies_on_its_own_is_found_by_the_same_peers() {
    let connector = || {
        let peer = Peer::default();
        peer.plan(std::iter::repeat_with(|| Plan::new().dies_at_once("out of memory")).take(3));
        Scripted::new(&peer)
    };
    let call = async |_: &Handle| Ok(());
    let report = future::block_on(ConnectorCheck::new(connector, call).config(short()).run());
    assert!(report.breaks(Rule::Serves), "{report}");
    assert!(report.to_string().contains("out of memory"), "{report}");
}

#[test]
fn a_call_that_fails_is_found_with_its_words() {
    let call = async |_: &u32| Err(Failure::new("42 is not 43"));
    let report = future::block_on(ConnectorCheck::new(good, call).config(short()).run());
    assert!(report.breaks(Rule::AnswersCalls), "{report}");
    assert!(report.to_string().contains("42 is not 43"), "{report}");
}

#[test]
fn a_call_that_is_never_answered_is_found() {
    let call = async |_: &u32| pending().await;
    let config = short().connect_timeout(Duration::from_millis(100));
    let report = future::block_on(ConnectorCheck::new(good, call).config(config).run());
    assert_breaks(&report, &[Rule::AnswersCalls, Rule::SurvivesCancelledCalls, Rule::ConnectsAgain]);
}

/// Answers in order, with nothing that says whose an answer is.
#[derive(Clone, Default)]
struct InOrder(Rc<RefCell<(u32, VecDeque<u32>)>>);

impl InOrder {
    async fn call(&self) -> Result<(), Failure> {
        let number = {
            let mut inner = self.0.borrow_mut();
            inner.0 += 1;
            let number = inner.0;
            inner.1.push_back(number);
            number
        };
        future::yield_now().await;
        let answer = self.0.borrow_mut().1.pop_front();
        if answer == Some(number) { Ok(()) } else { Err(Failure::new("the answer to another call")) }
    }
}

#[test]
fn a_cancelled_call_whose_answer_goes_to_the_next_is_found() {
    let connector = || {
        from_fn(|life: Life<InOrder>| async move {
            life.ready(InOrder::default()).stopped().await;
            Ok(())
        })
    };
    let call = async |handle: &InOrder| handle.call().await;
    let report = future::block_on(ConnectorCheck::new(connector, call).config(short()).run());
    assert_breaks(&report, &[Rule::SurvivesCancelledCalls]);
}

fn probing() -> Config {
    short().probe(Some(Probe { interval: Duration::from_millis(10), timeout: Duration::from_millis(100) }))
}

#[test]
fn probes_that_are_not_answered_are_found() {
    let report = future::block_on(ConnectorCheck::new(good, works).config(probing()).run());
    assert!(report.breaks(Rule::AnswersProbes), "{report}");
}

#[test]
fn probes_that_are_answered_pass() {
    let connector = || {
        from_fn(|life| async move {
            let serving = open(life).await?;
            let answers = async {
                loop {
                    serving.probe().await.answer();
                }
            };
            future::or(serving.stopped(), answers).await;
            Ok(())
        })
    };
    future::block_on(ConnectorCheck::new(connector, works).config(probing()).run()).assert();
}
