//! Traces: what a session was told and what came of it, as JSON lines, and the way to do it again.
//!
//! The first line is the [`Header`]: format version and config, the seed included. Each further line is
//! one numbered [`Event`]: the input, its time, its reply, the actions that followed. The last line says
//! how many there were, so that a trace that was cut off is noticed, and has a checksum of all lines. [`replay`]
//! re-runs the inputs and holds everything against the trace and the invariants.
//!
//! ```
//! use tenure::trace::{Recorder, replay};
//! use tenure::{Config, Input, Script, Time};
//!
//! let config = Config::default();
//! let mut script = Script::new(config.clone());
//! let mut recorder = Recorder::new(&config);
//! let mut text = recorder.header();
//! for input in [Input::Acquire, Input::Timeout] {
//!     let output = script.apply(Time::ZERO, input);
//!     text += &recorder.line(Time::ZERO, input, output);
//! }
//! text += &recorder.footer();
//! assert_eq!(replay(text.lines()).map(|replayed| replayed.events), Ok(2));
//! ```

mod record;
mod replay;

pub use record::{Event, Footer, Header, Recorder, VERSION};
pub use replay::{Difference, Replayed, replay};
