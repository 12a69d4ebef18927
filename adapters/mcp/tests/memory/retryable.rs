//! Which errors say that the same call may go better if it is made again.

use serde_json::value::RawValue;
use tenure::{DeadlineKind, Generation, Refusal};
use tenure_mcp::proto::RequestError;
use tenure_mcp::{Deadline, Delivery, Error, Failure};

const GENERATION: Option<Generation> = Some(Generation::FIRST);

fn closed(for_good: bool) -> Error {
    Error::Closed { generation: GENERATION, for_good, delivery: Delivery::NotSent }
}

fn lost(generation: Option<Generation>) -> Error {
    Error::Lost { generation, failure: Failure::new("gone"), delivery: Delivery::Unknown }
}

fn connect_failed(failure: Failure) -> Error {
    Error::ConnectFailed { generation: Generation::FIRST, failure }
}

#[test]
fn what_another_connection_or_another_moment_may_change_is_worth_another_call() {
    let deadline = Deadline::Session(DeadlineKind::Connect);
    for error in [
        Error::Refused { reason: Refusal::NotLive },
        closed(false),
        connect_failed(Failure::new("busy")),
        lost(GENERATION),
        Error::TimedOut { generation: GENERATION, deadline, delivery: Delivery::Unknown, note: None },
        Error::NotSent(RequestError::TooManyInFlight { limit: 1 }),
    ] {
        assert!(error.is_retryable(), "{error:?}");
    }
}

#[test]
fn what_would_be_the_same_again_is_not() {
    for error in [
        Error::Refused { reason: Refusal::Shutdown },
        closed(true),
        connect_failed(Failure::new("no such program").permanent()),
        lost(None),
        Error::TooLarge { limit: 1 },
        Error::Protocol { what: "no result".to_owned(), excerpt: String::new() },
        Error::Unreadable { reason: "odd".to_owned(), raw: RawValue::NULL.into() },
        Error::NotSent(RequestError::Closed),
    ] {
        assert!(!error.is_retryable(), "{error:?}");
    }
}
