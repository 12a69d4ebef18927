//! The driver: one thread for each session. It carries out what the machine wants, and tells it the time.

use std::collections::HashMap;
use std::sync::{Arc, Barrier, PoisonError, mpsc};
use std::thread;

use tenure::{Generation, Status, Wake};

use super::owner::{Owner, ToRunner, Todo};
use super::runner::serve;

/// Carries out what the machine wants done until the session is shut down.
pub(super) fn drive(owner: &Arc<Owner>, teardown: &Arc<Barrier>) {
    let mut runners: HashMap<Generation, mpsc::Sender<ToRunner>> = HashMap::new();
    while let Some(todo) = next(owner) {
        match todo {
            Todo::Start(generation) => {
                owner.log(format_args!("connect {generation}"));
                let (sender, inbox) = mpsc::channel();
                runners.insert(generation, sender);
                let (owner, teardown) = (owner.clone(), teardown.clone());
                thread::spawn(move || serve(&owner, generation, &inbox, &teardown));
            }
            Todo::Tell(generation, message) => {
                owner.log(format_args!("tell {generation}: {message:?}"));
                // If its inbox is gone it has ended, and has said so.
                if let Some(runner) = runners.get(&generation) {
                    let _gone = runner.send(message);
                }
            }
            // A thread can't be killed: it is left to itself. A child process would get SIGKILL here.
            Todo::GiveUp(generation) => {
                owner.log(format_args!("give up {generation}"));
                runners.remove(&generation);
            }
        }
    }
    owner.log("driver ends");
}

/// Waits for something to do, at most until the next deadline. The only place that tells the machine the time.
fn next(owner: &Owner) -> Option<Todo> {
    let mut inside = owner.lock();
    loop {
        if let Some(todo) = inside.todo.pop_front() {
            return Some(todo);
        }
        if matches!(inside.session.status(), Status::Closed { .. }) {
            return None;
        }
        let now = owner.now();
        inside = match inside.session.poll_timeout() {
            Wake::At(time, _) if time > now => {
                let left = time.saturating_since(now);
                owner.changed.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner).0
            }
            Wake::Now(_) | Wake::At(..) => {
                inside.session.handle_timeout(now);
                inside.take_actions();
                owner.changed.notify_all();
                inside
            }
            Wake::Never => owner.changed.wait(inside).unwrap_or_else(PoisonError::into_inner),
        };
    }
}
