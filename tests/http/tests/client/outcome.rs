//! What became of a call, in short, so that tables of it can be read.

use serde_json::Value;
use tenure_http_server::Journal;
use tenure_mcp::proto::http::{HttpError, HttpErrorKind};
use tenure_mcp::proto::types::CallToolResult;
use tenure_mcp::{Delivery, Error};

/// `ok TEXT`, `error CODE`, or why there is no answer and how far the call got.
pub(crate) fn outcome(result: &Result<CallToolResult, Error>) -> String {
    match result {
        Ok(result) => format!("ok {}", result.text()),
        Err(error) => failure(error),
    }
}

pub(crate) fn failure(error: &Error) -> String {
    let delivery = word(error.delivery());
    match error {
        Error::Http { error, .. } => {
            let again = error
                .retry_after
                .map_or_else(String::new, |after| format!(", again in {} s", after.as_secs()));
            format!("{}, {delivery}{again}", why(error))
        }
        Error::Server(error) => format!("error {}", error.code.unwrap_or_default()),
        Error::Refused { .. } => format!("refused at once, {delivery}"),
        Error::Closed { .. } => format!("closed, {delivery}"),
        Error::ConnectFailed { failure, .. } if failure.is_retryable() => "connect failed".to_owned(),
        Error::ConnectFailed { .. } => "connect failed for good".to_owned(),
        Error::Lost { .. } => format!("lost, {delivery}"),
        Error::TimedOut { .. } => format!("timed out, {delivery}"),
        Error::TooLarge { .. } => format!("too large, {delivery}"),
        Error::InputRequired { .. } => "input required".to_owned(),
        other => format!("{other:?}"),
    }
}

fn why(error: &HttpError) -> String {
    let status = error.status.unwrap_or_default();
    match &error.kind {
        HttpErrorKind::Broken(failure) => format!("broken {:?}", failure.stage),
        HttpErrorKind::Status => format!("status {status}"),
        HttpErrorKind::Unauthorized { .. } => format!("unauthorized {status}"),
        HttpErrorKind::Expired => "lost".to_owned(),
        HttpErrorKind::Redirected { .. } => "redirected".to_owned(),
        HttpErrorKind::NoAnswer { .. } => "no answer".to_owned(),
        HttpErrorKind::Interrupted { .. } => "interrupted".to_owned(),
        HttpErrorKind::Retired => "retired".to_owned(),
        HttpErrorKind::Unsendable { .. } => "unsendable".to_owned(),
        other => format!("{other:?}"),
    }
}

fn word(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::NotSent => "unsent",
        Delivery::Refused => "refused",
        _ => "unknown",
    }
}

/// What is said of a call's delivery must be true of what the server has done. Returns what is not.
pub(crate) fn judge(journal: &Journal, key: &str, result: &Result<CallToolResult, Error>) -> Option<String> {
    let times = journal.executed(key);
    match result {
        _ if times > 1 => Some(format!("{key} was done {times} times")),
        Err(error) if times > 0 && !matches!(error.delivery(), Delivery::Unknown) => {
            Some(format!("{key} was done, and its caller is told that it was {}", word(error.delivery())))
        }
        _ => None,
    }
}

/// What `echo` gives.
pub(crate) fn text(text: &str) -> Value {
    serde_json::json!({ "content": [{ "type": "text", "text": text }], "resultType": "complete" })
}
