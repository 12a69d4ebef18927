//! Requests, their ends, and the server's own requests.

use crate::common::*;
use tenure_mcp_proto::{CallError, Cancel, Event, Options, ProtocolError, RequestError};

#[test]
fn a_request_ends_with_its_result_byte_for_byte() {
    let mut connection = ready();
    let params = raw("{\"b\":1.0,\n \"a\":[]}");
    let id = connection.request(T0, "tools/call", Some(&params), None).unwrap();
    assert_eq!(id.as_u64(), 2);
    assert_eq!(
        connection.poll_line().unwrap(),
        b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"b\":1.0,  \"a\":[]}}\n"
    );
    let result = r#"{ "z":1.00, "a":12345678901234567890.5, "z":"\u00E9" }"#;
    feed(&mut connection, &format!(r#" {{"result": {result} ,"jsonrpc":"2.0","id":2}} "#));
    let (ended, got) = response(&mut connection);
    assert_eq!((ended, got.unwrap().as_str()), (id, result));
    assert_eq!(connection.in_flight(), 0);
}

#[test]
fn an_error_answer_is_handed_on_whole() {
    let mut connection = ready();
    sent(&mut connection);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"m","data":[1.0]}}"#);
    match response(&mut connection).1 {
        Err(CallError::Server(error)) => {
            assert_eq!((error.code, error.message.as_str()), (Some(-32602), "m"));
            assert_eq!(error.data.unwrap().get(), "[1.0]");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn answers_may_come_in_any_order() {
    let mut connection = ready();
    let (a, b) = (sent(&mut connection), sent(&mut connection));
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":3,"result":"b"}"#);
    assert_eq!(response(&mut connection).0, b);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2.0,"result":"a"}"#);
    assert_eq!(response(&mut connection).0, a);
}

#[test]
fn a_bad_response_fails_its_call_and_no_other() {
    let mut connection = ready();
    for bad in [
        r#"{"id":@,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":@,"result":{},"error":{"code":1,"message":""}}"#,
        r#"{"jsonrpc":"2.0","id":@}"#,
        r#"{"jsonrpc":"2.0","id":@,"result":{"a":[1,}}"#,
        r#"{"jsonrpc":"2.0","id":@,"result":{"a":"#,
    ] {
        let id = sent(&mut connection);
        let other = sent(&mut connection);
        feed(&mut connection, &bad.replace('@', &id.to_string()));
        let (ended, result) = response(&mut connection);
        assert_eq!(ended, id, "{bad}");
        assert!(matches!(result, Err(CallError::Protocol { .. })), "{bad}");
        assert_eq!(connection.cancel(other, None), Cancel::Notified);
        events(&mut connection);
    }
}

#[test]
fn invalid_utf8_in_a_response_fails_its_call() {
    let mut connection = ready();
    let id = sent(&mut connection);
    connection.handle_input(b"{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"\xff\"}\n");
    let (ended, result) = response(&mut connection);
    assert_eq!(ended, id);
    match result {
        Err(CallError::Protocol { what, .. }) => assert!(what.contains("UTF-8"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn cancelling_before_it_was_handed_out_sends_nothing() {
    let mut connection = ready();
    let a = connection.request(T0, "a", None, None).unwrap();
    let b = connection.request(T0, "b", None, None).unwrap();
    assert_eq!(connection.cancel(a, Some("why")), Cancel::Unsent);
    assert_eq!(connection.cancel(a, None), Cancel::NotInFlight);
    let (ended, result) = response(&mut connection);
    assert_eq!(ended, a);
    assert!(matches!(result, Err(CallError::Cancelled)));
    let lines = outputs(&mut connection);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("\"method\":\"b\""));
    assert_eq!(connection.in_flight(), 1);
    assert_eq!(connection.cancel(b, None), Cancel::Notified);
}

#[test]
fn cancelling_after_it_was_handed_out_tells_the_server_and_ignores_its_answer() {
    let mut connection = ready();
    let id = sent(&mut connection);
    assert_eq!(connection.cancel(id, Some("a\"b")), Cancel::Notified);
    assert_eq!(
        connection.poll_line().unwrap(),
        b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2,\"reason\":\"a\\\"b\"}}\n"
    );
    response(&mut connection).1.unwrap_err();
    let answer = r#"{"jsonrpc":"2.0","id":2,"result":{}}"#;
    feed(&mut connection, answer);
    assert!(events(&mut connection).is_empty());
    feed(&mut connection, answer);
    assert!(matches!(only(&mut connection), Event::ProtocolError(ProtocolError::RepeatedResponse { .. })));
}

#[test]
fn a_long_reason_is_cut_between_characters() {
    let mut connection = ready();
    let id = sent(&mut connection);
    connection.cancel(id, Some(&format!("x{}", "ä".repeat(5000))));
    let line = outputs(&mut connection).remove(0);
    // 1024 bytes would end inside of a character.
    assert_eq!(line.matches('ä').count(), 511);
}

#[test]
fn a_deadline_covers_queued_and_sent_requests() {
    let mut connection = ready();
    let a = connection.request(T0, "a", None, Some(SECOND)).unwrap();
    connection.poll_line().unwrap();
    let b = connection.request(T0, "b", None, Some(2 * SECOND)).unwrap();
    let c = connection.request(T0, "c", None, Some(9 * SECOND)).unwrap();
    assert_eq!(connection.poll_timeout(), Some(T0 + SECOND));
    connection.handle_timeout(T0);
    assert!(events(&mut connection).is_empty());
    // Late: both that are due end, in the order of their deadlines.
    connection.handle_timeout(T0 + 3 * SECOND);
    let ended: Vec<_> = events(&mut connection)
        .into_iter()
        .map(|event| match event {
            Event::Response { id, result: Err(CallError::TimedOut) } => id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ended, [a, b]);
    assert_eq!(connection.poll_timeout(), Some(T0 + 9 * SECOND));
    let lines = outputs(&mut connection);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("\"requestId\":2,\"reason\":\"timed out\""));
    assert!(lines[1].contains("\"method\":\"c\""));
    connection.cancel(c, None);
    assert_eq!(connection.poll_timeout(), None);
}

#[test]
fn an_answered_request_does_not_time_out() {
    let mut connection = ready();
    connection.request(T0, "a", None, Some(SECOND)).unwrap();
    outputs(&mut connection);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    assert_eq!(connection.poll_timeout(), None);
    connection.handle_timeout(T0 + 2 * SECOND);
    assert!(response(&mut connection).1.is_ok());
    assert!(outputs(&mut connection).is_empty());
}

#[test]
fn a_timeout_beyond_all_time_is_no_problem() {
    let mut connection = ready();
    let forever = std::time::Duration::MAX;
    connection.request(T0, "a", None, Some(forever)).unwrap();
    assert_eq!(connection.poll_timeout(), Some(forever));
}

#[test]
fn ping_is_answered_at_once_with_its_id_as_it_came() {
    let mut connection = ready();
    for id in ["0", "-7", "\"\\u0061\"", "12345678901234567890123", "1.50"] {
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#));
        assert_eq!(
            outputs(&mut connection),
            [format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{}}}}\n")]
        );
    }
    assert!(events(&mut connection).is_empty());
}

#[test]
fn other_requests_of_the_server_are_refused_as_unknown() {
    let mut connection = ready();
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":"r","method":"roots/list"}"#);
    assert_eq!(
        outputs(&mut connection),
        ["{\"jsonrpc\":\"2.0\",\"id\":\"r\",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n"]
    );
}

#[test]
fn answers_to_the_server_overtake_giant_requests() {
    let mut connection = ready();
    let params = raw(&format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)));
    connection.request(T0, "a", Some(&params), None).unwrap();
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    assert!(connection.poll_line().unwrap().ends_with(b"\"result\":{}}\n"));
}

#[test]
fn a_server_that_asks_without_reading_costs_bounded_memory() {
    let mut connection = ready_with(Options::default().max_replies(3), "2025-11-25");
    let id = sent(&mut connection);
    connection.cancel(id, None);
    response(&mut connection).1.unwrap_err();
    for _ in 0..10 {
        feed(&mut connection, r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    }
    match only(&mut connection) {
        Event::Dropped(dropped) => {
            assert_eq!((dropped.cancel_notices, dropped.replies), (1, 7));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(outputs(&mut connection).len(), 3);
}

#[test]
fn notifications_come_in_order_with_the_responses() {
    let mut connection = ready();
    sent(&mut connection);
    feed(
        &mut connection,
        r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":0.50}}"#,
    );
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    match &events(&mut connection)[..] {
        [Event::Notification { method, params: Some(params) }, Event::Response { .. }] => {
            assert_eq!(method, "notifications/progress");
            assert_eq!(params.get(), r#"{"progress":0.50}"#);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn too_many_notifications_are_dropped_and_counted_but_responses_never() {
    let mut connection = ready_with(Options::default().max_events(2), "2025-11-25");
    sent(&mut connection);
    for _ in 0..5 {
        feed(&mut connection, r#"{"jsonrpc":"2.0","method":"n"}"#);
    }
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    match &events(&mut connection)[..] {
        [
            Event::Notification { .. },
            Event::Notification { .. },
            Event::Dropped(dropped),
            Event::Response { .. },
        ] => assert_eq!(dropped.notifications, 3),
        other => panic!("{other:?}"),
    }
}

/// tests/http/ROWS.md, section 9.
#[test]
fn a_thousand_events_wait_if_nobody_chose_another_number() {
    let mut connection = ready_with(Options::default(), "2025-11-25");
    for _ in 0..1025 {
        feed(&mut connection, r#"{"jsonrpc":"2.0","method":"n"}"#);
    }
    let heard = events(&mut connection);
    assert_eq!(heard.len(), 1025);
    assert!(
        matches!(&heard[1024], Event::Dropped(dropped) if dropped.notifications == 1),
        "{:?}",
        heard[1024]
    );
}

#[test]
fn what_is_refused_is_refused_typed_and_leaves_no_trace() {
    let mut connection = ready_with(Options::default().max_message(300), "2025-11-25");
    let giant = raw(&format!("{{\"a\":\"{}\"}}", "x".repeat(300)));
    assert!(matches!(
        connection.request(T0, "a", Some(&giant), None),
        Err(RequestError::TooLarge { limit: 300, size }) if size > 300
    ));
    for method in ["", "initialize"] {
        assert!(matches!(
            connection.request(T0, method, None, None),
            Err(RequestError::InvalidMethod { .. })
        ));
    }
    for method in ["notifications/initialized", "notifications/cancelled"] {
        assert!(matches!(connection.notify(method, None), Err(RequestError::InvalidMethod { .. })));
    }
    let list = raw("[1]");
    assert_eq!(connection.request(T0, "a", Some(&list), None), Err(RequestError::InvalidParams));
    assert_eq!(connection.in_flight(), 0);
    assert!(outputs(&mut connection).is_empty());
    assert_eq!(connection.request(T0, "a", None, None).unwrap().as_u64(), 2);
}

#[test]
fn requests_in_flight_and_answers_that_nobody_polled_are_bounded_together() {
    let options = Options::default().max_in_flight(2);
    let mut connection = ready_with(options, "2025-11-25");
    sent(&mut connection);
    sent(&mut connection);
    let full = Err(RequestError::TooManyInFlight { limit: 2 });
    assert_eq!(connection.request(T0, "a", None, None), full);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    assert_eq!(connection.request(T0, "a", None, None), full);
    response(&mut connection).1.unwrap();
    connection.request(T0, "a", None, None).unwrap();
}

#[test]
fn a_stuck_writer_bounds_what_callers_may_queue() {
    let options = Options::default().max_queued(100);
    let mut connection = ready_with(options, "2025-11-25");
    let mut queued = 0;
    while connection.notify("n", None).is_ok() {
        queued += 1;
        assert!(queued < 100);
    }
    assert_eq!(connection.notify("n", None), Err(RequestError::QueueFull { limit: 100 }));
    assert_eq!(outputs(&mut connection).len(), queued);
    connection.notify("n", None).unwrap();
}
