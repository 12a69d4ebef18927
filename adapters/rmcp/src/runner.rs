//! Serves one generation.
//!
//! ```text
//!   opening (rmcp's handshake) ── it fails, or the server ends ──► ended, with why
//!      │             │ ready
//!      │             ▼
//!      │          serving ── the server ends, or another transport does ──► ended: lost, with why
//!      │             │    └── nothing more comes, or goes, and the server lives ──► retiring ── it ends ──► ended
//!      │             │                                                              │ told to stop: as below
//!      └─────────────┤ told to stop
//!                    ▼
//!      unwinding: rmcp's task is cancelled. A server's pipes are taken from it, its input is closed, its end is waited
//!      for; of another transport the close is, which is rmcp's
//!                    │ told to hurry
//!                    ▼
//!      hurried: SIGTERM to the server's group; the transport's close is given up
//! ```
//!
//! A generation that doesn't end in time is dropped by the driver together with this future. That kills the server's
//! group, takes the pipes from rmcp's task and gives its transport up, so that the task ends too.

use std::convert::Infallible;
use std::sync::Arc;

use futures_lite::future;
use rmcp::model::{ClientRequest, DiscoverRequest, DiscoverRequestParams, PingRequest};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, Peer, RoleClient, RunningService, Service, ServiceError,
    serve_client_with_lifecycle_and_ct,
};
use rmcp::transport::Transport;
use tenure_driver::{Failure, Life, Serving, Signal};
use tokio_util::sync::CancellationToken;

use crate::handle::Handle;
use crate::server::{PipeClosed, Server};
use crate::wire::Wire;

/// What a generation has beside its transport.
pub(crate) struct Runner<S> {
    pub(crate) service: S,
    pub(crate) lifecycle: ClientLifecycleMode,
    pub(crate) wire: Wire,
    /// The process at the other end, if it is ours.
    pub(crate) server: Option<Server>,
}

/// How the handshake went.
enum Opened<S: Service<RoleClient>> {
    Ready(RunningService<RoleClient, S>),
    Failed(Failure),
    Stopped,
}

/// How a live generation came to its end.
enum Ended {
    Stopped,
    Lost,
}

impl<S: Service<RoleClient>> Runner<S> {
    /// `token` is dropped together with the transport.
    pub(crate) async fn run<T, L>(self, life: Life<Handle>, transport: T, token: L) -> Result<(), Failure>
    where
        T: Transport<RoleClient> + 'static,
        L: Send + 'static,
    {
        let Self { service, lifecycle, wire, mut server } = self;
        let (mut stopped, aborted) = (life.stopped(), life.aborted());
        // However this ends: rmcp's task ends too, and nothing that it does holds it up.
        let cancel = CancellationToken::new();
        let _given_up = (cancel.clone().drop_guard(), wire.give_up_on_drop());
        let transport = wire.wrap(transport, token);
        let handshake = serve_client_with_lifecycle_and_ct(service, transport, lifecycle, cancel.clone());
        let running = match open(handshake, &mut stopped, server.as_mut()).await {
            Opened::Ready(running) => running,
            Opened::Failed(failure) => return Err(failure),
            // The handshake is dropped, and the transport with it.
            Opened::Stopped => {
                unwind(server.as_mut(), &wire, aborted).await;
                return Ok(());
            }
        };
        let peer = running.peer().clone();
        let handle = Handle { peer: peer.clone(), rounds: Arc::new(running), wire: wire.clone() };
        let serving = life.ready(handle);
        let mut ended = serve(&serving, peer, &wire, stopped, server.as_mut()).await;
        if let Ended::Lost = ended {
            let Some(server) = &mut server else {
                return Err(Failure::new(ServiceError::TransportClosed));
            };
            let failure = server.what_happened(Failure::new(PipeClosed)).await;
            if server.has_ended() {
                return Err(failure);
            }
            ended = retire(&serving, &wire, &failure, server).await;
            if let Ended::Lost = ended {
                return Err(failure);
            }
        }
        cancel.cancel();
        unwind(server.as_mut(), &wire, aborted).await;
        Ok(())
    }
}

/// The server lives, and can't be reached or says nothing more: nobody new is given it. Its input is closed. If it has
/// closed that itself, calls that it took may still be answered. It ends by itself, or is told to hurry once the leases
/// are given back.
async fn retire(serving: &Serving<Handle>, wire: &Wire, why: &Failure, server: &mut Server) -> Ended {
    serving.retire(why.clone());
    // Not before that: whoever hears of it may acquire again.
    wire.set_retired(why.clone());
    server.close_input();
    let stopped = async {
        serving.stopped().await;
        Ended::Stopped
    };
    let gone = async {
        server.gone().await;
        Ended::Lost
    };
    future::or(stopped, gone).await
}

