//! The typed states: the bottom layer, which needs no alloc.
//!
//! Each state is a type of its own and holds only the data that has meaning in it. Its fields are
//! private to this module, a transition consumes the old state and returns the new one, and
//! [`transitions`](self) holds all of them in one table. What the table doesn't list does not compile:
//!
//! ```
//! use tenure::{Config, Generation};
//! use tenure::state::{Drain, Idle, Resting};
//! use tenure::{Cause, Exit, Step};
//!
//! let config = Config::default();
//! let connecting = Idle::new().connect(&config).expect("no backoff is running");
//! assert_eq!(connecting.generation(), Generation::FIRST);
//! let mut live = connecting.ready(&config);
//! live.acquire();
//! let draining = live.drain(Drain::new(Step::Stop, Cause::Closed), &config);
//! let Resting::Idle(idle) = draining.end(Exit::FINISHED) else { unreachable!() };
//! assert_eq!(idle.generation(), Some(Generation::FIRST));
//! ```
//!
//! ```compile_fail
//! use tenure::{Config, Cause, Step};
//! use tenure::state::{Drain, Idle};
//!
//! let config = Config::default();
//! let connecting = Idle::new().connect(&config).expect("no backoff is running");
//! let draining = connecting.drain(Drain::new(Step::Stop, Cause::Closed), &config);
//! let live = draining.ready(&config); // a dying session never becomes live again
//! ```
//!
//! An embedder with a queue of its own uses these types as [`Session`](crate::Session) does: it keeps
//! the callers that wait and the orphans, calls `stamp` and then treats what `poll_timeout` says is
//! due. Everything else wants `Session`.

mod closed;
mod connecting;
#[cfg(feature = "alloc")]
mod current;
mod declare;
mod draining;
mod idle;
mod live;
mod name;
#[cfg(feature = "alloc")]
mod rename;
mod transitions;
mod trigger;

pub use closed::Closed;
pub use connecting::Connecting;
#[cfg(feature = "alloc")]
pub(crate) use current::{Current, Drained, Ended, State, Was};
use draining::AtStep;
pub use draining::{Draining, Resting};
pub use idle::{Ending, Idle};
pub use live::{Live, Probed};
pub use name::{Place, StateName};
#[cfg(feature = "alloc")]
pub(crate) use rename::Renamed;
pub use transitions::{Drain, TRANSITIONS, Transition};
pub use trigger::Trigger;
