//! What is tried with a peer, step by step.

use std::{
    fmt::Display,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_lite::future::{self, poll_once};
use smol::channel::{self, Receiver};
use tenure::{Config, KeepAlive, Mode};
use tenure_mcp::proto::pages::List;
use tenure_mcp::proto::types::{CompletionReference, Listed, Progress};
use tenure_mcp::{Client, Error, Lease, Options, ServerEvent};

use crate::desk::Desk;
use crate::peers::{Call, Era, Peer};
use crate::row::{CHILD_STEPS, Cell, Row, WEB_STEPS};
use crate::support::Runtime;
use crate::web::Web;

/// They are slow to start on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(120);

/// Some are slow to end, too; and a server that goes on with a call that was cancelled needs a signal.
const STOP: Duration = Duration::from_secs(10);

/// What a server needs a way to the client for.
const MUTE: [&str; 5] = ["sampling", "elicitation", "elicitation, URL", "roots", "subscription"];

pub type Tried = Result<Cell, String>;

/// Names one run in the environment of its processes.
pub const MARK: &str = "TENURE_MATRIX_RUN";

/// Tries everything with a peer.
pub fn row<R: Runtime>(peer: &Peer, era: Era) -> Row {
    let steps = if peer.web.is_some() { WEB_STEPS } else { CHILD_STEPS };
    let mut row = Row { server: peer.name, era: era.name(), runtime: R::NAME, steps, cells: Vec::new() };
    R::block_on(async {
        let run = match Run::new::<R>(peer, era) {
            Ok(run) => run,
            Err(why) => {
                row.cells.push(Cell::Failed(why));
                return;
            }
        };
        // Nothing that follows can be tried without a connection.
        let mut is_open = true;
        for step in steps {
            let cell = if is_open || *step == "nothing left" { run.tried(step).await } else { break };
            is_open = *step != "info" || matches!(cell, Cell::Good(_));
            row.cells.push(cell);
        }
        run.client.shutdown(Mode::Force).await;
        if !is_open && let Err(why) = run.nothing_left().await {
            row.cells = vec![Cell::Failed(why)];
        }
    });
    row
}

pub struct Run<'a> {
    pub peer: &'a Peer,
    era: Era,
    pub client: Client,
    /// What happened to the session.
    pub events: Receiver<ServerEvent>,
    pub mark: String,
    /// Where the server is, if it isn't a child of the client's.
    pub web: Option<Web>,
    /// A client of a server that is a child process, on the same runtime.
    pub child: fn(Command, Options) -> Client,
}

impl<'a> Run<'a> {
    fn new<R: Runtime>(peer: &'a Peer, era: Era) -> Result<Self, String> {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let (tells, events) = channel::unbounded();
        let options = options(era).on_event(move |_, event| {
            // At the end nobody listens.
            let _ = tells.try_send(event.clone());
        });
        let command = command(peer, &mark);
        let (client, web) = if peer.web.is_some() {
            let web = Web::start(command)?;
            (R::http(&web.url(), options)?, Some(web))
        } else {
            (R::stdio(command, options), None)
        };
        Ok(Self { peer, era, client, events, mark, web, child: R::stdio })
    }

    /// The same as the run's own.
    pub fn options(&self) -> Options {
        options(self.era)
    }

    /// What starts the peer.
    pub fn command(&self) -> Command {
        command(self.peer, &self.mark)
    }

    async fn tried(&self, step: &str) -> Cell {
        let late = async {
            smol::Timer::after(LIMIT).await;
            Err(format!("not done after {LIMIT:?}"))
        };
        future::or(self.step(step), late).await.unwrap_or_else(Cell::Failed)
    }

