//! `tenure tools`.

use tenure_mcp::Client;
use tenure_mcp::proto::types::Tool;

use super::table::{self, Row};
use crate::args::ToolsArgs;
use crate::exit::Failed;
use crate::session;

pub(crate) fn tools(args: &ToolsArgs) -> Result<(), Failed> {
    let row =
        |tool: &Tool| Row { columns: vec![tool.name.to_string()], description: tool.description.clone() };
    session::with(&args.session, async |client: &Client| {
        table::output(client.list_tools().await, args.session.json, "tools", row)
    })
}
