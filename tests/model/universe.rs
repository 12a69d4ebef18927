//! All states within a scope's bounds that satisfy the invariants of their data, whether a history leads
//! there or not: written down field by field, and read as a machine.
//!
//! This file alone defines the values each field may take. A field without a restriction takes all of its values.

use std::num::NonZeroU64;

use serde_json::{Value, json};
use tenure::{Cause, Config, DeadlineKind, Exit, ExitKind, KeepAlive, Script};

use crate::placement::{Current, Ids, Placement, placements};
use crate::scopes::{CLOCK, Scope};

/// What a script's session is called.
const SESSION: u64 = 0;

/// A deadline as the machine writes it.
type Deadline = Value;

pub(crate) fn all(scope: &Scope) -> impl Iterator<Item = Result<Script, String>> + '_ {
    bodies(scope).into_iter().flat_map(move |body| {
        let leases = scope.callers.saturating_sub(body.waiting.len());
        let mut scripts = Vec::new();
        for placement in placements(&body.generations(scope, leases)) {
            scripts.push(body.script(scope, &placement));
        }
        scripts
    })
}

/// A state and the callers that wait in it, without generations.
struct Body {
    state: &'static str,
    fields: Value,
    waiting: Vec<Deadline>,
    /// How many leases of the current generation count. `None`: there may be any number, and none counts.
    held: Option<usize>,
}

impl Body {
    fn new(state: &'static str, fields: Value, waiting: &[Deadline], held: Option<usize>) -> Self {
        Self { state, fields, waiting: waiting.to_vec(), held }
    }

    fn generations(&self, scope: &Scope, leases: usize) -> Ids {
        let cap = scope.config.max_orphans.get() as usize;
        let never = self.fields.get("last") == Some(&Value::Null) || self.fields.get("never").is_some();
        let current = match self.state {
            "Idle" | "Closed" if never => Current::None,
            "Idle" | "Closed" => Current::Over,
            _ => Current::Running,
        };
        // A connect is only begun below the cap, and callers wait in Idle only for a connect. So in these states one
        // place among the orphans is free.
        let waits = self.state == "Idle" && !self.waiting.is_empty();
        let most_orphans = if waits || current == Current::Running { cap - 1 } else { cap };
        Ids { most_leases: leases, most_orphans, current, held: self.held }
    }

    fn script(&self, scope: &Scope, placement: &Placement) -> Result<Script, String> {
        let mut fields = self.fields.clone();
        match (fields.get_mut("last"), placement.current) {
            (Some(Value::Object(last)), Some(current)) => {
                last.insert("generation".to_owned(), json!(current));
            }
            (Some(_), _) => {}
            (None, current) => fields["generation"] = json!(current),
        }
        if let Value::Object(fields) = &mut fields {
            fields.remove("never");
        }
        let leases = placement.leases.iter().zip(1_u64..);
        let queue = self.waiting.iter().zip(1_u64..);
        let text = json!({
            "session": {
                "id": SESSION,
                "config": scope.config,
                "state": { self.state: fields },
                "clock": CLOCK,
                "waiting": { "queue": queue
                    .map(|(deadline, ticket)| json!({ "ticket": ticket, "deadline": deadline }))
                    .collect::<Vec<_>>() },
                "actions": [],
                "orphans": placement.orphans,
                "tickets": self.waiting.len(),
                "leases": placement.leases.len(),
            },
            "leases": leases
                .map(|(generation, number)| json!({ "session": SESSION, "generation": generation, "number": number }))
                .collect::<Vec<_>>(),
        });
        serde_json::from_value(text).map_err(|error| error.to_string())
    }
}

fn bodies(scope: &Scope) -> Vec<Body> {
    let mut bodies = vec![
        Body::new("Closed", json!({ "never": true }), &[], None),
        Body::new("Closed", json!({}), &[], None),
    ];
    idle(scope, &mut bodies);
    connecting(scope, &mut bodies);
    live(scope, &mut bodies);
    draining(scope, &mut bodies);
    bodies
}

