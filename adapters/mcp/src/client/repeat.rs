//! Which calls are made again by themselves, once.
//!
//! What the server can't have taken is, on the next connection; and what it may have taken, where that does no harm
//! twice.

use crate::error::Error;

/// Returns whether the call of this method that failed so may be made again on the next connection.
pub(crate) fn may_repeat_next(method: &str, error: &Error) -> bool {
    error.was_lost_before_it_was_sent() || was_forgotten(method, error)
}

/// Returns whether the call of this method that failed so may be made again on the same connection, which lives.
#[cfg(feature = "http")]
pub(crate) fn may_repeat_here(method: &str, error: &Error) -> bool {
    use tenure_mcp_proto::http::{HttpErrorKind, Stage, is_idempotent};

    let is_broken = |kind: &HttpErrorKind| match kind {
        HttpErrorKind::Interrupted { .. } => true,
        // What ended sooner, the exchanges have begun again themselves where they may.
        HttpErrorKind::Broken(failure) => failure.stage == Stage::Body,
        _ => false,
    };
    matches!(error, Error::Http { error, .. } if is_broken(&error.kind)) && is_idempotent(method)
}

#[cfg(not(feature = "http"))]
pub(crate) const fn may_repeat_here(_: &str, _: &Error) -> bool {
    false
}

/// The server knows the session no more that the call was made in.
#[cfg(feature = "http")]
fn was_forgotten(method: &str, error: &Error) -> bool {
    use tenure_mcp_proto::Delivery;
    use tenure_mcp_proto::http::{HttpErrorKind, is_idempotent};

    let Error::Http { error, .. } = error else {
        return false;
    };
    let is_gone =
        matches!(error.kind, HttpErrorKind::Expired | HttpErrorKind::OtherEra | HttpErrorKind::Retired);
    is_gone && (error.delivery != Delivery::Unknown || is_idempotent(method))
}

#[cfg(not(feature = "http"))]
const fn was_forgotten(_: &str, _: &Error) -> bool {
    false
}
