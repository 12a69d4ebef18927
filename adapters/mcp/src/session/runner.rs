//! One generation of an MCP session: open, handshake, serve, unwind.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_lite::future;
use tenure_driver::{Connector, Failure, Life, Serving, Timer};
use tenure_mcp_proto::types::InitializeResult;
use tenure_mcp_proto::{CallError, Event, HandshakeError, RequestError};

use crate::client::options::{OnEvent, ServerEvent};
use crate::session::channel::Channel;
use crate::session::handle::Handle;
use crate::session::pump::{Pump, Pumped};
use crate::wire::{Peer, Transport};

/// A server that said its last word is given this long to end, so that it can be told how it ended.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Starts the runners of an MCP session.
pub(crate) struct McpConnector<T> {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) timer: T,
    pub(crate) protocol: tenure_mcp_proto::Options,
    pub(crate) on_event: Option<OnEvent>,
}

impl<T> Connector for McpConnector<T>
where
    T: Timer<Sleep: Send> + Clone + Send + Sync + 'static,
{
    type Handle = Handle;
    type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

    fn start(&mut self, life: Life<Handle>) -> Self::Run {
        let clock = self.timer.clone();
        let channel = Channel::new(self.protocol.clone(), move || clock.now().into());
        let transport = self.transport.clone();
        let (timer, on_event) = (self.timer.clone(), self.on_event.clone());
        Box::pin(async move {
            let wire = life.or_stopped(transport.open(life.linger())).await??;
            let pump = Pump::new(channel, wire.reader, wire.writer, timer.clone());
            Runner { pump, peer: wire.peer, timer, on_event, over: None }.run(life).await
        })
    }
}

struct Runner<T: Timer> {
    pump: Pump<T>,
    peer: Box<dyn Peer>,
    timer: T,
    on_event: Option<OnEvent>,
    /// How the server ended, while what it said before is still told.
    over: Option<Failure>,
}

/// A server that says no will say no again; one that was slow may not be slow again.
fn refused(error: HandshakeError) -> Failure {
    let slow = matches!(error, HandshakeError::Failed(CallError::TimedOut));
    let failure = Failure::new(error);
    if slow { failure } else { failure.permanent() }
}

/// Why serving is over.
enum Over {
    /// The session told the runner to stop.
    Told,
    /// The server ended, or broke off.
    Gone(Failure),
}

impl<T: Timer> Runner<T> {
    async fn run(mut self, life: Life<Handle>) -> Result<(), Failure> {
        let stopped = life.stopped();
        self.pump.channel.start()?;
        let shaken = future::or(
            async {
                stopped.await;
                Err(Over::Told)
            },
            self.shake_hands(),
        )
        .await;
        let server = match shaken {
            Ok(server) => Arc::new(server),
            Err(Over::Gone(failure)) => return Err(failure),
            Err(Over::Told) => return self.unwind(life.aborted()).await,
        };
        let generation = life.generation();
        self.tell(generation, &ServerEvent::Connected(server.clone()));
        let serving = life.ready(Handle { channel: self.pump.channel.clone(), server, generation });
        match self.serve(&serving).await {
            Over::Told => self.unwind(serving.aborted()).await,
            Over::Gone(failure) => Err(failure),
        }
    }

    fn tell(&self, generation: tenure::Generation, event: &ServerEvent) {
        if let Some(on_event) = &self.on_event {
            on_event(generation, event);
        }
    }

    async fn shake_hands(&mut self) -> Result<InitializeResult, Over> {
        loop {
            match self.step().await {
                Ok(Event::Ready(server)) => return Ok(*server),
                Ok(Event::HandshakeFailed(error)) => return Err(Over::Gone(refused(error))),
                // Noise before the handshake, such as a banner on the wrong stream, concerns no call.
                Ok(_) => {}
                Err(failure) => return Err(Over::Gone(failure)),
            }
        }
    }

