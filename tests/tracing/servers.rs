//! MCP servers that are child processes, on each runtime.

use std::process::Command;
use std::sync::Arc;

use serde_json::json;
use serde_json::value::RawValue;
use tenure::{Config, KeepAlive, Mode};
use tenure_bounds::{mark, whole};
use tenure_mcp::{Client, Error, HttpServer, HttpTransport, Lease, Options, ServerCommand, Stdio, Transport};
use tenure_smol::{SmolNetwork, SmolReactor, SmolTimer};
use tracing::Level;

use crate::recorder::{RecordedEvent, Recorder};

/// Where a session runs, heard on all of its threads.
pub(crate) trait Runtime {
    fn run<T>(
        recorder: &Recorder,
        command: impl Into<ServerCommand>,
        options: Options,
        body: impl AsyncFnOnce(Client) -> T,
    ) -> T;

    /// The same over HTTP.
    fn run_http<T>(
        recorder: &Recorder,
        server: HttpServer,
        options: Options,
        body: impl AsyncFnOnce(Client) -> T,
    ) -> T;
}

pub(crate) struct Tokio;

impl Tokio {
    fn heard<T>(
        recorder: &Recorder,
        client: impl FnOnce() -> Client,
        body: impl AsyncFnOnce(Client) -> T,
    ) -> T {
        let _listening = recorder.listen();
        let dispatch = recorder.dispatch();
        let on_each_thread = move || std::mem::forget(tracing::dispatcher::set_default(&dispatch));
        let mut builder = ::tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).enable_all().on_thread_start(on_each_thread).build().unwrap();
        runtime.block_on(whole("the test to end", async { body(client()).await }))
    }
}

impl Runtime for Tokio {
    fn run<T>(
        recorder: &Recorder,
        command: impl Into<ServerCommand>,
        options: Options,
        body: impl AsyncFnOnce(Client) -> T,
    ) -> T {
        Self::heard(recorder, || tenure_tokio::mcp::stdio(command, options), body)
    }

    fn run_http<T>(
        recorder: &Recorder,
        server: HttpServer,
        options: Options,
        body: impl AsyncFnOnce(Client) -> T,
    ) -> T {
        Self::heard(recorder, || tenure_tokio::mcp::http_with(http(), server, options), body)
    }
}

pub(crate) struct Smol;

impl Smol {
    fn heard<T>(
        recorder: &Recorder,
        transport: impl Transport,
        options: Options,
        body: impl AsyncFnOnce(Client) -> T,
    ) -> T {
        let _listening = recorder.listen();
        let executor = Arc::new(::smol::Executor::new());
        let (client, driver) = tenure_mcp::connect(options, transport, SmolTimer::new());
        executor.spawn(driver).detach();
        let (stop, stopped) = ::smol::channel::bounded::<()>(1);
        let (theirs, dispatch) = (executor.clone(), recorder.dispatch());
        let thread = std::thread::spawn(move || {
            let _guard = tracing::dispatcher::set_default(&dispatch);
            let _ = ::smol::block_on(theirs.run(stopped.recv()));
        });
        let result = ::smol::block_on(whole("the test to end", executor.run(body(client))));
        drop(stop);
        thread.join().unwrap();
        result
    }
}

impl Runtime for Smol {
    fn run<T>(
        recorder: &Recorder,
        command: impl Into<ServerCommand>,
        options: Options,
        body: impl AsyncFnOnce(Client) -> T,
    ) -> T {
        Self::heard(recorder, Stdio::new(SmolReactor::new(), command), options, body)
    }

    fn run_http<T>(
        recorder: &Recorder,
        server: HttpServer,
        options: Options,
        body: impl AsyncFnOnce(Client) -> T,
    ) -> T {
        let client = tenure_smol::http::Http::new(SmolNetwork::new(), http());
        Self::heard(recorder, HttpTransport::new(client, server, SmolTimer::new()), options, body)
    }
}

/// Whatever the environment says of proxies.
fn http() -> tenure_smol::http::Options {
    tenure_smol::http::Options::new().proxies(tenure_smol::http::Proxies::none())
}

pub(crate) fn options() -> Options {
    Options::new().session(|_| Config::default().keep_alive(KeepAlive::Always))
}

fn server() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scripted-server"));
    mark(&mut command);
    command
}

pub(crate) async fn call(lease: &Lease, tool: &str, arguments: serde_json::Value) -> Result<String, Error> {
    let arguments = RawValue::from_string(arguments.to_string()).unwrap();
    Ok(lease.call_tool(tool, Some(&arguments)).await?.raw.get().to_owned())
}

fn calls(recorder: &Recorder) -> Vec<RecordedEvent> {
    recorder.events().into_iter().filter(|told| told.message() == "call").collect()
}

