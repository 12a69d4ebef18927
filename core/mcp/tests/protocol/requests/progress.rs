//! Progress of requests, and how long they wait for it (MCP 2025-11-25, basic/utilities/progress,
//! basic/lifecycle, "Timeouts").

use std::time::Duration;

use crate::common::*;
use tenure_mcp_proto::{
    CallError, Event, Incoming, Options, ProtocolError, RequestError, RequestId, RequestOptions,
};

fn wanted() -> RequestOptions {
    RequestOptions::default().progress(true)
}

/// Makes a request with params, and hands it to the writer. Its id, and the params as they went out.
fn made(connection: &mut OnLines, params: Option<&str>, options: RequestOptions) -> (RequestId, String) {
    let id = connection.request_with(T0, "tools/call", params.map(raw).as_deref(), options).unwrap();
    let line = outputs(connection).concat();
    let params = line.split_once("\"params\":").map(|(_, params)| params.trim_end());
    (id, params.and_then(|params| params.strip_suffix('}')).unwrap_or_default().to_owned())
}

/// The server says how far something is.
fn tell(connection: &mut OnLines, token: &str, progress: &str) {
    feed(connection, &notice(token, progress));
}

fn notice(token: &str, progress: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{token},"progress":{progress}}}}}"#
    )
}

/// Whose progress was told, and how far it is.
fn told(connection: &mut OnLines) -> Vec<(u64, f64)> {
    let one = |event| match event {
        Event::Progress { id, progress } => (id.as_u64(), progress.progress),
        other => panic!("{other:?}"),
    };
    events(connection).into_iter().map(one).collect()
}

