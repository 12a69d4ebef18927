//! What an editor needs beside the rows: a foreground that nothing blocks, sessions that end with their task.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use futures_lite::{StreamExt as _, future};
use tenure::{Config, KeepAlive, Mode, Status};
use tenure_driver::{Builder, Client, Connector, Error, Failure, Life, from_fn};
use tenure_kit::Runtime as _;

use super::executor::{Editor, Task};
use super::{InBackground, OnForeground, PoolTimer, in_window};

/// Far longer than anything here takes, on a busy machine too.
const BOUND: Duration = Duration::from_secs(10);

/// Runs what the foreground does, in a thread that is given up when it has been blocked for long.
fn unblocked(foreground: impl FnOnce() + Send + 'static) {
    let (done, is_done) = channel();
    let thread = thread::spawn(move || {
        foreground();
        done.send(()).unwrap();
    });
    // One that has failed has let go of its end.
    let ended = is_done.recv_timeout(2 * BOUND);
    assert!(ended != Err(RecvTimeoutError::Timeout), "the foreground was blocked");
    thread.join().unwrap();
}

fn config() -> Config {
    Config::default().keep_alive(KeepAlive::Always)
}

/// Everything that a foreground does with a client, polled once where it is a future.
fn use_all(client: &Client<u32>) {
    let mut acquire = client.acquire();
    let _ = future::block_on(future::poll_once(&mut acquire));
    drop(acquire);
    drop(client.try_acquire());
    let mut states = client.states();
    let _ = future::block_on(future::poll_once(states.next()));
    let _ = client.state();
    let mut close = client.close(Mode::Force);
    let _ = future::block_on(future::poll_once(&mut close));
}

/// A runner that blocks the thread which polls it: once to open, once more when it is told to stop.
fn blocking(turns: Receiver<()>, entered: Sender<()>) -> impl Connector<Handle = u32, Run: Send> {
    let turns = Arc::new(Mutex::new(turns));
    from_fn(move |life: Life<u32>| {
        let (turns, entered) = (turns.clone(), entered.clone());
        let block = move || {
            let _ = entered.send(());
            let _ = turns.lock().unwrap().recv_timeout(BOUND);
        };
        async move {
            block();
            life.ready(7).stopped().await;
            block();
            Ok::<(), Failure>(())
        }
    })
}

#[test]
fn the_foreground_is_not_blocked_by_a_pool_that_never_runs() {
    unblocked(|| {
        let editor = Editor::new(0);
        let connector = from_fn(|life: Life<u32>| async move {
            life.ready(7).stopped().await;
            Ok::<(), Failure>(())
        });
        let timer = PoolTimer(editor.background.clone(), Instant::now());
        let (client, driver) = Builder::new(config()).build(connector, timer);
        let session = editor.background.spawn(driver);
        use_all(&client);
        drop(client.shutdown(Mode::Graceful));
        drop(client);
        drop(session);
    });
}

#[test]
fn the_foreground_is_not_blocked_by_a_runner_that_blocks_its_thread() {
    let ((turn, turns), (entered, has_entered)) = (channel(), channel());
    let connector = blocking(turns, entered);
    unblocked(move || {
        let editor = Editor::new(1);
        let timer = PoolTimer(editor.background.clone(), Instant::now());
        let (client, driver) = Builder::new(config()).build(connector, timer);
        let session = editor.background.spawn(driver);
        let mut acquire = client.acquire();
        assert!(future::block_on(future::poll_once(&mut acquire)).is_none());
        has_entered.recv_timeout(BOUND).unwrap();
        use_all(&client); // the pool's only thread is inside the runner, which opens; this closes it
        drop(acquire);
        for _ in ["the first one's begin", "its end", "the second one's begin"] {
            turn.send(()).unwrap();
        }
        editor.run(async {
            let lease = client.acquire().await.unwrap();
            assert_eq!(lease.generation().number(), 2);
            assert_eq!(lease.run(async |number: &u32| *number).await.unwrap(), 7);
            let call = lease.run(async |_: &u32| future::pending::<()>().await);
            let closing = client.close(Mode::Force);
            assert!(call.await.is_err(), "it ends at the close");
            drop(closing);
        });
        for _ in ["the first one's end", "the second one's begin", "its end"] {
            has_entered.recv_timeout(BOUND).unwrap();
        }
        use_all(&client); // now it is inside the runner that was told to stop
        turn.send(()).unwrap();
        drop(client);
        editor.run(session);
    });
}

/// A live session whose driver is this task.
async fn live(spawn: impl FnOnce(future::Boxed<()>) -> Task<()>) -> (Client<u32>, Task<()>) {
    let connector = from_fn(|life: Life<u32>| async move {
        life.ready(7).stopped().await;
        Ok::<(), Failure>(())
    });
    let (client, driver) = Builder::new(config()).build(connector, InBackground::timer());
    let session = spawn(Box::pin(driver));
    drop(client.acquire().await.unwrap());
    (client, session)
}

async fn ends_with_its_task(spawn: impl FnOnce(future::Boxed<()>) -> Task<()>) {
    let (client, session) = live(spawn).await;
    let lease = client.acquire().await.unwrap();
    let mut call = Box::pin(lease.run(async |_: &u32| future::pending::<()>().await));
    assert!(future::poll_once(&mut call).await.is_none());
    drop(session);
    let error = call.await.unwrap_err();
    assert!(matches!(error, Error::Lost { .. }), "{error}");
    let mut states = client.states();
    while states.next().await.is_some() {}
    assert!(matches!(client.state(), Status::Closed { .. }));
    assert!(client.acquire().await.is_err());
}

#[test]
fn a_session_ends_with_its_task_in_the_background() {
    tenure_kit::run::<InBackground>(
        "its task",
        ends_with_its_task(|task| in_window(|window| window.background.spawn(task))),
    );
}

#[test]
fn a_session_ends_with_its_task_on_the_foreground() {
    tenure_kit::run::<OnForeground>(
        "its task",
        ends_with_its_task(|task| in_window(|window| window.foreground.spawn(task))),
    );
}

#[test]
fn a_session_that_is_not_send_lives_on_the_foreground() {
    let spawn = |task| in_window(|window| window.sessions.push(window.foreground.spawn(task)));
    tenure_kit::run::<OnForeground>("not Send", async {
        crate::local::lives_on_its_thread(spawn, OnForeground::timer()).await;
    });
}
