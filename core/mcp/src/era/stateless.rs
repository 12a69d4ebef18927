//! Servers that keep nothing of a connection.

use crate::connection::Connection;

impl Connection {
    /// Returns whether the server keeps nothing of this connection from one request to the next: it is of the modern
    /// era, where each request says all that it must know, and each is
    /// [an exchange of its own](crate::Options::exchanges), so that no stream holds them together either. There is
    /// nothing then whose life could be asked for. To be asked when the connection [is open](crate::Event::Ready).
    ///
    /// ```
    /// use tenure_mcp_proto::{Connection, Options};
    /// # fn ask_for_life(connection: &mut Connection) {
    /// if !connection.is_stateless() {
    ///     connection.ask_for_life(now(), None).expect("there is room for it");
    /// }
    /// # }
    /// # fn now() -> std::time::Duration { std::time::Duration::ZERO }
    /// # assert!(!Connection::new(Options::default()).is_stateless());
    /// ```
    pub fn is_stateless(&self) -> bool {
        self.exchange.options.exchanges && !self.exchange.rules.has_session()
    }
}