/// Callers wait in it only while a backoff runs, which only a retry policy has.
fn idle(scope: &Scope, bodies: &mut Vec<Body>) {
    bodies.push(Body::new("Idle", json!({ "last": null, "failed": 0, "backoff": "Off" }), &[], None));
    for (cause, exit) in causes().flat_map(|cause| exits().map(move |exit| (cause, exit))) {
        let last = json!({ "cause": cause, "exit": exit });
        for failed in failures(&scope.config) {
            for backoff in [vec![json!("Off")], backoffs(&scope.config)].concat() {
                for waiting in queues(scope) {
                    if waiting.is_empty() || backoff != "Off" {
                        let fields = json!({ "last": last, "failed": failed, "backoff": backoff });
                        bodies.push(Body::new("Idle", fields, &waiting, None));
                    }
                }
            }
        }
    }
}

/// Somebody waits for it.
fn connecting(scope: &Scope, bodies: &mut Vec<Body>) {
    for failed in failures(&scope.config) {
        for connect in armed(scope.config.connect_timeout) {
            for waiting in queues(scope).iter().filter(|waiting| !waiting.is_empty()) {
                let fields = json!({ "failed": failed, "connect": connect });
                bodies.push(Body::new("Connecting", fields, waiting, Some(0)));
            }
        }
    }
}

/// Nobody waits; either a lease is held or the keep-alive deadline runs.
fn live(scope: &Scope, bodies: &mut Vec<Body>) {
    let config = &scope.config;
    let ages = config.max_age.map_or(vec![json!("Off")], armed);
    for held in 0..=scope.callers {
        let usages: Vec<Value> = match NonZeroU64::new(held as u64) {
            Some(held) => vec![json!({ "Held": held })],
            None => match config.keep_alive {
                KeepAlive::Never => continue,
                KeepAlive::For(duration) => {
                    armed(duration).into_iter().map(|d| json!({ "Unused": d })).collect()
                }
                KeepAlive::Always => vec![json!({ "Unused": "Off" })],
            },
        };
        for usage in &usages {
            for max_age in &ages {
                for (stable, failed) in stables(config) {
                    for probe in probes(config) {
                        let fields = json!({
                            "usage": usage, "failed": failed, "max_age": max_age, "stable": stable, "probe": probe,
                        });
                        bodies.push(Body::new("Live", fields, &[], Some(held)));
                    }
                }
            }
        }
    }
}

/// What the runner said of itself is there if it retired, and may be there in the last step; after shutdown nobody
/// waits.
fn draining(scope: &Scope, bodies: &mut Vec<Body>) {
    let config = &scope.config;
    let backoffs: Vec<Value> = [Value::Null].into_iter().chain(delays(config)).collect();
    for (at, held) in steps(scope) {
        let last = at.get("Discard").is_some();
        for (cause, exit) in causes().flat_map(|cause| said(cause, last).map(move |exit| (cause, exit))) {
            for (failed, backoff) in
                failures(config).flat_map(|failed| backoffs.iter().map(move |b| (failed, b)))
            {
                let fields = |closing: bool| {
                    json!({
                        "cause": cause, "at": at, "exit": exit, "closing": closing, "failed": failed, "backoff": backoff,
                    })
                };
                bodies.push(Body::new("Draining", fields(true), &[], held));
                for waiting in queues(scope) {
                    if waiting.len() + held.unwrap_or(0) <= scope.callers {
                        bodies.push(Body::new("Draining", fields(false), &waiting, held));
                    }
                }
            }
        }
    }
}

/// How a runner may have said that it goes.
fn said(cause: Cause, last: bool) -> impl Iterator<Item = Value> {
    let retired = cause == Cause::RunnerRetiring;
    let nothing = (!retired).then_some(Value::Null);
    let exits = (retired || last).then_some([Exit::FINISHED, FAILED]);
    nothing.into_iter().chain(exits.into_iter().flatten().map(|exit| json!(exit)))
}

const FAILED: Exit = Exit::new(ExitKind::Failed, false);

/// What the inputs of this exploration bring about.
fn exits() -> impl Iterator<Item = Exit> {
    [Exit::FINISHED, FAILED, Exit::UNCONFIRMED].into_iter()
}

fn causes() -> impl Iterator<Item = Cause> {
    use DeadlineKind::{Connect, KeepAlive, MaxAge, ProbeTimeout};
    [Cause::Closed, Cause::Shutdown, Cause::RunnerEnded, Cause::RunnerRetiring, Cause::NobodyWaiting]
        .into_iter()
        .chain([Connect, KeepAlive, MaxAge, ProbeTimeout].map(Cause::Deadline))
}

