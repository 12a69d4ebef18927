//! One session of a soak, from its opening to its end for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_lite::future;
use tenure::check::Checker;
use tenure::{Generation, Mode};
use tenure_driver::TraceEvent;
use tenure_mcp::{Client, Error, Lease, ServerEvent};

use super::census;
use super::rig::Rig;
use crate::exit::Failed;
use crate::handlers::Offered;
use crate::runtime::Ended;
use crate::server_errors::ServerErrors;
use crate::session::reached::Reached;
use crate::session::setup;

pub(super) struct Session {
    pub(super) user: User,
    ended: Ended,
    errors: ServerErrors,
}

/// What the tasks of a session share.
#[derive(Clone)]
pub(super) struct User {
    pub(super) rig: Arc<Rig>,
    pub(super) client: Client,
    /// The last generation that was told to end: none of its leases is given from then on.
    last_closed: Arc<AtomicU64>,
}

impl User {
    /// A lease, of a generation that nobody has told to end before it was asked for.
    pub(super) async fn acquire(&self) -> Result<Lease, Error> {
        let closed = self.last_closed.load(Ordering::Relaxed);
        let lease = self.client.acquire().await?;
        if lease.generation().number() <= closed {
            self.rig.tally.wrong("stale", format!("a lease of generation {closed}, which was told to end"));
        }
        Ok(lease)
    }

    pub(super) fn note_closed(&self, generation: Option<Generation>) {
        self.last_closed.fetch_max(generation.map_or(0, Generation::number), Ordering::Relaxed);
    }
}

impl Session {
    pub(super) fn open(rig: &Arc<Rig>, number: usize) -> Result<Self, Failed> {
        let mut server = Reached::of(&rig.session)?;
        if let Reached::Process(command, _) = &mut server {
            command.env(census::variable(), &rig.mark);
        }
        let errors = server.errors(&rig.session)?;
        let config = setup::config(&rig.session);
        let mut checker = Some(Checker::new(config.clone()));
        let (listener, tracer) = (rig.clone(), rig.clone());
        // A soak has nobody at the terminal to ask.
        let offered = Offered::new(&rig.session, false)?;
        let options = setup::options(&rig.session, config, offered)
            .on_event(move |_, event| hear(&listener, event))
            .trace(move |event| follow(&tracer, number, &mut checker, event));
        let (client, ended) = rig.runtime().connect(server, options);
        rig.tally.counts().sessions += 1;
        let user = User { rig: rig.clone(), client, last_closed: Arc::default() };
        Ok(Self { user, ended, errors })
    }

    /// Shuts it down and waits for that; a soak that is to stop hurries it.
    pub(super) async fn end(self, mode: Mode) {
        let Self { user: User { rig, client, .. }, ended, errors } = self;
        drop(client.shutdown(mode));
        let hurry = async {
            rig.stop.asked().await;
            drop(client.shutdown(Mode::Force));
            rig.stop.hurried().await;
            drop(client.shutdown(Mode::Abort));
            future::pending::<()>().await;
        };
        let stuck = async {
            rig.runtime().sleep(rig.limit).await;
            rig.tally.wrong("stuck", format!("a shutdown did not come to an end within {:?}", rig.limit));
        };
        future::or(ended, future::or(hurry, stuck)).await;
        rig.bounded("reading the server's errors", errors.end()).await;
    }
}

fn hear(rig: &Rig, event: &ServerEvent) {
    match event {
        ServerEvent::Connected { .. } => rig.tally.counts().connects += 1,
        // The last words of a server that was killed may be half a line.
        ServerEvent::ProtocolError(error) if !rig.chaos => rig.tally.wrong("protocol", error),
        _ => {}
    }
}

/// Holds all that happens to the session against the invariants.
fn follow(rig: &Rig, number: usize, checker: &mut Option<Checker>, event: &TraceEvent) {
    if let Some(log) = &rig.log {
        event.lines().iter().for_each(|line| log.say(format!("session {number}: {line}")));
    }
    let Some(following) = checker else { return };
    rig.tally.counts().inputs += 1;
    if let Err(violation) = following.step(event.time, &event.input, &event.output, None) {
        rig.tally.wrong("invariant", violation);
        *checker = None;
    }
}
