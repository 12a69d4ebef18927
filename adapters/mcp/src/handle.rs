//! What a lease gives access to. It owns nothing of the transport.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tenure::Generation;
use tenure_mcp_proto::types::InitializeResult;

use crate::channel::Channel;
use crate::error::Error;

/// One generation's connection, as its callers share it.
#[derive(Debug)]
pub struct Handle {
    pub(crate) channel: Arc<Channel>,
    pub(crate) server: Arc<InitializeResult>,
    pub(crate) generation: Generation,
}

impl Handle {
    pub(crate) async fn request(
        &self,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
    ) -> Result<Box<RawValue>, Error> {
        let answering = self
            .channel
            .call(method, params, timeout)
            .map_err(|error| Error::not_sent(self.generation, error))?;
        answering.await.map_err(|error| Error::of_call(self.generation, error))
    }
}
