//! The states as data, for [`Script`](crate::Script) alone.
//!
//! The types themselves implement neither trait: else anybody could read a `Live` out of a string.
//! `serde(remote)` holds each list of fields against the type's own at compile time.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::draining::Phase;
use super::{Closed, Connecting, Draining, Ending, Idle, Live};
use crate::deadline::Deadline;
use crate::{Cause, Exit, Generation};

#[derive(Serialize, Deserialize)]
#[serde(remote = "Idle")]
pub(crate) struct IdleData {
    last: Option<Ending>,
    failed: u32,
    backoff: Deadline,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Connecting")]
pub(crate) struct ConnectingData {
    generation: Generation,
    failed: u32,
    connect: Deadline,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Live")]
pub(crate) struct LiveData {
    generation: Generation,
    held: u64,
    failed: u32,
    keep_alive: Deadline,
    max_age: Deadline,
    stable: Deadline,
    probe: Deadline,
    probe_asked: bool,
    probes: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Draining")]
pub(crate) struct DrainingData {
    generation: Generation,
    cause: Cause,
    phase: Phase,
    done: Option<Exit>,
    deadline: Deadline,
    closing: bool,
    failed: u32,
    backoff: Option<Duration>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Closed")]
pub(crate) struct ClosedData {
    generation: Option<Generation>,
}
