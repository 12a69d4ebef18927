//! TLS, with an authority of the tests' own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tenure_http::{Options, Proxies, Roots};
use tenure_mcp::{HttpFailure, Reuse, Stage};

use crate::server::{Conversation, Server, bound};
use crate::support::{ask, ask_with, get, on_both, plain};

/// A server with a certificate, and the authority that gave it.
pub(crate) struct Secure {
    port: u16,
    pub(crate) authority: String,
    seen: Receiver<String>,
    closing: Sender<()>,
}

impl Secure {
    /// For these names, answering each request with its connection's number; `once`: closes after each, when told.
    pub(crate) fn new(names: &[&str], once: bool) -> Self {
        Self::certified(certified(names, IN_FORCE), once)
    }

    /// For these names, with a certificate whose time is over.
    pub(crate) fn expired(names: &[&str]) -> Self {
        Self::certified(certified(names, OVER), false)
    }

    fn certified((config, authority): (Arc<ServerConfig>, String), once: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, seen) = channel();
        let (closing, close) = channel();
        let close = Arc::new(Mutex::new(close));
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { return };
                bound(&stream);
                let connection = ServerConnection::new(config.clone()).unwrap();
                let stream = StreamOwned::new(connection, stream);
                let mut conversation = Conversation::new(stream, number, sender.clone());
                let close = once.then(|| close.clone());
                std::thread::spawn(move || serve(&mut conversation, close.as_deref()));
            }
        });
        Self { port, authority, seen, closing }
    }

    pub(crate) fn options(&self) -> Options {
        plain().roots(Roots::none().pem(self.authority.as_bytes()).unwrap())
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("https://{host}:{}/", self.port)
    }

    /// What was noted and not asked for yet.
    pub(crate) fn saw_more(&self) -> Vec<String> {
        self.seen.try_iter().collect()
    }

    fn saw(&self) -> String {
        self.seen.recv_timeout(Duration::from_secs(10)).unwrap()
    }
}

/// The first year of a certificate, and the first one behind it.
const IN_FORCE: [i32; 2] = [2020, 4000];
const OVER: [i32; 2] = [2020, 2021];

fn certified(names: &[&str], years: [i32; 2]) -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    [params.not_before, params.not_after] = years.map(|year| date_time_ymd(year, 1, 1));
    let certificate = params.signed_by(&own, &issuer).unwrap();
    let own = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], own)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (Arc::new(config), authority.pem())
}

type Tls = StreamOwned<ServerConnection, TcpStream>;

fn serve(conversation: &mut Conversation<Tls>, close: Option<&Mutex<Receiver<()>>>) {
    while conversation.request().is_some() {
        let connection = &conversation.stream.conn;
        let name = connection.server_name().unwrap_or("no name").to_owned();
        let protocol = String::from_utf8(connection.alpn_protocol().unwrap_or_default().to_vec()).unwrap();
        conversation.answer(&conversation.number.to_string());
        conversation.note(format!("{name} {protocol}"));
        if let Some(close) = close {
            close.lock().unwrap().recv().unwrap();
            conversation.stream.conn.send_close_notify();
            conversation.stream.flush().unwrap();
            conversation.stream.sock.shutdown(std::net::Shutdown::Both).unwrap();
            return conversation.note("closed");
        }
    }
}

pub(crate) fn is_bad_certificate(failure: &HttpFailure) {
    assert_eq!((failure.stage, failure.is_permanent), (Stage::Tls, true), "{failure}");
    assert!(failure.reason.contains("certificate"), "{failure}");
}

#[test]
fn a_server_is_believed_by_the_authority_that_was_given_and_connections_are_used_again() {
    on_both(async |net| {
        let server = Secure::new(&["localhost", "127.0.0.1"], false);
        let http = net.client_with(server.options());
        for _ in 0..2 {
            assert_eq!(ask(&http, get(&server.url("localhost"))).await.unwrap(), "0");
            assert_eq!(server.saw(), "localhost http/1.1");
        }
        // An address has a certificate of its own, and no name to ask for.
        assert_eq!(ask(&http, get(&server.url("127.0.0.1"))).await.unwrap(), "1");
        assert_eq!(server.saw(), "no name http/1.1");
    });
}

#[test]
#[cfg_attr(windows, ignore = "Wine 8 refuses the size that CERT_CHAIN_ENGINE_CONFIG has since Windows 8")]
fn the_authority_may_be_given_beside_those_of_the_platform() {
    on_both(async |net| {
        let server = Secure::new(&["localhost"], false);
        let roots = Roots::platform().pem(server.authority.as_bytes()).unwrap();
        let http = net.client_with(plain().roots(roots));
        assert_eq!(ask(&http, get(&server.url("localhost"))).await.unwrap(), "0");
    });
}

#[test]
fn a_certificate_of_another_name_is_a_permanent_failure() {
    on_both(async |net| {
        let server = Secure::new(&["other.example"], false);
        let http = net.client_with(server.options());
        is_bad_certificate(&ask(&http, get(&server.url("localhost"))).await.unwrap_err());
        is_bad_certificate(&ask(&http, get(&server.url("127.0.0.1"))).await.unwrap_err());
        assert!(server.seen.try_recv().is_err());
    });
}

