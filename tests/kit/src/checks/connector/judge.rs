//! What a situation showed, held against what every runner must do.

use std::time::Duration;

use tenure::{Action, ExitKind, Generation, Input, Outcome, Reply};
use tenure_driver::TraceEvent;

use crate::checks::connector::watched::{End, Log, Run};
use crate::checks::report::Report;
use crate::checks::rule::Rule;

/// How long anything of a runner may keep its thread.
const BLOCKED: Duration = Duration::from_secs(1);

/// One situation, as it went.
pub(super) struct Record<'a> {
    pub(super) situation: &'a str,
    pub(super) trace: &'a [TraceEvent],
    pub(super) log: &'a Log,
    /// That the peer doesn't let go in order is how it was meant to be.
    pub(super) stubborn: bool,
    /// That the session may be lost is.
    pub(super) may_be_lost: bool,
}

impl Record<'_> {
    /// Returns whether the first generation has retired.
    pub(super) fn has_retired(&self) -> bool {
        self.said_of(1).retired
    }

    pub(super) fn judge(&self, report: &mut Report) {
        for (run, number) in self.log.runs().iter().zip(1_u64..) {
            Life { record: self, run, number, said: self.said_of(number) }.judge(report);
        }
        if let Some((took, what)) = self.log.longest.filter(|(took, _)| *took > BLOCKED) {
            report.fault(Rule::NeverBlocks, self.situation, format!("{what} took {took:?}"));
        }
    }

    /// What the trace tells of a generation.
    fn said_of(&self, number: u64) -> Said {
        let of = |generation: &Generation| generation.number() == number;
        let mut said = Said::default();
        for TraceEvent { input, output, .. } in self.trace {
            match input {
                Input::RunnerReady { generation } if of(generation) => {
                    said.ready = true;
                    said.ready_too_late |= said.stop;
                    said.spoke_at_the_end |= said.gone;
                    said.was_live |= output.reply == Reply::from(Outcome::Applied);
                }
                Input::RunnerRetiring { generation, .. } if of(generation) => {
                    said.spoke_at_the_end |= said.gone;
                    said.retired |= output.reply == Reply::from(Outcome::Applied);
                }
                Input::ProbeAnswered { generation, .. } if of(generation) => {
                    said.spoke_at_the_end |= said.gone;
                }
                Input::RunnerDone { generation, exit } if of(generation) => {
                    said.gone = true;
                    said.panicked |= exit.kind == ExitKind::Panicked;
                }
                Input::RunnerEnded { generation, exit } if of(generation) => {
                    said.gone = true;
                    said.panicked |= exit.kind == ExitKind::Panicked;
                }
                _ => {}
            }
            for action in &output.actions {
                said.hear(action, number, *input == Input::Timeout);
            }
        }
        said
    }
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "what was said and what not, each by itself")]
struct Said {
    ready: bool,
    was_live: bool,
    ready_too_late: bool,
    stop: bool,
    /// Told to hurry because the stop deadline had passed.
    overran_stop: bool,
    /// Discarded, running, because the abort deadline had passed.
    overran_abort: bool,
    probe_unanswered: bool,
    retired: bool,
    gone: bool,
    /// Its end wasn't confirmed in time.
    lingered: bool,
    panicked: bool,
    spoke_at_the_end: bool,
}

impl Said {
    fn hear<L>(&mut self, action: &Action<L>, number: u64, by_deadline: bool) {
        let of = |generation: &Generation| generation.number() == number;
        match action {
            Action::Stop { generation } if of(generation) => self.stop = true,
            Action::Abort { generation } if of(generation) => {
                self.stop = true;
                self.overran_stop |= by_deadline && !self.gone;
            }
            Action::Discard { generation } if of(generation) => {
                self.overran_abort |= by_deadline && !self.gone;
            }
            Action::Ended { generation, .. } if of(generation) => self.lingered |= by_deadline,
            Action::Revoke { generation, cause } if of(generation) => {
                let probe = tenure::Cause::Deadline(tenure::DeadlineKind::ProbeTimeout);
                self.probe_unanswered |= *cause == probe;
            }
            _ => {}
        }
    }
}

struct Life<'a> {
    record: &'a Record<'a>,
    run: &'a Run,
    number: u64,
    said: Said,
}

impl Life<'_> {
    fn judge(&self, report: &mut Report) {
        let of = if self.number == 1 { String::new() } else { format!(", generation {}", self.number) };
        let situation = format!("{}{of}", self.record.situation);
        let mut fault = |rule, seen: &str| report.fault(rule, &situation, seen);
        if self.said.panicked {
            fault(
                Rule::NeverPanics,
                "the runner panicked; the panic's own message is above, on standard error",
            );
        }
        self.judge_end(&mut fault);
        self.judge_teardown(&mut fault);
        if self.said.ready_too_late && self.run.ignored > 0 {
            fault(Rule::StopsBeforeReady, "it went on connecting, and said ready");
        }
        if self.said.spoke_at_the_end {
            fault(
                Rule::SilentAtTheEnd,
                "something said ready, answered a probe, or retired, when the runner had ended",
            );
        }
        if self.said.probe_unanswered {
            fault(Rule::AnswersProbes, "a probe stayed unanswered until its deadline");
        }
        if self.said.lingered {
            fault(
                Rule::LetsGo,
                "the runner was gone, and something still held a token at the discard deadline",
            );
        }
    }

    /// A runner that ends before it is told to.
    fn judge_end(&self, fault: &mut impl FnMut(Rule, &str)) {
        let Some(End::Ended { told: false, error }) = &self.run.end else {
            return;
        };
        let how = error.as_ref().map_or_else(
            || "it ended by itself, without an error".to_owned(),
            |error| format!("it ended by itself: {error}"),
        );
        if self.said.ready {
            if !self.record.may_be_lost {
                fault(Rule::Serves, &how);
            }
        } else {
            fault(Rule::BecomesReady, &how);
        }
    }

    /// A runner that doesn't end when it is told to.
    fn judge_teardown(&self, fault: &mut impl FnMut(Rule, &str)) {
        let (stop, hurry) = if self.said.was_live {
            (Rule::StopsAfterReady, Rule::HurriesAfterReady)
        } else {
            (Rule::StopsBeforeReady, Rule::HurriesBeforeReady)
        };
        if self.said.overran_stop && !self.record.stubborn {
            fault(stop, "it was still there at the stop deadline");
        }
        if self.said.overran_abort {
            fault(hurry, "it was still there at the abort deadline, and was dropped");
        }
    }
}
