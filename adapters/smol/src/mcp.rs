//! MCP servers that are child processes, and servers that are reached over HTTP.

#[cfg(feature = "http")]
use tenure_http::Http;
use tenure_mcp::{Client, Options, ServerCommand, Stdio};
#[cfg(feature = "http")]
use tenure_mcp::{HttpClient, HttpServer, HttpTransport};

#[cfg(feature = "http")]
use crate::SmolNetwork;
use crate::{SmolReactor, SmolTimer, spawn};

/// A client of the server that `command` starts, carried by a task of its own.
///
/// The command is a [`Command`](std::process::Command), a closure that makes one for each generation, or a
/// [`ServerCommand`], which also says what the server gets of this program's environment and who hears its
/// standard error.
///
/// Nothing is started before the first lease. The client ends the server when the last clone is dropped;
/// to wait for it, call [`Client::shutdown`].
pub fn stdio(command: impl Into<ServerCommand>, options: Options) -> Client {
    let transport = Stdio::new(SmolReactor::new(), command);
    let (client, driver) = tenure_mcp::connect(options, transport, SmolTimer::new());
    drop(spawn(driver));
    client
}

/// A client of a server that is reached over HTTP, carried by a task of its own: by its URL, or by an [`HttpServer`],
/// which also says with which headers and credentials.
///
/// Nothing is sent before the first lease. TLS believes whom the platform believes, and proxies are those of the
/// environment; [`http_with`] takes others. The client ends the session when the last clone is dropped; to wait for it,
/// call [`Client::shutdown`].
///
/// ```no_run
/// use tenure_smol::{Bearer, HttpServer, Options, mcp};
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let client = mcp::http("https://mcp.example.com/mcp", Options::new())?;
/// println!("{} tools", client.list_tools().await?.len());
///
/// let server = HttpServer::new("https://mcp.example.com/private")?.credentials(Bearer::from_env("TOKEN")?);
/// let client = mcp::http(server, Options::new())?;
/// # drop(client);
/// # Ok(()) }
/// ```
///
/// # Errors
/// It is no URL that a server could be at.
#[cfg(feature = "http")]
pub fn http<S: TryInto<HttpServer>>(server: S, options: Options) -> Result<Client, S::Error> {
    Ok(http_with(tenure_http::Options::new(), server.try_into()?, options))
}

/// The same with other certificates, proxies or deadlines of connecting.
#[cfg(feature = "http")]
pub fn http_with(http: tenure_http::Options, server: HttpServer, options: Options) -> Client {
    http_by(Http::new(SmolNetwork::new(), http), server, options)
}

/// The same by an HTTP client of the program's own, with that one's rules about proxies, certificates and addresses.
#[cfg(feature = "http")]
pub fn http_by(client: impl HttpClient, server: HttpServer, options: Options) -> Client {
    let timer = SmolTimer::new();
    let transport = HttpTransport::new(client, server, timer);
    let (client, driver) = tenure_mcp::connect(options, transport, timer);
    drop(spawn(driver));
    client
}
