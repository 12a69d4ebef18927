//! The invariants, stated once, over any design that tells what it does.
//!
//! [`Checker`] follows inputs and actions in their order. [`Checked`] wraps a [`SystemUnderTest`], this crate's
//! [`Script`](crate::Script) or a design of your own, and fails with a [`Violation`] at the first input
//! after which an invariant doesn't hold. Unit and property tests, model checking, the replayer
//! and the adapters' kit all use this one checker.
//!
//! ```
//! use tenure::check::Checked;
//! use tenure::{Config, Input, Script, Time};
//!
//! let config = Config::default();
//! let mut session = Checked::new(Script::new(config.clone()), config);
//! session.apply(Time::ZERO, Input::Acquire)?;
//! session.apply(Time::ZERO, Input::Cancel { ticket: 1 })?;
//! # Ok::<(), tenure::check::Violation>(())
//! ```

mod checker;
mod generation;
mod invariant;
mod system;
mod waiting;

pub use checker::Checker;
pub use invariant::{Invariant, Violation};
pub use system::{SystemUnderTest, View};

use crate::{Config, Input, Output, Time};

/// A system with the checker beside it.
#[derive(Clone, Debug)]
pub struct Checked<S> {
    system: S,
    checker: Checker,
}

impl<S: SystemUnderTest> Checked<S> {
    /// Follows `system`, which was made with `config` and has seen no input yet.
    pub fn new(system: S, config: Config) -> Self {
        Self { system, checker: Checker::new(config) }
    }

    /// Feeds one input and holds all that comes of it against the invariants.
    ///
    /// # Errors
    /// The first invariant that doesn't hold.
    pub fn apply(&mut self, now: Time, input: Input) -> Result<Output, Violation> {
        let before = self.system.clone();
        let output = self.system.apply(now, input);
        if !output.reply.is_change() && !self.system.is_unchanged(&before) {
            return Err(self.checker.violation(
                Invariant::NothingFromNothing,
                alloc::format!("\"{input}\" was {} and changed the machine", output.reply),
            ));
        }
        self.checker.step(now, &input, &output, Some(&self.system.view()))?;
        Ok(output)
    }

    /// The system, to look at.
    pub const fn system(&self) -> &S {
        &self.system
    }

    /// The checker, to look at.
    pub const fn checker(&self) -> &Checker {
        &self.checker
    }
}
