//! Section 8: credentials, asked for and refused.

use futures_lite::future::zip;
use tenure::Mode;
use tenure_http_server::{Matching, Reply, Request, Speaks, any, http, rpc};

use crate::outcome::failure;
use crate::stage::{Stage, call};
use crate::support::{Runtime, SHORT, Setup};
use crate::tokens::{Renews, Tokens};

const BOTH: [Speaks; 2] = [Speaks::Legacy, Speaks::Modern];

fn stage<R: Runtime>(speaks: Speaks, tokens: &Tokens) -> Stage {
    Stage::with::<R>(speaks, |setup| Setup { credentials: Some(tokens.clone()), ..setup })
}

/// Requests with that token.
fn with_token(of: Matching, token: u64) -> Matching {
    of.and(move |request| is_with(request, token))
}

fn is_with(request: &Request, token: u64) -> bool {
    request.header("authorization") == Some(&*format!("Bearer token-{token}"))
}

fn unauthorized() -> Reply {
    Reply::status(401).header("WWW-Authenticate", "Bearer realm=\"r\", error=\"invalid_token\"")
}

fn out_of_scope() -> Reply {
    Reply::status(403)
        .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"files:write\"")
}

async fn each_request_has_a_credential_in_its_headers_alone<R: Runtime>() {
    for speaks in BOTH {
        let tokens = Tokens::default();
        let stage = stage::<R>(speaks, &tokens);
        assert_eq!(stage.call_once("hi").await, "ok hi");
        if speaks == Speaks::Legacy {
            stage.server.seen(1, http("GET")).await;
        }
        let journal = stage.close().await;
        for request in &journal.requests {
            assert!(is_with(request, 0), "{request:?}");
            let elsewhere = format!("{} {}", request.target, String::from_utf8_lossy(&request.body));
            assert!(!elsewhere.contains("token-0"), "{elsewhere}");
        }
        assert_eq!(tokens.asked(), journal.requests.len());
    }
}

async fn a_refused_credential_is_told_of_and_another_one_tried_once<R: Runtime>() {
    for speaks in BOTH {
        let tokens = Tokens::default();
        let stage = stage::<R>(speaks, &tokens);
        let lease = stage.lease().await;
        stage.server.always(with_token(rpc("tools/call"), 0), unauthorized());
        assert_eq!(stage.call(&lease, "hi").await, "ok hi");
        let refused = tokens.refused();
        assert_eq!((refused.len(), refused[0].version), (1, Some(0)));
        assert_eq!(refused[0].challenges[0].error.as_deref(), Some("invalid_token"));
        // A second one is final.
        stage.server.always(rpc("tools/call"), unauthorized());
        assert_eq!(stage.call(&lease, "ho").await, "unauthorized 401, refused");
        drop(lease);
        let journal = stage.close().await;
        let calls = journal.rpc("tools/call").into_iter().map(|request| request.key().unwrap_or_default());
        assert_eq!(calls.collect::<Vec<_>>(), ["hi", "hi", "ho", "ho"]);
        assert_eq!(tokens.refused().len(), 2);
    }
}

async fn one_refusal_is_told_of_for_all_who_wait<R: Runtime>() {
    for speaks in BOTH {
        let tokens = Tokens::default();
        let stage = stage::<R>(speaks, &tokens);
        let lease = stage.lease().await;
        let (early, late) = (stage.server.gate(), stage.server.gate());
        stage.server.times(2, with_token(rpc("tools/call"), 0), unauthorized().held(&early));
        // This one's refusal comes when there is a newer token already.
        stage.server.always(with_token(rpc("tools/call"), 0), unauthorized().held(&late));
        let opening = async {
            stage.server.seen(3, with_token(rpc("tools/call"), 0)).await;
            early.open();
            stage.server.seen(2, with_token(rpc("tools/call"), 1)).await;
            late.open();
        };
        let calls =
            zip(zip(stage.call(&lease, "a"), stage.call(&lease, "b")), zip(stage.call(&lease, "c"), opening));
        let ((a, b), (c, ())) = calls.await;
        assert_eq!([a, b, c], ["ok a", "ok b", "ok c"]);
        assert_eq!(tokens.refused().len(), 1);
        drop(lease);
        stage.close().await;
    }
}

