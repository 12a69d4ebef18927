//! Requests and answers as they are written and read.

use bytes::Bytes;
use futures_lite::StreamExt as _;
use http::Request;
use tenure_mcp::{HttpClient as _, Reuse, Stage};

use crate::server::Server;
use crate::support::{ask, get, on_both, post, read};

#[test]
fn a_request_has_its_host_its_length_and_its_path_and_asks_for_no_encoding() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            while let Some(request) = conversation.request() {
                conversation.note(request);
                conversation.answer("{}");
            }
        });
        let http = net.client();
        let mut request = post(&format!("{}/a/b?q=1", server.url), "{\"x\":1}");
        request.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
        request.headers_mut().insert("host", "elsewhere.example".parse().unwrap());
        assert_eq!(ask(&http, request).await.unwrap(), "{}");
        let seen = server.saw().to_ascii_lowercase();
        assert!(seen.starts_with("post /a/b?q=1 http/1.1\r\n"), "{seen}");
        assert!(seen.contains(&format!("\r\nhost: 127.0.0.1:{}\r\n", server.port)), "{seen}");
        assert!(seen.contains("\r\ncontent-length: 7\r\n"), "{seen}");
        assert!(!seen.contains("encoding") && !seen.contains("elsewhere"), "{seen}");
        assert!(seen.ends_with("\r\n\r\n{\"x\":1}"), "{seen}");

        let request = Request::delete(&server.url).body(Bytes::new()).unwrap();
        assert_eq!(ask(&http, request).await.unwrap(), "{}");
        let seen = server.saw().to_ascii_lowercase();
        assert!(seen.starts_with("delete / http/1.1\r\n") && !seen.contains("content-length"), "{seen}");
    });
}

#[test]
fn a_body_comes_as_it_is_written_in_chunks_too() {
    on_both(async |net| {
        let (go, gate) = std::sync::mpsc::channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        let server = Server::new(move |_, conversation| {
            conversation.request();
            conversation.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            gate.lock().unwrap().recv().unwrap();
            conversation.write("6\r\nsecond\r\n0\r\nTrailer: x\r\n\r\n");
            conversation.request();
        });
        let http = net.client();
        let mut answer = http.send(get(&server.url), Reuse::Any).await.unwrap();
        assert_eq!(answer.body_mut().next().await.unwrap().unwrap(), "first");
        go.send(()).unwrap();
        assert_eq!(answer.body_mut().next().await.unwrap().unwrap(), "second");
        assert!(answer.body_mut().next().await.is_none());
        assert!(answer.body_mut().next().await.is_none());
        assert_eq!(http.idle_connections(), 1);
    });
}

#[test]
fn a_large_body_comes_whole() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            let request = conversation.request().unwrap();
            conversation.answer(&request.split_once("\r\n\r\n").unwrap().1.repeat(2));
            conversation.request();
        });
        let large = "0123456789abcdef".repeat(100_000);
        let answer = ask(&net.client(), post(&server.url, large.clone())).await.unwrap();
        assert_eq!(answer.len(), 2 * large.len());
        assert!(answer.starts_with(&large) && answer.ends_with(&large));
    });
}

#[test]
fn a_body_without_a_length_ends_with_its_connection() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.request();
            conversation.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it");
        });
        let http = net.client();
        assert_eq!(ask(&http, get(&server.url)).await.unwrap(), "all of it");
        assert_eq!(http.idle_connections(), 0);
    });
}

#[test]
fn a_body_that_is_cut_is_a_failure_of_the_body() {
    on_both(async |net| {
        for head in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
            let server = Server::new(move |_, conversation| {
                conversation.request();
                conversation.write(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n4\r\npart\r\n"));
            });
            let http = net.client();
            let answer = http.send(get(&server.url), Reuse::Any).await.unwrap();
            let failure = read(answer).await.unwrap_err();
            assert_eq!(failure.stage, Stage::Body, "{failure}");
            assert!(!failure.was_reused && !failure.is_permanent, "{failure}");
            assert_eq!(http.idle_connections(), 0);
        }
    });
}

#[test]
fn chunks_that_are_none_are_a_failure_of_the_body() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.request();
            conversation.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\nworse\r\n");
            conversation.note_end();
        });
        let http = net.client();
        let answer = http.send(get(&server.url), Reuse::Any).await.unwrap();
        let failure = read(answer).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Body, "{failure}");
        assert_eq!(server.saw(), "closed");
    });
}

#[test]
fn what_comes_a_byte_at_a_time_is_the_same() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.request();
            for byte in b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" {
                conversation.write([*byte]);
            }
            conversation.request();
        });
        assert_eq!(ask(&net.client(), get(&server.url)).await.unwrap(), "hello");
    });
}

#[test]
fn heads_that_only_inform_are_passed_over() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.request();
            conversation.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            conversation.answer("final");
            conversation.request();
        });
        assert_eq!(ask(&net.client(), get(&server.url)).await.unwrap(), "final");
    });
}

#[test]
fn an_answer_that_comes_before_the_request_is_written_is_taken() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.head();
            conversation.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!");
            conversation.note("answered");
            conversation.wait();
        });
        let http = net.client();
        // More than the buffers of any socket hold.
        let answer = http.send(post(&server.url, vec![b' '; 16 << 20]), Reuse::Any).await.unwrap();
        assert_eq!(answer.status(), 413);
        assert_eq!(read(answer).await.unwrap(), "no!");
        assert_eq!(http.idle_connections(), 0);
    });
}
