//! What the environment says, read by the defaults. The test starts itself again, with another environment.

use std::process::Command;

use tenure_http::{Options, Roots};

use crate::secure::{Secure, is_bad_certificate};
use crate::server::Server;
use crate::support::{ask, get, on_both};

const NAME: &str = "environment::authorities_and_proxies_are_those_of_the_environment";
const SECURE: &str = "TENURE_HTTP_TEST_SECURE";

#[test]
fn authorities_and_proxies_are_those_of_the_environment() {
    if std::env::var_os(SECURE).is_some() {
        return inside();
    }
    let secure = Secure::new(&["localhost"], false);
    let proxy = Server::new(|_, conversation| {
        while conversation.request().is_some() {
            conversation.answer("by proxy");
        }
    });
    let file = std::env::temp_dir().join(format!("tenure-http-{}.pem", std::process::id()));
    std::fs::write(&file, &secure.authority).unwrap();
    let mut again = Command::new(std::env::current_exe().unwrap());
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "NO_PROXY", "REQUEST_METHOD"] {
        again.env_remove(name);
    }
    let output = again
        .args(["--exact", NAME, "--nocapture"])
        .env("SSL_CERT_FILE", &file)
        .env("HTTP_PROXY", &proxy.url)
        .env(SECURE, secure.url("localhost"))
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn inside() {
    on_both(async |net| {
        let secure = std::env::var(SECURE).unwrap();
        let http = net.client_with(Options::new());
        ask(&http, get(&secure)).await.unwrap();
        assert_eq!(ask(&http, get("http://server.example/")).await.unwrap(), "by proxy");
        let other = Secure::new(&["localhost"], false);
        let given = Roots::none().pem(other.authority.as_bytes()).unwrap();
        let http = net.client_with(Options::new().roots(given));
        is_bad_certificate(&ask(&http, get(&secure)).await.unwrap_err());
    });
}
