//! What a caller is told when a call has no result.

use std::error::Error as StdError;
use std::fmt;

use rmcp::ServiceError;
use tenure::Refusal;
use tenure_driver::Error as SessionError;

/// Why a call has no result. Each says what became of the call.
///
/// ```
/// use tenure_rmcp::{Client, Error, SessionError};
/// # async fn f(client: Client, params: rmcp::model::CallToolRequestParams) {
/// match client.call_tool(params).await {
///     Ok(result) => println!("{result:?}"),
///     Err(Error::Call(error)) => println!("the server or rmcp said: {error}"),
///     Err(Error::NotSent(SessionError::ConnectFailed { failure, .. })) => println!("it does not start: {failure}"),
///     Err(Error::NotSent(error)) => println!("nothing was sent: {error}"),
///     Err(Error::Revoked(error)) => println!("it may or may not have been done: {error}"),
///     Err(other) => println!("{other}"),
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is no live session for this call. Nothing was sent.
    NotSent(SessionError),
    /// The session ended under the call. The server may or may not have done what it was asked for.
    Revoked(SessionError),
    /// rmcp's own: the server answered with an error, or the request itself failed while the session lives on.
    Call(ServiceError),
}

impl Error {
    /// Returns whether the server may have done, or begun to do, what it was asked for.
    ///
    /// If not, the call can be made again without a thought. If so, that is safe only for calls that may be done
    /// twice.
    pub const fn may_have_run(&self) -> bool {
        !matches!(self, Self::NotSent(_))
    }

    /// How far the call got. Only one that was [not sent](Delivery::NotSent) can be made again without being done
    /// twice.
    pub const fn delivery(&self) -> Delivery {
        if self.may_have_run() { Delivery::Unknown } else { Delivery::NotSent }
    }

    /// Returns whether the same call may go better if it is made again: on another connection, or when there is room or
    /// time. Whether it may be done twice then is another question: see [`delivery`](Self::delivery).
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Call(error) => matches!(error, ServiceError::Timeout { .. }),
            Self::NotSent(error) | Self::Revoked(error) => match error {
                SessionError::Refused { reason } => !matches!(reason, Refusal::Shutdown),
                SessionError::Closed { for_good, .. } => !*for_good,
                SessionError::ConnectFailed { failure, .. } => failure.is_retryable(),
                SessionError::Lost { generation, .. } => generation.is_some(),
                SessionError::TimedOut { .. } => true,
                // Whatever else the session may learn to say.
                _ => false,
            },
        }
    }

    /// Why there is or was no session, unless it is rmcp's own error.
    pub const fn session(&self) -> Option<&SessionError> {
        match self {
            Self::NotSent(error) | Self::Revoked(error) => Some(error),
            Self::Call(_) => None,
        }
    }
}

/// How far a call got that has no result: whether it can be made again without being done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// It was not sent, and never will be: the server can't have seen it.
    NotSent,
    /// The server may have done what it was asked for, or do it still.
    Unknown,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) => write!(f, "not sent: {error}"),
            Self::Revoked(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl StdError for Error {
    /// What is behind the error that it holds, whose words are its own.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::NotSent(error) | Self::Revoked(error) => error.source(),
            Self::Call(error) => error.source(),
        }
    }
}

/// Returns whether the session's end is what `error` tells of, if the session has ended.
pub(crate) const fn tells_of_the_end(error: &ServiceError) -> bool {
    matches!(
        error,
        ServiceError::TransportClosed | ServiceError::TransportSend(_) | ServiceError::Cancelled { .. }
    )
}
