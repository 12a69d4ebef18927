//! How a connection comes to be.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tenure_http::{Proxies, Roots};
use tenure_mcp::Stage;

use crate::rig::Rig;
use crate::server::Server;
use crate::support::{ask, get, on_both, plain, until_seen};

/// An address at which nobody listens.
fn deserted() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn address(server: &Server) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], server.port))
}

#[test]
fn an_address_that_refuses_is_followed_by_the_next() {
    on_both(async |net| {
        let server = Server::counting();
        let rig = Rig { addresses: vec![deserted(), address(&server)], ..Rig::default() };
        let http = rig.client(net, plain());
        assert_eq!(ask(&http, get("http://server.example/")).await.unwrap(), "0/0");
        assert_eq!(rig.tried(), rig.addresses);
    });
}

#[test]
fn an_address_that_is_silent_does_not_hold_up_the_others() {
    on_both(async |net| {
        let server = Server::counting();
        let silent: SocketAddr = "[2001:db8::1]:80".parse().unwrap();
        let rig = Rig { addresses: vec![silent, address(&server)], silent: vec![silent], ..Rig::default() };
        let http = rig.client(net, plain().connect_timeout(Duration::from_secs(8)));
        assert_eq!(ask(&http, get("http://server.example/")).await.unwrap(), "0/0");
        assert_eq!(rig.tried(), rig.addresses);
    });
}

#[test]
fn the_families_are_tried_in_turns() {
    on_both(async |net| {
        let v6: Vec<SocketAddr> = (1..4).map(|n| format!("[::1]:{n}").parse().unwrap()).collect();
        let rig = Rig { addresses: vec![v6[0], v6[1], v6[2], deserted()], ..Rig::default() };
        let failure = ask(&rig.client(net, plain()), get("http://server.example/")).await.unwrap_err();
        assert_eq!(rig.tried(), [v6[0], rig.addresses[3], v6[1], v6[2]]);
        assert_eq!(failure.stage, Stage::Connect);
        for address in &rig.addresses {
            assert!(failure.reason.contains(&format!("{address}: ")), "{failure}");
        }
    });
}

#[test]
fn connecting_has_a_deadline_that_says_which_part_was_silent() {
    on_both(async |net| {
        let limited = || plain().connect_timeout(Duration::from_millis(50));
        let silent: SocketAddr = "192.0.2.1:80".parse().unwrap();
        let rig = Rig { addresses: vec![silent], silent: vec![silent], ..Rig::default() };
        let failure = ask(&rig.client(net, limited()), get("http://server.example/")).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Connect);
        assert_eq!(failure.reason, "no connection within 0.05 s");

        // These hear, and say nothing.
        let mute = Server::new(|_, conversation| {
            conversation.hear();
            conversation.note("heard");
            conversation.note_end();
        });
        let at = address(&mute);
        let proxied = limited().proxies(Proxies::all(&format!("http://{at}")).unwrap());
        for (options, url, stage) in [
            (limited(), format!("https://{at}/"), Stage::Tls),
            (proxied, "https://server.example/".to_owned(), Stage::Connect),
        ] {
            let rig = Rig::holding();
            let http = rig.client(net, options.roots(Roots::none()));
            let mut answer = Box::pin(ask(&http, get(&url)));
            assert_eq!(until_seen(net, &mute, answer.as_mut()).await, "heard");
            rig.let_go();
            let failure = answer.await.unwrap_err();
            assert_eq!((failure.stage, failure.is_permanent), (stage, false), "{failure}");
            assert_eq!(mute.saw(), "closed");
        }
    });
}