async fn without_another_credential_a_refusal_is_final<R: Runtime>() {
    for speaks in BOTH {
        for renews in [Renews::Never, Renews::Fails] {
            let tokens = Tokens::that(renews);
            let stage = stage::<R>(speaks, &tokens);
            let lease = stage.lease().await;
            stage.server.next(rpc("tools/call"), unauthorized());
            let error = call(&lease, "hi").await.unwrap_err();
            assert_eq!(failure(&error), "unauthorized 401, refused");
            assert!(error.to_string().contains("invalid_token"), "{error}");
            assert_eq!(stage.call(&lease, "ho").await, "ok ho");
            assert_eq!(tokens.refused().len(), 1);
            drop(lease);
            assert_eq!(stage.close().await.rpc("tools/call").len(), 2);
        }
    }
}

async fn without_any_credential_a_call_is_not_sent<R: Runtime>() {
    let tokens = Tokens::default();
    let stage = stage::<R>(Speaks::Modern, &tokens);
    let lease = stage.lease().await;
    tokens.run_out();
    let error = call(&lease, "hi").await.unwrap_err();
    assert!(failure(&error).ends_with("unsent"), "{error:?}");
    assert!(error.to_string().contains("there are no tokens left"), "{error}");
    assert!(stage.server.journal().rpc("tools/call").is_empty());
}

async fn a_call_whose_credential_never_comes_ends_at_its_deadline<R: Runtime>() {
    let tokens = Tokens::that(Renews::Hangs);
    let stage = stage::<R>(Speaks::Modern, &tokens);
    let lease = stage.lease().await.with_call_timeout(Some(SHORT));
    stage.server.next(rpc("tools/call"), unauthorized());
    let said = stage.call(&lease, "hi").await;
    assert!(said.starts_with("timed out"), "{said}");
    // Others go on.
    assert_eq!(stage.call(&lease, "ho").await, "ok ho");
    drop(lease);
    stage.close().await;
}

async fn the_handshake_is_tried_with_another_credential_too<R: Runtime>() {
    for (speaks, first) in [
        (Speaks::Legacy, "initialize"),
        (Speaks::Modern, "server/discover"),
        (Speaks::Both, "server/discover"),
    ] {
        let tokens = Tokens::default();
        let stage = stage::<R>(speaks, &tokens);
        stage.server.always(with_token(any(), 0), unauthorized());
        assert_eq!(stage.call_once("hi").await, "ok hi");
        let journal = stage.close().await;
        assert_eq!(journal.story()[..2], [first; 2]);
        assert_eq!(tokens.refused().len(), 1);
    }
}

async fn the_listening_stream_is_tried_with_another_credential_too<R: Runtime>() {
    let tokens = Tokens::default();
    let stage = stage::<R>(Speaks::Legacy, &tokens);
    stage.server.always(with_token(http("GET"), 0), unauthorized());
    let lease = stage.lease().await;
    stage.server.seen(1, with_token(http("GET"), 1)).await;
    drop(lease);
    stage.close().await;
}

async fn no_credential_is_asked_for_anew_to_leave<R: Runtime>() {
    let tokens = Tokens::default();
    let stage = stage::<R>(Speaks::Legacy, &tokens);
    drop(stage.lease().await);
    stage.server.always(http("DELETE"), unauthorized());
    let journal = stage.close().await;
    assert_eq!((journal.http("DELETE").len(), tokens.refused().len()), (1, 0));
}

async fn a_scope_that_is_missing_is_asked_for_twice_at_most<R: Runtime>() {
    for speaks in BOTH {
        let tokens = Tokens::default();
        let stage = stage::<R>(speaks, &tokens);
        let lease = stage.lease().await;
        stage.server.next(rpc("tools/call"), out_of_scope());
        assert_eq!(stage.call(&lease, "hi").await, "ok hi");
        assert_eq!(tokens.refused()[0].challenges[0].scope.as_deref(), Some("files:write"));
        stage.server.always(rpc("tools/call"), out_of_scope());
        for key in ["a", "b", "c"] {
            assert_eq!(stage.call(&lease, key).await, "unauthorized 403, refused", "{key}");
        }
        assert_eq!(tokens.refused().len(), 2, "of this method and name");
        drop(lease);
        stage.close().await;
    }
}

