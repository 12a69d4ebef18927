//! Servers at Unix sockets.

use std::os::unix::net::UnixListener;
use std::sync::mpsc::channel;
use std::time::Duration;

use tenure_http::Proxies;
use tenure_mcp::Stage;

use crate::server::Conversation;
use crate::support::{ask, get, on_both, plain};

#[test]
fn a_unix_socket_is_connected_to_in_place_of_the_host_which_is_still_named() {
    on_both(async |net| {
        let folder = std::env::temp_dir().join(format!("tenure-http-{}-{net:?}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let (sender, seen) = channel();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut conversation = Conversation::new(stream, 0, sender);
            while let Some(request) = conversation.request() {
                conversation.note(request);
                conversation.answer("here");
            }
        });
        // Neither DNS nor a proxy is asked.
        let proxies = Proxies::all("http://proxy.invalid").unwrap();
        let http = net.client_with(plain().proxies(proxies).unix_socket(&path));
        for _ in 0..2 {
            assert_eq!(ask(&http, get("http://server.invalid/mcp")).await.unwrap(), "here");
            let request = seen.recv_timeout(Duration::from_secs(10)).unwrap();
            assert!(request.starts_with("GET /mcp HTTP/1.1\r\nhost: server.invalid\r\n"), "{request}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
        let http = net.client_with(plain().unix_socket(&path));
        let failure = ask(&http, get("http://server.invalid/mcp")).await.unwrap_err();
        assert_eq!((failure.stage, failure.is_permanent), (Stage::Connect, false), "{failure}");
    });
}
