//! Servers that don't listen, don't end, or talk nonsense: rows 20 to 22.

use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use futures_lite::future::{self, poll_once};
use serde_json::json;
use tenure::Mode;
use tenure_bounds::within;
use tenure_mcp::proto::{Options as Protocol, ProtocolError};
use tenure_mcp::{Deadline, Delivery, Eras, Error};

use crate::processes::{is_running, wait_until_gone};
use crate::support::{
    Heard, Notes, Runtime, SHORT, call, grandchild, in_flight, options, patient, pid, run, server, strict,
};

use super::{BOUND, exit_code, generation, is_closed};

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

pub(crate) fn row_20_closes_its_input_and_still_answers<R: Runtime>() {
    #[cfg(windows)]
    if crate::processes::was_run_on_a_console() {
        return;
    }
    run::<R, _>(async {
        let client = R::stdio(server(&["--one-way"]), options(strict()).eras(Eras::Legacy));
        let lease = client.acquire().await.unwrap();
        let mut first = Box::pin(call(&lease, "first", json!({})));
        assert!(poll_once(&mut first).await.is_none());
        assert_eq!(call(&lease, "second", json!({})).await.unwrap(), "closed");
        let error = within("a call that can't be sent", call(&lease, "third", json!({}))).await.unwrap_err();
        assert!(matches!(error, Error::Lost { delivery: Delivery::NotSent, .. }), "{error:?}");
        assert_eq!(within("the answer to the first", first).await.unwrap(), "late");
        lease.check().unwrap();
        client.shutdown(Mode::Force).await;
    });
}

pub(crate) fn row_20_stops_reading_during_a_large_request<R: Runtime>() {
    run::<R, _>(async {
        // initialize, initialized, pid
        let command = server(&["--stop-reading", "3", "--ignore-sigterm"]);
        let client = R::stdio(command, options(strict()).eras(Eras::Legacy));
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        let text = "x".repeat(4 << 20);
        let mut large = Box::pin(call(&lease, "echo", json!({ "text": text })));
        assert!(poll_once(&mut large).await.is_none());
        let mut queued = lease.list_tools().into_future();
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
        let options = heard.by(options(patient()).protocol(|_| protocol));
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
        assert!(matches!(&errors[..], [ProtocolError::Unfinished { .. }]), "{errors:?}");
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
        let client = R::stdio(server(&[]), options(patient()).protocol(|_| protocol));
        let lease = client.acquire().await.unwrap();
        let error = call(&lease, "big", json!({ "bytes": 2 * MAX_MESSAGE })).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: MAX_MESSAGE }), "{error}");
        let nearly = MAX_MESSAGE - 1024;
        let answer = call(&lease, "big", json!({ "bytes": nearly })).await.unwrap();
        assert_eq!(answer.len(), nearly);
        assert_eq!(lease.generation().number(), 1);
    });
}