    async fn step(&self, step: &str) -> Tried {
        if step == "info" {
            return self.info().await;
        }
        if step == "nothing left" {
            self.client.shutdown(Mode::Force).await;
            return self.nothing_left().await;
        }
        if let Some((_, word)) = self.peer.cannot.iter().find(|(cannot, _)| *cannot == step) {
            return Ok(Cell::Cannot(word));
        }
        let lease = self.client.acquire().await.map_err(words)?;
        if self.peer.web.is_some_and(|web| web.is_mute) && MUTE.contains(&step) && !is_modern(&lease).await? {
            return Ok(Cell::Cannot("– (stateless)"));
        }
        match step {
            "tools" => self.tools(&lease).await,
            "resources" => self.resources(&lease).await,
            "templates" => self.templates(&lease).await,
            "prompts" => self.prompts(&lease).await,
            "call" => self.call(&lease).await,
            "read" => self.read(&lease).await,
            "prompt" => self.prompt(&lease).await,
            "complete" => self.complete(&lease).await,
            "progress" => self.progress(&lease).await,
            "sampling" => asked(&lease, self.peer.sampling.as_ref()).await,
            "elicitation" => asked(&lease, self.peer.elicitation.as_ref()).await,
            "elicitation, URL" => asked(&lease, self.peer.url.as_ref()).await,
            "roots" => asked(&lease, self.peer.roots.as_ref()).await,
            "subscription" => self.subscription(lease).await,
            "cancel" => self.cancel(lease).await,
            other => match &self.web {
                None => self.child_step(other, lease).await,
                Some(web) => self.web_step(other, web, lease).await,
            },
        }
    }

    /// The connection is of the era that was asked for, or refused if the server doesn't speak it.
    async fn info(&self) -> Tried {
        let speaks = self.era == Era::Auto || self.peer.eras.contains(&self.era);
        let lease = match (self.client.acquire().await, speaks) {
            (Ok(lease), true) => lease,
            (Ok(_), false) => return Err("it speaks an era that it should not".to_owned()),
            (Err(Error::ConnectFailed { .. }), false) => return Ok(Cell::Refused),
            (Err(error), _) => return Err(words(error)),
        };
        let server = lease.server().await.map_err(words)?;
        let is_modern = is_modern(&lease).await?;
        let wanted = if self.era == Era::Auto { self.peer.eras.first().copied() } else { Some(self.era) };
        if is_modern != (wanted == Some(Era::Modern)) {
            return Err(format!("it is {}", server.protocol_version));
        }
        Ok(good(&server.protocol_version))
    }

    async fn tools(&self, lease: &Lease) -> Tried {
        let tools = lease.list_tools().await.map_err(words)?;
        counted(&tools, self.peer.call.0)
    }

    async fn resources(&self, lease: &Lease) -> Tried {
        if offers(lease).await?.resources.is_none() {
            return Ok(Cell::NotOffered);
        }
        counted(&lease.list_resources().await.map_err(words)?, "")
    }

    async fn templates(&self, lease: &Lease) -> Tried {
        if offers(lease).await?.resources.is_none() {
            return Ok(Cell::NotOffered);
        }
        counted(&lease.list_resource_templates().await.map_err(words)?, "")
    }

    async fn prompts(&self, lease: &Lease) -> Tried {
        let Some((name, _)) = &self.peer.prompt else {
            return Ok(Cell::NotOffered);
        };
        counted(&lease.list_prompts().await.map_err(words)?, name)
    }

    async fn call(&self, lease: &Lease) -> Tried {
        said(lease, &self.peer.call).await
    }

    /// The first resource that is listed.
    async fn read(&self, lease: &Lease) -> Tried {
        if offers(lease).await?.resources.is_none() {
            return Ok(Cell::NotOffered);
        }
        let resources = lease.list_resources().await.map_err(words)?;
        let Some(resource) = resources.first() else {
            return Ok(Cell::NotOffered);
        };
        let read = lease.read_resource(&resource.uri).await.map_err(words)?;
        judged(!read.contents.is_empty(), &read.warnings)
    }

    async fn prompt(&self, lease: &Lease) -> Tried {
        let Some((name, arguments)) = &self.peer.prompt else {
            return Ok(Cell::NotOffered);
        };
        let prompt = lease.get_prompt(name, arguments).await.map_err(words)?;
        judged(!prompt.messages.is_empty(), &prompt.warnings)
    }

    async fn complete(&self, lease: &Lease) -> Tried {
        let Some([prompt, argument, typed]) = self.peer.completion else {
            return Ok(Cell::NotOffered);
        };
        let of = CompletionReference::Prompt(prompt);
        let completed = lease.complete(of, argument, typed).await.map_err(words)?;
        judged(!completed.values.is_empty(), &completed.warnings)
    }

