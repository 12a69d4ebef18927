//! Many tasks on many threads, one client.

use std::sync::Arc;

use tenure_http::Http;

use crate::server::Server;
use crate::support::{Net, ask, bounded, post};

const TASKS: usize = 16;
const EXCHANGES: usize = 30;

/// Answers with what was asked, in pieces.
fn echo() -> Server {
    Server::new(|_, conversation| {
        while let Some(request) = conversation.request() {
            let body = request.split_once("\r\n\r\n").unwrap().1;
            conversation.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for piece in body.as_bytes().chunks(7) {
                let size = piece.len();
                conversation.write(format!("{size:x}\r\n{}\r\n", str::from_utf8(piece).unwrap()));
            }
            conversation.write("0\r\n\r\n");
        }
    })
}

async fn converse(http: Http, url: Arc<str>, task: usize) {
    for exchange in 0..EXCHANGES {
        let said = format!("task {task}, exchange {exchange}");
        assert_eq!(ask(&http, post(&url, said.clone())).await.unwrap(), said);
    }
}

#[test]
fn each_task_gets_its_own_answers_on_tokio() {
    bounded("tokio", || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let server = echo();
            let http = Net::Tokio.client();
            let tasks: Vec<_> = (0..TASKS)
                .map(|task| tokio::spawn(converse(http.clone(), server.url.as_str().into(), task)))
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            assert!((1..=8).contains(&http.idle_connections()));
        });
    });
}

#[test]
fn each_task_gets_its_own_answers_on_smol() {
    bounded("smol", || {
        let server = echo();
        let http = Net::Smol.client();
        let executor = Arc::new(smol::Executor::new());
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| executor.spawn(converse(http.clone(), server.url.as_str().into(), task)))
            .collect();
        let (stop, stopped) = smol::channel::unbounded::<()>();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (executor, stopped) = (executor.clone(), stopped.clone());
                std::thread::spawn(move || smol::block_on(executor.run(stopped.recv())))
            })
            .collect();
        smol::block_on(async {
            for task in tasks {
                task.await;
            }
        });
        drop(stop);
        for thread in threads {
            let _ = thread.join().unwrap();
        }
        assert!((1..=8).contains(&http.idle_connections()));
    });
}
