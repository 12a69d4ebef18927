//! Lists the tools of an MCP server that is reached by reqwest.

use std::error::Error;

use tenure_mcp::{HttpServer, Options};
use tenure_reqwest_client::{Reqwest, session};
use tenure_tokio::Mode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: tenure-reqwest-client URL")?;
    let http = Reqwest::new(|client| client.user_agent("my-host/1.0"))?;
    let client = session(http, HttpServer::new(&url)?, Options::new());
    for tool in client.list_tools().await? {
        println!("{}", tool.name);
    }
    client.shutdown(Mode::Graceful).await;
    Ok(())
}
