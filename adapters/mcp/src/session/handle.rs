//! What a lease gives access to. It owns nothing of the transport.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::value::RawValue;
use tenure::Generation;
use tenure_mcp_proto::RequestError;
use tenure_mcp_proto::types::InitializeResult;

use crate::error::Error;
use crate::session::channel::{Answer, Call, Channel};

/// One generation's connection, as its callers share it.
#[derive(Debug)]
pub struct Handle {
    pub(crate) channel: Arc<Channel>,
    pub(crate) server: Arc<InitializeResult>,
    pub(crate) generation: Generation,
}

impl Handle {
    /// `begun` is where the call is found by who looks for its answer after the lease was revoked.
    pub(crate) async fn request(
        &self,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
        begun: &OnceLock<Arc<Call>>,
    ) -> Result<Answer, Error> {
        match self.channel.call(method, params, timeout) {
            Ok(answering) => {
                let _ = begun.set(answering.call().clone());
                Ok(answering.await)
            }
            // The runner is about to end; the revocation of the lease tells why.
            Err(RequestError::Closed) => std::future::pending().await,
            Err(error) => Err(Error::not_sent(self.generation, error)),
        }
    }
}
