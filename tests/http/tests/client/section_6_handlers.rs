//! Sections 6 and 9: what the program does for a server while a call waits.

use futures_lite::future::zip;
use serde_json::json;
use tenure::Mode;
use tenure_http_server::{Reply, Speaks, reply, rpc};

use crate::desk::{Desk, form, question};
use crate::outcome::text;
use crate::stage::Stage;
use crate::support::{Runtime, SHORT};

fn stage<R: Runtime>(speaks: Speaks, desk: &Desk) -> Stage {
    Stage::with::<R>(speaks, |setup| setup.options(|options| options.handlers(desk.clone())))
}

async fn what_is_asked_on_a_calls_stream_is_answered_with_a_post<R: Runtime>() {
    let stage = stage::<R>(Speaks::Legacy, &Desk::default());
    let lease = stage.lease().await;
    let answered = stage.server.gate();
    stage.server.next(
        rpc("tools/call"),
        Reply::sse().executed().event(&question("q")).gate(&answered).event_result(&text("hi")),
    );
    let serving = async {
        let answer = stage.server.seen(1, reply()).await;
        assert_eq!(answer.json["result"]["content"], json!({ "name": "octocat" }));
        assert_eq!(answer.id(), "q");
        answered.open();
    };
    assert_eq!(zip(stage.call(&lease, "hi"), serving).await.0, "ok hi");
    drop(lease);
    stage.close().await;
}

async fn a_calls_deadline_stands_still_while_a_form_is_filled_in<R: Runtime>() {
    let input = json!({ "q": { "method": "elicitation/create", "params": form() } });
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let desk = Desk::held();
        let stage = stage::<R>(speaks, &desk);
        let hurried = stage.lease().await.with_call_timeout(Some(2 * SHORT));
        let answered = stage.server.gate();
        let asks = match speaks {
            Speaks::Legacy => {
                Reply::sse().executed().event(&question("q")).gate(&answered).event_result(&text("hi"))
            }
            _ => Reply::result(&json!({ "resultType": "input_required", "inputRequests": input })),
        };
        stage.server.next(rpc("tools/call"), asks);
        let working = async {
            desk.begun(1).await;
            R::pause(3 * SHORT).await;
            desk.open();
            if speaks == Speaks::Legacy {
                stage.server.seen(1, reply()).await;
            }
            answered.open();
        };
        assert_eq!(zip(stage.call(&hurried, "hi"), working).await.0, "ok hi", "{speaks:?}");
        drop(hurried);
        stage.close().await;
    }
}

async fn a_form_of_a_session_that_expires_is_taken_away_and_never_sent<R: Runtime>() {
    let desk = Desk::held();
    let stage = stage::<R>(Speaks::Legacy, &desk);
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call").key("asks"), Reply::sse().executed().event(&question("q")).hold());
    stage.server.next(rpc("tools/call").key("expired"), Reply::status(404));
    let expiring = async {
        desk.begun(1).await;
        assert_eq!(stage.call(&lease, "expired").await, "lost, refused");
        desk.dropped(1).await;
        desk.open();
    };
    assert_eq!(zip(stage.call(&lease, "asks"), expiring).await.0, "lost, unknown");
    drop(lease);
    assert_eq!(stage.call_once("next").await, "ok next");
    let journal = stage.close().await;
    assert!(journal.requests.iter().all(|request| !request.is_reply()), "{:?}", journal.story());
}

async fn a_form_of_a_call_that_the_server_cancels_is_taken_away<R: Runtime>() {
    let desk = Desk::held();
    let stage = stage::<R>(Speaks::Legacy, &desk);
    let lease = stage.lease().await;
    let gate = stage.server.gate();
    let params = json!({ "requestId": "q" });
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
    let asks =
        Reply::sse().executed().event(&question("q")).gate(&gate).event(&cancel).event_result(&text("hi"));
    stage.server.next(rpc("tools/call"), asks);
    let cancelling = async {
        desk.begun(1).await;
        gate.open();
        desk.dropped(1).await;
    };
    assert_eq!(zip(stage.call(&lease, "hi"), cancelling).await.0, "ok hi");
    drop(lease);
    let journal = stage.close().await;
    assert!(journal.requests.iter().all(|request| !request.is_reply()), "{:?}", journal.story());
}

async fn a_close_takes_forms_away<R: Runtime>() {
    let desk = Desk::held();
    let stage = stage::<R>(Speaks::Legacy, &desk);
    let lease = stage.lease().await;
    stage.server.next(rpc("tools/call"), Reply::sse().executed().event(&question("q")).hold());
    let closing = async {
        desk.begun(1).await;
        stage.client.close(Mode::Force).await;
        desk.dropped(1).await;
    };
    assert_eq!(zip(stage.call(&lease, "hi"), closing).await.0, "closed, unknown");
    let journal = stage.close().await;
    assert!(journal.requests.iter().all(|request| !request.is_reply()), "{:?}", journal.story());
}

async fn an_answer_of_ours_that_is_not_taken_costs_the_call_alone<R: Runtime>() {
    for refusal in
        [Reply::status(500), Reply::status(400), Reply::raw("").reset(), Reply::text(200, "thanks")]
    {
        let stage = stage::<R>(Speaks::Legacy, &Desk::default());
        let lease = stage.lease().await.with_call_timeout(Some(SHORT));
        stage.server.next(rpc("tools/call"), Reply::sse().executed().event(&question("q")).hold());
        stage.server.always(reply(), refusal);
        assert_eq!(stage.call(&lease, "hi").await, "timed out, unknown");
        assert_eq!(stage.call(&lease, "ho").await, "ok ho");
        drop(lease);
        let journal = stage.close().await;
        let replies = journal.requests.iter().filter(|request| request.is_reply()).count();
        // One that found its connection closed may be sent once more.
        assert!((1..=2).contains(&replies), "{:?}", journal.story());
    }
}

tests!(
    what_is_asked_on_a_calls_stream_is_answered_with_a_post,
    a_calls_deadline_stands_still_while_a_form_is_filled_in,
    a_form_of_a_session_that_expires_is_taken_away_and_never_sent,
    a_form_of_a_call_that_the_server_cancels_is_taken_away,
    a_close_takes_forms_away,
    an_answer_of_ours_that_is_not_taken_costs_the_call_alone,
);
