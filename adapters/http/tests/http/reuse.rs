//! Which connection carries what.

use std::net::Shutdown;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use futures_lite::StreamExt as _;
use futures_lite::future::zip;
use tenure_http::Http;
use tenure_mcp::{HttpClient as _, Reuse};

use crate::rig::Rig;
use crate::server::Server;
use crate::support::{ask, ask_with, get, on_both, plain, post};

/// Leaves two connections, used in the order of their numbers.
async fn two(http: &Http, url: &str) {
    let (a, b) = zip(http.send(get(url), Reuse::Fresh), http.send(get(url), Reuse::Fresh)).await;
    let (a, b) = (read_now(a.unwrap()).await, read_now(b.unwrap()).await);
    for number in ["0/0", "1/0"] {
        assert!(number == a || number == b);
    }
    assert_eq!(http.idle_connections(), 2);
    // Now the first is the one used last, whichever waited longer before.
    if a == "0/0" {
        assert_eq!(ask(http, get(url)).await.unwrap(), "0/1");
    } else {
        assert_eq!(ask(http, get(url)).await.unwrap(), "1/1");
        assert_eq!(ask(http, get(url)).await.unwrap(), "0/1");
    }
}

async fn read_now(answer: http::Response<tenure_mcp::HttpBody>) -> String {
    crate::support::read(answer).await.unwrap()
}

#[test]
fn a_connection_carries_one_exchange_after_the_other() {
    on_both(async |net| {
        let server = Server::counting();
        let http = net.client();
        for expected in ["0/0", "0/1", "0/2"] {
            assert_eq!(ask(&http, post(&server.url, "{}")).await.unwrap(), expected);
        }
        assert_eq!(http.idle_connections(), 1);
        assert_eq!(http.clone().idle_connections(), 1);
    });
}

#[test]
fn a_fresh_one_is_asked_for_and_made() {
    on_both(async |net| {
        let server = Server::counting();
        let http = net.client();
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0/0");
        assert_eq!(ask_with(&http, get(&server.url), Reuse::Fresh).await.unwrap(), "1/0");
        assert_eq!(http.idle_connections(), 2);
    });
}

#[test]
fn the_youngest_is_the_one_used_last_and_any_is_the_one_that_waited_longest() {
    on_both(async |net| {
        let server = Server::counting();
        let http = net.client();
        two(&http, &server.url).await;
        // It was used last, and still is after each of these.
        assert_eq!(ask_with(&http, get(&server.url), Reuse::Youngest).await.unwrap(), "0/2");
        assert_eq!(ask_with(&http, get(&server.url), Reuse::Youngest).await.unwrap(), "0/3");
        assert!(ask(&http, get(&server.url)).await.unwrap().starts_with("1/"));
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0/4");
    });
}

#[test]
fn the_youngest_is_a_new_one_when_all_have_waited_for_more_than_two_seconds() {
    on_both(async |net| {
        let server = Server::counting();
        let rig = Rig::default();
        let http = rig.client(net, plain());
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0/0");
        rig.pass(Duration::from_millis(1500));
        assert_eq!(ask_with(&http, get(&server.url), Reuse::Youngest).await.unwrap(), "0/1");
        rig.pass(Duration::from_millis(2001));
        assert_eq!(ask_with(&http, get(&server.url), Reuse::Youngest).await.unwrap(), "1/0");
        // The older one is still good enough for what may be sent twice.
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0/2");
    });
}

#[test]
fn nothing_waits_for_four_seconds() {
    on_both(async |net| {
        let server = Server::counting();
        let rig = Rig::default();
        let http = rig.client(net, plain());
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0/0");
        rig.pass(Duration::from_secs(3));
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0/1");
        rig.pass(Duration::from_secs(4));
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "1/0");
        assert_eq!(http.idle_connections(), 1);
    });
}

#[test]
fn nothing_waits_for_longer_than_the_server_says_less_a_second() {
    on_both(async |net| {
        let server = Server::new(|number, conversation| {
            while conversation.request().is_some() {
                conversation.write(format!(
                    "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3, max=9\r\nContent-Length: 1\r\n\r\n{number}"
                ));
            }
        });
        let rig = Rig::default();
        let http = rig.client(net, plain());
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0");
        rig.pass(Duration::from_secs(1));
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0");
        rig.pass(Duration::from_secs(2));
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "1");
    });
}

#[test]
fn what_waits_for_one_server_is_no_others() {
    on_both(async |net| {
        let (one, other) = (Server::counting(), Server::counting());
        let http = net.client();
        two(&http, &one.url).await;
        assert_eq!(ask(&http, get(&other.url)).await.unwrap(), "0/0");
        assert_eq!(ask_with(&http, get(&other.url), Reuse::Youngest).await.unwrap(), "0/1");
        assert_eq!(ask_with(&http, get(&one.url), Reuse::Youngest).await.unwrap(), "0/2");
        assert_eq!(http.idle_connections(), 3);
    });
}

