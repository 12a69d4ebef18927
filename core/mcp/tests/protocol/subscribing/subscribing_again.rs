//! What is wished again of a server, and when it is asked for anew.

use crate::common::eras::*;
use crate::common::subscriptions::*;
use crate::common::*;
use tenure_mcp_proto::Subscriptions;

#[test]
fn what_is_wished_already_is_not_asked_for_again_however_far_it_is() {
    let wished = || Subscriptions::default().tools(true);
    let mut connection = modern_with("{}");
    connection.subscribe(T0, wished()).unwrap();
    line(&mut connection);
    connection.subscribe(T0, wished()).unwrap();
    assert!(outputs(&mut connection).is_empty(), "it is asked for, and not acknowledged");
    acknowledged(&mut connection, 2, r#"{"toolsListChanged":true}"#);
    subscribed(&mut connection);
    connection.subscribe(T0, wished()).unwrap();
    assert!(outputs(&mut connection).is_empty(), "it is told of");
    answer(&mut connection, 2, r#""result":{}"#);
    assert!(ended(&mut connection).1);
    connection.subscribe(T0, wished()).unwrap();
    assert!(outputs(&mut connection).is_empty(), "it will be asked for again");
}

#[test]
fn a_connection_that_can_not_send_any_more_does_not_listen_again() {
    let mut connection = listening();
    answer(&mut connection, 2, r#""result":{}"#);
    assert!(ended(&mut connection).1);
    let again = connection.poll_timeout().unwrap();
    connection.handle_write_failure(None);
    assert_eq!(connection.poll_timeout(), None);
    connection.handle_timeout(again);
    assert!(events(&mut connection).is_empty());
}

#[test]
fn what_a_legacy_server_refused_is_asked_for_again_when_it_is_wished_anew() {
    let mut connection = legacy(ALL);
    connection.subscribe(T0, uris(&["a"])).unwrap();
    line(&mut connection);
    answer(&mut connection, 2, r#""error":{"code":-1}"#);
    subscribed(&mut connection);
    connection.subscribe(T0, uris(&[])).unwrap();
    subscribed(&mut connection);
    connection.subscribe(T0, uris(&["a"])).unwrap();
    assert!(line(&mut connection).contains(r#""uri":"a""#));
}