async fn open<S: Service<RoleClient>>(
    handshake: impl Future<Output = Result<RunningService<RoleClient, S>, ClientInitializeError>>,
    stopped: &mut Signal,
    mut server: Option<&mut Server>,
) -> Opened<S> {
    let stopped = async {
        stopped.await;
        None
    };
    let handshake = async { Some(handshake.await) };
    let gone = async {
        match &mut server {
            Some(server) => server.gone().await,
            None => future::pending().await,
        }
        Some(Err(ClientInitializeError::ConnectionClosed("the server ended".to_owned())))
    };
    let result = future::or(stopped, future::or(handshake, gone)).await;
    match (result, server) {
        (None, _) => Opened::Stopped,
        (Some(Ok(running)), _) => Opened::Ready(running),
        // How the server ended says more.
        (Some(Err(error)), Some(server)) if broke_off(&error) => {
            Opened::Failed(server.what_happened(Failure::new(error)).await)
        }
        (Some(Err(error)), _) => Opened::Failed(refused(error)),
    }
}

const fn broke_off(error: &ClientInitializeError) -> bool {
    matches!(error, ClientInitializeError::ConnectionClosed(_) | ClientInitializeError::TransportError { .. })
}

/// A server that says no will say no again; one that broke off may not break off again.
fn refused(error: ClientInitializeError) -> Failure {
    let is_final = matches!(
        error,
        ClientInitializeError::JsonRpcError(_)
            | ClientInitializeError::NoCompatibleProtocolVersion { .. }
            | ClientInitializeError::NoPreferredProtocolVersion
            | ClientInitializeError::LegacyFallbackFailed { .. }
    ) || error.is_authorization_required();
    // It may repeat what the server said.
    let failure = Failure::new(error).confidential();
    if is_final { failure.permanent() } else { failure }
}

/// Of two things at once, the earlier in this order counts: told to stop, a probe, the end.
async fn serve(
    serving: &Serving<Handle>,
    peer: Peer<RoleClient>,
    wire: &Wire,
    stopped: Signal,
    server: Option<&mut Server>,
) -> Ended {
    let stopped = async {
        stopped.await;
        Ended::Stopped
    };
    let probes = async { match answer_probes(serving, peer).await {} };
    let gone = async {
        match server {
            Some(server) => server.gone_or_deaf(wire).await,
            None => future::pending().await,
        }
    };
    let lost = async {
        future::or(wire.ended(), gone).await;
        Ended::Lost
    };
    future::or(stopped, future::or(probes, lost)).await
}

async fn answer_probes(serving: &Serving<Handle>, peer: Peer<RoleClient>) -> Infallible {
    loop {
        let probe = serving.probe().await;
        if is_alive(&peer).await {
            probe.answer();
        }
    }
}

/// Asks the server for a sign of life; any answer is one.
async fn is_alive(peer: &Peer<RoleClient>) -> bool {
    let has_ping = peer.peer_info().is_none_or(|info| info.protocol_version.has_initialize());
    let answer = if has_ping {
        peer.send_request(ClientRequest::PingRequest(PingRequest::default())).await.map(drop)
    } else {
        // Later versions have no ping. This is what each of their servers answers, here without rmcp's cache.
        let request = DiscoverRequest::new(DiscoverRequestParams {});
        peer.send_request(ClientRequest::DiscoverRequest(request)).await.map(drop)
    };
    matches!(answer, Ok(()) | Err(ServiceError::McpError(_) | ServiceError::UnexpectedResponse))
}

/// Ends in order, or as fast as it goes once `aborted` completes.
async fn unwind(server: Option<&mut Server>, wire: &Wire, aborted: Signal) {
    let Some(server) = server else {
        let aborted = async {
            aborted.await;
            wire.give_up();
            future::pending::<()>().await;
        };
        return future::or(wire.dropped(), aborted).await;
    };
    server.close_input();
    // Its pipes are closed: rmcp's task can't reach the server any more, and nobody needs to wait for it. It may wait
    // for a handler of the user's.
    let unwound = async {
        server.unwound().await;
        false
    };
    let aborted = async {
        aborted.await;
        true
    };
    if future::or(unwound, aborted).await {
        server.hurry();
        server.unwound().await;
    }
}
