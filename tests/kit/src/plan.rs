//! What the runner of one generation is to do.

use crate::gate::Gate;

/// What the runner of one generation does. As it is made it behaves well: it is ready at once, serves
/// until it is told to stop, and ends.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Plan {
    pub(crate) opening: Option<Gate>,
    pub(crate) unwinding: Option<Gate>,
    pub(crate) deaf: Deaf,
    pub(crate) fails: Option<&'static str>,
    pub(crate) permanent: bool,
    pub(crate) dies_at_once: Option<&'static str>,
    pub(crate) panics: Option<Panics>,
    pub(crate) lingers: bool,
    pub(crate) uses_client: bool,
}

/// What a runner doesn't listen to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deaf {
    /// It does what it is told.
    #[default]
    No,
    /// It goes on until it is told to hurry.
    ToStop,
    /// It goes on until it is dropped.
    ToAll,
}

/// Where a runner panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panics {
    /// When it is started, before there is a future.
    AtStart,
    /// While it connects.
    WhileConnecting,
    /// When its test lets it die, instead of ending with an error.
    WhileServing,
    /// When its future is dropped.
    AtDrop,
}

impl Plan {
    /// A runner that behaves well.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its connect takes until the gate opens.
    pub fn opening(mut self, gate: &Gate) -> Self {
        self.opening = Some(gate.clone());
        self
    }

    /// Its teardown takes until the gate opens.
    pub fn unwinding(mut self, gate: &Gate) -> Self {
        self.unwinding = Some(gate.clone());
        self
    }

    /// It doesn't listen.
    pub const fn deaf(mut self, deaf: Deaf) -> Self {
        self.deaf = deaf;
        self
    }

    /// It fails to connect, once its opening gate is open; another attempt may go better.
    pub const fn fails(mut self, why: &'static str) -> Self {
        self.fails = Some(why);
        self
    }

    /// No further attempt will go better.
    pub const fn permanent(mut self) -> Self {
        self.permanent = true;
        self
    }

    /// It says ready and dies.
    pub const fn dies_at_once(mut self, why: &'static str) -> Self {
        self.dies_at_once = Some(why);
        self
    }

    /// It panics.
    pub const fn panics(mut self, panics: Panics) -> Self {
        self.panics = Some(panics);
        self
    }

    /// Something of it outlives its future, until the test [lets it go](crate::Peer::let_go).
    pub const fn lingers(mut self) -> Self {
        self.lingers = true;
        self
    }

    /// While it serves it uses its own client, which it was [given](crate::Peer::give_client) as a weak
    /// one.
    pub(crate) const fn uses_client(mut self) -> Self {
        self.uses_client = true;
        self
    }
}
