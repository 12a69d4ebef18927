//! Failures say how far it got.

use futures_lite::future::poll_once;
use tenure_mcp::{HttpClient as _, HttpFailure, Reuse, Stage};

use crate::rig::Rig;
use crate::server::Server;
use crate::support::{ask, ask_with, get, on_both, plain, post, until_seen};

/// Nothing that could be secret is in a failure's words, nor in how it is printed otherwise.
fn is_discreet(failure: &HttpFailure) {
    let words = format!("{failure} {failure:?}");
    assert!(!words.contains("secret"), "{words}");
}

fn secretly(url: &str) -> String {
    format!("{url}/mcp?key=secret")
}

#[test]
fn nobody_listens_is_a_failure_to_connect() {
    on_both(async |net| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://user:secret@{}/?secret", listener.local_addr().unwrap());
        drop(listener);
        let failure = ask(&net.client(), get(&url)).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Connect, "{failure}");
        assert!(!failure.is_permanent && !failure.was_reused, "{failure}");
        is_discreet(&failure);
    });
}

#[test]
fn a_name_that_nobody_knows_is_a_failure_to_connect() {
    on_both(async |net| {
        let http = Rig::default().client(net, plain());
        let failure = ask(&http, get("http://server.example/?secret")).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Connect);
        assert_eq!(failure.reason, "server.example: no such name");
    });
}

#[test]
fn what_cant_be_written_is_unwritten() {
    on_both(async |net| {
        let server = Server::counting();
        let rig = Rig::default();
        let http = rig.client(net, plain());
        rig.break_writing();
        let failure = ask(&http, get(&secretly(&server.url))).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Unwritten, "{failure}");
        assert!(!failure.was_reused, "{failure}");
        is_discreet(&failure);
    });
}

#[test]
fn what_was_not_written_to_a_used_connection_goes_to_a_new_one() {
    on_both(async |net| {
        let server = Server::counting();
        let rig = Rig::default();
        let http = rig.client(net, plain());
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0/0");
        rig.break_writing();
        assert_eq!(ask(&http, post(&server.url, "{}")).await.unwrap(), "1/0");
    });
}

#[test]
fn an_end_without_a_head_is_sent_and_says_whether_the_connection_was_used() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            while let Some(request) = conversation.request() {
                if request.starts_with("POST") {
                    return;
                }
                conversation.answer("ok");
            }
        });
        let http = net.client();
        let failure = ask(&http, post(&secretly(&server.url), "{}")).await.unwrap_err();
        assert_eq!((failure.stage, failure.was_reused), (Stage::Sent, false), "{failure}");
        is_discreet(&failure);
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "ok");
        let failure = ask(&http, post(&server.url, "{}")).await.unwrap_err();
        assert_eq!((failure.stage, failure.was_reused), (Stage::Sent, true), "{failure}");
    });
}

#[test]
fn a_failure_on_a_used_connection_closes_all_that_wait_for_that_server() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            while let Some(request) = conversation.request() {
                if request.starts_with("POST") {
                    return;
                }
                conversation.answer("ok");
            }
        });
        let other = Server::counting();
        let http = net.client();
        let (a, b) = futures_lite::future::zip(
            http.send(get(&server.url), Reuse::Fresh),
            http.send(get(&server.url), Reuse::Fresh),
        )
        .await;
        drop((a.unwrap(), b.unwrap()));
        assert_eq!(ask(&http, get(&other.url)).await.unwrap(), "0/0");
        assert_eq!(http.idle_connections(), 3);
        let failure = ask_with(&http, post(&server.url, "{}"), Reuse::Youngest).await.unwrap_err();
        assert!(failure.was_reused, "{failure}");
        assert_eq!(http.idle_connections(), 1);
        assert_eq!(ask(&http, get(&other.url)).await.unwrap(), "0/1");
    });
}

#[test]
fn a_head_that_is_none_is_a_failure_of_the_head() {
    on_both(async |net| {
        for head in
            ["SSH-2.0-OpenSSH_9.6\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"]
        {
            let server = Server::new(move |_, conversation| {
                conversation.request();
                conversation.write(head);
                conversation.note_end();
            });
            let failure = ask(&net.client(), get(&secretly(&server.url))).await.unwrap_err();
            assert_eq!(failure.stage, Stage::Head, "{head}: {failure}");
            is_discreet(&failure);
            assert_eq!(server.saw(), "closed");
        }
    });
}

#[test]
fn a_head_may_have_64_kib_and_an_endless_one_is_ended() {
    on_both(async |net| {
        let server = Server::new(|number, conversation| {
            conversation.request();
            conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
            let line = format!("X: {}\r\n", "x".repeat(995));
            let lines = if number == 0 { 60 } else { 100_000 };
            let mut written = 0;
            // The client closes when it has seen enough, and then writing fails.
            for _ in 0..lines {
                if std::io::Write::write_all(&mut conversation.stream, line.as_bytes()).is_err() {
                    break;
                }
                written += line.len();
            }
            conversation.write("\r\nok");
            conversation.note(written.to_string());
            conversation.request();
        });
        let http = net.client();
        assert_eq!(ask_with(&http, get(&server.url), Reuse::Fresh).await.unwrap(), "ok");
        assert_eq!(server.saw(), "60000");
        let failure = ask_with(&http, get(&server.url), Reuse::Fresh).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Head, "{failure}");
        // What the buffers of both sockets hold, and no more.
        let written: usize = server.saw().parse().unwrap();
        assert!(written < 20 << 20, "{written}");
    });
}

#[test]
fn a_head_may_have_a_hundred_fields() {
    on_both(async |net| {
        let server = Server::new(|number, conversation| {
            conversation.request();
            let fields = "X: y\r\n".repeat(99 + number);
            conversation.write(format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{fields}\r\nok"));
            conversation.request();
        });
        let http = net.client();
        assert_eq!(ask_with(&http, get(&server.url), Reuse::Fresh).await.unwrap(), "ok");
        let failure = ask_with(&http, get(&server.url), Reuse::Fresh).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Head, "{failure}");
    });
}

#[test]
fn a_head_that_never_comes_is_waited_for_and_dropping_closes_the_connection() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.request();
            conversation.note("asked");
            conversation.note_end();
        });
        let rig = Rig::holding();
        let http = rig.client(net, plain());
        let mut answer = Box::pin(ask(&http, get(&server.url)));
        assert_eq!(until_seen(net, &server, answer.as_mut()).await, "asked");
        // No deadline of this client's is for the head.
        rig.let_go();
        assert!(poll_once(answer.as_mut()).await.is_none());
        drop(answer);
        assert_eq!(server.saw(), "closed");
    });
}
