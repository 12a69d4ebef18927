//! A call on a lease, and what must hold of its answer.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tenure_mcp::proto::types::Progress;
use tenure_mcp::{Delivery, Error, Lease};

use crate::acts::{Ask, Patience, patiently};
use crate::failure::Kind;
use crate::ground::Ground;
use crate::operation::Operation;
use crate::tally::Seen;
use crate::tells::ProgressListener;
use crate::timeline::Who;
use crate::waiting::{Stood, Waiting};

/// A server that said its last word is waited for so long, in which no call times out.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// A lease that is counted.
pub(crate) struct Right {
    pub(crate) lease: Lease,
    /// How long its calls may take.
    timeout: Option<Duration>,
    ground: Arc<Ground>,
}

impl Right {
    pub(crate) fn new(ground: &Arc<Ground>, lease: Lease, timeout: Option<Duration>) -> Self {
        let lease = lease.with_call_timeout(timeout);
        ground.saw(Seen::LeaseGiven);
        ground.marks.with(|marks| {
            *marks.held.entry(lease.generation().number()).or_default() += 1;
        });
        Self { lease, timeout, ground: ground.clone() }
    }
}

impl Drop for Right {
    fn drop(&mut self) {
        let generation = self.lease.generation().number();
        self.ground.marks.with(|marks| {
            if let Some(held) = marks.held.get_mut(&generation) {
                *held = held.saturating_sub(1);
            }
        });
    }
}

pub(crate) fn arguments(nonce: u64) -> Box<RawValue> {
    // A number in an object is JSON.
    RawValue::from_string(format!("{{\"nonce\":{nonce}}}")).unwrap_or_default()
}

/// A call is said not to be done.
pub(crate) fn note_undone(ground: &Ground, nonce: u64, error: &Error) {
    if matches!(error.delivery(), Delivery::NotSent | Delivery::Refused) {
        ground.books.with(|books| books.undone.insert(nonce, error.to_string()));
    }
}

/// Whoever waits for something of a session hears of its end at that very moment.
pub(crate) fn told_in_time(ground: &Ground, operation: &Operation, generation: u64) {
    let revoked = ground.marks.with(|marks| marks.revoked.get(&generation).copied());
    operation.at_most(revoked.map(|at| at.max(operation.begun())), "the revoke of its lease");
}

