//! Copies of states for [`Script`](crate::Script): as they are, or under other names and on another clock.
//!
//! The states are linear for everybody else. What a field is made of says here how it is copied, so that a
//! time or a name is never copied as it is by mistake, wherever in a state it stands.

use core::num::NonZeroU64;
use core::time::Duration;

use crate::deadline::Deadline;
use crate::script::names::Names;
use crate::{Cause, Exit, Generation};

/// A copy under other names, for whoever may make one.
pub(crate) trait Renamed {
    fn renamed(&self, names: &Names<'_>) -> Self;
}

impl Renamed for Generation {
    fn renamed(&self, names: &Names<'_>) -> Self {
        names.generation(*self)
    }
}

impl Renamed for Deadline {
    fn renamed(&self, names: &Names<'_>) -> Self {
        match *self {
            Self::Off | Self::Unstamped(_) => *self,
            Self::At(time) => Self::At(names.time(time)),
        }
    }
}

impl<T: Renamed> Renamed for Option<T> {
    fn renamed(&self, names: &Names<'_>) -> Self {
        self.as_ref().map(|value| value.renamed(names))
    }
}

/// What names nothing and tells no point in time.
macro_rules! nameless {
    ($($kind:ty),+) => {$(
        impl Renamed for $kind {
            fn renamed(&self, _: &Names<'_>) -> Self {
                *self
            }
        }
    )+};
}

nameless! { bool, u32, NonZeroU64, Duration, Cause, Exit }
