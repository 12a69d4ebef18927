//! How long calls may take if nobody says so, and if somebody does.

use serde_json::Value;
use tenure_mcp::Options;

use crate::progress::{Heard, s, tell, timed_out};
use crate::stage::{Call, Stage, config};

/// A stage whose options choose nothing of how long calls may take.
fn by_default() -> Stage {
    Stage::with(Options::new().session(|_| config()))
}

#[test]
fn a_call_has_a_minute_by_default_and_its_server_is_not_asked_for_progress() {
    let mut stage = by_default();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.call_tool("a", ()));
    stage.turn();
    assert!(server.heard_one()["params"]["_meta"].is_null());
    stage.advance(s(59));
    assert!(call.poll().is_none());
    stage.advance(s(1));
    assert!(timed_out(call.poll()));
}

#[test]
fn a_call_that_listens_to_progress_has_a_minute_after_each_report_and_ten_in_all() {
    let mut stage = by_default();
    let (lease, server) = stage.live();
    let heard = [Heard::default(), Heard::default()];
    let [mut call, mut stuck] =
        heard.each_ref().map(|heard| Call::begun(lease.call_tool("a", ()).progress(heard.listener())));
    stage.turn();
    let [request, other] = <[_; 2]>::try_from(server.heard()).unwrap();
    tell(&server, &other, 1);
    stage.turn();
    for progress in 1..12 {
        stage.advance(s(50));
        tell(&server, &request, progress);
        stage.turn();
        assert!(call.poll().is_none(), "after {} s", progress * 50);
        match progress {
            1 => assert!(stuck.poll().is_none()),
            2 => assert!(timed_out(stuck.poll())),
            _ => {}
        }
    }
    stage.advance(s(49));
    assert!(call.poll().is_none());
    stage.advance(s(1));
    assert!(timed_out(call.poll()));
    assert_eq!(heard.map(|heard| heard.take().len()), [11, 1]);
}

#[test]
fn a_call_takes_all_of_the_time_that_somebody_has_chosen_for_it() {
    let mut stage = by_default();
    let (lease, server) = stage.live();
    let client = stage.client.clone();
    let own = || Call::new(client.acquire()).poll().unwrap().unwrap();
    let (long, idle) = (own().with_call_timeout(Some(s(120))), own().with_call_idle_timeout(Some(s(120))));
    let mut calls = [
        Call::begun(lease.call_tool("a", ()).timeout(Some(s(120)))),
        Call::begun(lease.call_tool("a", ()).idle_timeout(Some(s(120)))),
        Call::begun(long.call_tool("a", ())),
        Call::begun(idle.call_tool("a", ())),
    ];
    let mut list = Call::begun(lease.list_tools().timeout(Some(s(120))));
    stage.turn();
    let asks = |request: &Value| !request["params"]["_meta"]["progressToken"].is_null();
    let asked: Vec<_> = server.heard().iter().map(asks).collect();
    assert_eq!(asked, [false, true, false, true, false]);
    stage.advance(s(119));
    assert!(list.poll().is_none() && calls.iter_mut().all(|call| call.poll().is_none()));
    stage.advance(s(1));
    assert!(timed_out(list.poll()) && calls.iter_mut().all(|call| timed_out(call.poll())));
    // One that sets its deadline off has no idle time either that nobody has chosen.
    let mut endless = Call::begun(lease.call_tool("a", ()).timeout(None));
    stage.turn();
    stage.advance(s(10_000));
    assert!(endless.poll().is_none());
}