    /// Progress comes before the answer.
    async fn progress(&self, lease: &Lease) -> Tried {
        let Some((tool, arguments, says)) = &self.peer.progress else {
            return Ok(Cell::NotOffered);
        };
        let mut told: Vec<Progress> = Vec::new();
        let result = lease.call_tool(tool, arguments).progress(|progress| told.push(progress)).await;
        let result = result.map_err(words)?;
        if !result.raw.get().contains(says) {
            return Err(result.raw.to_string());
        }
        if told.is_empty() { Err("no progress".to_owned()) } else { Ok(good(&format!("{}×", told.len()))) }
    }

    /// A call that is dropped leaves the next one alone, and the server is told.
    async fn cancel(&self, lease: Lease) -> Tried {
        let Some((tool, arguments, _)) = &self.peer.slow else {
            return Ok(Cell::NotOffered);
        };
        let before = self.web.as_ref().map(|web| web.proxy.mark());
        let mut slow = Box::pin(lease.call_tool(tool, arguments).into_future());
        if let Some(result) = poll_once(&mut slow).await {
            return Err(format!("{result:?}"));
        }
        // What is answered was read behind the slow call, on a pipe.
        lease.list_tools().await.map_err(words)?;
        if let (Some(web), Some(before)) = (&self.web, before) {
            self.cancelled(web, before, slow, is_modern(&lease).await?).await?;
        } else {
            drop(slow);
            self.is_told_on_a_pipe(tool, arguments).await?;
        }
        said(&lease, &self.peer.call).await
    }
}

fn options(era: Era) -> Options {
    let session = Config::default()
        .connect_timeout(LIMIT)
        .stop_timeout(STOP)
        .abort_timeout(LIMIT)
        .discard_timeout(LIMIT)
        .keep_alive(KeepAlive::Always);
    Options::new()
        .session(|_| session)
        .call_timeout(Some(LIMIT))
        .protocol(|protocol| protocol.eras(era.eras()))
        .handlers(Desk)
}

/// What starts a peer; the mark names the run in the environment of its processes.
fn command(peer: &Peer, mark: &str) -> Command {
    let mut command: Command = (peer.command)().expect("it is installed");
    command.env(MARK, mark).env("FASTMCP_LOG_LEVEL", "ERROR").env_remove("PEER_PAGES");
    command
}

pub async fn is_modern(lease: &Lease) -> Result<bool, String> {
    Ok(lease.server().await.map_err(words)?.era == tenure_mcp::proto::Era::Modern)
}

/// A call under which the server asks for something, and then says what it got.
async fn asked(lease: &Lease, call: Option<&Call>) -> Tried {
    match call {
        Some(call) => said(lease, call).await,
        None => Ok(Cell::NotOffered),
    }
}

pub async fn said(lease: &Lease, (tool, arguments, says): &Call) -> Tried {
    let result = lease.call_tool(tool, arguments).await.map_err(words)?;
    let is_said = !result.is_error && (result.text().contains(says) || result.raw.get().contains(says));
    judged(is_said, &result.warnings).map_err(|why| format!("{why}{}", result.raw))
}

async fn offers(lease: &Lease) -> Result<tenure_mcp::proto::Offers, String> {
    Ok(lease.server().await.map_err(words)?.offers())
}

/// How many there are, one of which has this name.
fn counted<T: Listed>(list: &List<T>, name: &str) -> Tried {
    if !list.warnings.is_empty() {
        return Err(format!("{:?}", list.warnings));
    }
    if !name.is_empty() && !list.iter().any(|listed| listed.name() == name) {
        return Err(format!("{name} is not listed"));
    }
    Ok(good(&list.len().to_string()))
}

fn judged(is_good: bool, warnings: &[String]) -> Tried {
    if is_good && warnings.is_empty() { Ok(good("ok")) } else { Err(format!("{warnings:?} ")) }
}

pub fn good(word: &str) -> Cell {
    Cell::Good(word.to_owned())
}

pub fn words(error: impl Display) -> String {
    error.to_string()
}
