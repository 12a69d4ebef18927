//! Asks for the pages of a list.

use std::sync::Arc;

use serde_json::value::RawValue;
use tenure_mcp_proto::types::{Params, ParamsError, Raw};

use crate::client::ask::{By, ask, ask_once};
use crate::client::limits::Limits;
use crate::client::plain::{Lease, Listener, Question, nobody};
use crate::client::tool_headers;
use crate::error::Error;
use crate::session::channel::Channel;
use crate::session::news::Reports;

/// Asks for pages, all of them on one lease.
pub(crate) struct Pager<'a> {
    pub(crate) method: &'static str,
    pub(crate) by: By<'a>,
    /// The lease that a client has taken for it.
    pub(crate) held: Option<Lease>,
    pub(crate) limits: Limits,
    pub(crate) meta: Option<Result<Box<RawValue>, ParamsError>>,
    pub(crate) listener: Option<Listener<'a>>,
    /// What comes is asked for by a client that must leave out tools which want headers in a way that they may not:
    /// over HTTP, in the modern era.
    pub(crate) needs_valid_headers: bool,
}

impl Pager<'_> {
    pub(crate) async fn ask(&mut self, params: &RawValue) -> Result<Raw, Error> {
        let mut params = Params::new(params)?;
        if let Some(meta) = &self.meta {
            params = params.with_meta(meta.as_ref().map_err(Clone::clone)?)?;
        }
        let (method, is_watched) = (self.method, self.listener.is_some());
        let options = self.limits.of_request(is_watched);
        let request = |channel: &Arc<Channel>| channel.call(method, params.raw(), options, is_watched);
        let question = Question { method, request: &request };
        let mut unheard = nobody;
        let tell: &mut (dyn FnMut(Reports) + Send) = match &mut self.listener {
            Some(listener) => listener,
            None => &mut unheard,
        };
        let page = match (self.by, &self.held) {
            (By::Lease(lease), _) | (By::Client(_), Some(lease)) => ask(lease, &question, tell).await?,
            (By::Client(client), None) => {
                let (page, lease) = ask_once(client, &question, tell).await?;
                self.held = Some(lease);
                page
            }
        };
        self.look_for_headers().await;
        Ok(page)
    }

    async fn look_for_headers(&mut self) {
        if let (By::Lease(lease), _) | (By::Client(_), Some(lease)) = (self.by, &self.held) {
            self.needs_valid_headers = tool_headers::are_wanted(lease).await;
        }
    }

    /// Gives its lease back: nothing more is asked for.
    pub(crate) fn release(&mut self) {
        self.held = None;
    }
}
