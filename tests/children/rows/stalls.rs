//! An executor that is blocked for longer than the deadlines.

use std::process::Command;
use std::time::{Duration, Instant};

use futures_lite::future::{poll_once, zip};
use serde_json::json;
use tenure::Probe;
use tenure_bounds::{mark, within};
use tenure_mcp::{Era, Eras, ServerCommand};

use crate::support::{Apart as _, Runtime, SHORT, call, options, patient, run, server};

/// Longer than any deadline of these rows.
const STALL: Duration = Duration::from_millis(600);

pub(crate) fn row_28_an_answer_that_came_while_everything_stood_still_counts<R: Runtime>() {
    let probe = Probe { interval: Duration::from_millis(20), timeout: SHORT };
    run::<R, _>(async {
        let threads = R::apart();
        let client = threads.stdio(server(&[]), options(patient().probe(Some(probe))));
        let lease = client.acquire().await.unwrap().with_call_timeout(Some(SHORT));
        for _ in 0..3 {
            let call = call(&lease, "slow", json!({ "ms": 50 }));
            let stalled = async {
                // The call is on its way.
                assert_eq!(
                    crate::support::call(&lease, "echo", json!({ "text": "sent" })).await.unwrap(),
                    "sent"
                );
                threads.stall(STALL).await;
            };
            let (answer, ()) = within("the call", zip(call, stalled)).await;
            assert_eq!(answer.unwrap(), "slow");
            lease.check().unwrap();
        }
    });
}

/// Time enough to start a server on a busy machine.
const CONNECT: Duration = Duration::from_secs(3);

/// A server that says what it was asked, answers the question of its era or the handshake a moment later, and shows
/// when it has.
const ANSWERS_LATE: &str = r#"
read -r line
echo asked >&2
sleep 0.1
case $line in
*server/discover*) echo '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{}}}' ;;
*) echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"late","version":"1"}}}' ;;
esac
cat >/dev/null
"#;

pub(crate) fn row_28_an_answer_to_the_handshake_that_came_while_everything_stood_still_counts<R: Runtime>() {
    run::<R, _>(async {
        let (threads, begun) = (R::apart(), Instant::now());
        let clients = [Eras::Legacy, Eras::Auto].map(|eras| {
            let (send, asked) = smol::channel::bounded(1);
            let mut command = Command::new("/bin/sh");
            command.args(["-c", ANSWERS_LATE]);
            mark(&mut command);
            let command = ServerCommand::new(command).on_stderr(move |_, _| {
                let _ = send.try_send(());
            });
            (threads.stdio(command, options(patient().connect_timeout(CONNECT)).eras(eras)), asked)
        });
        let [(legacy, at_legacy), (modern, at_modern)] = &clients;
        let mut acquired = Box::pin(zip(legacy.acquire(), modern.acquire()));
        assert!(poll_once(&mut acquired).await.is_none());
        let asked = zip(at_legacy.recv(), at_modern.recv());
        within("the servers to be asked", asked).await.0.unwrap();
        // Until both deadlines have passed, and that of the question, which is half of it.
        threads.stall(CONNECT.saturating_sub(begun.elapsed()) + SHORT).await;
        let (legacy, modern) = within("the sessions", acquired).await;
        assert_eq!(legacy.unwrap().server().await.unwrap().era, Era::Legacy);
        assert_eq!(modern.unwrap().server().await.unwrap().era, Era::Modern);
    });
}
