//! Without the feature `tracing`: nothing of it is there.

use std::marker::PhantomData;
use std::sync::Arc;

use tenure::Generation;
use tenure_driver::Life;
use tenure_mcp_proto::HandshakeError;

use crate::contradiction::Contradiction;
use crate::error::Error;
use crate::session::channel::Channel;
use crate::session::events::ServerEvent;
use crate::session::handle::Handle;

pub(crate) struct Span;

impl Span {
    pub(crate) const fn of(_: &Life<Handle>) -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "as the other one")]
    pub(crate) const fn tell(&self, _: &ServerEvent) {}
}

pub(crate) const fn contradicts(_: &Contradiction) {}

pub(crate) const fn handshake_failed(_: &HandshakeError) {}

pub(crate) struct CallReport<'a>(PhantomData<&'a str>);

impl<'a> CallReport<'a> {
    pub(crate) const fn new(_: &'a str, _: Generation) -> Self {
        Self(PhantomData)
    }

    #[allow(clippy::unused_self, reason = "as the other one")]
    pub(crate) const fn begin(&mut self, _: &Handle) {}

    #[allow(clippy::unused_self, reason = "as the other one")]
    pub(crate) const fn end<T>(self, _: &Result<T, Error>) {}
}

pub(crate) struct AskReport;

impl AskReport {
    pub(crate) const fn new(_: &str, _: &Arc<Channel>) -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "as the other one")]
    pub(crate) const fn end(self, _: &str, _: Option<i64>) {}
}
