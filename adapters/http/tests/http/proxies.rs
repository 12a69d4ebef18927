//! Proxies see what they must, and no more.

use tenure_http::Proxies;
use tenure_mcp::Stage;

use crate::server::Server;
use crate::support::{ask, get, on_both, plain};

fn by(proxy: &str) -> tenure_http::Options {
    plain().proxies(Proxies::all(proxy).unwrap())
}

fn with_credentials(proxy: &Server) -> String {
    format!("http://user:secret@127.0.0.1:{}", proxy.port)
}

#[test]
fn a_proxy_is_given_the_whole_address_and_its_credentials() {
    on_both(async |net| {
        let proxy = Server::new(|_, conversation| {
            while let Some(request) = conversation.request() {
                conversation.note(request);
                conversation.answer("by proxy");
            }
        });
        let http = net.client_with(by(&with_credentials(&proxy)));
        for _ in 0..2 {
            let answer = ask(&http, get("http://me:password@server.example:8080/a?b=c")).await.unwrap();
            assert_eq!(answer, "by proxy");
            let seen = proxy.saw();
            assert!(seen.starts_with("GET http://server.example:8080/a?b=c HTTP/1.1\r\n"), "{seen}");
            assert!(seen.contains("host: server.example:8080\r\n"), "{seen}");
            assert!(seen.contains("proxy-authorization: Basic dXNlcjpzZWNyZXQ=\r\n"), "{seen}");
        }
    });
}

#[test]
fn a_proxy_that_refuses_is_a_failure_to_connect() {
    on_both(async |net| {
        for (answer, is_permanent) in [("403 Forbidden", false), ("407 Proxy Authentication Required", true)]
        {
            let proxy = Server::new(move |_, conversation| {
                let request = conversation.request().unwrap();
                conversation.note(request);
                conversation.write(format!("HTTP/1.1 {answer}\r\nContent-Length: 2\r\n\r\nno"));
            });
            let http = net.client_with(by(&with_credentials(&proxy)));
            let failure = ask(&http, get("https://server.example/a?secret")).await.unwrap_err();
            assert_eq!((failure.stage, failure.is_permanent), (Stage::Connect, is_permanent), "{failure}");
            assert!(failure.reason.contains(&answer[..3]), "{failure}");
            assert!(!format!("{failure:?}{http:?}").contains("secret"));
            let seen = proxy.saw();
            assert!(
                seen.starts_with("CONNECT server.example:443 HTTP/1.1\r\nHost: server.example:443\r\n"),
                "{seen}"
            );
            assert!(seen.contains("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"), "{seen}");
            assert!(!seen.contains("/a"), "{seen}");
        }
    });
}

#[test]
fn a_proxy_that_is_gone_or_speaks_no_http_is_a_failure_to_connect() {
    on_both(async |net| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let gone = listener.local_addr().unwrap().port();
        drop(listener);
        let rude = Server::new(|_, conversation| {
            conversation.request();
            conversation.write("what?\r\n\r\n");
        });
        let short = Server::new(|_, conversation| drop(conversation.request()));
        for port in [gone, rude.port, short.port] {
            let http = net.client_with(by(&format!("http://127.0.0.1:{port}")));
            let failure = ask(&http, get("https://server.example/")).await.unwrap_err();
            assert_eq!((failure.stage, failure.is_permanent), (Stage::Connect, false), "{failure}");
            assert!(failure.reason.contains("proxy"), "{failure}");
        }
    });
}

#[test]
fn a_server_on_this_machine_is_reached_without_unless_told() {
    on_both(async |net| {
        let proxy = Server::new(|_, conversation| {
            while conversation.request().is_some() {
                conversation.answer("by proxy");
            }
        });
        let server = Server::counting();
        let proxies = || Proxies::all(&format!("127.0.0.1:{}", proxy.port)).unwrap();
        let http = net.client_with(plain().proxies(proxies()));
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0/0");
        let http = net.client_with(plain().proxies(proxies().for_loopback(true)));
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "by proxy");
        let http = net.client_with(plain().proxies(proxies().for_loopback(true).except("127.0.0.1")));
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "1/0");
    });
}

// What is said to a server by TLS through a proxy is among the tests of TLS.
