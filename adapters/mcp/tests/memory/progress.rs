//! How far the server is with a call, and how long that may take.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tenure::Mode;
use tenure_mcp::proto::types::{CallToolResult, Progress};
use tenure_mcp::{Deadline, Error, InProgress, Options, ServerEvent};

use crate::stage::{Call, Server, Stage};

pub(crate) fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What was told, as numbers.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<f64>>>);

impl Heard {
    pub(crate) fn listener(&self) -> impl FnMut(Progress) + Send + use<> {
        let heard = self.0.clone();
        move |progress| heard.lock().unwrap().push(progress.progress)
    }

    pub(crate) fn take(&self) -> Vec<f64> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

pub(crate) fn tell(server: &Server, request: &Value, progress: u64) {
    let token = &request["params"]["_meta"]["progressToken"];
    assert!(!token.is_null(), "{request}");
    let mut params = params(token, progress, &format!("{progress} of 100"));
    params["total"] = json!(100);
    report(server, &params);
}

fn params(token: &Value, progress: u64, message: &str) -> Value {
    json!({ "progressToken": token, "progress": progress, "message": message })
}

fn report(server: &Server, params: &Value) {
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }));
}

pub(crate) fn timed_out<T: std::fmt::Debug>(result: Option<Result<T, Error>>) -> bool {
    matches!(result.unwrap().unwrap_err(), Error::TimedOut { deadline: Deadline::Call, .. })
}

#[test]
fn progress_is_told_in_order_to_the_call_that_it_belongs_to() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let (a, b) = (Heard::default(), Heard::default());
    let mut first = Call::begun(lease.call_tool("a", ()).progress(a.listener()));
    let mut second = Call::begun(lease.request("b", ()).progress(b.listener()));
    let mut deaf = Call::begun(lease.request("c", ()));
    stage.turn();
    let [of_first, of_second, of_deaf] = <[Value; 3]>::try_from(server.heard()).unwrap();
    assert!(of_deaf.get("params").is_none());
    tell(&server, &of_first, 1);
    tell(&server, &of_second, 10);
    tell(&server, &of_first, 2);
    stage.turn();
    assert_eq!(a.take(), [0.0; 0], "it is told while the call is polled");
    assert!(first.poll().is_none() && second.poll().is_none() && deaf.poll().is_none());
    assert_eq!((a.take(), b.take()), (vec![1.0, 2.0], vec![10.0]));
    assert!(stage.events().is_empty(), "it is no event as well");
}

#[test]
fn progress_wakes_the_task_that_awaits_the_call() {
    let server = tenure_mcp::testing::MemoryServer::new();
    let held = server.hold("tools/call");
    let (client, driver) =
        tenure_mcp::connect(Options::new(), server.transport(), tenure_mcp::testing::StoppedClock);
    let heard = Heard::default();
    let mut listener = heard.listener();
    let test = async move {
        let mut call = client.call_tool("slow", ()).with_progress();
        let begun = async {
            held.arrived(1).await;
            server.progress("tools/call", 7.0, None);
        };
        let (progress, ()) = futures_lite::future::zip(call.next(), begun).await;
        listener(progress.unwrap());
    };
    let told = futures_lite::future::or(test, async {
        driver.await;
        panic!("the driver ended first");
    });
    futures_lite::future::block_on(tenure_bounds::within("progress to wake its call", told));
    assert_eq!(heard.take(), [7.0]);
}

#[test]
fn all_progress_before_the_result_is_told_before_it_and_none_after_it() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let heard = Heard::default();
    let mut call = Call::begun(lease.call_tool("a", ()).progress(heard.listener()));
    stage.turn();
    let request = server.heard_one();
    tell(&server, &request, 1);
    server.answer(&request, &json!({ "content": [] }));
    tell(&server, &request, 2);
    stage.turn();
    call.poll().unwrap().unwrap();
    assert_eq!(heard.take(), [1.0]);
    tell(&server, &request, 3);
    stage.turn();
    assert!(heard.take().is_empty());
}

