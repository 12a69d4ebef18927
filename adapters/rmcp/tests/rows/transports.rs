//! Transports that are no child processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

use futures_lite::future::poll_once;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tenure_bounds::{whole, within};
use tenure_rmcp::rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities, ServerConfig,
};
use tenure_rmcp::rmcp::service::{RequestContext, RxJsonRpcMessage, TxJsonRpcMessage};
use tenure_rmcp::rmcp::transport::async_rw::AsyncRwTransport;
use tenure_rmcp::rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use tenure_rmcp::rmcp::transport::{
    StreamableHttpClientTransport, StreamableHttpServerConfig, StreamableHttpService, Transport,
};
use tenure_rmcp::rmcp::{ErrorData, RoleClient, RoleServer, ServerHandler};
use tenure_rmcp::{Client, Error, Failure, Mode, Options, SessionError};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support::{SHORT, params, patient, strict, text};

/// Answers as many messages as it is told to, and then neither reads nor closes its stream.
async fn serve(stream: DuplexStream, most: usize) {
    let (reading, mut writing) = tokio::io::split(stream);
    let mut lines = BufReader::new(reading).lines();
    for _ in 0..most {
        let Ok(Some(line)) = lines.next_line().await else { return };
        let message: Value = serde_json::from_str(&line).unwrap();
        let Some(id) = message.get("id") else { continue };
        let result = match message["method"].as_str().unwrap() {
            "initialize" => json!({
                "protocolVersion": "2025-11-25", "capabilities": {},
                "serverInfo": { "name": "in-memory", "version": "1" },
            }),
            "tools/call" if message["params"]["name"] == "vanish" => return,
            _ => json!({ "content": [{ "type": "text", "text": "here" }] }),
        };
        let answer = json!({ "jsonrpc": "2.0", "id": id, "result": result });
        if writing.write_all(format!("{answer}\n").as_bytes()).await.is_err() {
            return;
        }
    }
    std::future::pending::<()>().await;
}

/// A client of servers in memory, and how many there were.
fn in_memory(most: usize, options: Options) -> (Client, Arc<AtomicU32>) {
    let opened = Arc::new(AtomicU32::new(0));
    let counted = opened.clone();
    let open = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let (near, far) = duplex(256);
            tokio::spawn(serve(far, most));
            Ok(near)
        }
    };
    (tenure_rmcp::connect(open, || (), options), opened)
}

