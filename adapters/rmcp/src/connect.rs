//! Makes clients, each with a driver in a task of its own.

use std::process::Command;

use rmcp::RoleClient;
use rmcp::service::Service;
use rmcp::transport::IntoTransport;
use tenure_driver::{Builder, Connector, Failure, Life, from_fn};
use tenure_tokio::TokioTimer;

use crate::client::Client;
use crate::handle::Handle;
use crate::options::{Options, TraceSink, on_line};
use crate::runner::Runner;
use crate::server::Server;
use crate::wire::Wire;

/// A client of the server that `command` starts, with a service of rmcp's from `service` for what the server asks or
/// tells; carried by a task of its own.
///
/// Both are asked for each generation anew: so each server can get a token of its own, and each service starts without
/// what the last one knew. `|| ()` is a service that offers nothing; any [`ClientHandler`](rmcp::ClientHandler) is one.
/// They are called from the session's task and must not block.
///
/// The server leads a process group of its own. At its end its standard input is closed; what is still there after the
/// stop deadline gets SIGTERM, after the abort deadline SIGKILL, each the whole group; and it is reaped. The same is
/// done when the server ends by itself, so that nothing it started is left behind.
///
/// Nothing is started before the first use. The client ends the server when the last clone is dropped; to wait for
/// that, call [`Client::shutdown`].
///
/// # Panics
/// Outside a tokio runtime, as [`tokio::spawn`] does.
#[track_caller]
pub fn stdio<S: Service<RoleClient>>(
    command: impl Fn() -> Command + Send + 'static,
    service: impl Fn() -> S + Send + 'static,
    options: Options,
) -> Client {
    options.tell_contradictions();
    let Options { config, lifecycle, on_stderr, trace } = options;
    let connector = from_fn(move |life: Life<Handle>| {
        let (command, service, lifecycle) = (command(), service(), lifecycle.clone());
        let on_line = on_line(on_stderr.as_ref(), life.generation());
        async move {
            let wire = Wire::default();
            let (server, lines) = Server::start(command, on_line, &wire, life.linger())?;
            Runner { service, lifecycle, wire, server: Some(server) }.run(life, lines, ()).await
        }
    });
    spawn(connector, Builder::new(config), trace)
}

/// A client over any transport of rmcp's: its streamable HTTP, a socket, a pair of streams, one of your own.
///
/// `transport` is called for each generation; it may take its time, up to the connect deadline, and fail with any
/// error. A generation is over when rmcp has closed and dropped its transport; one whose close takes longer than the
/// stop deadline is dropped without it. [`Options::on_stderr`] has no meaning here.
///
/// ```
/// use tenure_rmcp::{Client, Options, rmcp};
/// use tokio::net::TcpStream;
///
/// fn remote(address: &'static str) -> Client {
///     tenure_rmcp::connect(move || async move { Ok(TcpStream::connect(address).await?) }, || (), Options::new())
/// }
/// ```
///
/// With rmcp's streamable HTTP a lost request is not a lost session: the transport lives on and opens its HTTP session
/// again by itself. Set [`Config::probe`](field@tenure::Config::probe) to have a server that doesn't answer found out.
///
/// # Panics
/// Outside a tokio runtime, as [`tokio::spawn`] does.
#[track_caller]
pub fn connect<S, T, E, A, F>(
    transport: impl Fn() -> F + Send + 'static,
    service: impl Fn() -> S + Send + 'static,
    options: Options,
) -> Client
where
    S: Service<RoleClient>,
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
    A: 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    options.tell_contradictions();
    let Options { config, lifecycle, on_stderr, trace } = options;
    if on_stderr.is_some() {
        tracing::warn!(
            "settings of a session contradict each other: on_stderr is for servers that are child processes"
        );
    }
    let connector = from_fn(move |life: Life<Handle>| {
        let (transport, service, lifecycle) = (transport(), service(), lifecycle.clone());
        async move {
            let transport = life.or_stopped(transport).await??.into_transport();
            let linger = life.linger();
            Runner { service, lifecycle, wire: Wire::default(), server: None }
                .run(life, transport, linger)
                .await
        }
    });
    spawn(connector, Builder::new(config), trace)
}

#[track_caller]
fn spawn<C>(connector: C, builder: Builder, trace: Option<TraceSink>) -> Client
where
    C: Connector<Handle = Handle, Run: Send> + Send + 'static,
{
    let builder = match trace {
        Some(sink) => builder.trace(sink),
        None => builder,
    };
    let (client, driver) = builder.build(connector, TokioTimer::new());
    drop(tenure_tokio::spawn(driver));
    Client::new(client)
}