#[test]
fn progress_and_an_answer_that_came_before_the_lease_was_revoked_are_told() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let heard = Heard::default();
    let mut call = Call::begun(lease.call_tool("a", ()).progress(heard.listener()));
    stage.turn();
    let request = server.heard_one();
    tell(&server, &request, 1);
    server.answer(&request, &json!({ "content": [] }));
    stage.turn();
    drop(stage.client.close(Mode::Force));
    call.poll().unwrap().unwrap();
    assert_eq!(heard.take(), [1.0]);
}

#[test]
fn a_listener_that_panics_does_so_in_the_task_that_awaits_its_call() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let heard = Heard::default();
    let mut rude = Call::begun(lease.call_tool("a", ()).progress(|_| panic!("in a listener")));
    let mut other = Call::begun(lease.call_tool("b", ()).progress(heard.listener()));
    stage.turn();
    let [of_rude, of_other] = <[Value; 2]>::try_from(server.heard()).unwrap();
    tell(&server, &of_rude, 1);
    tell(&server, &of_other, 1);
    stage.turn();
    assert!(catch_unwind(AssertUnwindSafe(|| rude.poll())).is_err());
    drop(rude);
    stage.turn();
    let notice = server.heard_one();
    assert_eq!(notice["method"], "notifications/cancelled");
    assert_eq!(notice["params"]["requestId"], of_rude["id"]);
    server.answer(&of_other, &json!({ "content": [] }));
    stage.turn();
    other.poll().unwrap().unwrap();
    assert_eq!(heard.take(), [1.0]);
    lease.check().unwrap();
}

#[test]
fn a_listener_may_use_the_client() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let client = stage.client.clone();
    let mut inner = None;
    let call = lease.call_tool("a", ()).progress(|_| {
        let mut ping = Call::new(client.ping());
        assert!(ping.poll().is_none());
        inner = Some(());
    });
    let mut call = Call::begun(call);
    stage.turn();
    tell(&server, &server.heard_one(), 1);
    stage.turn();
    assert!(call.poll().is_none());
    drop(call);
    assert_eq!(inner, Some(()));
}

#[test]
fn a_call_is_a_stream_of_its_progress_that_ends_with_the_result() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = lease.call_tool("a", ()).with_progress();
    assert!(Call::new(call.next()).poll().is_none());
    stage.turn();
    let request = server.heard_one();
    for progress in [1, 2] {
        tell(&server, &request, progress);
    }
    stage.turn();
    let first = Call::new(call.next()).poll().unwrap().unwrap();
    assert_eq!((first.progress, first.total, first.message.as_deref()), (1.0, Some(100.0), Some("1 of 100")));
    server.answer(&request, &json!({ "content": [{ "type": "text", "text": "done" }] }));
    stage.turn();
    assert_eq!(Call::new(call.next()).poll().unwrap().unwrap().message.unwrap(), "2 of 100");
    assert!(Call::new(call.next()).poll().unwrap().is_none());
    assert!(Call::new(call.next()).poll().unwrap().is_none(), "and so it stays");
    assert_eq!(call.missed(), 0);
    assert_eq!(Call::new(call.result()).poll().unwrap().unwrap().text(), "done");

    // Whoever wants the result alone may take it at once.
    let mut call = lease.request("b", ()).with_progress();
    assert!(Call::new(call.next()).poll().is_none());
    let mut result = Call::begun(call.result());
    stage.turn();
    server.answer(&server.heard_one(), &json!({ "n": 1 }));
    stage.turn();
    assert_eq!(result.poll().unwrap().unwrap().get(), r#"{"n":1}"#);
}

#[test]
fn a_stream_of_progress_that_is_dropped_cancels_its_call() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = lease.call_tool("a", ()).with_progress();
    assert!(Call::new(call.next()).poll().is_none());
    stage.turn();
    let request = server.heard_one();
    assert!(Call::new(call.next()).poll().is_none(), "a dropped next() cancels nothing");
    stage.turn();
    assert!(server.heard().is_empty());
    drop(call);
    stage.turn();
    let notice = server.heard_one();
    assert_eq!(notice["params"]["requestId"], request["id"]);
}