#[tokio::test]
async fn a_stream_is_shared_and_opened_again_after_it_was_lost() {
    whole("the row", async {
        let (client, opened) = in_memory(usize::MAX, patient());
        for _ in 0..3 {
            assert_eq!(text(&client.call_tool(params("any", json!({}))).await.unwrap()), "here");
        }
        assert_eq!(opened.load(Ordering::SeqCst), 1);
        let error = client.call_tool(params("vanish", json!({}))).await.unwrap_err();
        assert!(matches!(error, Error::Revoked(SessionError::Lost { .. })), "{error:?}");
        assert_eq!(text(&client.call_tool(params("any", json!({}))).await.unwrap()), "here");
        assert_eq!(opened.load(Ordering::SeqCst), 2);
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_stream_whose_other_side_stopped_reading_is_closed_without_any_deadline_passing() {
    whole("the row", async {
        let (client, _) = in_memory(2, patient());
        let lease = client.acquire().await.unwrap();
        let mut stuck = Box::pin(lease.call_tool(params("any", json!({ "text": "x".repeat(4096) }))));
        assert!(poll_once(&mut stuck).await.is_none());
        tokio::task::yield_now().await;
        client.close(Mode::Force).await;
        let stuck = stuck.await;
        assert!(matches!(stuck, Err(Error::Revoked(SessionError::Closed { .. }))), "{stuck:?}");
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn a_transport_that_can_not_be_opened_says_why() {
    whole("the row", async {
        let open = || async {
            let refused = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "nobody is there");
            Err::<DuplexStream, _>(Failure::new(refused))
        };
        let client = tenure_rmcp::connect(open, || (), patient());
        let error = client.list_all_tools().await.unwrap_err();
        let Error::NotSent(SessionError::ConnectFailed { failure, .. }) = &error else { panic!("{error:?}") };
        assert_eq!(failure.to_string(), "nobody is there");
    })
    .await;
}

/// A transport that never finishes its close.
struct NeverCloses<T> {
    inner: T,
    dropped: Arc<AtomicBool>,
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for NeverCloses<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), T::Error>> + Send + 'static {
        self.inner.send(item)
    }

    fn receive(&mut self) -> impl Future<Output = Option<RxJsonRpcMessage<RoleClient>>> + Send {
        self.inner.receive()
    }

    async fn close(&mut self) -> Result<(), T::Error> {
        std::future::pending().await
    }
}

impl<T> Drop for NeverCloses<T> {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_transport_whose_close_never_ends_is_dropped_at_the_stop_deadline() {
    whole("the row", async {
        let dropped = Arc::new(AtomicBool::new(false));
        let seen = dropped.clone();
        let open = move || {
            let dropped = seen.clone();
            async move {
                let (near, far) = duplex(256);
                tokio::spawn(serve(far, usize::MAX));
                let (reading, writing) = tokio::io::split(near);
                Ok(NeverCloses { inner: AsyncRwTransport::new_client(reading, writing), dropped })
            }
        };
        let client = tenure_rmcp::connect(open, || (), strict());
        client.call_tool(params("any", json!({}))).await.unwrap();
        assert!(!dropped.load(Ordering::SeqCst));
        let begun = Instant::now();
        client.close(Mode::Force).await;
        assert!(begun.elapsed() >= SHORT);
        assert!(dropped.load(Ordering::SeqCst), "the generation was over before its transport");
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

/// Answers every tool.
#[derive(Clone, Default)]
struct Anything {
    /// It works on a call that it will never answer.
    working: Arc<Notify>,
}

impl ServerHandler for Anything {
    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if params.name == "never" {
            self.working.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(CallToolResult::success(vec![ContentBlock::text(params.name)]).into())
    }

    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::default();
        info.capabilities = ServerCapabilities::builder().enable_tools().build();
        info
    }
}

/// rmcp's streamable HTTP, on a port of its own.
async fn http() -> (String, Arc<LocalSessionManager>, Arc<Notify>) {
    let anything = Anything::default();
    let working = anything.working.clone();
    let sessions = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(
        move || Ok(anything.clone()),
        sessions.clone(),
        StreamableHttpServerConfig::default(),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new();
                let _ = connection.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (format!("http://{address}/"), sessions, working)
}

#[tokio::test]
async fn streamable_http_is_shared_closed_in_order_and_opened_again() {
    whole("the row", async {
        let (uri, sessions, working) = http().await;
        let open = move || {
            let uri = uri.clone();
            async move { Ok(StreamableHttpClientTransport::from_uri(uri)) }
        };
        let client = tenure_rmcp::connect(open, || (), patient());
        for generation in 1..=2 {
            let lease = client.acquire().await.unwrap();
            assert_eq!(lease.generation().number(), generation);
            assert_eq!(text(&lease.call_tool(params("hello", json!({}))).await.unwrap()), "hello");
            assert_eq!(sessions.sessions.read().await.len(), 1);
            let never = lease.call_tool(params("never", json!({})));
            let close = async {
                working.notified().await;
                client.close(Mode::Force).await;
            };
            let (never, ()) = futures_lite::future::zip(never, close).await;
            assert!(matches!(never, Err(Error::Revoked(SessionError::Closed { .. }))), "{never:?}");
            // Closed in order: the server was told.
            assert_eq!(sessions.sessions.read().await.len(), 0);
        }
        client.shutdown(Mode::Graceful).await;
    })
    .await;
}

#[tokio::test]
async fn an_http_server_that_is_not_there_is_a_failed_connect() {
    whole("the row", async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let open = move || {
            let uri = uri.clone();
            async move { Ok(StreamableHttpClientTransport::from_uri(uri)) }
        };
        let client = tenure_rmcp::connect(open, || (), patient());
        let error = within("the refusal", client.list_all_tools()).await.unwrap_err();
        assert!(matches!(error, Error::NotSent(SessionError::ConnectFailed { .. })), "{error:?}");
    })
    .await;
}
