//! The server in memory that hosts test with, driven as they drive it: on a plain `block_on`, without a timer. Each
//! test has a bound, in the system's time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod asking;

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_lite::future::{block_on, or, zip};
use serde_json::json;
use serde_json::value::RawValue;
use tenure::{KeepAlive, Mode, Probe};
use tenure_bounds::whole;
use tenure_kit::VirtualClock;
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::testing::{Answer, ClientAnswer, MemoryServer, StoppedClock};
use tenure_mcp::{Client, Delivery, Error, Failure, HandlerContext, Handlers, Options, Refusal, ServerEvent};

/// Runs a test beside the driver, which ends when the test drops its client.
fn run<F: Future<Output = ()>>(server: &MemoryServer, test: impl FnOnce(Client) -> F) {
    run_with(server, Options::new(), test);
}

pub(crate) fn run_with<F: Future<Output = ()>>(
    server: &MemoryServer,
    options: Options,
    test: impl FnOnce(Client) -> F,
) {
    let (client, driver) = tenure_mcp::connect(options, server.transport(), StoppedClock);
    block_on(whole("the test, and the driver behind it", zip(test(client), driver)));
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// The result of a call of the tool, as JSON.
async fn call(client: &Client, tool: &str) -> Result<serde_json::Value, Error> {
    let result = client.call_tool(tool, ()).await?;
    Ok(serde_json::from_str(result.raw.get()).unwrap())
}

#[test]
fn tools_are_listed_in_order_and_called_with_their_arguments() {
    let server = MemoryServer::new()
        .tool("b", |arguments| format!("given {arguments}"))
        .tool("a", |_| json!({ "n": 1 }))
        .tool("c", |_| Answer::tool_error("no"));
    run(&server, async |client| {
        let names = client.list_tools().await.unwrap().items.into_iter().map(|tool| tool.name);
        assert_eq!(names.collect::<Vec<_>>(), ["b", "a", "c"]);
        let given = client.call_tool("b", Some(&raw(r#"{"x":[1]}"#))).await.unwrap();
        assert_eq!(given.raw.get(), r#"{"content":[{"text":"given {\"x\":[1]}","type":"text"}]}"#);
        assert_eq!(call(&client, "b").await.unwrap()["content"][0]["text"], "given {}");
        assert_eq!(call(&client, "a").await.unwrap()["structuredContent"], json!({ "n": 1 }));
        assert!(client.call_tool("c", ()).await.unwrap().is_error);
        assert!(
            matches!(call(&client, "d").await.unwrap_err(), Error::Server(error) if error.code == Some(-32602))
        );
        client.ping().await.unwrap();
    });
    assert_eq!((server.connections(), server.open_connections()), (1, 0));
}

#[test]
fn other_methods_are_answered_by_closures_and_unknown_ones_refused() {
    let server = MemoryServer::new()
        .method("prompts/list", |_| Answer::result(json!({ "prompts": [] })))
        .method("resources/read", |params| Answer::error(-32002, format!("no {}", params["uri"])));
    run(&server, async |client| {
        let lease = client.acquire().await.unwrap();
        assert_eq!(lease.request("prompts/list", ()).await.unwrap().get(), r#"{"prompts":[]}"#);
        let error = lease.request("resources/read", Some(&raw(r#"{"uri":"x"}"#))).await.unwrap_err();
        assert!(matches!(error, Error::Server(error) if error.message == "no \"x\""));
        let error = lease.request("no/such", ()).await.unwrap_err();
        assert!(matches!(error, Error::Server(error) if error.code == Some(-32601)));
    });
}

#[test]
fn what_is_refused_fails_to_connect_and_connects_later() {
    let server = MemoryServer::new();
    server.refuse(Failure::new("busy").permanent());
    run(&server, async |client| {
        let Error::ConnectFailed { failure, .. } = client.ping().await.unwrap_err() else { panic!() };
        assert_eq!((failure.to_string().as_str(), failure.is_retryable()), ("busy", false));
        assert_eq!(server.connections(), 0);
        server.accept();
        client.ping().await.unwrap();
        assert_eq!((server.connections(), server.open_connections()), (1, 1));
    });
}

#[test]
fn a_held_call_is_with_the_server_until_it_is_released() {
    let server = MemoryServer::new().tool("slow", |_| "done").tool("other", |_| "too");
    run(&server, async |client| {
        let held = server.hold("tools/call");
        let calls = zip(call(&client, "slow"), call(&client, "other"));
        let release = async {
            held.arrived(2).await;
            // Other methods are not held.
            client.ping().await.unwrap();
            held.release();
        };
        let ((slow, other), ()) = zip(calls, release).await;
        assert_eq!(slow.unwrap()["content"][0]["text"], "done");
        assert_eq!(other.unwrap()["content"][0]["text"], "too");
        call(&client, "slow").await.unwrap();
    });
}

#[test]
fn a_slow_start_runs_into_the_connect_deadline() {
    let server = MemoryServer::new();
    let clock = VirtualClock::new();
    let options = Options::new().connect_timeout(Duration::from_secs(10));
    let (client, driver) = tenure_mcp::connect(options, server.transport(), clock.clone());
    let test = async {
        let held = server.hold("initialize");
        let time = async {
            held.arrived(1).await;
            clock.advance(Duration::from_secs(10));
        };
        let (result, ()) = zip(client.ping(), time).await;
        assert!(matches!(result.unwrap_err(), Error::TimedOut { .. }));
        drop(held);
        client.ping().await.unwrap();
        assert_eq!(server.connections(), 2);
        drop(client);
    };
    block_on(whole("a start that is too slow, the next one, and the driver", zip(test, driver)));
}

#[test]
fn a_caller_that_gives_up_is_heard_by_the_server() {
    let server = MemoryServer::new().tool("slow", |_| "done");
    run(&server, async |client| {
        let held = server.hold("tools/call");
        let given_up = or(async { drop(call(&client, "slow").await) }, held.arrived(1));
        given_up.await;
        client.ping().await.unwrap();
        assert_eq!(server.received("notifications/cancelled").len(), 1);
        assert_eq!(server.received("tools/call")[0]["name"], "slow");
    });
}

#[test]
fn a_server_that_dies_under_a_call_loses_it_and_is_there_again() {
    let server = MemoryServer::new().tool("fatal", |_| Answer::death("killed")).tool("fine", |_| "fine");
    run(&server, async |client| {
        let Error::Lost { failure, delivery, .. } = call(&client, "fatal").await.unwrap_err() else {
            panic!()
        };
        assert_eq!((failure.to_string().as_str(), delivery), ("killed", Delivery::Unknown));
        call(&client, "fine").await.unwrap();

        let lease = client.acquire().await.unwrap();
        server.die("killed again");
        assert!(lease.revoked().await.to_string().ends_with("killed again"));
        call(&client, "fine").await.unwrap();
        assert_eq!((server.connections(), server.open_connections()), (3, 1));
    });
}

#[test]
fn a_server_that_died_with_a_held_call_does_not_answer_it_on_the_next_connection() {
    let server = MemoryServer::new().tool("slow", |_| "done");
    run(&server, async |client| {
        let held = server.hold("tools/call");
        let death = async {
            held.arrived(1).await;
            server.die("killed");
        };
        let (result, ()) = zip(call(&client, "slow"), death).await;
        assert_eq!(result.unwrap_err().delivery(), Delivery::Unknown);
        client.ping().await.unwrap();
        held.release();
        client.ping().await.unwrap();
    });
}

#[test]
fn changes_of_the_list_and_logs_are_told_to_clients() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let options = Options::new().on_event({
        let told = told.clone();
        move |_, event| match event {
            ServerEvent::Notification { method, params } => {
                told.lock().unwrap().push((method.clone(), params.as_ref().map(ToString::to_string)));
            }
            ServerEvent::ProtocolError(error) => told.lock().unwrap().push((error.to_string(), None)),
            _ => {}
        }
    });
    let server = MemoryServer::new().tool("a", |_| "a");
    let handle = server.clone();
    let server = server.tool("grow", move |_| {
        // A closure may use its server.
        handle.add_tool("b", |_| "b");
        "grown"
    });
    run_with(&server, options, async |client| {
        call(&client, "grow").await.unwrap();
        assert_eq!(client.list_tools().await.unwrap().items.len(), 3);
        server.remove_tool("a");
        server.remove_tool("a");
        server.log("info", "hello");
        server.say_raw("no JSON");
        client.ping().await.unwrap();
    });
    let told = told.lock().unwrap();
    let methods: Vec<_> = told.iter().map(|(method, _)| method.as_str()).collect();
    let list_changed = "notifications/tools/list_changed";
    assert_eq!(methods[..3], [list_changed, list_changed, "notifications/message"]);
    assert_eq!(told[2].1.as_deref(), Some(r#"{"data":"hello","level":"info"}"#));
    assert_eq!(methods.len(), 4);
}

/// Options, and how many notifications their listener heard.
fn counting() -> (Options, Arc<Mutex<u32>>) {
    let told = Arc::new(Mutex::new(0));
    let count = told.clone();
    let options = Options::new().on_event(move |_, event| {
        *count.lock().unwrap() += u32::from(matches!(event, ServerEvent::Notification { .. }));
    });
    (options, told)
}

#[test]
fn notifications_wait_for_no_handshake_and_are_not_said_before_it() {
    let (options, told) = counting();
    let server = MemoryServer::new();
    run_with(&server, options, async |client| {
        let held = server.hold("initialize");
        let early = async {
            held.arrived(1).await;
            server.log("info", "too early");
            server.add_tool("a", |_| "a");
            held.release();
        };
        let (pong, ()) = zip(client.ping(), early).await;
        pong.unwrap();
        assert_eq!(*told.lock().unwrap(), 0);
        server.log("info", "now");
        client.ping().await.unwrap();
    });
    assert_eq!(*told.lock().unwrap(), 1);
}

#[test]
fn a_server_that_died_says_nothing_more() {
    let (options, told) = counting();
    let server = MemoryServer::new();
    run_with(&server, options, async |client| {
        let lease = client.acquire().await.unwrap();
        server.log("info", "last words");
        server.die("killed");
        server.log("info", "too late");
        lease.revoked().await;
    });
    assert_eq!(*told.lock().unwrap(), 1);
}

#[test]
fn whatever_it_says_is_a_sign_of_life_when_there_is_no_room_for_a_ping() {
    let (interval, timeout) = (Duration::from_secs(1), Duration::from_secs(5));
    let server = MemoryServer::new().tool("slow", |_| "done");
    let clock = VirtualClock::new();
    let options = Options::new()
        .call_timeout(None)
        .protocol(|protocol| protocol.max_in_flight(1))
        .probe(Some(Probe { interval, timeout }));
    let (client, driver) = tenure_mcp::connect(options, server.transport(), clock.clone());
    let test = async {
        let held = server.hold("tools/call");
        let life = async {
            held.arrived(1).await;
            clock.pass(interval).await;
            clock.armed(timeout).await;
            server.log("info", "busy");
            // The probe is answered by that, and the next one is on its way; it is not answered.
            clock.pass(interval).await;
            clock.pass(timeout).await;
        };
        let (result, ()) = zip(call(&client, "slow"), life).await;
        assert!(matches!(result.unwrap_err(), Error::TimedOut { .. }));
        assert!(server.received("ping").is_empty());
        drop(client);
    };
    block_on(whole("the end of a session whose server is silent, and the driver", zip(test, driver)));
}

#[test]
fn the_handshake_itself_may_be_scripted() {
    let server = MemoryServer::new().method("initialize", |_| Answer::error(-32000, "not today"));
    run(&server, async |client| {
        let error = client.ping().await.unwrap_err();
        assert!(
            matches!(error, Error::ConnectFailed { .. }) && error.to_string().contains("not today"),
            "{error}"
        );
        assert_eq!(server.open_connections(), 0);
    });
}

#[test]
fn raw_answers_are_given_as_they_are() {
    let server = MemoryServer::new()
        .tool("odd", |_| Answer::raw(r#"{"jsonrpc":"2.0","id":$id,"result":{"content":[],"n":1.50}}"#))
        .tool("number", |_| Answer::result(json!(7)))
        .tool("silent", |_| Answer::silence());
    run(&server, async |client| {
        let odd = client.call_tool("odd", ()).await.unwrap();
        assert_eq!(odd.raw.get(), r#"{"content":[],"n":1.50}"#);
        assert!(matches!(call(&client, "number").await.unwrap_err(), Error::Unreadable { .. }));
        let silent = async { Some(call(&client, "silent").await) };
        let others = async {
            client.ping().await.unwrap();
            None
        };
        assert!(or(silent, others).await.is_none());
    });
}

#[test]
fn a_closure_that_panics_ends_the_connection_and_nothing_else() {
    let server = MemoryServer::new().tool("bug", |_| -> &str { std::panic::resume_unwind(Box::new("oops")) });
    run(&server, async |client| {
        let error = call(&client, "bug").await.unwrap_err();
        assert!(error.to_string().contains("oops"), "{error}");
        client.ping().await.unwrap();
        assert_eq!(server.connections(), 2);
    });
}

#[test]
fn it_ends_in_order_as_soon_as_it_is_told_to() {
    let server = MemoryServer::new();
    let options = Options::new().keep_alive(KeepAlive::Never);
    run_with(&server, options, async |client| {
        client.ping().await.unwrap();
        client.close(Mode::Force).await;
        assert_eq!(server.open_connections(), 0);
        client.ping().await.unwrap();
        client.shutdown(Mode::Graceful).await;
        assert_eq!((server.connections(), server.open_connections()), (2, 0));
    });
}

/// Answers with the params that it is given, or never.
struct Echo;

#[async_trait::async_trait]
impl Handlers for Echo {
    fn offers(&self) -> Vec<ClientFeature> {
        ["x/echo", "x/never"].map(|method| ClientFeature::Other(method.to_owned())).into()
    }

    async fn other(
        &self,
        context: &HandlerContext,
        params: Option<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Refusal> {
        if context.method() == "x/never" {
            std::future::pending::<()>().await;
        }
        params.ok_or_else(|| Refusal::invalid_params("none"))
    }
}

#[test]
fn the_server_asks_its_client_and_is_answered_or_refused_or_the_connection_ends() {
    let server = MemoryServer::new();
    let asking = server.clone();
    run_with(&server, Options::new().handlers(Echo), async move |client| {
        assert_eq!(asking.ask("x/echo", json!({})).answer().await, ClientAnswer::None, "nobody is there");
        let _lease = client.acquire().await.unwrap();
        let asked = [asking.ask("x/echo", json!({ "n": 1 })), asking.ask("x/echo", json!({ "n": 2 }))];
        for (number, asked) in (1..).zip(asked) {
            assert_eq!(asked.answer().await, ClientAnswer::Result(json!({ "n": number })));
        }
        match asking.ask("roots/list", json!({})).answer().await {
            ClientAnswer::Error { code, .. } => assert_eq!(code, -32601),
            other => panic!("{other:?}"),
        }
        // One that is cancelled has no answer, and the others have theirs.
        let never = asking.ask("x/never", json!({}));
        never.cancel();
        let next = asking.ask("x/echo", json!({})).answer().await;
        assert_eq!(next, ClientAnswer::Result(json!({})));
        asking.die("out of memory");
        assert_eq!(never.answer().await, ClientAnswer::None);
        while client.ping().await.is_err() {}
        assert_eq!(never.answer().await, ClientAnswer::None, "another connection is there, and not its own");
    });
}
