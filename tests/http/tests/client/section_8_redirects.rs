//! Section 8: redirects away, and what never leaves the origin.

use tenure_http_server::{Reply, Server, Speaks, any, http, rpc};

use crate::outcome::failure;
use crate::stage::{Stage, call};
use crate::support::{Runtime, Setup};

fn with_secrets(mut setup: Setup) -> Setup {
    setup.headers = vec![("Authorization", "Bearer sesame")];
    setup
}

async fn nothing_goes_to_another_origin<R: Runtime>() {
    let elsewhere = Server::start(Speaks::Both);
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        for status in [301, 302, 307, 308] {
            for away in [
                format!("http://{}/mcp?token=sesame", elsewhere.host()),
                "https://$HOST/mcp".to_owned(),
                format!("//{}/", elsewhere.host()),
            ] {
                let stage = Stage::with::<R>(speaks, with_secrets);
                let lease = stage.lease().await;
                stage.server.next(rpc("tools/call"), Reply::status(status).header("Location", &away));
                let error = call(&lease, "hi").await.unwrap_err();
                assert_eq!(failure(&error), "redirected, refused", "{status} {away}");
                let words = format!("{error} {error:?}");
                let origin = if away.starts_with("https") { stage.server.host() } else { elsewhere.host() };
                assert!(words.contains(&origin) && !words.contains("sesame"), "{words}");
                assert_eq!(stage.call(&lease, "ho").await, "ok ho");
                drop(lease);
                stage.close().await;
            }
        }
    }
    assert_eq!(elsewhere.journal().connections, 0);
}

async fn a_303_leads_nowhere<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        stage.server.next(rpc("tools/call"), Reply::status(303).header("Location", "/done").executed());
        assert_eq!(stage.call(&lease, "hi").await, "redirected, unknown");
        drop(lease);
        let journal = stage.close().await;
        assert!(journal.requests.iter().all(|request| request.target == "/mcp"));
    }
}

async fn redirects_in_a_loop_end_after_three<R: Runtime>() {
    for speaks in [Speaks::Legacy, Speaks::Modern] {
        let stage = Stage::new::<R>(speaks);
        let lease = stage.lease().await;
        stage.server.times(9, rpc("tools/call"), Reply::status(307).header("Location", "/mcp"));
        assert_eq!(stage.call(&lease, "hi").await, "redirected, refused");
        assert_eq!(stage.server.journal().rpc("tools/call").len(), 4);
        drop(lease);
        stage.close().await;
    }
}

async fn a_redirect_to_nowhere_is_refused<R: Runtime>() {
    for location in
        [None, Some(""), Some("http://"), Some("ftp://$HOST/"), Some("http://u:p@$HOST/mcp"), Some("::")]
    {
        let stage = Stage::new::<R>(Speaks::Legacy);
        let lease = stage.lease().await;
        let reply =
            location.map_or(Reply::status(307), |location| Reply::status(307).header("Location", location));
        // An empty one is the address itself, which is a loop.
        stage.server.times(9, rpc("tools/call"), reply);
        assert_eq!(stage.call(&lease, "hi").await, "redirected, refused", "{location:?}");
        drop(lease);
        stage.close().await;
    }
}

async fn the_handshake_is_not_redirected_away_either<R: Runtime>() {
    let elsewhere = Server::start(Speaks::Both);
    let away = Reply::status(307).header("Location", &elsewhere.url());
    for speaks in [Speaks::Legacy, Speaks::Modern, Speaks::Both] {
        let stage = Stage::with::<R>(speaks, with_secrets);
        stage.server.always(any(), away.clone());
        let error = stage.client.acquire().await.unwrap_err();
        assert!(failure(&error).starts_with("connect failed"), "{error:?}");
        assert!(error.to_string().contains(&elsewhere.host()), "{error}");
        stage.close().await;
    }
    // Nor is what listens, and what leaves.
    let stage = Stage::with::<R>(Speaks::Legacy, with_secrets);
    for method in ["GET", "DELETE"] {
        stage.server.always(http(method), away.clone());
    }
    assert_eq!(stage.call_once("hi").await, "ok hi");
    stage.server.seen(1, http("GET")).await;
    stage.close().await;
    assert_eq!(elsewhere.journal().connections, 0);
}

tests!(
    nothing_goes_to_another_origin,
    a_303_leads_nowhere,
    redirects_in_a_loop_end_after_three,
    a_redirect_to_nowhere_is_refused,
    the_handshake_is_not_redirected_away_either,
);