#[test]
fn a_request_asks_for_progress_with_a_token_of_its_own() {
    let mut connection = ready();
    let (id, params) = made(&mut connection, Some(r#"{"n":1.00,"_meta":{ "a":2.0}}"#), wanted());
    assert_eq!(params, format!(r#"{{"n":1.00,"_meta":{{ "a":2.0,"progressToken":{id}}}}}"#));
    let (id, params) = made(&mut connection, None, wanted());
    assert_eq!(params, format!(r#"{{"_meta":{{"progressToken":{id}}}}}"#));
    let (_, params) = made(&mut connection, Some(r#"{"_meta":{}}"#), RequestOptions::default());
    assert_eq!(params, r#"{"_meta":{}}"#, "not asked for");
    let odd = connection.request_with(T0, "x", Some(&raw(r#"{"_meta":[]}"#)), wanted());
    assert_eq!(odd, Err(RequestError::InvalidMeta));
}

#[test]
fn progress_comes_to_its_request_with_all_that_was_said() {
    let mut connection = ready();
    let (a, _) = made(&mut connection, None, wanted());
    let (b, _) = made(&mut connection, None, wanted());
    let params = format!(r#"{{"total":1e2, "progressToken":{a},"message":"m","progress":50.0,"x":1.0}}"#);
    feed(
        &mut connection,
        &format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{params}}}"#),
    );
    match only(&mut connection) {
        Event::Progress { id, progress } => {
            assert_eq!(id, a);
            assert_eq!((progress.progress, progress.total), (50.0, Some(100.0)));
            assert_eq!((progress.message.as_deref(), progress.raw.get()), (Some("m"), params.as_str()));
            assert_eq!((progress.token.get(), progress.fraction()), (a.to_string().as_str(), Some(0.5)));
        }
        other => panic!("{other:?}"),
    }
    // Servers that keep numbers as floats, or tokens as text.
    tell(&mut connection, &format!("{b}.0"), "1");
    tell(&mut connection, &format!("\"{a}\""), "51");
    tell(&mut connection, &b.to_string(), "1.5");
    assert_eq!(told(&mut connection), [(b.as_u64(), 1.0), (a.as_u64(), 51.0), (b.as_u64(), 1.5)]);
}

#[test]
fn progress_that_is_unknown_late_or_ahead_of_its_request_is_ignored() {
    let mut connection = ready();
    let (done, _) = made(&mut connection, None, wanted());
    let (cancelled, _) = made(&mut connection, None, wanted());
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{done},"result":{{}}}}"#));
    connection.cancel(cancelled, None);
    events(&mut connection);
    outputs(&mut connection);
    let unsent = connection.request_with(T0, "x", None, wanted()).unwrap();
    for token in [done, cancelled, unsent].map(|id| id.to_string()) {
        tell(&mut connection, &token, "1");
    }
    for token in ["99", "\"x\"", "-1", "[3]", "true"] {
        tell(&mut connection, token, "1");
    }
    assert!(events(&mut connection).is_empty());
    outputs(&mut connection);
    tell(&mut connection, &unsent.to_string(), "1");
    assert_eq!(told(&mut connection), [(unsent.as_u64(), 1.0)]);
}

#[test]
fn progress_must_increase() {
    let mut connection = ready();
    let (id, _) = made(&mut connection, None, wanted());
    for progress in ["-1", "-1", "0.5", "0.25", "0.75"] {
        tell(&mut connection, &id.to_string(), progress);
    }
    let seen: Vec<_> = events(&mut connection)
        .into_iter()
        .map(|event| match event {
            Event::Progress { progress, .. } => Ok(progress.progress),
            Event::ProtocolError(error @ ProtocolError::ProgressNotIncreasing { .. }) => {
                Err(error.to_string())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let not = Err(format!("the progress of request {id} does not increase"));
    assert_eq!(seen, [Ok(-1.0), not.clone(), Ok(0.5), not, Ok(0.75)]);
}

#[test]
fn what_is_no_progress_stays_a_notification() {
    let mut connection = ready();
    let (id, _) = made(&mut connection, None, wanted());
    for params in [
        format!(r#"{{"progressToken":{id}}}"#),
        format!(r#"{{"progressToken":{id},"progress":"1"}}"#),
        format!(r#"{{"progressToken":{id},"progress":1e999}}"#),
        r#"{"progressToken":null,"progress":1}"#.to_owned(),
        r#"{"progress":1}"#.to_owned(),
        "[]".to_owned(),
    ] {
        feed(
            &mut connection,
            &format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{params}}}"#),
        );
        match only(&mut connection) {
            Event::Notification { params: Some(kept), .. } => assert_eq!(kept.get(), params),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_token_of_the_callers_goes_out_as_it_is() {
    let mut connection = ready();
    let text = r#"{"_meta":{"progressToken":"mine"}}"#;
    let (asked, params) = made(&mut connection, Some(text), wanted());
    assert_eq!(params, text);
    tell(&mut connection, "\"mine\"", "1");
    assert_eq!(told(&mut connection), [(asked.as_u64(), 1.0)]);
    // It must be unique among the requests in flight.
    let again = connection.request_with(T0, "x", Some(&raw(text)), RequestOptions::default());
    assert_eq!(again, Err(RequestError::ProgressTokenInUse { token: "mine".to_owned() }));
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{asked},"result":{{}}}}"#));
    events(&mut connection);
    // Without being asked, the connection passes it on.
    made(&mut connection, Some(text), RequestOptions::default());
    tell(&mut connection, "\"mine\"", "1");
    tell(&mut connection, "\"mine\"", "1");
    let all = events(&mut connection);
    assert!(all.iter().all(|event| matches!(event, Event::Notification { .. })) && all.len() == 2, "{all:?}");
}

#[test]
fn progress_is_bounded_like_other_notifications() {
    let mut connection = ready_with(Options::default().max_events(3), "2025-11-25");
    let (id, _) = made(&mut connection, None, wanted());
    for progress in 0..10 {
        tell(&mut connection, &id.to_string(), &progress.to_string());
    }
    let all = events(&mut connection);
    match &all[..] {
        [Event::Progress { .. }, Event::Progress { .. }, Event::Progress { .. }, Event::Dropped(dropped)] => {
            assert_eq!(dropped.notifications, 7);
        }
        other => panic!("{other:?}"),
    }
    // And in bytes.
    let mut connection = ready_with(Options::default().max_message(300), "2025-11-25");
    let (id, _) = made(&mut connection, None, wanted());
    for progress in 0..20 {
        tell(&mut connection, &id.to_string(), &progress.to_string());
    }
    let bytes =
        notice(&id.to_string(), "0").len() - notice("", "").len() + r#"{"progressToken":,"progress":}"#.len();
    assert_eq!(events(&mut connection).len(), 300 / bytes + 1);
    for progress in 20..22 {
        tell(&mut connection, &id.to_string(), &progress.to_string());
    }
    assert_eq!(told(&mut connection).len(), 2, "there is room again");
}

fn at(connection: &mut OnLines, now: Duration, line: &str) {
    connection.handle_message_at(now, Incoming::Message(line.as_bytes()));
}

#[test]
fn progress_begins_the_idle_time_anew_and_never_the_maximum() {
    let mut connection = ready();
    let options = wanted().idle_timeout(Some(10 * SECOND)).timeout(Some(25 * SECOND));
    let (id, _) = made(&mut connection, None, options);
    assert_eq!(connection.poll_timeout(), Some(T0 + 10 * SECOND));
    at(&mut connection, T0 + 9 * SECOND, &notice(&id.to_string(), "1"));
    assert_eq!(connection.poll_timeout(), Some(T0 + 19 * SECOND));
    connection.handle_timeout(T0 + 18 * SECOND);
    // At the time that was told last.
    tell(&mut connection, &id.to_string(), "2");
    assert_eq!(connection.poll_timeout(), Some(T0 + 25 * SECOND));
    // Without an increase nothing begins anew.
    let options = wanted().idle_timeout(Some(SECOND));
    let idle = connection.request_with(T0 + 18 * SECOND, "x", None, options).unwrap();
    outputs(&mut connection);
    at(&mut connection, T0 + 18 * SECOND, &notice(&idle.to_string(), "1"));
    at(&mut connection, T0 + 19 * SECOND, &notice(&idle.to_string(), "1"));
    assert_eq!(connection.poll_timeout(), Some(T0 + 19 * SECOND));
    events(&mut connection);
    connection.handle_timeout(T0 + 24 * SECOND);
    let (ended, result) = response(&mut connection);
    assert!(ended == idle && matches!(result, Err(CallError::TimedOut)));
    connection.handle_timeout(T0 + 25 * SECOND);
    let (ended, result) = response(&mut connection);
    assert!(ended == id && matches!(result, Err(CallError::TimedOut)));
    assert_eq!(connection.poll_timeout(), None);
}

#[test]
fn progress_of_one_request_is_no_sign_of_another() {
    let mut connection = ready();
    let options = wanted().idle_timeout(Some(10 * SECOND));
    let (a, _) = made(&mut connection, None, options);
    let (b, _) = made(&mut connection, None, options);
    at(&mut connection, T0 + 9 * SECOND, &notice(&b.to_string(), "1"));
    assert_eq!(told(&mut connection), [(b.as_u64(), 1.0)]);
    connection.handle_timeout(T0 + 10 * SECOND);
    assert_eq!(response(&mut connection).0, a);
    assert_eq!(connection.poll_timeout(), Some(T0 + 19 * SECOND));
}
