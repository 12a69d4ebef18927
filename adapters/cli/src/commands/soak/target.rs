//! What a soak calls.

use serde_json::value::RawValue;
use tenure_mcp::proto::Server;
use tenure_mcp::{Client, Error, Lease};

/// What is called.
#[derive(Debug)]
pub(super) enum Target {
    Tool {
        name: String,
        arguments: Option<Box<RawValue>>,
    },
    /// Signs of life, and in turn the list of tools if the server has tools.
    Server {
        tools: bool,
    },
}

/// What a call came to: the answer's own word that it failed is one.
pub(super) type Called = Result<Verdict, Error>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    ToolFailed,
}

impl Target {
    pub(super) fn of_server(server: &Server) -> Self {
        Self::Server { tools: server.offers().tools.is_some() }
    }

    /// The call of this number.
    pub(super) async fn on_client(&self, client: &Client, number: u64) -> Called {
        match self {
            Self::Tool { name, arguments } => {
                let result = client.call_tool(name, arguments.as_deref()).await?;
                Ok(verdict(result.is_error))
            }
            Self::Server { tools: true } if number.is_multiple_of(2) => {
                client.list_tools().await.map(|_| Verdict::Done)
            }
            Self::Server { .. } => client.ping().await.map(|()| Verdict::Done),
        }
    }

    pub(super) async fn on_lease(&self, lease: &Lease, number: u64) -> Called {
        match self {
            Self::Tool { name, arguments } => {
                let result = lease.call_tool(name, arguments.as_deref()).await?;
                Ok(verdict(result.is_error))
            }
            Self::Server { tools: true } if number.is_multiple_of(2) => {
                lease.list_tools().await.map(|_| Verdict::Done)
            }
            Self::Server { .. } => lease.ping().await.map(|()| Verdict::Done),
        }
    }
}

const fn verdict(is_error: bool) -> Verdict {
    if is_error { Verdict::ToolFailed } else { Verdict::Done }
}
