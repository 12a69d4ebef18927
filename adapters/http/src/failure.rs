//! How failures are told: by stage, in words that are safe.

use std::error::Error;
use std::io;

use tenure_mcp::{HttpFailure, Stage};

/// A failure on a connection that carried nothing before.
pub(crate) fn failure(stage: Stage, reason: impl Into<String>) -> HttpFailure {
    HttpFailure { stage, was_reused: false, is_permanent: false, reason: reason.into() }
}

/// One that no other try will change.
pub(crate) fn permanent(stage: Stage, reason: impl Into<String>) -> HttpFailure {
    HttpFailure { is_permanent: true, ..failure(stage, reason) }
}

/// What TLS says of a connection that it didn't agree to.
pub(crate) fn of_tls(error: &io::Error) -> HttpFailure {
    let is_certificate = matches!(
        error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()),
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
    );
    HttpFailure { is_permanent: is_certificate, ..failure(Stage::Tls, error.to_string()) }
}

/// hyper's words and those of what is behind them. None of them has anything of the request.
pub(crate) fn words(error: &hyper::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
