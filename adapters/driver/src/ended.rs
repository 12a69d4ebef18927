//! How a generation ended, for whoever watches a session without a lease of it.

use tenure::{Cause, Generation};

use crate::error::Failure;

/// A generation is over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ended {
    /// Which.
    pub generation: Generation,
    /// Why it was on its way out: somebody closed it, a deadline, or the runner itself.
    pub cause: Cause,
    /// How its runner went wrong; `None` if it ended in order, or its end wasn't confirmed in time.
    pub failure: Option<Failure>,
}

pub(crate) type EndSink = Box<dyn FnMut(&Ended) + Send>;
