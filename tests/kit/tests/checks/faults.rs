//! Connectors that don't come, don't go, or leave something behind.

use std::future::pending;
use std::mem::ManuallyDrop;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_lite::future;
use tenure_driver::{Failure, Life, Probe, from_fn};
use tenure_kit::{ConnectorCheck, Rule};

use crate::connectors::{assert_breaks, check, open, polls, short, works};

#[test]
fn a_connector_that_never_ends_is_found() {
    let report = check(|| {
        from_fn(|life| async move {
            let _serving = open(life).await?;
            pending().await
        })
    });
    assert_breaks(&report, &[Rule::StopsAfterReady, Rule::HurriesAfterReady]);
}

#[test]
fn a_connector_that_ignores_stop_while_it_connects_is_found() {
    let report = check(|| {
        from_fn(|life: Life<u32>| async move {
            polls(3).await;
            life.ready(7).stopped().await;
            Ok(())
        })
    });
    assert_breaks(&report, &[Rule::StopsBeforeReady]);
    assert!(report.faults()[0].seen().contains("said ready"), "{report}");
}

#[test]
fn a_connect_that_never_ends_and_ignores_stop_is_found() {
    let deaf = |answers: bool| {
        from_fn(move |life: Life<u32>| async move {
            if !answers {
                pending::<()>().await;
            }
            life.ready(7).stopped().await;
            Ok(())
        })
    };
    let check = ConnectorCheck::new(|| deaf(true), works).config(short()).silent(|| deaf(false));
    let report = future::block_on(check.run());
    assert_breaks(&report, &[Rule::StopsBeforeReady, Rule::HurriesBeforeReady]);
}

#[test]
fn a_connector_that_is_never_ready_and_ignores_stop_is_found() {
    let report = check(|| from_fn(|_: Life<u32>| pending()));
    assert_breaks(&report, &[Rule::BecomesReady, Rule::StopsBeforeReady, Rule::HurriesBeforeReady]);
}

#[test]
fn a_connector_that_ends_right_after_ready_is_found() {
    let report = check(|| {
        from_fn(|life| async move {
            drop(open(life).await?);
            Ok(())
        })
    });
    assert_breaks(&report, &[Rule::Serves]);
}

#[test]
fn a_connector_that_ends_while_nobody_calls_is_found() {
    let report = check(|| {
        from_fn(|life| async move {
            let serving = open(life).await?;
            let idle = async {
                let until = Instant::now() + Duration::from_millis(20);
                while Instant::now() < until {
                    future::yield_now().await;
                }
                Err(Failure::new("idle for too long"))
            };
            let stopped = async {
                serving.stopped().await;
                Ok(())
            };
            future::or(stopped, idle).await
        })
    });
    assert_breaks(&report, &[Rule::Serves]);
    assert!(report.faults()[0].seen().contains("idle for too long"), "{report}");
}

#[test]
fn a_connector_that_fails_to_connect_is_found_with_its_words() {
    let report = check(|| from_fn(|_: Life<u32>| async { Err(Failure::new("nobody listens there")) }));
    assert_breaks(&report, &[Rule::BecomesReady]);
    assert!(report.to_string().contains("nobody listens there"), "{report}");
}

#[test]
fn a_runner_that_waits_for_a_peer_that_does_not_let_go_is_found() {
    let waiting = |lets_go: bool| {
        from_fn(move |life| async move {
            open(life).await?.stopped().await;
            if !lets_go {
                pending::<()>().await;
            }
            Ok(())
        })
    };
    let check = ConnectorCheck::new(|| waiting(true), works).config(short());
    assert_breaks(&future::block_on(check.run()), &[]);
    let check = ConnectorCheck::new(|| waiting(true), works).config(short()).stubborn(|| waiting(false));
    assert_breaks(&future::block_on(check.run()), &[Rule::HurriesAfterReady]);
}

#[test]
fn what_lingers_beyond_the_end_is_found() {
    let kept = Mutex::new(Vec::new());
    let report = check(|| {
        from_fn(|life: Life<u32>| {
            kept.lock().unwrap().push(life.linger());
            async move {
                open(life).await?.stopped().await;
                Ok(())
            }
        })
    });
    assert!(report.breaks(Rule::LetsGo), "{report}");
}

#[test]
fn what_lingers_only_when_the_runner_is_dropped_is_found() {
    let report = check(|| {
        from_fn(|life: Life<u32>| async move {
            let linger = ManuallyDrop::new(life.linger());
            let result = async {
                open(life).await?.stopped().await;
                Ok(())
            };
            let result = result.await;
            drop(ManuallyDrop::into_inner(linger));
            result
        })
    });
    assert_breaks(&report, &[Rule::LetsGo]);
    assert!(report.faults()[0].situation().contains("dropped"), "{report}");
}

#[test]
fn a_probe_that_is_answered_when_its_runner_has_ended_is_found() {
    let connector = || {
        let left = Arc::new(Mutex::new(None));
        from_fn(move |life: Life<u32>| {
            let left = left.clone();
            async move {
                let earlier = left.lock().unwrap().take();
                if let Some(probe) = earlier {
                    Probe::answer(probe);
                }
                let serving = open(life).await?;
                let probe = async { *left.lock().unwrap() = Some(serving.probe().await) };
                future::or(serving.stopped(), probe).await;
                serving.stopped().await;
                Ok(())
            }
        })
    };
    let probes = tenure::Probe { interval: Duration::ZERO, timeout: Duration::from_millis(200) };
    let check = ConnectorCheck::new(connector, works).config(short().probe(Some(probes)));
    assert!(future::block_on(check.run()).breaks(Rule::SilentAtTheEnd));
}

#[test]
fn a_runner_whose_life_outlives_it_is_found() {
    let left = Mutex::new(Vec::new());
    let report = check(|| {
        from_fn(|life| {
            let left = &left;
            async move {
                let serving = open(life).await?;
                serving.stopped().await;
                left.lock().unwrap().push(serving);
                Ok(())
            }
        })
    });
    assert!(report.breaks(Rule::LetsGo), "{report}");
}

#[test]
fn a_runner_that_panics_is_found() {
    let report = check(|| {
        from_fn(|life| async move {
            open(life).await?.stopped().await;
            resume_unwind(Box::new("as planned"))
        })
    });
    assert_breaks(&report, &[Rule::NeverPanics]);
}

#[test]
fn a_runner_that_blocks_its_thread_is_found() {
    let mut blocked = false;
    let report = check(|| {
        let block = !std::mem::replace(&mut blocked, true);
        from_fn(move |life| async move {
            let serving = open(life).await?;
            let start = Instant::now();
            // What any call that blocks does, as far as its thread is concerned.
            while block && start.elapsed() < Duration::from_millis(1050) {
                std::hint::spin_loop();
            }
            serving.stopped().await;
            Ok(())
        })
    });
    assert!(report.breaks(Rule::NeverBlocks), "{report}");
}

#[test]
fn a_connector_that_connects_once_is_found() {
    let report = check(|| {
        let mut left = Some(());
        from_fn(move |life| {
            let there = left.take();
            async move {
                there.ok_or_else(|| Failure::new("the socket was taken"))?;
                open(life).await?.stopped().await;
                Ok(())
            }
        })
    });
    assert!(report.breaks(Rule::ConnectsAgain), "{report}");
}
