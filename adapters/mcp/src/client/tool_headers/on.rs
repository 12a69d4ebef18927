//! What is known of their headers, and a call that did not get them as its tool wants them.

use std::sync::Arc;
use std::time::Duration;

use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::types::Raw;
use tenure_mcp_proto::{HEADER_MISMATCH, RequestOptions};

use crate::client::plain::{Lease, Question, ask_plainly, nobody};
use crate::error::Error;
use crate::session::channel::Channel;
use crate::session::news::Reports;

/// How long each page of the tools may take.
const PAGE: Duration = Duration::from_secs(60);

/// What was known of headers before a tool was called; `None` if it can't want any.
pub(crate) type Known = Option<u64>;

/// What is known before this is asked.
pub(crate) async fn known(lease: &Lease, question: &Question<'_>) -> Known {
    if question.method == "tools/call" { version(lease).await } else { None }
}

/// A call of a tool failed so. If the server says that the headers are not those that it wants, it is asked for all its
/// tools, and the tool is called once more if that changes what is known of the headers.
pub(crate) async fn ask_again(
    lease: &Lease,
    question: &Question<'_>,
    tell: &mut (dyn FnMut(Reports) + Send),
    known: Known,
    error: Error,
) -> Result<Raw, Error> {
    let is_mismatch = matches!(&error, Error::Server(error) if error.code == Some(HEADER_MISMATCH));
    if !is_mismatch || known.is_none() {
        return Err(error);
    }
    list_again(lease).await;
    if version(lease).await == known {
        return Err(error);
    }
    ask_plainly(lease, question, tell).await
}

/// Returns whether tools may want headers of their calls.
pub(crate) async fn are_wanted(lease: &Lease) -> bool {
    version(lease).await.is_some()
}

/// What is known of headers; `None` where there are none, or the lease is over.
async fn version(lease: &Lease) -> Known {
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
        let question = Question { method: "tools/list", request: &request };
        let page = ask_plainly(lease, &question, &mut nobody).await;
        if page.map(|page| pages.handle_page(page)).is_err() {
            return;
        }
    }
}