fn the_span_says_who_the_server_is<R: Runtime>() {
    let recorder = Recorder::up_to(Level::INFO);
    let pid = R::run(&recorder, server(), options(), async |client| {
        let lease = client.acquire().await.unwrap();
        let pid = lease.server_pid().await.unwrap().unwrap();
        client.shutdown(Mode::Force).await;
        pid
    });
    let fields = recorder.generation(1).fields;
    let told =
        ["server.name", "server.version", "server.protocol", "server.pid"].map(|name| fields.get(name));
    assert_eq!(told, ["scripted-server", "1", "2025-11-25", &pid.to_string()]);
    assert_eq!(recorder.event("connected").fields.get("server.pid"), pid.to_string());
}

/// Whichever thread it is on, and also when it is told to stop.
fn all_of_a_generation_is_told_in_its_span<R: Runtime>() {
    let recorder = Recorder::up_to(Level::TRACE);
    R::run(&recorder, server(), options(), async |client| {
        for _ in 0..2 {
            let lease = client.acquire().await.unwrap();
            for _ in 0..20 {
                call(&lease, "say", json!({ "what": "garbage" })).await.unwrap();
            }
            client.close(Mode::Force).await;
        }
        client.shutdown(Mode::Force).await;
    });
    for level in [Level::WARN, Level::INFO] {
        let told = recorder.messages(level);
        let outside = told.iter().filter(|told| told.starts_with('-')).count();
        assert_eq!(
            outside,
            usize::from(level == Level::INFO),
            "all but that it is closed for good: {told:?}"
        );
    }
    let faults = recorder.messages(Level::WARN);
    assert!(faults.contains(&"1 the server breaks the protocol".to_owned()), "{faults:?}");
    assert!(faults.contains(&"2 the server breaks the protocol".to_owned()), "{faults:?}");
    assert!(!recorder.generation(1).is_open() && !recorder.generation(2).is_open());
}

fn a_call_is_told_with_its_method_time_and_outcome<R: Runtime>() {
    let recorder = Recorder::up_to(Level::DEBUG);
    R::run(&recorder, server(), options(), async |client| {
        let lease = client.acquire().await.unwrap();
        let request = tracing::info_span!("request");
        let pinged = tracing::Instrument::instrument(lease.ping(), request);
        pinged.await.unwrap();
        call(&lease, "no such tool", json!({})).await.unwrap_err();
        {
            let mut never = Box::pin(call(&lease, "never", json!({})));
            assert!(futures_lite::future::poll_once(&mut never).await.is_none());
        }
        call(&lease, "crash", json!({ "code": 3 })).await.unwrap_err();
        call(&lease, "echo", json!({})).await.unwrap_err();
        client.shutdown(Mode::Force).await;
    });
    let calls = calls(&recorder);
    let told: Vec<_> = calls
        .iter()
        .map(|call| {
            ["method", "outcome", "code", "generation", "server.name"].map(|name| call.fields.get(name))
        })
        .collect();
    let expected = [
        ["ping", "answered", "", "1", "scripted-server"],
        ["tools/call", "server error", "-32602", "1", "scripted-server"],
        ["tools/call", "cancelled", "", "1", "scripted-server"],
        ["tools/call", "lost", "", "1", "scripted-server"],
        // It was never made.
        ["tools/call", "lost", "", "1", ""],
    ];
    assert_eq!(told, expected);
    assert!(calls[..4].iter().all(|call| call.fields.get("elapsed").ends_with('s')), "{calls:?}");
    let caller = calls[0].span.map(|span| recorder.spans()[span].name);
    assert_eq!(caller, Some("request"), "a call is told where it was made");
}

fn the_end_of_a_server_is_told_with_how_it_ended<R: Runtime>() {
    let recorder = Recorder::up_to(Level::INFO);
    R::run(&recorder, server(), options(), async |client| {
        let lease = client.acquire().await.unwrap();
        call(&lease, "crash", json!({ "code": 3 })).await.unwrap_err();
        client.shutdown(Mode::Force).await;
    });
    let over = recorder.event("over").fields;
    assert_eq!(over.get("cause"), "by itself");
    let status = if cfg!(windows) { "exit code" } else { "exit status" };
    assert_eq!(over.get("failure"), format!("the server ended: {status}: 3"));
}

/// Each test on both.
macro_rules! on_each_runtime {
    ($($test:ident)+) => {
        mod tokio {
            $(
                #[test]
                fn $test() {
                    super::$test::<crate::servers::Tokio>();
                }
            )+
        }
        mod smol {
            $(
                #[test]
                fn $test() {
                    super::$test::<crate::servers::Smol>();
                }
            )+
        }
    };
}

#[cfg(unix)]
pub(crate) use on_each_runtime;

on_each_runtime! {
    the_span_says_who_the_server_is
    all_of_a_generation_is_told_in_its_span
    a_call_is_told_with_its_method_time_and_outcome
    the_end_of_a_server_is_told_with_how_it_ended
}