async fn other_refusals_are_final<R: Runtime>() {
    for speaks in BOTH {
        for status in [403, 407] {
            let tokens = Tokens::default();
            let stage = stage::<R>(speaks, &tokens);
            let lease = stage.lease().await;
            stage.server.next(
                rpc("tools/call"),
                Reply::status(status).header("WWW-Authenticate", "Bearer realm=\"r\""),
            );
            assert_eq!(stage.call(&lease, "hi").await, format!("unauthorized {status}, refused"));
            assert!(tokens.refused().is_empty());
            drop(lease);
            assert_eq!(stage.close().await.rpc("tools/call").len(), 1);
        }
    }
}

async fn all_challenges_are_read<R: Runtime>() {
    let tokens = Tokens::that(Renews::Never);
    let stage = stage::<R>(Speaks::Modern, &tokens);
    let lease = stage.lease().await;
    let reply = Reply::status(401)
        .header("WWW-Authenticate", "Negotiate abc==, Basic realm=\"a, \\\"b\\\"\", charset=\"UTF-8\"")
        .header(
            "www-authenticate",
            "Bearer resource_metadata=\"https://example.com/x?y=a,b\", scope=\"a b\"",
        );
    stage.server.next(rpc("tools/call"), reply);
    assert_eq!(stage.call(&lease, "hi").await, "unauthorized 401, refused");
    let challenges = tokens.refused()[0].challenges.clone();
    let schemes: Vec<_> = challenges.iter().map(|challenge| challenge.scheme.to_ascii_lowercase()).collect();
    assert_eq!(schemes, ["negotiate", "basic", "bearer"]);
    assert_eq!(challenges[1].realm.as_deref(), Some("a, \"b\""));
    assert_eq!(challenges[2].resource_metadata.as_deref(), Some("https://example.com/x?y=a,b"));
    drop(lease);
    stage.close().await;
}

async fn credentials_are_not_sent_unencrypted_to_other_machines<R: Runtime>() {
    // An address that leads nowhere.
    let url = "http://192.0.2.1:9/mcp";
    let with_header = |setup| Setup { headers: vec![("Authorization", "Bearer token-0")], ..setup };
    let with_tokens = |setup| Setup { credentials: Some(Tokens::default()), ..setup };
    let new = || Setup::new(tenure_mcp::Eras::Auto);
    for setup in [with_header(new()), with_tokens(new())] {
        let client = R::http(url, setup);
        let error = client.acquire().await.unwrap_err();
        assert_eq!(failure(&error), "connect failed for good");
        assert!(!format!("{error} {error:?}").contains("token-0"), "{error:?}");
        client.shutdown(Mode::Force).await;
    }
}

async fn nothing_that_is_told_has_a_credential_in_it<R: Runtime>() {
    for speaks in BOTH {
        let tokens = Tokens::that(Renews::Never);
        let stage = stage::<R>(speaks, &tokens);
        let lease = stage.lease().await;
        let mut words = Vec::new();
        for reply in [
            unauthorized(),
            out_of_scope(),
            Reply::status(500),
            Reply::raw("").reset(),
            Reply::text(200, "x"),
            Reply::sse(),
        ] {
            stage.server.next(rpc("tools/call"), reply);
            let error = call(&lease, "hi").await.unwrap_err();
            words.push(format!("{error} {error:?}"));
        }
        words.push(format!("{:?} {:?}", stage.heard.all(), stage.client));
        assert!(!words.concat().contains("token-"), "{words:#?}");
        assert!(!words.concat().contains("session-1"), "{words:#?}");
    }
}

tests!(
    each_request_has_a_credential_in_its_headers_alone,
    a_refused_credential_is_told_of_and_another_one_tried_once,
    one_refusal_is_told_of_for_all_who_wait,
    without_another_credential_a_refusal_is_final,
    without_any_credential_a_call_is_not_sent,
    a_call_whose_credential_never_comes_ends_at_its_deadline,
    the_handshake_is_tried_with_another_credential_too,
    the_listening_stream_is_tried_with_another_credential_too,
    no_credential_is_asked_for_anew_to_leave,
    a_scope_that_is_missing_is_asked_for_twice_at_most,
    other_refusals_are_final,
    all_challenges_are_read,
    credentials_are_not_sent_unencrypted_to_other_machines,
    nothing_that_is_told_has_a_credential_in_it,
);
