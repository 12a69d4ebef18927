//! How a connection to a simulated server is opened.

use std::sync::Arc;

use async_trait::async_trait;
use tenure_driver::Failure;
use tenure_mcp::{Linger, Peer, Transport, Wire};

use crate::era::Knows;
use crate::failure::Kind;
use crate::fate::Fate;
use crate::ground::Ground;
use crate::held::{Held, Thing, Token};
use crate::pipe::pipe;
use crate::server::Server;
use crate::tally::Seen;
use crate::timeline::Who;

pub(crate) struct SimTransport {
    ground: Arc<Ground>,
    /// Who was opened last.
    last: Held<Option<Last>>,
    _token: Token,
}

/// A server that was opened.
struct Last {
    generation: u64,
    /// It is the second of its generation.
    is_second: bool,
    /// It came to be.
    is_open: bool,
    /// `None` if nothing is known of it but its bytes.
    fate: Option<Arc<Fate>>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Opening {
    #[default]
    Plain,
    Slow,
    Fails,
    FailsForGood,
    Never,
    Panics,
}

impl SimTransport {
    pub(crate) fn new(ground: &Arc<Ground>) -> Self {
        let token = ground.token(Thing::Transport);
        Self { ground: ground.clone(), last: Held::new(None), _token: token }
    }

    /// Another is opened: of a later generation, or the second of its own that takes the place of one that is gone.
    fn note(&self, generation: u64) {
        let ground = &self.ground;
        let now = Last { generation, is_second: false, is_open: false, fate: None };
        self.last.with(|last| {
            let Some(before) = last.replace(now) else {
                return;
            };
            if before.generation < generation {
                return;
            }
            let lives = before.fate.is_some_and(|fate| !fate.ended.is_set());
            if before.generation > generation || before.is_second || !before.is_open || lives {
                ground.fail(Kind::NotOver, || format!("generation {generation} is opened again"));
            }
            ground.saw(Seen::Reopened);
            if let Some(last) = last {
                last.is_second = true;
            }
        });
    }

    /// What the next server knows: mostly what the one before knew.
    fn knows(&self) -> Knows {
        let ground = &self.ground;
        if !ground.fault(ground.mood.eras, 15) {
            return ground.mood.knows;
        }
        let knows = ground.knows();
        if knows != ground.mood.knows {
            ground.saw(Seen::Replaced);
        }
        knows
    }

    async fn begin(&self, generation: u64) -> Result<(), Failure> {
        use Opening::{Fails, FailsForGood, Never, Panics, Plain, Slow};
        let ground = &self.ground;
        let options = [(30, Plain), (6, Slow), (6, Fails), (3, FailsForGood), (3, Never), (3, Panics)];
        let opening = ground.pick(ground.mood.bad_opens, &options);
        ground.say(Who::Server(generation), || format!("opening: {opening:?}"));
        match opening {
            Plain => {}
            Slow => ground.sleep(ground.up_to(6000)).await,
            Fails => {
                ground.saw(Seen::OpenFailed);
                return Err(Failure::new("it can't be opened now"));
            }
            FailsForGood => {
                ground.saw(Seen::OpenFailed);
                return Err(Failure::new("it can't be opened").permanent());
            }
            Never => {
                ground.saw(Seen::OpenNever);
                std::future::pending::<()>().await;
            }
            Panics => {
                ground.saw(Seen::OpenPanicked);
                planned_panic(ground, generation);
            }
        }
        Ok(())
    }
}

/// A panic that a user's code might bring about; without the message of one that nobody planned.
pub(crate) fn planned_panic(ground: &Ground, generation: u64) -> ! {
    ground.marks.with(|marks| *marks.panics.entry(generation).or_default() += 1);
    std::panic::resume_unwind(Box::new("planned"))
}

#[async_trait]
impl Transport for SimTransport {
    async fn open(&self, linger: Linger) -> Result<Wire, Failure> {
        let ground = &self.ground;
        let generation = linger.generation().number();
        self.note(generation);
        self.begin(generation).await?;
        let (reader, output) = pipe(ground, generation, "what the server says");
        let (input, writer) = pipe(ground, generation, "what the server hears");
        let fate = Arc::new(Fate::default());
        let knows = self.knows();
        // Somebody known by its bytes alone, such as a socket, keeps no token.
        let unknown = ground.chance(25);
        let linger = (!unknown).then_some(linger);
        let others = ground.marks.with(|marks| {
            let others = marks.servers;
            marks.servers += u64::from(!unknown);
            others
        });
        if others > ground.limits.others {
            ground.fail(Kind::Overlap, || format!("{others} servers beside that of g{generation}"));
        }
        self.last.with(|last| {
            if let Some(last) = last {
                last.is_open = true;
                last.fate = (!unknown).then(|| fate.clone());
            }
        });
        let server = Server::new(ground, generation, knows, (input, output), fate.clone(), linger);
        ground.spawn(Who::Server(generation), server.live());
        if unknown {
            return Ok(Wire::of_bytes(reader, writer));
        }
        let token = ground.token(Thing::Peer);
        let peer = SimPeer { fate, ground: ground.clone(), generation, _token: token };
        Ok(Wire::lines(reader, writer, peer))
    }
}

struct SimPeer {
    fate: Arc<Fate>,
    ground: Arc<Ground>,
    generation: u64,
    _token: Token,
}

#[async_trait]
impl Peer for SimPeer {
    async fn ended(&mut self) -> Option<Failure> {
        self.fate.ended.wait().await;
        Some(Failure::new("the server died"))
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        self.fate.ended.wait().await;
        if self.ground.chance(10) { Err(Failure::new("the server ended with status 1")) } else { Ok(()) }
    }

    fn hurry(&mut self) {
        self.ground.say(Who::Server(self.generation), || "is told to hurry".to_owned());
        self.fate.hurried.set();
    }
}

impl Drop for SimPeer {
    fn drop(&mut self) {
        if !self.fate.ended.is_set() {
            self.ground.say(Who::Server(self.generation), || "is killed".to_owned());
        }
        self.fate.killed.set();
    }
}
