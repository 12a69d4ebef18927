//! How servers are started, and who stands between them and their sessions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use async_trait::async_trait;
use serde_json::json;
use tenure::Mode;
use tenure_mcp::proto::Outgoing;
use tenure_mcp::{Carrier, Era, Failure, Linger, Received, ServerCommand, Transport, Wire};

use crate::processes::wait_until_gone;
use crate::support::{
    Notes, Runtime, call, options, patient, pid, run, server, server_behind_a_script, strict,
};

pub(crate) fn a_command_is_made_for_each_generation<R: Runtime>() {
    run::<R, _>(async {
        let made = AtomicUsize::new(0);
        let each = move || {
            let mut command = server(&[]);
            command.env("TOKEN", format!("token {}", made.fetch_add(1, Ordering::Relaxed)));
            command
        };
        let client = R::stdio(each, options(patient()));
        for life in 0..3 {
            let lease = client.acquire().await.unwrap();
            let token = call(&lease, "env", json!({ "name": "TOKEN" })).await.unwrap();
            assert_eq!(token, format!("token {life}"));
            call(&lease, "crash", json!({})).await.unwrap_err();
        }
    });
}

pub(crate) fn a_server_that_ends_at_the_question_of_its_era_is_started_again_once<R: Runtime>() {
    run::<R, _>(async {
        let starts = Arc::new(AtomicUsize::new(0));
        let made = starts.clone();
        let each = move || {
            made.fetch_add(1, Ordering::Relaxed);
            server(&["--exit-at-discover"])
        };
        let client = R::stdio(each, options(patient()));
        // The next life knows.
        for count in [2, 3] {
            let lease = client.acquire().await.unwrap();
            assert_eq!(lease.server().await.unwrap().era, Era::Legacy);
            assert_eq!(lease.generation().number() + 1, count);
            assert_eq!(starts.load(Ordering::Relaxed) as u64, count);
            call(&lease, "crash", json!({})).await.unwrap_err();
        }
    });
}

/// The script is what was started; the server is what must not be left. One ends when it is asked, the other never.
pub(crate) fn a_server_behind_a_script_is_closed_with_it<R: Runtime>() {
    run::<R, _>(async {
        let folder = Notes::new("behind-a-script");
        for (args, config) in [(&[][..], patient()), (&["--ignore-eof"], strict())] {
            let client = R::stdio(server_behind_a_script(&folder, args), options(config));
            for mode in [Mode::Graceful, Mode::Force, Mode::Abort] {
                let lease = client.acquire().await.unwrap();
                assert_eq!(call(&lease, "echo", json!({ "text": "a b" })).await.unwrap(), "a b");
                let server = pid(&lease).await;
                drop(lease);
                client.close(mode).await;
                wait_until_gone(&[server]);
            }
        }
    });
}

pub(crate) fn what_is_not_kept_of_the_environment_is_not_there<R: Runtime>() {
    run::<R, _>(async {
        let value = |name: &str| std::env::var(name).unwrap_or_else(|_| "unset".to_owned());
        let cleared = || {
            let mut command = server(&[]);
            command.env("TOKEN", "its own").env_remove("HOME");
            ServerCommand::new(command).env_clear(ServerCommand::ENV_TO_KEEP)
        };
        for (command, is_cleared) in [(cleared(), true), (server(&[]).into(), false)] {
            let client = R::stdio(command, options(patient()));
            // The same in the second generation, from the same command.
            for _ in 0..2 {
                let lease = client.acquire().await.unwrap();
                let env = async |name: &str| call(&lease, "env", json!({ "name": name })).await.unwrap();
                assert_eq!(env("PATH").await, value("PATH"));
                if is_cleared {
                    assert_eq!(env("CARGO_MANIFEST_DIR").await, "unset");
                    assert_eq!(env("HOME").await, "unset");
                    assert_eq!(env("TOKEN").await, "its own");
                } else {
                    assert_eq!(env("CARGO_MANIFEST_DIR").await, value("CARGO_MANIFEST_DIR"));
                    assert_eq!(env("HOME").await, value("HOME"));
                }
                client.close(Mode::Force).await;
            }
        }
    });
}

/// Notes the process of each generation, and counts its messages.
struct Around<T> {
    inner: T,
    pids: Arc<Mutex<Vec<u32>>>,
    messages: Arc<AtomicUsize>,
}

struct Counted {
    inner: Box<dyn Carrier>,
    messages: Arc<AtomicUsize>,
}

#[async_trait]
impl<T: Transport> Transport for Around<T> {
    async fn open(&self, linger: Linger) -> Result<Wire, Failure> {
        let wire = self.inner.open(linger).await?;
        self.pids.lock().unwrap().extend(wire.pid());
        let (inner, peer) = wire.into_parts();
        Ok(Wire::new(Counted { inner, messages: self.messages.clone() }, peer))
    }
}

impl Carrier for Counted {
    fn limit(&mut self, max_message: usize) {
        self.inner.limit(max_message);
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.inner.poll_ready(cx)
    }

    fn send(&mut self, message: Outgoing) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.inner.send(message);
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.inner.poll_flush(cx)
    }

    fn is_cut_short(&self) -> bool {
        self.inner.is_cut_short()
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>> {
        self.inner.poll_receive(cx)
    }

    fn close(&mut self, cx: &mut Context<'_>) {
        self.inner.close(cx);
    }
}

pub(crate) fn a_transport_around_another_knows_the_process_and_sees_the_messages<R: Runtime>() {
    run::<R, _>(async {
        let (pids, messages) = (Arc::default(), Arc::new(AtomicUsize::new(0)));
        let around = |inner| Around { inner, pids: Arc::clone(&pids), messages: messages.clone() };
        let client = R::around(server(&[]), options(patient()), around);
        let mut seen = Vec::new();
        for _ in 0..2 {
            let lease = client.acquire().await.unwrap();
            seen.push(pid(&lease).await);
            // The server's end is told through all of it.
            call(&lease, "crash", json!({ "code": 7 })).await.unwrap_err();
        }
        assert_eq!(*pids.lock().unwrap(), seen);
        // initialize, initialized, two calls; in the first life the question of its era
        assert_eq!(messages.load(Ordering::Relaxed), 9);
    });
}