/// A deadline that is armed: not stamped yet, or stamped with a time after now, and by at most `duration`.
fn armed(duration: std::time::Duration) -> Vec<Deadline> {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    // One of no length can be now itself: an earlier time than the latest was given when it was stamped, and the
    // machine took the latest instead.
    let left = nanos.min(1)..=nanos;
    [json!({ "Unstamped": duration })]
        .into_iter()
        .chain(left.map(|left| json!({ "At": CLOCK + left })))
        .collect()
}

/// All callers wait equally long, so the stamped deadlines come in order, and those not stamped yet come after them.
fn queues(scope: &Scope) -> Vec<Vec<Deadline>> {
    let one = scope.config.acquire_timeout.map_or(vec![json!("Off")], |acquire| {
        let mut one = armed(acquire);
        one.rotate_left(1);
        one
    });
    let most = (scope.config.max_waiting.get() as usize).min(scope.callers);
    let mut queues: Vec<Vec<usize>> = vec![Vec::new()];
    let mut longest = queues.clone();
    for _ in 0..most {
        longest = longest
            .iter()
            .flat_map(|queue| {
                let from = queue.last().copied().unwrap_or(0);
                (from..one.len()).map(move |next| queue.iter().copied().chain([next]).collect())
            })
            .collect();
        queues.extend(longest.clone());
    }
    queues.into_iter().map(|queue| queue.into_iter().map(|index| one[index].clone()).collect()).collect()
}

/// Failed attempts in a row.
fn failures(config: &Config) -> std::ops::Range<u32> {
    0..config.retry.map_or(1, |retry| retry.attempts.get())
}

/// The delays after a first, second, … failure.
fn delays(config: &Config) -> Vec<Value> {
    let Some(retry) = config.retry else { return Vec::new() };
    let mut delays: Vec<_> =
        (0..retry.attempts.get()).map(|n| (retry.base * 2_u32.pow(n)).min(retry.max)).collect();
    delays.dedup();
    delays.into_iter().map(|delay| json!(delay)).collect()
}

fn backoffs(config: &Config) -> Vec<Deadline> {
    let Some(retry) = config.retry else { return Vec::new() };
    let mut backoffs = armed(retry.max);
    backoffs.extend(delays(config).into_iter().map(|delay| json!({ "Unstamped": delay })));
    backoffs.sort_by_key(Value::to_string);
    backoffs.dedup();
    backoffs
}

/// Once a life counts as a success nothing has failed.
fn stables(config: &Config) -> Vec<(Deadline, u32)> {
    let mut stables = vec![(json!("Off"), 0)];
    if let Some(retry) = config.retry {
        let all = armed(retry.stable_after);
        stables.extend(
            all.iter().flat_map(|stable| failures(config).map(move |failed| (stable.clone(), failed))),
        );
    }
    stables
}

/// Where the probes are: none, one due (and maybe one was sent before), or one asked.
fn probes(config: &Config) -> Vec<Value> {
    let Some(probe) = config.probe else { return vec![json!("Off")] };
    let due = armed(probe.interval)
        .into_iter()
        .flat_map(|interval| [0, 1].map(|sent| json!({ "Due": { "sent": sent, "interval": interval } })));
    let asked = armed(probe.timeout)
        .into_iter()
        .map(|timeout| json!({ "Asked": { "number": 1, "timeout": timeout } }));
    due.chain(asked).collect()
}

/// The steps of draining with their deadlines, and how many leases count.
fn steps(scope: &Scope) -> Vec<(Value, Option<usize>)> {
    let config = &scope.config;
    let mut steps = Vec::new();
    for held in 1..=scope.callers {
        let at = |deadline| json!({ "Finish": { "held": held, "deadline": deadline } });
        steps.extend(armed(config.finish_timeout).into_iter().map(|deadline| (at(deadline), Some(held))));
    }
    for (step, duration) in
        [("Stop", config.stop_timeout), ("Abort", config.abort_timeout), ("Discard", config.discard_timeout)]
    {
        let at = |deadline| json!({ step: { "deadline": deadline } });
        steps.extend(armed(duration).into_iter().map(|deadline| (at(deadline), None)));
    }
    steps
}
