//! How long a call may take in all, and without progress.

use tenure_mcp::Options;

use crate::progress::{s, tell, timed_out};
use crate::stage::{Call, Stage, config};

#[test]
fn progress_begins_the_idle_time_anew_and_never_moves_the_maximum() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let call = lease.call_tool("a", ()).timeout(Some(s(25))).idle_timeout(Some(s(10)));
    let mut call = Call::begun(call);
    stage.turn();
    let request = server.heard_one();
    for progress in [1, 2] {
        stage.advance(s(9));
        assert!(call.poll().is_none());
        tell(&server, &request, progress);
        stage.turn();
    }
    // 18 s have passed; the idle time would end at 28 s.
    stage.advance(s(6));
    assert!(call.poll().is_none());
    stage.advance(s(1));
    assert!(timed_out(call.poll()));
}

#[test]
fn the_idle_time_begins_when_the_progress_comes() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.call_tool("a", ()).idle_timeout(Some(s(10))));
    stage.turn();
    let request = server.heard_one();
    // The driver sees nothing of this time but through the message.
    stage.pass(s(5));
    tell(&server, &request, 1);
    stage.turn();
    stage.advance(s(9));
    assert!(call.poll().is_none());
    stage.advance(s(1));
    assert!(timed_out(call.poll()));
}

#[test]
fn the_idle_time_of_calls_is_set_for_all_for_a_lease_or_for_one() {
    let options = Options::new().session(|_| config()).call_idle_timeout(Some(s(3)));
    let mut stage = Stage::with(options);
    let (lease, _server) = stage.live();
    let client = stage.client.clone();
    let own = Call::new(client.acquire()).poll().unwrap().unwrap().with_call_idle_timeout(Some(s(2)));
    let mut of_all = [Call::begun(lease.request("a", ())), Call::begun(client.request("a", ()))];
    let mut of_lease = Call::begun(own.request("a", ()));
    let mut of_one = Call::begun(own.request("a", ()).idle_timeout(Some(s(1))));
    let mut ping = Call::begun(own.ping());
    let mut list = Call::begun(own.list_prompts());
    let mut none = Call::begun(own.request("a", ()).idle_timeout(None));
    stage.turn();
    stage.advance(s(1));
    assert!(timed_out(of_one.poll()) && of_lease.poll().is_none());
    stage.advance(s(1));
    assert!(timed_out(of_lease.poll()) && timed_out(ping.poll()) && timed_out(list.poll()));
    assert!(of_all.iter_mut().all(|call| call.poll().is_none()));
    stage.advance(s(1));
    assert!(of_all.iter_mut().all(|call| timed_out(call.poll())));
    assert!(none.poll().is_none());
}

#[test]
fn progress_that_only_keeps_the_idle_time_is_told_to_nobody() {
    let options = Options::new().session(|_| config()).call_idle_timeout(Some(s(3)));
    let mut stage = Stage::with(options);
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("a", ()));
    stage.turn();
    tell(&server, &server.heard_one(), 1);
    stage.turn();
    assert!(call.poll().is_none());
    assert!(stage.events().is_empty());
}