    /// The next event, or how the server ended, which comes after all that it said.
    async fn step(&mut self) -> Result<Event, Failure> {
        let over = match &self.over {
            Some(over) => over.clone(),
            None => match self.listen().await {
                Ok(event) => return Ok(event),
                Err(failure) => {
                    self.pump.read_rest().await;
                    self.over.insert(failure).clone()
                }
            },
        };
        let channel = &self.pump.channel;
        if let Some(event) = channel.poll_event() {
            return Ok(event);
        }
        // An unfinished line is told of. That the opening is lost too is no news.
        channel.handle_eof();
        std::iter::from_fn(|| channel.poll_event())
            .find(|event| !matches!(event, Event::HandshakeFailed(_)))
            .ok_or(over)
    }

    /// The next event on a wire that holds, or how it came to its end.
    async fn listen(&mut self) -> Result<Event, Failure> {
        enum Heard {
            Pumped(Pumped),
            Ended(Failure),
        }
        let (pump, peer) = (&mut self.pump, &mut self.peer);
        let pumped = async { Heard::Pumped(pump.next().await) };
        let ended = async {
            match peer.ended().await {
                Some(failure) => Heard::Ended(failure),
                None => future::pending().await,
            }
        };
        let heard = future::or(pumped, ended);
        let broken = match heard.await {
            Heard::Pumped(Pumped::Event(event)) => return Ok(event),
            Heard::Pumped(Pumped::End) => Failure::new("the server closed its output"),
            Heard::Pumped(Pumped::Failed(error)) => Failure::new(error),
            Heard::Ended(failure) => return Err(failure),
        };
        // How the server ended says more than how the wire did, and mostly comes at once.
        let patience = self.timer.sleep_until(self.timer.now().saturating_add(LAST_WORDS));
        let ended = self.peer.ended();
        let waited = async {
            patience.await;
            None
        };
        Err(future::or(ended, waited).await.unwrap_or(broken))
    }

    async fn serve(&mut self, serving: &Serving<Handle>) -> Over {
        let channel = self.pump.channel.clone();
        let told = async {
            serving.stopped().await;
            Over::Told
        };
        let probes = async {
            loop {
                let probe = serving.probe().await;
                match channel.call("ping", None, None) {
                    Ok(answering) => {
                        // Any answer is a sign of life, an error too.
                        if !matches!(answering.await, Err(CallError::ConnectionLost { .. })) {
                            probe.answer();
                        }
                    }
                    // Too busy for one request more: then whatever the server says next is one.
                    Err(RequestError::TooManyInFlight { .. } | RequestError::QueueFull { .. }) => {
                        channel.hears().await;
                        probe.answer();
                    }
                    Err(_) => {}
                }
            }
        };
        let pumping = async {
            loop {
                match self.step().await {
                    Ok(event) => self.on_event(serving, event),
                    Err(failure) => return Over::Gone(failure),
                }
            }
        };
        future::or(told, future::or(probes, pumping)).await
    }

    fn on_event(&self, serving: &Serving<Handle>, event: Event) {
        let event = match event {
            Event::Notification { method, params } => ServerEvent::Notification { method, params },
            Event::ProtocolError(error) => ServerEvent::ProtocolError(error),
            Event::Dropped(dropped) => ServerEvent::Dropped(dropped),
            // Answers went to their callers; there is one handshake.
            _ => return,
        };
        self.tell(serving.generation(), &event);
    }

    /// Told to stop: calls are given up, the server's input is closed, its end is waited for; told to
    /// hurry, it is told so too. What doesn't end is dropped by the driver.
    async fn unwind(mut self, aborted: impl Future<Output = ()>) -> Result<(), Failure> {
        self.pump.channel.cancel_all();
        self.pump.finish().await;
        let unhurried = {
            let unwound = async { Some(self.peer.unwound().await) };
            let aborted = async {
                aborted.await;
                None
            };
            future::or(future::or(unwound, aborted), self.pump.drain()).await
        };
        if let Some(result) = unhurried {
            return result;
        }
        self.peer.hurry();
        future::or(self.peer.unwound(), self.pump.drain()).await
    }
}