/// A call on a lease.
pub(crate) struct Call<'a> {
    ground: Arc<Ground>,
    who: Who,
    lease: &'a Lease,
    timeout: Option<Duration>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(who: Who, right: &'a Right) -> Self {
        let Right { lease, timeout, ground } = right;
        Self { ground: ground.clone(), who, lease, timeout: *timeout }
    }

    pub(crate) async fn ask(&self, what: Ask, patience: Patience) {
        let ground = &self.ground;
        let over = self.lease.check().is_err();
        if over {
            ground.saw(Seen::CallOnRevoked);
        }
        let requests = if matches!(what, Ask::List) { 2 } else { 1 };
        let bound = self.timeout.map(|timeout| (timeout + LAST_WORDS) * requests);
        let mut operation = Operation::begin(ground, self.who, "call", bound);
        let nonce = ground.number();
        let waiting = Waiting::begin(ground, nonce);
        let outcome = patiently(ground, patience, self.send(what, nonce)).await;
        let stood = waiting.stood();
        drop(waiting);
        operation.extend(stood.most);
        match outcome {
            None => {
                ground.saw(Seen::CallQuit);
                operation.end(|| "given up".to_owned());
            }
            Some(Ok(())) => {
                ground.saw(Seen::CallOk);
                if over {
                    ground.fail(Kind::UsedRevoked, || format!("{}: an answer on a revoked lease", self.who));
                }
                operation.end(|| "answered".to_owned());
            }
            Some(Err(error)) => {
                let idle = if let Ask::Watched(idle) = what { idle } else { None };
                let least = self.timeout.into_iter().chain(idle).min();
                if !matches!(what, Ask::Ping | Ask::List) {
                    note_undone(ground, nonce, &error);
                }
                self.judge_patience(&error, least, stood);
                self.judge(&operation, &error, over);
                operation.end(|| error.to_string());
            }
        }
    }

    async fn send(&self, what: Ask, nonce: u64) -> Result<(), Error> {
        let generation = self.lease.generation().number();
        match what {
            Ask::Ping => self.lease.ping().await,
            Ask::List => {
                let tools = self.lease.list_tools().await?;
                let mine = tools.iter().all(|tool| tool.name.ends_with(&format!("-g{generation}")));
                // A page that fails costs what would have followed, with a word about it.
                let whole = tools.len() == 2 && tools.warnings.is_empty();
                let cut = tools.len() <= 2 && !tools.warnings.is_empty();
                self.ensure(mine && (whole || cut), || format!("{tools:?}"));
                Ok(())
            }
            Ask::Watched(idle) => {
                let mut listener = ProgressListener::new(&self.ground, generation, nonce);
                let call = self.lease.call_tool("echo", Some(&arguments(nonce))).idle_timeout(idle);
                let hear = |listener: &mut ProgressListener, progress: Progress| {
                    listener.hear(progress.progress, progress.message.as_deref().unwrap_or_default());
                };
                let result = call.progress(|progress| hear(&mut listener, progress)).await?;
                listener.end();
                self.judge_answer(nonce, &result.raw);
                Ok(())
            }
            Ask::Tool => {
                let result = self.lease.call_tool("echo", Some(&arguments(nonce))).await?;
                self.judge_answer(nonce, &result.raw);
                Ok(())
            }
            Ask::Echo => {
                let params = format!("{{\"name\":\"echo\",\"arguments\":{{\"nonce\":{nonce}}}}}");
                let params = RawValue::from_string(params).unwrap_or_default();
                let result = self.lease.request("tools/call", Some(&params)).await?;
                self.judge_answer(nonce, &result);
                Ok(())
            }
        }
    }

    fn judge_answer(&self, nonce: u64, answer: &RawValue) {
        let (text, generation) = (answer.get(), self.lease.generation().number());
        let mine = text.contains(&format!("\"nonce\":{nonce}}}"))
            && text.contains(&format!("\"generation\":{generation},"));
        let odd = self.ground.mood.bad_answers && !text.contains("nonce");
        self.ensure(mine || odd, || format!("asked with {nonce}, answered {text}"));
    }

    /// What is answered belongs to what was asked, unless the pipe changed it.
    fn ensure(&self, holds: bool, seen: impl FnOnce() -> String) {
        let generation = self.lease.generation().number();
        let corrupted = self.ground.marks.with(|marks| marks.corrupted.contains(&generation));
        if !holds && !corrupted {
            self.ground.fail(Kind::WrongAnswer, || format!("{} of g{generation}: {}", self.who, seen()));
        }
    }

    /// No call is too late by its own clock while a handler works for it.
    fn judge_patience(&self, error: &Error, least: Option<Duration>, stood: Stood) {
        let Error::TimedOut { deadline: tenure_mcp::Deadline::Call, .. } = error else {
            return;
        };
        let least = least.unwrap_or(Duration::MAX).saturating_add(stood.least);
        if stood.elapsed.saturating_add(Duration::from_millis(1)) < least {
            self.ground.fail(Kind::Early, || {
                format!(
                    "{}: too late after {:?}, and {:?} of it stood still",
                    self.who, stood.elapsed, stood.least
                )
            });
        }
    }

    fn judge(&self, operation: &Operation, error: &Error, over: bool) {
        let ground = &self.ground;
        let generation = self.lease.generation().number();
        let seen = match error {
            Error::Server(_) => Seen::CallServerError,
            Error::TooLarge { .. } => Seen::CallTooLarge,
            Error::Protocol { .. } | Error::Unreadable { .. } | Error::InputRequired { .. } => {
                Seen::CallProtocol
            }
            Error::NotSent(_) => Seen::CallNotSent,
            Error::Http { .. } => Seen::CallBroken,
            Error::TimedOut { deadline: tenure_mcp::Deadline::Call, .. } => Seen::CallTimedOut,
            _ => {
                if over {
                    operation.at_most(Some(operation.begun()), "being on a revoked lease");
                }
                let good = self.lease.check().is_ok();
                let retired = ground.marks.with(|marks| marks.retired.contains(&generation));
                if !(good && retired) {
                    told_in_time(ground, operation, generation);
                }
                if good && !retired {
                    ground.fail(Kind::UsedRevoked, || {
                        format!("{}: {error}, and yet the lease of g{generation} is good", self.who)
                    });
                }
                Seen::CallRevoked
            }
        };
        ground.saw(seen);
    }
}
