//! The scripted server.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};
use tenure_driver::Failure;

use crate::testing::answer::Answer;
use crate::testing::asked::Asked;
use crate::testing::held::Held;
use crate::testing::script::Handler;
use crate::testing::state::Room;
use crate::testing::wire::MemoryTransport;
use crate::wire::Transport;

/// An MCP server in memory, scripted with closures. Clones are the same server.
///
/// By itself it completes the handshake in whatever version it is asked for, answers `ping`, lists and calls the
/// [tools](Self::tool) it was given, and says "method not found" to the rest. It ends as soon as it is told to.
///
/// Closures are called from the task that carries the session; they must not block. A closure that panics ends the
/// connection, as a bug in a transport would. What must be slow is [held](Self::hold).
///
/// The [module](crate::testing) has an example.
#[derive(Clone, Default)]
pub struct MemoryServer {
    room: Room,
}

impl MemoryServer {
    /// A server without tools.
    pub fn new() -> Self {
        Self::default()
    }

    /// With another tool: `call` is given its arguments, `{}` if there are none. Of two tools with one name the last
    /// counts.
    #[must_use]
    pub fn tool<A: Into<Answer>>(
        self,
        name: impl Into<String>,
        call: impl Fn(&Value) -> A + Send + Sync + 'static,
    ) -> Self {
        let name = name.into();
        self.room.change(|state| state.script.set_tool(name, handler(call)));
        self
    }

    /// With an answer to another method, or to one that it knows by itself, such as `initialize`. `answer` is given the
    /// params, `null` if there are none.
    #[must_use]
    pub fn method<A: Into<Answer>>(
        self,
        method: impl Into<String>,
        answer: impl Fn(&Value) -> A + Send + Sync + 'static,
    ) -> Self {
        let method = method.into();
        self.room.change(|state| state.script.set_method(method, handler(answer)));
        self
    }

    /// What opens connections to it, for [`connect`](crate::connect). Any number of clients may have one.
    pub fn transport(&self) -> impl Transport + use<> {
        MemoryTransport(self.room.clone())
    }

    /// Adds a tool, or changes one, and tells the clients that the list has changed.
    pub fn add_tool<A: Into<Answer>>(
        &self,
        name: impl Into<String>,
        call: impl Fn(&Value) -> A + Send + Sync + 'static,
    ) {
        let name = name.into();
        self.room.change(|state| {
            state.script.set_tool(name, handler(call));
            state.notify(LIST_CHANGED, None);
        });
    }

    /// Removes a tool, if it is there, and then tells the clients that the list has changed.
    pub fn remove_tool(&self, name: &str) {
        self.room.change(|state| {
            if state.script.remove_tool(name) {
                state.notify(LIST_CHANGED, None);
            }
        });
    }

    /// Takes no connection from now on: each connect fails with `failure`. Those that are open stay.
    ///
    /// [`Failure::new`] makes one that a retry policy tries again, [`Failure::permanent`] one that it doesn't.
    pub fn refuse(&self, failure: impl Into<Failure>) {
        let failure = failure.into();
        self.room.change(|state| state.refusal = Some(failure));
    }

    /// Takes connections again.
    pub fn accept(&self) {
        self.room.change(|state| state.refusal = None);
    }

    /// Holds requests of this method from now on: they come, and are answered when [`Held`] is dropped. This is how a
    /// test makes a server slow: `tools/call` for a slow tool, `initialize` for a slow start.
    pub fn hold(&self, method: impl Into<String>) -> Held {
        Held::new(self.room.clone(), method.into())
    }

    /// Dies now: all connections are lost, with that as the reason, and what it said before is still heard. The next
    /// connect finds it alive again.
    pub fn die(&self, why: impl AsRef<str>) {
        self.room.change(|state| state.die(why.as_ref()));
    }

    /// Sends a notification to each client whose handshake is complete.
    pub fn notify(&self, method: impl AsRef<str>, params: Value) {
        self.room.change(|state| state.notify(method.as_ref(), Some(params)));
    }

