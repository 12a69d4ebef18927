//! A client for the official conformance runner (`@modelcontextprotocol/conformance`), which starts it once for each
//! scenario: with the server's URL as the last argument, and the scenario, the protocol version and the scenario's
//! context in the environment. `TENURE_RUNTIME` is `tokio`, which is the default, or `smol`.
//!
//! Which era the server is of it finds out as every client does, and then it must be that of the version. It ends with
//! 0 when everything went as the scenario has it; the runner has its own opinion, from what it saw.

use std::{env, process::ExitCode, sync::mpsc, thread, time::Duration};

use serde_json::Value;
use tenure::{Config, KeepAlive, Mode};
use tenure_mcp::Options;
use tenure_peers::runtime::{Runtime, Smol, Tokio};

use desk::Desk;

mod desk;
mod scenarios;

/// For all of it. The runner gives up later.
const DEADLINE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    match within_the_deadline() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("conformance-client: {why}");
            ExitCode::FAILURE
        }
    }
}

/// It holds whatever hangs, the runtime too: that is on a thread of its own.
fn within_the_deadline() -> Result<(), String> {
    let task = Task::from_environment()?;
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(task.run()));
    result.recv_timeout(DEADLINE).unwrap_or_else(|_| Err(format!("not done in {DEADLINE:?}")))
}

/// What the runner wants.
struct Task {
    url: String,
    scenario: String,
    version: String,
    context: Value,
    is_on_smol: bool,
}

impl Task {
    fn from_environment() -> Result<Self, String> {
        let variable = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
        let context = env::var("MCP_CONFORMANCE_CONTEXT").unwrap_or_else(|_| "null".to_owned());
        Ok(Self {
            url: env::args().skip(1).last().ok_or("the last argument is the server's URL")?,
            scenario: variable("MCP_CONFORMANCE_SCENARIO")?,
            version: variable("MCP_CONFORMANCE_PROTOCOL_VERSION")?,
            context: serde_json::from_str(&context).map_err(|error| format!("the context: {error}"))?,
            is_on_smol: match env::var("TENURE_RUNTIME").as_deref() {
                Err(_) | Ok("tokio") => false,
                Ok("smol") => true,
                Ok(other) => return Err(format!("TENURE_RUNTIME is tokio or smol, not {other}")),
            },
        })
    }

    fn run(&self) -> Result<(), String> {
        if self.is_on_smol { Smol::block_on(self.on::<Smol>()) } else { Tokio::block_on(self.on::<Tokio>()) }
    }

    async fn on<R: Runtime>(&self) -> Result<(), String> {
        let session = Config::default().keep_alive(KeepAlive::Always);
        let options = Options::new().session(|_| session).handlers(Desk::new(&self.scenario));
        let client = R::http(&self.url, options)?;
        let lease = client.acquire().await.map_err(scenarios::words)?;
        let spoken = lease.server().await.map_err(scenarios::words)?.protocol_version.clone();
        let result = if spoken == self.version {
            scenarios::play(&self.scenario, &self.context, &lease).await
        } else {
            Err(format!("it speaks {spoken}, and not {}", self.version))
        };
        drop(lease);
        client.shutdown(Mode::Graceful).await;
        result
    }
}
