//! What the tests of both eras need.

use std::sync::Arc;

use tenure_mcp_proto::{Era, Eras, Event, Options, Server};

use super::{OnLines, T0, feed, only, outputs};

pub(crate) const DISCOVER: &str = r#""method":"server/discover""#;
pub(crate) const INITIALIZE: &str = r#""method":"initialize""#;
pub(crate) const MARKS: &str = concat!(
    r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
    r#""io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"#,
    r#""io.modelcontextprotocol/clientCapabilities":{}"#
);

pub(crate) fn both() -> Options {
    Options::default().client("c", "1").eras(Eras::Auto)
}

pub(crate) fn modern() -> Options {
    both().eras(Eras::Modern)
}

/// The one line there is to write.
pub(crate) fn line(connection: &mut OnLines) -> String {
    let lines = outputs(connection);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.concat()
}

pub(crate) fn begun(options: Options) -> OnLines {
    let mut connection = OnLines::new(options);
    connection.start(T0).unwrap();
    connection
}

/// A connection that has asked a server whether it is modern.
pub(crate) fn probed(options: Options) -> OnLines {
    let mut connection = begun(options);
    let line = line(&mut connection);
    assert!(line.contains(DISCOVER), "{line}");
    connection
}

/// An answer to the request of this id; `outcome` is `"result":…` or `"error":…`.
pub(crate) fn answer(connection: &mut OnLines, id: u64, outcome: &str) {
    feed(connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},{outcome}}}"#));
}

pub(crate) fn discovered(versions: &str) -> String {
    format!(
        r#""result":{{"resultType":"complete","supportedVersions":{versions},"capabilities":{{}},"_meta":{{"io.modelcontextprotocol/serverInfo":{{"name":"s","version":"1"}}}}}}"#
    )
}

/// A connection to a server of the modern era, nothing waiting.
pub(crate) fn ready_modern(options: Options) -> OnLines {
    let mut connection = probed(options);
    answer(&mut connection, 1, &discovered(r#"["2026-07-28"]"#));
    assert_eq!(server(&mut connection).era, Era::Modern);
    assert_eq!(outputs(&mut connection), Vec::<String>::new());
    connection
}

pub(crate) fn server(connection: &mut OnLines) -> Arc<Server> {
    match only(connection) {
        Event::Ready(server) => server,
        other => panic!("{other:?}"),
    }
}