#[test]
fn at_most_eight_wait() {
    on_both(async |net| {
        let (server, other) = (Server::counting(), Server::counting());
        let http = net.client();
        ask(&http, get(&other.url)).await.unwrap();
        let mut open = Vec::new();
        for _ in 0..10 {
            open.push(http.send(get(&server.url), Reuse::Any).await.unwrap());
        }
        for answer in open {
            read_now(answer).await;
        }
        assert_eq!(http.idle_connections(), 9);
        assert_eq!(ask(&http, get(&other.url)).await.unwrap(), "0/1");
    });
}

#[test]
fn one_that_the_server_closed_while_it_waited_costs_no_request() {
    on_both(async |net| {
        let (close, gate) = channel::<()>();
        let gate = Mutex::new(gate);
        let server = Server::new(move |number, conversation| {
            conversation.request();
            conversation.answer(&number.to_string());
            gate.lock().unwrap().recv().unwrap();
            conversation.stream.shutdown(Shutdown::Both).unwrap();
            conversation.note("closed");
        });
        let http = net.client();
        for number in 0..3 {
            let reuse = if number == 2 { Reuse::Youngest } else { Reuse::Any };
            assert_eq!(ask_with(&http, post(&server.url, "{}"), reuse).await.unwrap(), number.to_string());
            assert_eq!(http.idle_connections(), 1);
            close.send(()).unwrap();
            // The thread is held up meanwhile: the runtime hasn't heard of it either.
            assert_eq!(server.saw(), "closed");
        }
    });
}

#[test]
fn one_on_which_the_server_says_something_unasked_is_not_used_again() {
    on_both(async |net| {
        let (speak, gate) = channel::<()>();
        let gate = Mutex::new(gate);
        let server = Server::new(move |number, conversation| {
            conversation.request();
            conversation.answer(&number.to_string());
            gate.lock().unwrap().recv().unwrap();
            conversation.write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
            conversation.note("said");
            conversation.request();
        });
        let http = net.client();
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "0");
        assert_eq!(http.idle_connections(), 1);
        speak.send(()).unwrap();
        assert_eq!(server.saw(), "said");
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "1");
    });
}

#[test]
fn one_that_a_side_means_to_close_does_not_wait() {
    on_both(async |net| {
        for head in [
            "HTTP/1.1 200 OK\r\nConnection: close",
            "HTTP/1.0 200 OK",
            "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1",
        ] {
            let server = Server::new(move |_, conversation| {
                conversation.request();
                conversation.write(format!("{head}\r\nContent-Length: 2\r\n\r\nok"));
                conversation.note_end();
            });
            let http = net.client();
            assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "ok");
            assert_eq!(http.idle_connections(), 0, "{head}");
            assert_eq!(server.saw(), "closed");
        }
    });
}

#[test]
fn an_answer_without_a_body_needs_no_reading() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            while conversation.request().is_some() {
                conversation.write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
            }
        });
        let http = net.client();
        let _answer = http.send(post(&server.url, "{}"), Reuse::Any).await.unwrap();
        assert_eq!(http.idle_connections(), 1);
    });
}

#[test]
fn a_body_whose_rest_is_there_is_read_to_its_end_for_the_connections_sake() {
    on_both(async |net| {
        let server = Server::new(|number, conversation| {
            while conversation.request().is_some() {
                let chunk = format!("{:x}\r\n{}\r\n", 1000, "x".repeat(1000));
                let chunks = chunk.repeat(20);
                conversation.write(format!(
                    "HTTP/1.1 200 OK\r\nNumber: {number}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
                ));
                conversation.note("written");
            }
        });
        let http = net.client();
        let mut answer = http.send(get(&server.url), Reuse::Any).await.unwrap();
        answer.body_mut().next().await.unwrap().unwrap();
        assert_eq!(server.saw(), "written");
        // The runtime hears of what has come.
        net.network().sleep(Duration::from_millis(1)).await;
        drop(answer);
        assert_eq!(http.idle_connections(), 1);
        let answer = http.send(get(&server.url), Reuse::Any).await.unwrap();
        assert_eq!(answer.headers()["number"], "0");
    });
}

#[test]
fn a_body_dropped_before_its_end_closes_its_connection() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.request();
            conversation.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            conversation.note_end();
        });
        let http = net.client();
        let mut answer = http.send(get(&server.url), Reuse::Any).await.unwrap();
        assert_eq!(answer.body_mut().next().await.unwrap().unwrap(), "first");
        drop(answer);
        assert_eq!(server.saw(), "closed");
        assert_eq!(http.idle_connections(), 0);
    });
}

#[test]
fn a_large_rest_is_not_read() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.request();
            conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            conversation.write(vec![b'x'; 100_000]);
            conversation.note("written");
            conversation.note_end();
        });
        let http = net.client();
        let answer = http.send(get(&server.url), Reuse::Any).await.unwrap();
        assert_eq!(server.saw(), "written");
        drop(answer);
        assert_eq!(server.saw(), "closed");
        assert_eq!(http.idle_connections(), 0);
    });
}

#[test]
fn dropping_the_client_closes_what_waits() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.request();
            conversation.answer("ok");
            conversation.note_end();
        });
        let http = net.client();
        ask(&http, get(&server.url)).await.unwrap();
        assert_eq!(http.idle_connections(), 1);
        assert!(server.saw_more().is_empty());
        drop(http);
        assert_eq!(server.saw(), "closed");
    });
}
