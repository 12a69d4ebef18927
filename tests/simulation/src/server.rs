//! A server: one task for each generation, which may misbehave.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_lite::{AsyncReadExt, AsyncWriteExt, future};
use serde_json::Value;
use tenure::Time;
use tenure_mcp::Linger;

use crate::era::Knows;
use crate::fate::{Fate, confirmation};
use crate::ground::Ground;
use crate::held::{Thing, Token};
use crate::mind::Mind;
use crate::pipe::{Reader, Writer};
use crate::replies::{Deed, chatter};
use crate::tally::Seen;
use crate::timeline::Who;

pub(crate) struct Server {
    ground: Arc<Ground>,
    generation: u64,
    mind: Mind,
    input: Reader,
    output: Writer,
    fate: Arc<Fate>,
    /// Given back when its end is confirmed.
    linger: Option<Linger>,
    /// What it does next, by time and then in the order in which it was thought of.
    agenda: BTreeMap<(Time, u64), Deed>,
    /// The unfinished line that it heard.
    heard: Vec<u8>,
    /// It doesn't listen any more.
    deaf: bool,
    token: Token,
}

/// What happens to a server next.
enum Next {
    Heard(io::Result<usize>),
    Due,
    Hurried,
}

/// What it does at the end of its input, or when told to hurry.
#[derive(Clone, Copy, Debug, Default)]
enum Obedience {
    #[default]
    AtOnce,
    Late,
    Never,
}

impl Server {
    pub(crate) fn new(
        ground: &Arc<Ground>,
        generation: u64,
        knows: Knows,
        (input, output): (Reader, Writer),
        fate: Arc<Fate>,
        linger: Option<Linger>,
    ) -> Self {
        let mut server = Self {
            ground: ground.clone(),
            generation,
            mind: Mind::new(ground, generation, knows),
            input,
            output,
            fate,
            linger,
            agenda: BTreeMap::new(),
            heard: Vec::new(),
            deaf: false,
            token: ground.token(Thing::Server),
        };
        server.make_plans();
        server
    }

    fn make_plans(&mut self) {
        let ground = self.ground.clone();
        if ground.fault(ground.mood.deaths, 40) {
            self.plan(ground.up_to(15_000), Deed::Die);
        }
        let mut at = Duration::ZERO;
        while ground.fault(ground.mood.chatter, 70) {
            ground.saw(Seen::ServerSpoke);
            at = at.saturating_add(ground.up_to(4000));
            let deed = chatter(&ground, ground.number());
            self.plan(at, deed);
        }
        for (after, deed) in self.mind.plans() {
            self.plan(after, deed);
        }
    }

    fn plan(&mut self, after: Duration, deed: Deed) {
        let time = self.ground.clock.now().saturating_add(after);
        self.agenda.insert((time, self.ground.number()), deed);
    }

    pub(crate) async fn live(mut self) {
        let (ground, fate, who) = (self.ground.clone(), self.fate.clone(), Who::Server(self.generation));
        let taken = async {
            future::or(fate.killed.wait(), ground.doom.wait()).await;
            "it was killed"
        };
        let how = future::or(taken, self.serve()).await;
        ground.say(who, || format!("ends: {how}"));
        let Self { input, output, linger, token, .. } = self;
        drop((input, output));
        // The leader may be gone, and a descendant keep the rest waiting.
        let confirmed = confirmation(&ground).map(|time| ground.sleep(time));
        let confirmed = async {
            match confirmed {
                Some(sleep) => sleep.await,
                None => future::pending().await,
            }
        };
        future::or(confirmed, ground.doom.wait()).await;
        ground.say(who, || "is gone".to_owned());
        if let Some(linger) = linger {
            ground.marks.with(|marks| marks.servers = marks.servers.saturating_sub(1));
            drop(linger);
        }
        fate.ended.set();
        drop(token);
    }

    /// Serves until it ends by itself; why.
    async fn serve(&mut self) -> &'static str {
        let mut buffer = [0; 512];
        let mut hurried = false;
        loop {
            match self.next(&mut buffer, hurried).await {
                Next::Heard(Ok(0)) => {
                    if let Some(why) = self.obey(Seen::IgnoredEnd, "the end of its input").await {
                        return why;
                    }
                    self.deaf = true;
                }
                Next::Heard(Ok(length)) => self.hear(buffer.get(..length).unwrap_or_default()),
                Next::Heard(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Next::Heard(Err(_)) => return "its input broke",
                Next::Hurried => {
                    hurried = true;
                    if let Some(why) = self.obey(Seen::IgnoredHurry, "it was told to hurry").await {
                        return why;
                    }
                }
                Next::Due => {
                    if let Some(why) = self.act().await {
                        return why;
                    }
                }
            }
        }
    }

    async fn next(&mut self, buffer: &mut [u8], hurried: bool) -> Next {
        let time = self.agenda.keys().next().map_or(Time::MAX, |(time, _)| *time);
        let due = async {
            self.ground.clock.sleep_until(time).await;
            Next::Due
        };
        let told = async {
            if hurried {
                future::pending::<()>().await;
            }
            self.fate.hurried.wait().await;
            Next::Hurried
        };
        let (input, deaf) = (&mut self.input, self.deaf);
        let heard = async {
            if deaf {
                future::pending::<()>().await;
            }
            Next::Heard(input.read(buffer).await)
        };
        future::or(told, future::or(due, heard)).await
    }

    /// Ends, unless it is of the stubborn kind.
    async fn obey(&self, ignored: Seen, why: &'static str) -> Option<&'static str> {
        let ground = &self.ground;
        let options = [(3, Obedience::AtOnce), (2, Obedience::Late), (3, Obedience::Never)];
        match ground.pick(ground.mood.stubborn, &options) {
            Obedience::AtOnce => Some(why),
            Obedience::Late => {
                ground.sleep(ground.up_to(8000)).await;
                Some(why)
            }
            Obedience::Never => {
                ground.saw(ignored);
                ground.say(Who::Server(self.generation), || format!("ignores {why}"));
                None
            }
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
        while let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.heard.drain(..=end).collect();
            let message: Value = serde_json::from_slice(&line).unwrap_or_default();
            self.ground.say(Who::Server(self.generation), || {
                format!("hears {}", String::from_utf8_lossy(&line).trim_end())
            });
            let text = String::from_utf8_lossy(&line);
            for (after, deed) in self.mind.hear(&text, &message) {
                self.plan(after, deed);
            }
        }
    }

    /// Does the first thing on its agenda; why it ended with it.
    async fn act(&mut self) -> Option<&'static str> {
        let (_, deed) = self.agenda.pop_first()?;
        let (line, why) = match deed {
            Deed::Say(line) => (line, None),
            Deed::SayAndDie(line) => (line, Some("it died in mid-line")),
            Deed::Die => (Vec::new(), Some("it died")),
            Deed::Think(thought) => {
                for (after, deed) in self.mind.think(thought, self.deaf) {
                    self.plan(after, deed);
                }
                return None;
            }
        };
        if why.is_some() {
            self.ground.saw(Seen::ServerDied);
        }
        if !line.is_empty() {
            self.ground.say(Who::Server(self.generation), || {
                let text = String::from_utf8_lossy(&line);
                format!("says {}", text.trim_end().chars().take(300).collect::<String>())
            });
        }
        match self.write(&line).await {
            Ok(()) => why,
            Err(_) => Some("its output broke"),
        }
    }

    async fn write(&mut self, mut line: &[u8]) -> io::Result<()> {
        while !line.is_empty() {
            match self.output.write(line).await {
                Ok(length) => line = line.get(length..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
