//! What the leases of one generation work with.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResult, GetPromptRequestParams, GetPromptResult,
    ReadResourceRequestParams, ReadResourceResult,
};
use rmcp::service::{RunningService, Service};
use rmcp::{Peer, RoleClient, ServiceError};

use crate::wire::Wire;

/// rmcp's handle, which owns nothing of the transport, and a way to see that the transport has ended.
#[derive(Clone)]
pub(crate) struct Handle {
    pub(crate) peer: Peer<RoleClient>,
    pub(crate) rounds: Arc<dyn Rounds>,
    pub(crate) wire: Wire,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("peer", &self.peer).finish_non_exhaustive()
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, ServiceError>> + Send + 'a>>;

/// The calls that a server may answer with a question of its own (`input_required`, from protocol version 2026-07-28
/// on). rmcp has the user's service answer it and calls again; its `Peer` alone can't.
pub(crate) trait Rounds: Send + Sync {
    fn call_tool(&self, params: CallToolRequestParams) -> Answer<'_, CallToolResult>;
    fn get_prompt(&self, params: GetPromptRequestParams) -> Answer<'_, GetPromptResult>;
    fn read_resource(&self, params: ReadResourceRequestParams) -> Answer<'_, ReadResourceResult>;
}

impl<S: Service<RoleClient>> Rounds for RunningService<RoleClient, S> {
    fn call_tool(&self, params: CallToolRequestParams) -> Answer<'_, CallToolResult> {
        Box::pin(self.call_tool(params))
    }

    fn get_prompt(&self, params: GetPromptRequestParams) -> Answer<'_, GetPromptResult> {
        Box::pin(self.get_prompt(params))
    }

    fn read_resource(&self, params: ReadResourceRequestParams) -> Answer<'_, ReadResourceResult> {
        Box::pin(self.read_resource(params))
    }
}
