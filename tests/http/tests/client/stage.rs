//! A server and a client of it.

use serde_json::json;
use tenure::Mode;
use tenure_http_server::{Journal, Server, Speaks};
use tenure_mcp::proto::types::CallToolResult;
use tenure_mcp::{Client, Eras, Error, Lease};

use crate::arrivals::Arrivals;
use crate::outcome::{judge, outcome};
use crate::support::{Heard, Runtime, Setup};

pub(crate) struct Stage {
    // First, so that it goes before the server does.
    pub(crate) client: Client,
    pub(crate) heard: Heard,
    /// Which answers have come.
    pub(crate) arrivals: Arrivals,
    pub(crate) server: Server,
}

impl Stage {
    /// Of a server that speaks so, with a client that knows what it speaks, or finds out.
    pub(crate) fn new<R: Runtime>(speaks: Speaks) -> Self {
        Self::with::<R>(speaks, |setup| setup)
    }

    pub(crate) fn with<R: Runtime>(speaks: Speaks, change: impl FnOnce(Setup) -> Setup) -> Self {
        let eras = match speaks {
            Speaks::Legacy => Eras::Legacy,
            Speaks::Modern => Eras::Modern,
            Speaks::Both => Eras::Auto,
        };
        let (server, heard) = (Server::start(speaks), Heard::default());
        let setup = change(Setup::new(eras)).options(|options| heard.by(options));
        let arrivals = setup.arrivals.clone();
        let client = R::http(&server.url(), setup);
        Self { client, heard, arrivals, server }
    }

    pub(crate) async fn lease(&self) -> Lease {
        self.client.acquire().await.unwrap()
    }

    /// Calls `echo` on a lease, and says what became of it; that is judged, too.
    pub(crate) async fn call(&self, lease: &Lease, key: &str) -> String {
        self.judged(key, &call(lease, key).await)
    }

    /// Calls `echo` whatever the generation, and says what became of it; that is judged, too.
    pub(crate) async fn call_once(&self, key: &str) -> String {
        self.judged(key, &self.client.call_tool("echo", json!({ "text": key })).await)
    }

    pub(crate) fn judged(&self, key: &str, result: &Result<CallToolResult, Error>) -> String {
        if let Some(lie) = judge(&self.server.journal(), key, result) {
            return format!("{}: {lie}", outcome(result));
        }
        outcome(result)
    }

    /// A number for each life of the session.
    pub(crate) async fn generation(&self) -> u64 {
        self.lease().await.generation().number()
    }

    /// Waits for that life of the session, or a later one.
    pub(crate) async fn until_generation(&self, number: u64) {
        while self.generation().await < number {
            futures_lite::future::yield_now().await;
        }
    }

    /// Closes the session in order; gives what came, in which there must be nothing that no client sends.
    pub(crate) async fn close(self) -> Journal {
        self.client.shutdown(Mode::Force).await;
        let journal = self.server.journal();
        assert_eq!(journal.faults, [""; 0], "{:#?}", journal.story());
        for execution in journal.executions.iter().filter(|it| !it.key.is_empty()) {
            assert_eq!(journal.executed(&execution.key), 1, "{:#?}", journal.executions);
        }
        journal
    }
}

/// Calls `echo`.
pub(crate) async fn call(lease: &Lease, key: &str) -> Result<CallToolResult, Error> {
    lease.call_tool("echo", json!({ "text": key })).await
}
