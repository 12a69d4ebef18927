//! Calls of tools that are checked against the tools' schemas.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use serde::Deserialize;
use serde_json::value::RawValue;
use tenure_mcp_proto::types::{CallToolResult, ParamsError, Tool};

use crate::client::call::CallTool;
use crate::client::in_progress::InProgress;
use crate::error::Error;
use crate::schema::{SchemaError, Schemas};

impl<'a> CallTool<'a> {
    /// Has the call checked against the schemas of its tool, as the server listed it: the arguments before anything is
    /// sent, and the structured content of the result when it has come (MCP 2026-07-28, server/tools, "Output Schema").
    /// To be said last.
    ///
    /// Supported are the JSON Schema dialects 2020-12, which is the default, 2019-09 and the drafts 7, 6 and 4, by the
    /// schema's `$schema`. Nothing that a schema refers to is fetched. Numbers are read as most programs do, so one
    /// beyond all bounds can't be checked; what is sent and what came stay byte for byte as they are.
    ///
    /// The schemas are read for each call. A hostile schema may take long to check: what bounds it is its size, 256
    /// KiB, and the depth of JSON, so check with those of servers that you trust so far.
    ///
    /// ```
    /// use serde_json::json;
    /// use tenure_mcp::proto::types::Tool;
    /// use tenure_mcp::{Error, Lease};
    ///
    /// async fn add(lease: &Lease, add: &Tool) -> Result<String, Error> {
    ///     match lease.call_tool(&add.name, json!({ "a": 1, "b": 2 })).checked(add).await {
    ///         Err(Error::InvalidArguments(why)) => Ok(format!("a model may try again: {why}")),
    ///         // What it has done is done.
    ///         Err(Error::UnexpectedResult { result, .. }) => Ok(result.text()),
    ///         result => Ok(result?.text()),
    ///     }
    /// }
    /// # let _ = add;
    /// ```
    pub fn checked(self, tool: &Tool) -> CheckedCall<'a> {
        CheckedCall { schemas: Schemas::of(tool), call: self }
    }
}

/// A call of a tool that is checked against the tool's schemas, before it is made. From
/// [`Call::checked`](crate::Call::checked).
///
/// # Errors
/// Those of the call, and [`Error::InvalidArguments`] and [`Error::UnexpectedResult`].
///
/// # Cancel safety
/// That of [`Request`](crate::Request).
#[must_use = "nothing is sent until it is awaited"]
pub struct CheckedCall<'a> {
    call: CallTool<'a>,
    schemas: Result<Schemas, SchemaError>,
}

impl<'a> CheckedCall<'a> {
    /// The call as a stream of its progress, and then its result.
    pub fn with_progress(self) -> InProgress<'a, CallToolResult> {
        let Self { call, schemas } = self;
        InProgress::new(|listener| Self { call: call.listen(listener), schemas }.into_future())
    }

    async fn send(self) -> Result<CallToolResult, Error> {
        let Self { call, schemas } = self;
        let schemas = schemas.map_err(Error::InvalidArguments)?;
        check_arguments(&call, &schemas)?;
        let result = call.await?;
        match schemas.check_result(&result) {
            Ok(()) => Ok(result),
            Err(error) => Err(Error::UnexpectedResult { error, result: Box::new(result) }),
        }
    }
}

fn check_arguments(call: &CallTool<'_>, schemas: &Schemas) -> Result<(), Error> {
    #[derive(Default, Deserialize)]
    struct Given<'a> {
        #[serde(borrow)]
        arguments: Option<&'a RawValue>,
    }

    let params = call.request.params()?.raw().map_or("{}", RawValue::get);
    let given: Given<'_> = serde_json::from_str(params)
        .map_err(|error| ParamsError::NotJson { what: "the params", problem: error.to_string() })?;
    schemas.check_arguments(given.arguments).map_err(Error::InvalidArguments)
}

impl<'a> IntoFuture for CheckedCall<'a> {
    type Output = Result<CallToolResult, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for CheckedCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedCall").field("call", &self.call).finish_non_exhaustive()
    }
}
