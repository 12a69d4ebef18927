//! What notifications of a server tell (MCP 2025-11-25, schema, `ServerNotification`).

use crate::common::*;
use tenure_mcp_proto::types::{LogLevel, Notification};

fn read(method: &str, params: &str) -> Notification {
    Notification::read(&format!("notifications/{method}"), Some(&raw(params)))
}

#[test]
fn changes_of_lists_are_told_apart() {
    let read = |method: &str| Notification::read(&format!("notifications/{method}"), None);
    assert!(matches!(read("tools/list_changed"), Notification::ToolsChanged));
    assert!(matches!(read("resources/list_changed"), Notification::ResourcesChanged));
    assert!(matches!(read("prompts/list_changed"), Notification::PromptsChanged));
    assert!(matches!(read("roots/list_changed"), Notification::Other));
    assert!(matches!(Notification::read("tools/list_changed", None), Notification::Other));
}

#[test]
fn a_log_message_has_its_level_its_logger_and_its_data_byte_for_byte() {
    match read("message", r#"{"level":"alert","logger":"l","data":{"n":1.00, "n":2}}"#) {
        Notification::Log { level, logger, data, .. } => {
            assert_eq!((level, logger.as_deref()), (LogLevel::Alert, Some("l")));
            assert_eq!(data.get(), r#"{"n":1.00, "n":2}"#);
        }
        other => panic!("{other:?}"),
    }
    match read("message", r#"{"level":"debug"}"#) {
        Notification::Log { data, logger: None, .. } => assert_eq!(data.get(), "null"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_concerns_one_thing_names_it() {
    match read("resources/updated", r#"{"uri":"u"}"#) {
        Notification::ResourceUpdated { uri, .. } => assert_eq!(uri, "u"),
        other => panic!("{other:?}"),
    }
    match read("elicitation/complete", r#"{"elicitationId":"e"}"#) {
        Notification::ElicitationComplete { elicitation_id, .. } => assert_eq!(elicitation_id, "e"),
        other => panic!("{other:?}"),
    }
    match read("cancelled", r#"{"requestId":1.0,"reason":"r"}"#) {
        Notification::Cancelled { request_id, reason, .. } => {
            assert_eq!((request_id.get(), reason.as_deref()), ("1.0", Some("r")));
        }
        other => panic!("{other:?}"),
    }
    match read("progress", r#"{"progressToken":"t","progress":3,"total":2}"#) {
        Notification::Progress(progress) => {
            assert_eq!(
                (progress.token.get(), progress.progress, progress.fraction()),
                ("\"t\"", 3.0, Some(1.0))
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn progress_is_a_part_of_something_only_if_that_is_something() {
    for (total, fraction) in [("4", Some(0.25)), ("0", None), ("-4", None), ("1e999", None), ("\"4\"", None)]
    {
        match read("progress", &format!(r#"{{"progressToken":1,"progress":1,"total":{total}}}"#)) {
            Notification::Progress(progress) => assert_eq!(progress.fraction(), fraction, "{total}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_lacks_something_is_another_notification() {
    for (method, params) in [
        ("message", r#"{"data":1}"#),
        ("message", r#"{"level":"loud","data":1}"#),
        ("message", "[]"),
        ("resources/updated", "{}"),
        ("resources/updated", r#"{"uri":1}"#),
        ("elicitation/complete", r#"{"elicitationId":null}"#),
        ("cancelled", r#"{"requestId":null}"#),
        ("cancelled", "5"),
        ("progress", r#"{"progressToken":1}"#),
        ("tasks/status", "{}"),
    ] {
        assert!(matches!(read(method, params), Notification::Other), "{method} {params}");
        let bare = Notification::read(&format!("notifications/{method}"), None);
        assert!(matches!(bare, Notification::Other), "{method}");
    }
}
