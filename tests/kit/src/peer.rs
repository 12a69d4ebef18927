//! The other side, as the test sees it: what it was told, what it was asked, and ways to let it die.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use tenure_driver::{Linger, WeakClient};

use crate::board::Board;
use crate::plan::Plan;

/// Something that happened to the runner of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// It was started.
    Started,
    /// It says that it is ready.
    Ready,
    /// It was told to stop.
    Stop,
    /// It was told to hurry.
    Abort,
    /// Its future ended.
    Ended,
    /// Its future was dropped before it had ended.
    Dropped,
}

/// All peers of one session: one for each generation. Copies are the same.
#[derive(Clone, Default)]
pub struct Peer(pub(crate) Arc<Board<Stage>>);

/// What the peers have seen and shall do.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) plans: VecDeque<Plan>,
    pub(crate) events: Vec<(u64, Event)>,
    pub(crate) deaths: Vec<(u64, &'static str)>,
    pub(crate) retirements: Vec<(u64, &'static str)>,
    pub(crate) calls: Vec<(u64, u32)>,
    pub(crate) answers: Vec<u32>,
    pub(crate) in_flight: usize,
    pub(crate) runners: usize,
    pub(crate) handles: usize,
    pub(crate) tokens: Vec<(u64, Linger<Handle>)>,
    pub(crate) client: Option<WeakClient<Handle>>,
    pub(crate) client_uses: usize,
}

impl Peer {
    /// What the next generations do, in order; those after them behave well.
    pub fn plan(&self, plans: impl IntoIterator<Item = Plan>) {
        self.0.update(|stage| stage.plans.extend(plans));
    }

    /// The runner of this generation ends with an error, or panics if that was its plan.
    pub fn die(&self, generation: u64, why: &'static str) {
        self.0.update(|stage| stage.deaths.push((generation, why)));
    }

    /// The runner of this generation retires, and serves on those who hold leases.
    pub fn retire(&self, generation: u64, why: &'static str) {
        self.0.update(|stage| stage.retirements.push((generation, why)));
    }

    /// Nothing of this generation's runner lingers any more.
    pub fn let_go(&self, generation: u64) {
        let gone = self.0.update(|stage| {
            let (gone, kept) = stage.tokens.drain(..).partition(|(of, _)| *of == generation);
            stage.tokens = kept;
            let gone: Vec<_> = gone;
            gone
        });
        drop(gone);
    }

    /// Nothing lingers any more.
    pub(crate) fn let_all_go(&self) {
        let gone = self.0.update(|stage| std::mem::take(&mut stage.tokens));
        drop(gone);
    }

    /// Gives runners the client of their own session.
    pub(crate) fn give_client(&self, client: WeakClient<Handle>) {
        self.0.update(|stage| stage.client = Some(client));
    }

    /// Completes when a runner has used it.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: it only looks, and whoever waits anew sees the same.
    pub(crate) async fn used_client(&self) {
        self.0.until(|stage| (stage.client_uses > 0).then_some(())).await;
    }

    /// Completes when that has happened.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: it only looks, and whoever waits anew sees the same.
    pub async fn saw(&self, generation: u64, event: Event) {
        self.0.until(|stage| stage.events.contains(&(generation, event)).then_some(())).await;
    }

    /// Returns whether that has happened.
    pub(crate) fn has_seen(&self, generation: u64, event: Event) -> bool {
        self.count(generation, event) > 0
    }

    /// How often that has happened.
    pub fn count(&self, generation: u64, event: Event) -> usize {
        self.0.look(|stage| stage.events.iter().filter(|seen| **seen == (generation, event)).count())
    }

    /// All that has happened to this generation, in order.
    pub fn events_of(&self, generation: u64) -> Vec<Event> {
        let of = |stage: &Stage| {
            stage.events.iter().filter(|(of, _)| *of == generation).map(|(_, event)| *event).collect()
        };
        self.0.look(of)
    }

    /// How many generations were started.
    pub fn attempts(&self) -> usize {
        self.0.look(|stage| stage.events.iter().filter(|(_, event)| *event == Event::Started).count())
    }

    /// Completes when this call has come.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: it only looks, and whoever waits anew sees the same.
    pub async fn asked(&self, call: u32) {
        self.0.until(|stage| stage.calls.iter().any(|(_, number)| *number == call).then_some(())).await;
    }

    /// The calls that have come in this generation, in order.
    pub fn calls(&self, generation: u64) -> Vec<u32> {
        let of = |stage: &Stage| {
            stage.calls.iter().filter(|(of, _)| *of == generation).map(|(_, call)| *call).collect()
        };
        self.0.look(of)
    }

    /// Answers the calls with this number.
    pub fn answer(&self, call: u32) {
        self.0.update(|stage| stage.answers.push(call));
    }

    /// Calls that neither have ended nor were dropped.
    pub fn in_flight(&self) -> usize {
        self.0.look(|stage| stage.in_flight)
    }

    /// Futures of runners, and handles, that exist.
    pub fn alive(&self) -> (usize, usize) {
        self.0.look(|stage| (stage.runners, stage.handles))
    }

    pub(crate) fn note(&self, generation: u64, event: Event) {
        self.0.update(|stage| stage.events.push((generation, event)));
    }

    pub(crate) async fn died(&self, generation: u64) -> &'static str {
        let why = |stage: &Stage| stage.deaths.iter().find(|(of, _)| *of == generation).map(|(_, why)| *why);
        self.0.until(why).await
    }

    pub(crate) async fn retires(&self, generation: u64) -> &'static str {
        let why =
            |stage: &Stage| stage.retirements.iter().find(|(of, _)| *of == generation).map(|(_, why)| *why);
        self.0.until(why).await
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = self.0.look(|stage| stage.events.clone());
        f.debug_struct("Peer").field("events", &events).finish_non_exhaustive()
    }
}

/// What callers work with.
#[derive(Debug)]
pub struct Handle {
    generation: u64,
    peer: Peer,
}

impl Handle {
    pub(crate) fn new(generation: u64, peer: Peer) -> Self {
        peer.0.update(|stage| stage.handles += 1);
        Self { generation, peer }
    }

    /// Which life of the connection it is of.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Sends a call and waits until the test [answers](Peer::answer) it.
    ///
    /// # Cancel safety
    /// Dropping the future ends the call, which is [in flight](Peer::in_flight) no more. It was sent at the first poll:
    /// made again, it is a second call with this number.
    pub async fn call(&self, number: u32) -> u32 {
        let _flight = Flight::new(self, number);
        self.peer.0.until(|stage| stage.answers.contains(&number).then_some(number)).await
    }

    /// Sends a call that is answered at once.
    pub fn echo(&self, number: u32) -> u32 {
        drop(Flight::new(self, number));
        number
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.peer.0.update(|stage| stage.handles -= 1);
    }
}

struct Flight<'a>(&'a Peer);

impl<'a> Flight<'a> {
    fn new(handle: &'a Handle, number: u32) -> Self {
        handle.peer.0.update(|stage| {
            stage.calls.push((handle.generation, number));
            stage.in_flight += 1;
        });
        Self(&handle.peer)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.0.update(|stage| stage.in_flight -= 1);
    }
}
