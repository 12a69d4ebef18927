//! Section 3: connections that are not there, or not any more.

use serde_json::json;
use tenure::Mode;
use tenure_http_server::{Reply, Server, Speaks, rpc};
use tenure_mcp::Lease;

use crate::outcome::{failure, outcome};
use crate::stage::{Stage, call};
use crate::support::Runtime;

async fn a_call_that_reached_nobody_was_not_sent<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let mut stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        // Another one listens elsewhere.
        let gone = std::mem::replace(&mut stage.server, Server::start(speaks));
        drop(gone);
        let said = outcome(&call(&lease, "hi").await);
        assert!(said.ends_with("unsent"), "{said}");
        drop(lease);
        stage.client.shutdown(Mode::Force).await;
    }
}

/// A connection that the server has closed while it was idle costs nobody anything.
async fn a_connection_that_was_closed_while_it_was_idle_is_not_used<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    for number in 0..5 {
        let key = ["a", "b", "c", "d", "e"][number];
        stage.server.next(rpc("tools/call"), Reply::correct().close());
        assert_eq!(stage.call(&lease, key).await, format!("ok {key}"));
        // Its end has come before the next call begins.
        stage.server.until(|journal| (journal.open == 0).then_some(())).await;
    }
    drop(lease);
    stage.close().await;
}

/// One that is closed at the moment of its use: what is safe is done again, on a fresh one, and a call of a tool is
/// not.
async fn a_connection_that_is_closed_under_us_costs_no_safe_request<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        let reused = |method| rpc(method).and(|request| request.before > 0);
        for reply in [Reply::raw("").close(), Reply::raw("").reset()] {
            warm(&lease).await;
            stage.server.next(reused("tools/list"), reply.clone());
            assert_eq!(lease.list_tools().await.unwrap().len(), 1);
            let read = reused("resources/read").and(|request| request.json["params"]["uri"] == "file:///a");
            warm(&lease).await;
            stage.server.next(read, reply.clone());
            lease.read_resource("file:///a").await.unwrap();
            warm(&lease).await;
            stage.server.next(reused("prompts/get"), reply.clone());
            lease.get_prompt("greet", ()).await.unwrap();
        }
        warm(&lease).await;
        stage.server.next(reused("tools/call"), Reply::raw("").executed().close());
        assert_eq!(stage.call(&lease, "hi").await, "broken Sent, unknown");
        warm(&lease).await;
        stage.server.next(reused("raw/method"), Reply::raw("").close());
        let error = lease.request("raw/method", json!({})).await.unwrap_err();
        assert_eq!(failure(&error), "broken Sent, unknown");
        drop(lease);
        let journal = stage.close().await;
        for (method, times) in [
            ("tools/list", 4),
            ("resources/read", 4 + 8),
            ("prompts/get", 4),
            ("tools/call", 1),
            ("raw/method", 1),
        ] {
            assert_eq!(journal.rpc(method).len(), times, "{method}: {:?}", journal.story());
        }
    }
}

/// Leaves a connection behind that is used next.
async fn warm(lease: &Lease) {
    lease.read_resource("file:///b").await.unwrap();
}

async fn what_is_safe_is_done_again_once_and_not_twice<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    stage.server.always(rpc("tools/list"), Reply::raw("").close());
    let error = lease.list_tools().await.unwrap_err();
    assert_eq!(failure(&error), "broken Sent, unknown");
    drop(lease);
    let times = stage.close().await.rpc("tools/list").len();
    assert!(times <= 2, "asked {times} times");
}

async fn calls_share_connections_and_wait_for_none<R: Runtime>() {
    let stage = Stage::new::<R>(Speaks::Modern);
    let lease = stage.lease().await;
    for key in ["a", "b", "c"] {
        assert_eq!(stage.call(&lease, key).await, format!("ok {key}"));
    }
    assert_eq!(stage.server.journal().connections, 1, "one after the other");
    let gate = stage.server.gate();
    stage.server.times(3, rpc("tools/call"), Reply::correct().held(&gate));
    let all = async {
        let calls = ["d", "e", "f"].map(|key| stage.call(&lease, key));
        let [d, e, f] = calls;
        let ((d, e), f) = futures_lite::future::zip(futures_lite::future::zip(d, e), f).await;
        assert_eq!([d, e, f], ["ok d", "ok e", "ok f"]);
    };
    let opening = async {
        stage.server.seen(6, rpc("tools/call")).await;
        gate.open();
    };
    futures_lite::future::zip(all, opening).await;
    assert_eq!(stage.server.journal().connections, 3, "beside each other");
    drop(lease);
    stage.close().await;
}

tests!(
    a_call_that_reached_nobody_was_not_sent,
    a_connection_that_was_closed_while_it_was_idle_is_not_used,
    a_connection_that_is_closed_under_us_costs_no_safe_request,
    what_is_safe_is_done_again_once_and_not_twice,
    calls_share_connections_and_wait_for_none,
);
