//! The rows, for any runtime.

use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_lite::StreamExt as _;
use futures_lite::future::{self, poll_once};
use serde_json::json;
use tenure::state::StateName;
use tenure::{DeadlineKind, Mode, Status};
use tenure_mcp::proto::{Options as Protocol, ProtocolError};
use tenure_mcp::{Client, Deadline, Error, ServerEnded};

use crate::support::{
    Heard, Notes, Runtime, SHORT, begin_and_cancel, call, grandchild, in_flight, is_running, options,
    patient, pid, run, server, strict, timely, wait_until_gone,
};

/// One `#[test]` for each row.
macro_rules! tests {
    ($runtime:ty: $($name:ident),* $(,)?) => {
        $(#[test] fn $name() { crate::rows::$name::<$runtime>(); })*
    };
    ($runtime:ty) => {
        crate::rows::tests! { $runtime:
            row_01_a_slow_teardown_is_undisturbed_by_cancelled_closer_and_next_caller,
            row_04_old_leases_of_a_lost_session_harm_nobody,
            row_10_calls_in_flight_fail_before_a_slow_teardown_ends,
            row_12_a_server_that_dies_takes_its_calls_along_and_the_next_call_reconnects,
            row_12_who_calls_again_at_once_gets_the_next_generation,
            row_14_a_server_that_never_answers_the_handshake,
            row_14_a_server_that_says_ready_and_dies,
            row_18_runtime_dropped_with_calls_in_flight,
            row_18_runtime_dropped_while_connecting,
            row_19_last_handle_dropped,
            row_20_ignores_eof,
            row_20_ignores_eof_and_sigterm,
            row_20_grandchildren,
            row_20_stops_reading_during_a_large_request,
            row_20_never_stops_talking,
            row_21_garbage_of_all_kinds,
            row_21_a_banner_before_the_handshake,
            row_21_an_unreadable_answer_fails_its_call,
            row_21_half_a_line_and_dies,
            row_21_floods_stderr,
            row_22_an_oversized_reply_fails_its_call,
        }
    };
}
pub(crate) use tests;

/// No close takes longer, where the deadlines are short; the machine may be busy.
const BOUND: Duration = Duration::from_secs(10);

async fn generation(client: &Client) -> u64 {
    client.acquire().await.unwrap().generation().number()
}

fn exit_code(error: &Error) -> Option<i32> {
    match error {
        Error::Lost { failure, .. } => failure.downcast_ref::<ServerEnded>()?.0.code(),
        _ => None,
    }
}

fn is_closed(error: &Error, generation: u64) -> bool {
    matches!(error, Error::Closed { generation: Some(it), for_good: false } if it.number() == generation)
}

pub(crate) fn row_01_a_slow_teardown_is_undisturbed_by_cancelled_closer_and_next_caller<R: Runtime>() {
    run::<R, _>(async {
        let notes = Notes::new("row_01");
        let command = server(&["--teardown-ms", "700", "--done", notes.path()]);
        let client = R::stdio(command, options(patient()));
        let lease = client.acquire().await.unwrap();
        let first = pid(&lease).await;

        begin_and_cancel(client.close(Mode::Force)).await;
        assert!(is_closed(&lease.check().unwrap_err(), 1));
        assert!(matches!(client.state(), Status::Draining { .. }));

        let next = client.acquire().await.unwrap();
        assert_eq!(notes.exit_of(first).as_deref(), Some("0"), "the first server didn't exit by itself");
        assert!(!is_running(first));
        assert_eq!(next.generation().number(), 2);
        assert!(!next.list_tools().await.unwrap().is_empty());
        drop(lease);
        assert_ne!(pid(&next).await, first);
        assert_eq!(client.state(), Status::Live { generation: next.generation(), held: 1 });
        client.shutdown(Mode::Force).await;
    });
}

pub(crate) fn row_04_old_leases_of_a_lost_session_harm_nobody<R: Runtime>() {
    run::<R, _>(async {
        let client = R::stdio(server(&[]), options(patient()));
        let old = [client.acquire().await.unwrap(), client.acquire().await.unwrap()];
        let error = call(&old[0], "crash", json!({ "code": 7 })).await.unwrap_err();
        assert_eq!(exit_code(&error), Some(7), "{error}");

        let next = client.acquire().await.unwrap();
        assert_eq!(next.generation().number(), 2);
        for lease in &old {
            assert_eq!(exit_code(&lease.check().unwrap_err()), Some(7));
            assert_eq!(exit_code(&lease.ping().await.unwrap_err()), Some(7));
        }
        drop(old);
        assert_eq!(client.state(), Status::Live { generation: next.generation(), held: 1 });
        next.ping().await.unwrap();
    });
}

pub(crate) fn row_10_calls_in_flight_fail_before_a_slow_teardown_ends<R: Runtime>() {
    run::<R, _>(async {
        let notes = Notes::new("row_10");
        let command = server(&["--teardown-ms", "1500", "--done", notes.path()]);
        let client = R::stdio(command, options(patient()));
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        let calls = [in_flight(&lease).await, in_flight(&lease).await];
        let close = client.close(Mode::Force);
        for call in calls {
            let error = call.await.unwrap_err();
            assert!(is_closed(&error, 1), "{error}");
        }
        assert_eq!(notes.exit_of(server), None, "the calls waited for the teardown");
        close.await;
        assert_eq!(notes.exit_of(server).as_deref(), Some("0"));
        assert!(!is_running(server));
    });
}

pub(crate) fn row_12_a_server_that_dies_takes_its_calls_along_and_the_next_call_reconnects<R: Runtime>() {
    run::<R, _>(async {
        let client = R::stdio(server(&[]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let left = grandchild(&lease).await;
        let calls = [in_flight(&lease).await, in_flight(&lease).await];
        let mut crash = Box::pin(call(&lease, "crash", json!({ "code": 9 })));
        let error = crash.as_mut().await.unwrap_err();
        assert!(
            !matches!(client.state(), Status::Live { .. }),
            "told of the loss while the state is {:?}",
            client.state()
        );
        assert_eq!(exit_code(&error), Some(9), "{error}");
        for call in calls {
            assert_eq!(exit_code(&call.await.unwrap_err()), Some(9));
        }
        assert_eq!(generation(&client).await, 2);
        wait_until_gone(&[left]);
    });
}

pub(crate) fn row_12_who_calls_again_at_once_gets_the_next_generation<R: Runtime>() {
    run::<R, _>(async {
        let client = R::stdio(server(&[]), options(patient()));
        for life in 1..=20 {
            let lease = client.acquire().await.unwrap();
            assert_eq!(lease.generation().number(), life);
            let code = i32::try_from(life).unwrap();
            let error = call(&lease, "crash", json!({ "code": code })).await.unwrap_err();
            assert_eq!(exit_code(&error), Some(code), "{error}");
            client.list_tools().await.unwrap();
        }
    });
}

pub(crate) fn row_14_a_server_that_never_answers_the_handshake<R: Runtime>() {
    run::<R, _>(async {
        let notes = Notes::new("row_14");
        let command = server(&["--never-answer-initialize", "--done", notes.path()]);
        let client = R::stdio(command, options(patient().connect(SHORT)));
        let error = client.list_tools().await.unwrap_err();
        let Error::TimedOut { generation: Some(generation), deadline } = &error else {
            panic!("{error}");
        };
        assert_eq!(generation.number(), 1);
        assert_eq!(*deadline, Deadline::Session(DeadlineKind::Connect));
        assert_eq!(error.to_string(), "the connect deadline passed");
        // Told to stop in order all the same.
        let mut states = client.states();
        while states.next().await.is_some_and(|state| state.name() != StateName::Idle) {}
        assert_eq!(std::fs::read_dir(notes.path()).unwrap().count(), 1);
    });
}

pub(crate) fn row_14_a_server_that_says_ready_and_dies<R: Runtime>() {
    run::<R, _>(async {
        let client = R::stdio(server(&["--die-after-ready"]), options(patient()));
        for life in 1..=5 {
            let lease = client.acquire().await.unwrap();
            assert_eq!(lease.generation().number(), life);
            let error = lease.revoked().await;
            assert_eq!(exit_code(&error), Some(5), "{error}");
        }
    });
}

pub(crate) fn row_18_runtime_dropped_with_calls_in_flight<R: Runtime>() {
    let notes = Notes::new("row_18");
    let args = ["--ignore-eof", "--ignore-sigterm", "--done", notes.path()];
    let (client, mut call, pids) = R::drop_after(server(&args), options(patient()), |client| async move {
        timely(async {
            let lease = client.acquire().await.unwrap();
            let pids = [pid(&lease).await, grandchild(&lease).await];
            let lease = std::sync::Arc::new(lease);
            let mine = lease.clone();
            let mut never = Box::pin(async move { call(&mine, "never", json!({})).await });
            assert!(poll_once(&mut never).await.is_none());
            // The server reads in order.
            call(&lease, "echo", json!({ "text": "" })).await.unwrap();
            (client, never, pids)
        })
        .await
    });
    let error = future::block_on(timely(&mut call)).unwrap_err();
    let Error::Lost { generation: Some(generation), .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(generation.number(), 1);
    let error = future::block_on(timely(client.acquire())).unwrap_err();
    assert!(matches!(error, Error::Lost { generation: None, .. }), "{error}");
    future::block_on(timely(client.close(Mode::Force)));
    wait_until_gone(&pids);
    assert_eq!(notes.exit_of(pids[0]), None);
}

pub(crate) fn row_18_runtime_dropped_while_connecting<R: Runtime>() {
    let command = server(&["--never-answer-initialize", "--ignore-eof", "--ignore-sigterm"]);
    let waiting = R::drop_after(command, options(patient()), |client| async move {
        timely(async {
            let waiting: Vec<_> = (0..3)
                .map(|_| {
                    let client = client.clone();
                    Box::pin(async move { client.list_tools().await })
                })
                .collect();
            let mut begun = Vec::new();
            for mut call in waiting {
                assert!(poll_once(&mut call).await.is_none());
                begun.push(call);
            }
            let mut states = client.states();
            while states.next().await.is_some_and(|state| state.name() != StateName::Connecting) {}
            begun
        })
        .await
    });
    for call in waiting {
        let error = future::block_on(timely(call)).unwrap_err();
        assert!(matches!(error, Error::Lost { .. }), "{error}");
    }
}

pub(crate) fn row_19_last_handle_dropped<R: Runtime>() {
    run::<R, _>(async {
        let notes = Notes::new("row_19");
        let client = R::stdio(server(&["--done", notes.path()]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let pids = [pid(&lease).await, grandchild(&lease).await];
        drop(lease);
        let mut states = client.states();
        drop(client.clone());
        assert_eq!(client.state().name(), StateName::Live);
        drop(client);
        // The last state is that the session is closed, which comes after its child was reaped.
        let mut last = None;
        while let Some(state) = states.next().await {
            last = Some(state.name());
        }
        assert_eq!(last, Some(StateName::Closed));
        assert!(!is_running(pids[0]));
        assert_eq!(notes.exit_of(pids[0]).as_deref(), Some("0"));
        wait_until_gone(&pids);
    });
}

/// A server with a grandchild and calls in flight is closed in bounded time, whatever it does; nothing is
/// left of it, and the calls end.
fn closes<R: Runtime>(args: &[&str], by_itself: bool) {
    run::<R, _>(async {
        let notes = Notes::new("row_20");
        let mut args = args.to_vec();
        args.extend(["--done", notes.path()]);
        let client = R::stdio(server(&args), options(strict()));
        let lease = client.acquire().await.unwrap();
        let pids = [pid(&lease).await, grandchild(&lease).await, grandchild(&lease).await];
        let calls = [in_flight(&lease).await, in_flight(&lease).await];
        let begun = Instant::now();
        let close = client.close(Mode::Force);
        for call in calls {
            let error = call.await.unwrap_err();
            assert!(is_closed(&error, 1), "{error}");
        }
        close.await;
        assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
        assert!(!is_running(pids[0]), "closed, and the server is not reaped");
        wait_until_gone(&pids);
        assert_eq!(notes.exit_of(pids[0]).is_some(), by_itself);
        // It can be used again.
        assert_eq!(generation(&client).await, 2);
        client.shutdown(Mode::Force).await;
    });
}

pub(crate) fn row_20_ignores_eof<R: Runtime>() {
    closes::<R>(&["--ignore-eof"], false);
}

pub(crate) fn row_20_ignores_eof_and_sigterm<R: Runtime>() {
    closes::<R>(&["--ignore-eof", "--ignore-sigterm"], false);
}

/// They are swept also when the server itself ends in order.
pub(crate) fn row_20_grandchildren<R: Runtime>() {
    closes::<R>(&[], true);
}

pub(crate) fn row_20_stops_reading_during_a_large_request<R: Runtime>() {
    run::<R, _>(async {
        // initialize, initialized, pid
        let client = R::stdio(server(&["--stop-reading", "3", "--ignore-sigterm"]), options(strict()));
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        let text = "x".repeat(4 << 20);
        let mut large = Box::pin(call(&lease, "echo", json!({ "text": text })));
        assert!(poll_once(&mut large).await.is_none());
        let mut queued = Box::pin(lease.list_tools());
        assert!(poll_once(&mut queued).await.is_none());
        // The deadlines of calls pass meanwhile.
        let hurried = client.acquire().await.unwrap().with_call_timeout(Some(SHORT));
        let error = hurried.ping().await.unwrap_err();
        assert!(matches!(error, Error::TimedOut { deadline: Deadline::Call, .. }), "{error}");
        assert!(poll_once(&mut large).await.is_none());

        let begun = Instant::now();
        let close = client.close(Mode::Force);
        let error = large.await.unwrap_err();
        assert!(is_closed(&error, 1), "{error}");
        let error = queued.await.unwrap_err();
        assert!(is_closed(&error, 1), "{error}");
        close.await;
        assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
        assert!(!is_running(server));
    });
}

/// Notifications without a pause keep nobody from calling, closing and timing out.
pub(crate) fn row_20_never_stops_talking<R: Runtime>() {
    run::<R, _>(async {
        let heard = Mutex::new(0_u64);
        let heard = std::sync::Arc::new(heard);
        let counter = heard.clone();
        let options = options(strict()).on_event(move |_, _| *counter.lock().unwrap() += 1);
        let client = R::stdio(server(&["--ignore-sigterm"]), options);
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        call(&lease, "flood", json!({})).await.unwrap();
        let hurried = client.acquire().await.unwrap().with_call_timeout(Some(SHORT));
        let error = hurried.ping().await.unwrap_err();
        assert!(matches!(error, Error::TimedOut { deadline: Deadline::Call, .. }), "{error}");
        let begun = Instant::now();
        client.close(Mode::Force).await;
        assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
        assert!(!is_running(server));
        assert!(*heard.lock().unwrap() > 1000);
    });
}

const MAX_MESSAGE: usize = 1 << 20;

pub(crate) fn row_21_garbage_of_all_kinds<R: Runtime>() {
    run::<R, _>(async {
        let heard = Heard::default();
        let protocol = Protocol::default().max_message(MAX_MESSAGE);
        let options = heard.by(options(patient()).protocol(protocol));
        let client = R::stdio(server(&[]), options);
        let lease = client.acquire().await.unwrap();
        for what in ["garbage", "invalid-utf8", "long", "unknown-id", "repeated-id"] {
            assert_eq!(call(&lease, "say", json!({ "what": what })).await.unwrap(), "said", "{what}");
        }
        lease.ping().await.unwrap();
        assert_eq!(lease.generation().number(), 1);
        let errors = heard.errors();
        assert!(
            matches!(
                &errors[..],
                [
                    ProtocolError::Malformed { .. },
                    ProtocolError::Malformed { .. },
                    ProtocolError::InvalidUtf8 { .. },
                    ProtocolError::Oversized { size: 10_485_760, limit: MAX_MESSAGE },
                    ProtocolError::UnknownResponse { .. },
                    ProtocolError::RepeatedResponse { .. },
                ]
            ),
            "{errors:?}"
        );
    });
}

pub(crate) fn row_21_a_banner_before_the_handshake<R: Runtime>() {
    run::<R, _>(async {
        let client = R::stdio(server(&["--banner"]), options(patient()));
        assert!(!client.list_tools().await.unwrap().is_empty());
        assert_eq!(generation(&client).await, 1);
    });
}

pub(crate) fn row_21_an_unreadable_answer_fails_its_call<R: Runtime>() {
    run::<R, _>(async {
        let client = R::stdio(server(&[]), options(patient()));
        let lease = client.acquire().await.unwrap();
        let other = call(&lease, "slow", json!({ "ms": 1 }));
        let broken = call(&lease, "say", json!({ "what": "broken" }));
        let (broken, other) = future::zip(broken, other).await;
        assert!(matches!(broken, Err(Error::Protocol { .. })), "{broken:?}");
        assert_eq!(other.unwrap(), "slow");
        lease.ping().await.unwrap();
    });
}

pub(crate) fn row_21_half_a_line_and_dies<R: Runtime>() {
    run::<R, _>(async {
        let heard = Heard::default();
        let client = R::stdio(server(&[]), heard.by(options(patient())));
        let lease = client.acquire().await.unwrap();
        let waiting = in_flight(&lease).await;
        let error = call(&lease, "say-half", json!({})).await.unwrap_err();
        assert_eq!(exit_code(&error), Some(3), "{error}");
        assert_eq!(exit_code(&waiting.await.unwrap_err()), Some(3));
        let errors = heard.errors();
        assert!(matches!(&errors[..], [ProtocolError::UnfinishedLine { .. }]), "{errors:?}");
        assert_eq!(generation(&client).await, 2);
    });
}

pub(crate) fn row_21_floods_stderr<R: Runtime>() {
    // Nobody reads a pipe that the command asks for: it is closed, and the server is told so.
    for stderr in [Stdio::null, Stdio::piped] {
        run::<R, _>(async {
            let mut command: Command = server(&[]);
            command.stderr(stderr());
            let client = R::stdio(command, options(patient()));
            let lease = client.acquire().await.unwrap();
            let flooded = call(&lease, "stderr-flood", json!({ "bytes": 4 << 20 })).await;
            assert_eq!(flooded.unwrap(), "flooded");
            client.close(Mode::Force).await;
        });
    }
}

pub(crate) fn row_22_an_oversized_reply_fails_its_call<R: Runtime>() {
    run::<R, _>(async {
        let protocol = Protocol::default().max_message(MAX_MESSAGE);
        let client = R::stdio(server(&[]), options(patient()).protocol(protocol));
        let lease = client.acquire().await.unwrap();
        let error = call(&lease, "big", json!({ "bytes": 2 * MAX_MESSAGE })).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: MAX_MESSAGE }), "{error}");
        let nearly = MAX_MESSAGE - 1024;
        let answer = call(&lease, "big", json!({ "bytes": nearly })).await.unwrap();
        assert_eq!(answer.len(), nearly);
        assert_eq!(lease.generation().number(), 1);
    });
}