    /// Asks the client that connected last for something, such as `roots/list`, for its
    /// [handlers](crate::Handlers) to answer. While none is connected, there is no answer. A client has leases a moment
    /// before the server hears that the handshake is complete: where the two run on different threads, have a request
    /// answered first.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use futures_lite::future::{block_on, zip};
    /// use serde_json::json;
    /// use tenure_mcp::proto::ClientFeature;
    /// use tenure_mcp::proto::types::{ListRootsResult, Root};
    /// use tenure_mcp::testing::{ClientAnswer, MemoryServer, StoppedClock};
    /// use tenure_mcp::{HandlerContext, Handlers, Options, Refusal};
    ///
    /// struct Folder;
    ///
    /// #[async_trait]
    /// impl Handlers for Folder {
    ///     fn offers(&self) -> Vec<ClientFeature> {
    ///         vec![ClientFeature::Roots]
    ///     }
    ///
    ///     async fn list_roots(&self, _: &HandlerContext) -> Result<ListRootsResult, Refusal> {
    ///         Ok(ListRootsResult::new([Root::new("file:///project")]))
    ///     }
    /// }
    ///
    /// let server = MemoryServer::new();
    /// let options = Options::new().handlers(Folder);
    /// let (client, driver) = tenure_mcp::connect(options, server.transport(), StoppedClock);
    /// let test = async move {
    ///     let _lease = client.acquire().await.unwrap();
    ///     let roots = server.ask("roots/list", json!({})).answer().await;
    ///     assert_eq!(roots, ClientAnswer::Result(json!({ "roots": [{ "uri": "file:///project" }] })));
    /// };
    /// block_on(zip(test, driver));
    /// ```
    pub fn ask(&self, method: impl AsRef<str>, params: impl Into<Value>) -> Asked {
        Asked::new(self.room.clone(), method.as_ref(), &params.into())
    }

    /// Tells how far the requests of this method are that asked for progress
    /// (MCP 2025-11-25, basic/utilities/progress): all that came so far, answered or not, as a server does that is
    /// late.
    pub fn progress(&self, method: &str, progress: f64, total: Option<f64>) {
        let tokens = self.received(method).into_iter().filter_map(|params| {
            let token = params.get("_meta")?.get("progressToken")?;
            Some(token.clone())
        });
        for token in tokens {
            let mut params = json!({ "progressToken": token, "progress": progress });
            if let (Some(total), Some(fields)) = (total, params.as_object_mut()) {
                fields.insert("total".to_owned(), json!(total));
            }
            self.notify("notifications/progress", params);
        }
    }

    /// Sends a log message (`notifications/message`) to each client whose handshake is complete. Levels are `debug`,
    /// `info`, `notice`, `warning`, `error`, `critical`, `alert` and `emergency`.
    pub fn log(&self, level: &str, data: impl Into<Value>) {
        self.notify("notifications/message", json!({ "level": level, "data": data.into() }));
    }

    /// Sends one message as it is, be it JSON or not, to each client that is connected.
    pub fn say_raw(&self, message: impl AsRef<[u8]>) {
        self.room.change(|state| state.say(message.as_ref()));
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> u64 {
        self.room.look(|state| state.opened)
    }

    /// How many connections are open now.
    pub fn open_connections(&self) -> usize {
        self.room.look(super::state::State::alive)
    }

    /// The params of all requests and notifications of this method that came so far, `null` where there were none.
    pub fn received(&self, method: &str) -> Vec<Value> {
        self.room.look(|state| state.received(method))
    }
}

const LIST_CHANGED: &str = "notifications/tools/list_changed";

fn handler<A: Into<Answer>>(call: impl Fn(&Value) -> A + Send + Sync + 'static) -> Handler {
    Arc::new(move |given| call(given).into())
}

impl fmt::Debug for MemoryServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryServer")
            .field("connections", &self.connections())
            .field("open_connections", &self.open_connections())
            .finish_non_exhaustive()
    }
}
