//! Sessions and leases as data, for [`Script`](crate::Script) alone: neither type can be read by others.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Lease, Queued, Session, Waiting};
use crate::state::State;
use crate::{Config, Generation, SessionId, Time};

/// Mirrors the fields of a session; held against them at compile time.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Session")]
pub(crate) struct SessionData {
    id: SessionId,
    config: Config,
    state: State,
    clock: Time,
    waiting: Waiting,
    actions: VecDeque<Queued>,
    orphans: Vec<Generation>,
    tickets: u64,
    leases: u64,
}

/// The fields of a lease.
#[derive(Serialize, Deserialize)]
struct LeaseRow {
    session: SessionId,
    generation: Generation,
    number: u64,
}

pub(crate) mod leases {
    use super::{Deserialize, Deserializer, Lease, LeaseRow, Serialize, Serializer, Vec};

    pub(crate) fn serialize<S: Serializer>(leases: &[Lease], serializer: S) -> Result<S::Ok, S::Error> {
        let row = |lease: &Lease| LeaseRow {
            session: lease.session,
            generation: lease.generation,
            number: lease.number,
        };
        leases.iter().map(row).collect::<Vec<_>>().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Lease>, D::Error> {
        let rows = Vec::<LeaseRow>::deserialize(deserializer)?;
        let lease =
            |row: LeaseRow| Lease { session: row.session, generation: row.generation, number: row.number };
        Ok(rows.into_iter().map(lease).collect())
    }
}
