//! What becomes of a server.

use std::time::Duration;

use crate::ground::Ground;
use crate::held::Flag;
use crate::tally::Seen;

/// What becomes of one server, and who is told.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    pub(crate) hurried: Flag,
    pub(crate) killed: Flag,
    pub(crate) ended: Flag,
}

/// How long the end of a killed server takes to be confirmed; `None`: until the world ends.
pub(crate) fn confirmation(ground: &Ground) -> Option<Duration> {
    let options = [(5, 0_u8), (3, 1), (1, 2)];
    match ground.pick(ground.mood.stubborn, &options) {
        0 => Some(Duration::ZERO),
        1 => {
            ground.saw(Seen::Lingered);
            Some(ground.up_to(15_000))
        }
        _ => {
            ground.saw(Seen::Lingered);
            None
        }
    }
}
