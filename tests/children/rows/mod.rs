//! The rows, for any runtime.

use std::time::Duration;

use futures_lite::StreamExt as _;
use futures_lite::future::{self, poll_once};
use serde_json::json;
use tenure::state::StateName;
use tenure::{DeadlineKind, Mode, Status};
use tenure_bounds::{blocking, within};
use tenure_mcp::{Client, Deadline, Error, ServerEnded};

use crate::processes::{is_running, wait_until_gone};
use crate::support::{
    Notes, Runtime, SHORT, begin_and_cancel, call, grandchild, in_flight, options, patient, pid, run, server,
};

/// One `#[test]` for each row.
macro_rules! tests {
    ($runtime:ty: $($(#[$attribute:meta])* $name:ident),* $(,)?) => {
        $(#[test] $(#[$attribute])* fn $name() { crate::rows::$name::<$runtime>(); })*
    };
    (@names: $($(#[$attribute:meta])* $name:ident),* $(,)?) => { &[$(stringify!($name)),*] };
    (@names) => { crate::rows::tests! { @list @names } };
    ($runtime:ty) => { crate::rows::tests! { @list $runtime } };
    (@list $($what:tt)+) => {
        crate::rows::tests! { $($what)+:
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
            row_20_closes_its_input_and_still_answers,
            row_21_garbage_of_all_kinds,
            row_21_a_banner_before_the_handshake,
            row_21_an_unreadable_answer_fails_its_call,
            row_21_half_a_line_and_dies,
            row_21_floods_stderr,
            row_22_an_oversized_reply_fails_its_call,
            row_28_an_answer_that_came_while_everything_stood_still_counts,
            #[cfg_attr(windows, ignore = "it plays a shell's script")]
            row_28_an_answer_to_the_handshake_that_came_while_everything_stood_still_counts,
        }
    };
}
pub(crate) use tests;

#[test]
fn what_is_listed_as_played_with_children_is() {
    tenure_kit::assert_played(tenure_kit::Place::Children, tests!(@names));
}

mod hostile;
pub(crate) use hostile::*;
mod stalls;
pub(crate) use stalls::*;

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
    matches!(error, Error::Closed { generation: Some(it), for_good: false, .. } if it.number() == generation)
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
        let client = R::stdio(command, options(patient().connect_timeout(SHORT)));
        let error = client.list_tools().await.unwrap_err();
        let Error::TimedOut { generation: Some(generation), deadline, .. } = &error else {
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
    let command = server(&args);
    let use_it = async |client: Client| {
        within("a call in flight", async {
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
    };
    let (client, mut call, pids) =
        blocking("the runtime to be dropped", || R::drop_after(command, options(patient()), use_it));
    let error = future::block_on(within("the call in flight", &mut call)).unwrap_err();
    let Error::Lost { generation: Some(generation), .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(generation.number(), 1);
    let error = future::block_on(within("a lease", client.acquire())).unwrap_err();
    assert!(matches!(error, Error::Lost { generation: None, .. }), "{error}");
    future::block_on(within("the close", client.close(Mode::Force)));
    wait_until_gone(&pids);
    assert_eq!(notes.exit_of(pids[0]), None);
}

pub(crate) fn row_18_runtime_dropped_while_connecting<R: Runtime>() {
    let command = server(&["--never-answer-initialize", "--ignore-eof", "--ignore-sigterm"]);
    let use_it = async |client: Client| {
        within("three calls that wait", async {
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
    };
    let waiting =
        blocking("the runtime to be dropped", || R::drop_after(command, options(patient()), use_it));
    for call in waiting {
        let error = future::block_on(within("a call that waits", call)).unwrap_err();
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