/// The call is at the server: by this it reports.
fn token(stage: &mut Stage, server: &Server, call: &mut InProgress<'_, CallToolResult>) -> Value {
    assert!(Call::new(call.next()).poll().is_none());
    stage.turn();
    server.heard_one()["params"]["_meta"]["progressToken"].clone()
}

#[test]
fn a_caller_who_is_slow_misses_the_oldest_reports_and_knows_how_many() {
    for (size, kept, oldest) in [(1, 64, "37"), (4096, 15, "86")] {
        let mut stage = Stage::new();
        let (lease, server) = stage.live();
        let mut call = lease.call_tool("a", ()).with_progress();
        let token = token(&mut stage, &server, &mut call);
        for progress in 1..=100 {
            report(&server, &params(&token, progress, &"x".repeat(size)));
        }
        stage.turn();
        let mut told = Vec::new();
        while let Some(progress) = Call::new(call.next()).poll() {
            let raw: Value = serde_json::from_str(progress.unwrap().raw.get()).unwrap();
            told.push(raw["progress"].to_string());
        }
        assert_eq!(told.len(), kept);
        assert_eq!((&*told[0], &*told[kept - 1]), (oldest, "100"));
        assert_eq!(call.missed(), 100 - kept as u64);
    }
}

#[test]
fn reports_are_kept_up_to_the_bound_and_at_it() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = lease.call_tool("a", ()).with_progress();
    let token = token(&mut stage, &server, &mut call);
    let message = "x".repeat(4096 - params(&token, 10, "").to_string().len());
    for progress in 10..26 {
        report(&server, &params(&token, progress, &message));
    }
    stage.turn();
    let told = std::iter::from_fn(|| Call::new(call.next()).poll()).count();
    assert_eq!((told, call.missed()), (16, 0), "64 KiB of them");
}

#[test]
fn one_report_is_kept_however_large_it_is() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = lease.call_tool("a", ()).with_progress();
    let token = token(&mut stage, &server, &mut call);
    report(&server, &params(&token, 1, &"x".repeat(100_000)));
    stage.turn();
    assert_eq!(Call::new(call.next()).poll().unwrap().unwrap().message.unwrap().len(), 100_000);
}

#[test]
fn a_call_that_is_made_again_tells_its_progress_as_well() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    server.take_only(0);
    let _stuck = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let (client, heard) = (stage.client.clone(), Heard::default());
    let mut call = Call::begun(client.call_tool("a", ()).progress(heard.listener()));
    stage.turn();
    server.close_output();
    stage.turn();
    assert!(call.poll().is_none());
    let (_lease, next) = stage.live();
    assert!(call.poll().is_none());
    stage.turn();
    let request = next.heard_one();
    tell(&next, &request, 5);
    next.answer(&request, &json!({ "content": [] }));
    stage.turn();
    call.poll().unwrap().unwrap();
    assert_eq!(heard.take(), [5.0]);
}

#[test]
fn a_token_of_the_callers_own_is_sent_and_its_progress_goes_where_it_is_wanted() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let heard = Heard::default();
    let meta = json!({ "progressToken": "mine" });
    let mut call = Call::begun(lease.call_tool("a", ()).meta(&meta).progress(heard.listener()));
    stage.turn();
    let request = server.heard_one();
    assert_eq!(request["params"]["_meta"], meta);
    tell(&server, &request, 1);
    stage.turn();
    assert!(call.poll().is_none());
    assert_eq!(heard.take(), [1.0]);
    drop(call);
    // Without a listener it is an event like any other.
    let _call = Call::begun(lease.call_tool("a", ()).meta(&meta));
    stage.turn();
    tell(&server, &server.heard().pop().unwrap(), 1);
    stage.turn();
    let events = stage.events();
    assert!(matches!(&events[..], [ServerEvent::Notification { .. }]), "{events:?}");
}