#[test]
fn a_certificate_whose_time_is_over_is_a_permanent_failure() {
    on_both(async |net| {
        let server = Secure::expired(&["localhost"]);
        let http = net.client_with(server.options());
        let failure = ask(&http, get(&server.url("localhost"))).await.unwrap_err();
        is_bad_certificate(&failure);
        assert!(failure.reason.contains("expired"), "{failure}");
    });
}

#[test]
#[cfg_attr(windows, ignore = "Wine 8 refuses the size that CERT_CHAIN_ENGINE_CONFIG has since Windows 8")]
fn a_certificate_of_an_unknown_authority_is_a_permanent_failure() {
    on_both(async |net| {
        let server = Secure::new(&["localhost"], false);
        let other = Secure::new(&["localhost"], false);
        for options in [other.options(), plain(), plain().roots(Roots::none())] {
            let http = net.client_with(options);
            is_bad_certificate(&ask(&http, get(&server.url("localhost"))).await.unwrap_err());
        }
    });
}

#[test]
fn one_that_the_server_closed_by_tls_while_it_waited_costs_no_request() {
    on_both(async |net| {
        let server = Secure::new(&["localhost"], true);
        let http = net.client_with(server.options());
        for number in 0..3 {
            let answer = ask_with(&http, get(&server.url("localhost")), Reuse::Any).await;
            assert_eq!(answer.unwrap(), number.to_string());
            assert_eq!(http.idle_connections(), 1);
            assert_eq!(server.saw(), "localhost http/1.1");
            server.closing.send(()).unwrap();
            assert_eq!(server.saw(), "closed");
        }
    });
}

#[test]
fn a_server_without_tls_is_a_failure_of_tls() {
    on_both(async |net| {
        let server = Server::new(|_, conversation| {
            conversation.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        let http = net.client_with(plain().roots(Roots::none()));
        let failure = ask(&http, get(&format!("https://127.0.0.1:{}/", server.port))).await.unwrap_err();
        assert_eq!((failure.stage, failure.is_permanent), (Stage::Tls, false), "{failure}");
    });
}

#[test]
fn a_proxy_connects_and_what_is_said_goes_through_it_unread() {
    on_both(async |net| {
        let server = Secure::new(&["localhost"], false);
        let to = server.port;
        let proxy = Server::new(move |_, conversation| {
            let request = conversation.request().unwrap();
            conversation.note(request);
            let behind = TcpStream::connect(("127.0.0.1", to)).unwrap();
            conversation.write("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
            tunnel(&conversation.stream, &behind);
        });
        let proxies = Proxies::all(&format!("http://user:secret@127.0.0.1:{}", proxy.port)).unwrap();
        let http = net.client_with(server.options().proxies(proxies.for_loopback(true)));
        for _ in 0..2 {
            assert_eq!(ask(&http, get(&server.url("localhost"))).await.unwrap(), "0");
            assert_eq!(server.saw(), "localhost http/1.1");
        }
        let seen = proxy.saw();
        assert!(seen.starts_with(&format!("CONNECT localhost:{to} HTTP/1.1\r\n")), "{seen}");
        assert!(seen.contains("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"), "{seen}");
        assert!(proxy.saw_more().is_empty());
    });
}

#[test]
fn a_proxy_may_be_spoken_to_by_tls_itself() {
    on_both(async |net| {
        let proxy = Secure::new(&["localhost"], false);
        let by = |options: Options| options.proxies(Proxies::all(&proxy.url("localhost")).unwrap());
        let http = net.client_with(by(proxy.options()));
        assert_eq!(ask(&http, get("http://server.example/")).await.unwrap(), "0");
        assert_eq!(proxy.saw(), "localhost http/1.1");
        // What is wrong with the proxy is nothing of the server's.
        let http = net.client_with(by(plain()));
        let failure = ask(&http, get("https://server.example/")).await.unwrap_err();
        assert_eq!((failure.stage, failure.is_permanent), (Stage::Connect, true), "{failure}");
        assert!(failure.reason.starts_with("the proxy https://localhost:"), "{failure}");
    });
}

#[test]
fn roots_that_are_none_are_refused() {
    use tenure_http::InvalidRoots;

    assert!(matches!(Roots::none().pem(b"nonsense"), Err(InvalidRoots::Empty)));
    let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    assert!(matches!(Roots::none().pem(broken), Err(InvalidRoots::Pem(_))));
    assert!(matches!(Roots::none().pem_file("/nowhere/at.pem".as_ref()), Err(InvalidRoots::File(_))));
}

fn tunnel(near: &TcpStream, far: &TcpStream) {
    let copy = |from: &TcpStream, to: &TcpStream| {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(bytes @ 1..) = from.read(&mut piece) {
                if to.write_all(&piece[..bytes]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(std::net::Shutdown::Write);
        })
    };
    let (there, back) = (copy(near, far), copy(far, near));
    there.join().unwrap();
    back.join().unwrap();
}
