//! Tools that want some of their arguments as headers, too, and did not get them as they want them (MCP 2026-07-28,
//! basic/transports/streamable-http, "Custom Headers from Tool Parameters").

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::{RequestError, RequestOptions};

use crate::client::plain::{Lease, ask_plainly, nobody};
use crate::error::Error;
use crate::session::channel::{Answering, Channel};
use crate::session::news::Reports;

/// `HeaderMismatch`.
const MISMATCH: i64 = -32020;
/// How long each page of the tools may take.
const PAGE: Duration = Duration::from_secs(60);

/// Calls a tool. If the server says that the headers are not those that it wants, it is asked for all its tools, and
/// the tool is called once more if that changes what is known of the headers.
pub(crate) async fn call(
    lease: &Lease,
    request: impl Fn(&Arc<Channel>) -> Result<Answering, RequestError>,
    tell: &mut (dyn FnMut(Reports) + Send),
) -> Result<Box<RawValue>, Error> {
    let known = version(lease).await;
    let result = ask_plainly(lease, "tools/call", &request, tell).await;
    let is_mismatch = matches!(&result, Err(Error::Server(error)) if error.code == Some(MISMATCH));
    if !is_mismatch || known.is_none() {
        return result;
    }
    list_again(lease).await;
    if version(lease).await == known {
        return result;
    }
    ask_plainly(lease, "tools/call", &request, tell).await
}

/// Returns whether tools may want headers of their calls.
pub(crate) async fn are_wanted(lease: &Lease) -> bool {
    version(lease).await.is_some()
}

/// What is known of headers; `None` where there are none, or the lease is over.
async fn version(lease: &Lease) -> Option<u64> {
    let version =
        lease.run(async |handle| handle.has_tool_headers.then(|| handle.channel.tools_version())).await;
    version.ok().flatten()
}

/// What carries the messages looks into the pages that it brings, and learns of them.
async fn list_again(lease: &Lease) {
    let options = RequestOptions::default().timeout(Some(PAGE));
    let mut pages = ToolPages::new();
    while let Some(params) = pages.next_params() {
        let request = |channel: &Arc<Channel>| channel.call("tools/list", Some(&*params), options, false);
        let page = ask_plainly(lease, "tools/list", request, &mut nobody).await;
        if page.map(|page| pages.handle_page(page)).is_err() {
            return;
        }
    }
}
