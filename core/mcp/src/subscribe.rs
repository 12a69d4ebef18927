//! Saying what the server is to tell of.

use std::time::Duration;

use crate::connection::Connection;
use crate::error::RequestError;
use crate::subscriptions::Subscriptions;
use crate::types::LogLevel;

impl Connection {
    /// Says what the server is to tell of: all of it, in place of what was said before. What it tells comes as
    /// [`Event::Notification`](crate::Event::Notification). What it grants and what it does not is told by
    /// [`Event::Subscribed`](crate::Event::Subscribed), and an end by
    /// [`Event::SubscriptionEnded`](crate::Event::SubscriptionEnded). Ends with the connection, without a word.
    ///
    /// The connection itself sends what the era has for it. Up to 2025-11-25 changes of lists are told by
    /// themselves, where the server has that capability, and each resource has a request of its own (MCP 2025-11-25,
    /// server/resources, "Subscriptions"). From 2026-07-28 on there is one request for all (MCP 2026-07-28,
    /// basic/patterns/subscriptions); what was granted before is told until the server has acknowledged the new
    /// one, and one that ended is made again, later and later, 8 times in a row at most.
    ///
    /// These requests are not counted as [in flight](Self::in_flight), and what was said already is not asked
    /// for again, unless it has ended for good.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tenure_mcp_proto::{Connection, Event, Incoming, Options};
    /// use tenure_mcp_proto::Subscriptions;
    /// # let now = Duration::ZERO;
    /// # let mut connection = Connection::new(Options::default());
    /// # connection.start(now)?;
    /// # connection.poll_message();
    /// # let hello = br#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}}}}"#;
    /// # connection.handle_message(Incoming::Message(hello));
    /// # connection.poll_event();
    /// connection.subscribe(now, Subscriptions::default().tools(true).prompts(true))?;
    /// match connection.poll_event() {
    ///     Some(Event::Subscribed { granted, refused }) => assert!(granted.tools && refused.prompts),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), tenure_mcp_proto::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// Nothing was changed if: the connection isn't open, or the request would be too large.
    pub fn subscribe(&mut self, now: Duration, wished: Subscriptions) -> Result<(), RequestError> {
        self.check_open(false)?;
        self.exchange.tick(now);
        self.exchange.subscribe(wished)
    }

    /// Says which log messages are wanted: those of this level and the more serious ones. From 2026-07-28 on each
    /// request says so, unless its own `_meta` says otherwise (MCP 2026-07-28, server/utilities/logging); up to
    /// 2025-11-25 the connection sends a request of its own (MCP 2025-11-25, server/utilities/logging), whose
    /// failure is an [`Event::LogLevelRefused`](crate::Event::LogLevelRefused).
    ///
    /// # Errors
    /// Nothing was changed if: the connection isn't open, or the server doesn't offer logging.
    pub fn set_log_level(&mut self, now: Duration, level: LogLevel) -> Result<(), RequestError> {
        self.check_open(false)?;
        self.exchange.tick(now);
        self.exchange.set_log_level(level)
    }
}
