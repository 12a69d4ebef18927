//! The runner: one thread for each generation. This one is its own server, so nothing has to be opened.

use std::sync::{Barrier, mpsc};
use std::thread;

use tenure::{Exit, ExitKind, Generation};

use super::owner::{Owner, ToRunner};

/// A question that is never answered: its call is in flight until the session ends.
pub(super) const UNANSWERED: &str = "how long is eternity?";

/// The whole life of one generation: open, ready, serve until told to stop, unwind.
pub(super) fn serve(
    owner: &Owner,
    generation: Generation,
    inbox: &mpsc::Receiver<ToRunner>,
    teardown: &Barrier,
) {
    let _confirms = ConfirmsEnd(owner, generation);
    owner.enter(|session| session.runner_ready(generation));
    loop {
        match inbox.recv() {
            Ok(ToRunner::Call(_, question)) if question == UNANSWERED => {}
            Ok(ToRunner::Call(number, question)) => {
                let answer = format!("{} ({generation})", question.to_uppercase());
                owner.change(|inside| {
                    // Gone if its caller is; answered already if its lease was revoked.
                    if let Some(call) = inside.calls.get_mut(&number) {
                        call.answer.get_or_insert(Ok(answer));
                    }
                });
            }
            Ok(ToRunner::Probe(number)) => {
                owner.enter(|session| session.probe_answered(generation, number));
            }
            // The first generation unwinds slowly: until the story lets it.
            Ok(ToRunner::Stop) if generation == Generation::FIRST => {
                teardown.wait();
                return;
            }
            Ok(ToRunner::Stop | ToRunner::Abort) | Err(mpsc::RecvError) => return,
        }
    }
}

/// Says that the runner has ended when it is dropped, also if the runner panics.
struct ConfirmsEnd<'a>(&'a Owner, Generation);

impl Drop for ConfirmsEnd<'_> {
    fn drop(&mut self) {
        let Self(owner, generation) = *self;
        let kind = if thread::panicking() { ExitKind::Panicked } else { ExitKind::Finished };
        owner.enter(|session| session.runner_ended(generation, Exit::new(kind, true)));
        owner.log(format_args!("{generation} has ended: {kind}"));
    }
}
