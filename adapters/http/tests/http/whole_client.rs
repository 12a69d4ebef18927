//! What a caller of the whole client is told where its server can't be reached (tests/http/ROWS.md, sections 1
//! and 3).

use tenure_http::{Options, Proxies, Roots};
use tenure_mcp::{Client, Delivery, Error, HttpError, HttpErrorKind, Stage};

use crate::secure::Secure;
use crate::server::Server;
use crate::support::{Net, on_both, plain};

/// Calls a tool of a server that can't be reached; gives what the caller is told.
async fn refused(net: Net, url: &str, options: Options) -> Error {
    let client: Client = net.mcp(url, options);
    let error = client.call_tool("add", ()).await.unwrap_err();
    assert!(matches!(error, Error::ConnectFailed { .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    let told = format!("{error} {error:?}");
    assert!(!told.contains("secret"), "{told}");
    error
}

/// How the exchange broke by which nothing was sent.
#[track_caller]
fn is_broken_at(error: &Error, stage: Stage, is_permanent: bool) {
    let broken = error.http().map(|error: &HttpError| &error.kind);
    let Some(HttpErrorKind::Broken(failure)) = broken else { panic!("{error:?}") };
    assert_eq!((failure.stage, failure.is_permanent), (stage, is_permanent), "{failure}");
    assert_eq!(error.is_retryable(), !is_permanent, "{error}");
}

#[test]
fn a_proxy_that_refuses_is_told_with_its_status_and_asked_once() {
    on_both(async |net| {
        for (answer, is_permanent) in [
            ("403 Forbidden", false),
            ("407 Proxy Authentication Required", true),
            ("502 Bad Gateway", false),
            ("503 Service Unavailable", false),
        ] {
            let proxy = Server::new(move |_, conversation| {
                let request = conversation.request().unwrap();
                conversation.note(request);
                conversation.write(format!("HTTP/1.1 {answer}\r\nContent-Length: 2\r\n\r\nno"));
            });
            let proxies = Proxies::all(&format!("http://user:secret@127.0.0.1:{}", proxy.port)).unwrap();
            let error = refused(net, "https://server.example/mcp?key=secret", plain().proxies(proxies)).await;
            is_broken_at(&error, Stage::Connect, is_permanent);
            assert!(error.to_string().contains(&answer[..3]), "{error}");
            assert!(proxy.saw().starts_with("CONNECT server.example:443 HTTP/1.1\r\n"));
            assert_eq!(proxy.saw_more(), [""; 0], "neither era is asked for through it again");
        }
    });
}

#[test]
fn a_proxy_that_is_gone_is_told_as_such() {
    on_both(async |net| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let gone = listener.local_addr().unwrap().port();
        drop(listener);
        let proxies = Proxies::all(&format!("http://127.0.0.1:{gone}")).unwrap();
        let error = refused(net, "https://server.example/mcp", plain().proxies(proxies)).await;
        is_broken_at(&error, Stage::Connect, false);
        assert!(error.to_string().contains("proxy"), "{error}");
    });
}

#[test]
fn a_certificate_that_is_not_valid_is_told_and_not_tried_again() {
    on_both(async |net| {
        let (good, other, expired) = (
            Secure::new(&["localhost"], false),
            Secure::new(&["other.example"], false),
            Secure::expired(&["localhost"]),
        );
        for (what, server, options) in [
            ("of an authority that nobody knows", &good, plain().roots(Roots::none())),
            ("of another authority than that", &good, other.options()),
            ("of another name", &other, other.options()),
            ("expired", &expired, expired.options()),
        ] {
            let url = format!("{}mcp?key=secret", server.url("localhost"));
            let error = refused(net, &url, options).await;
            is_broken_at(&error, Stage::Tls, true);
            assert!(error.to_string().contains("certificate"), "{what}: {error}");
            assert_eq!(server.saw_more(), [""; 0], "{what}: nothing is said to it");
        }
    });
}

#[test]
fn a_server_without_tls_may_have_it_later() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        let url = format!("https://127.0.0.1:{}/mcp", server.port);
        let error = refused(net, &url, plain().roots(Roots::none())).await;
        is_broken_at(&error, Stage::Tls, false);
    });
}
