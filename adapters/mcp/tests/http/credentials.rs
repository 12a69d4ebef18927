//! By which headers a server knows the client (tests/http/ROWS.md, section 8).

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderName, HeaderValue};
use serde_json::json;
use tenure::Mode;
use tenure_mcp::{
    Bearer, Credential, CredentialRequest, Credentials, CredentialsRefused, Delivery, Eras, Error, Failure,
    FixedHeaders, HttpErrorKind, HttpServer, HttpTransport, PlainCredentials, Secret,
};

use crate::clock::Clock;
use crate::stage::{Call, Stage, options, server};
use crate::web::Web;

/// What a hook does when it is told that its token was refused.
#[derive(Clone, Copy)]
enum Then {
    Renews,
    HasNothingElse,
    Fails,
    NeverAnswers,
    NeverGives,
    Panics,
}

#[derive(Clone)]
struct Hook {
    then: Then,
    version: Arc<Mutex<u64>>,
    told: Arc<Mutex<Vec<CredentialsRefused>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Hook {
    fn new(then: Then) -> Self {
        Self { then, version: Arc::default(), told: Arc::default(), asked: Arc::default() }
    }

    fn told(&self) -> Vec<CredentialsRefused> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

#[async_trait]
impl Credentials for Hook {
    async fn current(&self, request: CredentialRequest<'_>) -> Result<Credential, Failure> {
        if matches!(self.then, Then::NeverGives) {
            return pending().await;
        }
        assert!(!matches!(self.then, Then::Panics), "as the test wants it");
        self.asked.lock().unwrap().push(format!("{} {}", request.method, request.uri.path()));
        let version = *self.version.lock().unwrap();
        let credential = Credential::bearer(version, &Secret::from(format!("token-{version}")))?;
        Ok(credential.header(HeaderName::from_static("x-more"), HeaderValue::from_static("secret, too")))
    }

    async fn refused(&self, refused: CredentialsRefused) -> Result<u64, Failure> {
        self.told.lock().unwrap().push(refused.clone());
        match self.then {
            Then::Renews => {
                let mut version = self.version.lock().unwrap();
                *version += 1;
                Ok(*version)
            }
            Then::HasNothingElse => Ok(refused.version.unwrap_or_default()),
            Then::Fails => Err(Failure::new("the keychain is locked")),
            Then::NeverAnswers | Then::NeverGives | Then::Panics => pending().await,
        }
    }
}

fn stage(then: Then) -> (Stage, Hook) {
    let hook = Hook::new(then);
    (Stage::with(options().eras(Eras::Legacy), server().credentials(hook.clone())), hook)
}

const CHALLENGE: &str =
    r#"Bearer realm="r", error="invalid_token", resource_metadata="https://127.0.0.1/meta""#;

#[test]
fn each_request_has_the_credentials_that_there_are_then() {
    let (mut stage, hook) = stage(Then::Renews);
    drop(stage.live("session-1"));
    *hook.version.lock().unwrap() = 7;
    let _closing = stage.client.shutdown(Mode::Graceful);
    stage.turn();
    let end = stage.web.asked_for("DELETE");
    assert_eq!(end.header("authorization"), Some("Bearer token-7"));
    assert!(["authorization", "x-more"].iter().all(|name| end.request.headers()[*name].is_sensitive()));
    end.status(200);
    stage.turn();
    let asked = hook.asked.lock().unwrap().clone();
    assert_eq!(asked, ["POST /mcp", "POST /mcp", "GET /mcp", "DELETE /mcp"]);
}

#[test]
fn a_refused_token_is_renewed_once_for_all_who_wait_and_they_are_made_again() {
    let (mut stage, hook) = stage(Then::Renews);
    let lease = stage.live("session-1");
    let mut calls: Vec<_> = (0..3).map(|_| Call::begun(lease.call_tool("add", ()))).collect();
    stage.turn();
    for asked in stage.web.asked() {
        assert_eq!(asked.header("authorization"), Some("Bearer token-0"));
        asked.respond(401, &[("www-authenticate", CHALLENGE)], "");
    }
    stage.turn();
    let [told] = <[_; 1]>::try_from(hook.told()).unwrap();
    assert_eq!(told.version, Some(0));
    assert_eq!(told.challenges[0].error.as_deref(), Some("invalid_token"));
    assert_eq!(told.challenges[0].resource_metadata.as_deref(), Some("https://127.0.0.1/meta"));
    let asked = stage.web.asked();
    assert_eq!(asked.len(), 3);
    for asked in asked {
        assert_eq!(asked.header("authorization"), Some("Bearer token-1"));
        asked.answer(&json!({ "content": [] }));
    }
    stage.turn();
    for call in &mut calls {
        call.poll().unwrap().unwrap();
    }
}

#[track_caller]
fn unauthorized(result: Option<Result<tenure_mcp::proto::types::CallToolResult, Error>>) -> Error {
    let error = result.unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::Refused, "{error:?}");
    assert!(matches!(error.http().unwrap().kind, HttpErrorKind::Unauthorized { .. }), "{error:?}");
    error
}

#[test]
fn a_second_refusal_is_final() {
    let (mut stage, hook) = stage(Then::Renews);
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("add", ()));
    for _ in 0..2 {
        stage.turn();
        stage.web.asked_for("tools/call").respond(401, &[("www-authenticate", CHALLENGE)], "");
    }
    stage.turn();
    // A session that is gone may be refused so, too: that is asked first.
    for asked in stage.web.asked() {
        assert_eq!(asked.name(), "ping");
        asked.answer(&json!({}));
    }
    stage.turn();
    let error = unauthorized(call.poll());
    assert!(error.to_string().contains("invalid_token"), "{error}");
    assert_eq!(hook.told().len(), 1);
}

#[test]
fn without_anything_newer_a_refusal_is_final_at_once() {
    let (mut stage, _) = stage(Then::HasNothingElse);
    let (mut acquire, initialize) = stage.opening();
    initialize.respond(401, &[("www-authenticate", CHALLENGE)], "");
    stage.turn();
    let error = acquire.poll().unwrap().unwrap_err();
    assert!(!error.is_retryable());
    assert_eq!(error.http().unwrap().status, Some(401));
    assert!(stage.web.asked().is_empty());
}

#[test]
fn without_a_hook_a_refusal_is_final_at_once() {
    let mut stage = Stage::legacy();
    let (mut acquire, initialize) = stage.opening();
    initialize.respond(401, &[("www-authenticate", CHALLENGE)], "");
    stage.turn();
    let error = acquire.poll().unwrap().unwrap_err();
    assert!(matches!(error.http().unwrap().kind, HttpErrorKind::Unauthorized { .. }), "{error:?}");
    assert!(stage.web.asked().is_empty());
}

#[test]
fn a_hook_that_fails_fails_all_who_wait_with_its_reason() {
    let (mut stage, hook) = stage(Then::Fails);
    let lease = stage.live("session-1");
    let mut calls: Vec<_> = (0..2).map(|_| Call::begun(lease.call_tool("add", ()))).collect();
    stage.turn();
    stage.web.asked().iter().for_each(|asked| asked.respond(401, &[("www-authenticate", CHALLENGE)], ""));
    stage.turn();
    assert_eq!(hook.told().len(), 1);
    // A session that is gone may be refused so, too: that is asked first.
    stage.web.asked_for("ping").answer(&json!({}));
    stage.turn();
    for call in &mut calls {
        let error = unauthorized(call.poll());
        assert!(error.to_string().contains("the keychain is locked"), "{error}");
    }
}

#[test]
fn a_hook_may_take_thirty_seconds_to_renew() {
    let (mut stage, _) = stage(Then::NeverAnswers);
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    stage.web.asked_for("tools/call").respond(401, &[("www-authenticate", CHALLENGE)], "");
    stage.turn();
    stage.advance(Duration::from_secs(30) - Duration::from_nanos(1));
    assert!(call.poll().is_none());
    stage.advance(Duration::from_nanos(1));
    stage.web.asked_for("ping").answer(&json!({}));
    stage.turn();
    unauthorized(call.poll());
}

#[test]
fn a_hook_may_take_thirty_seconds_to_give_what_a_request_needs() {
    let (mut stage, _) = stage(Then::NeverGives);
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    stage.advance(Duration::from_secs(30) - Duration::from_nanos(1));
    assert!(acquire.poll().is_none());
    stage.advance(Duration::from_nanos(1));
    let error = acquire.poll().unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.to_string().contains("30 s"), "{error}");
    assert_eq!(stage.web.count(), 0);
}

#[test]
fn a_hook_that_panics_costs_what_needs_it() {
    let (mut stage, _) = stage(Then::Panics);
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let error = acquire.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::ConnectFailed { .. }), "{error:?}");
    assert!(error.http().unwrap().to_string().contains("the credentials panicked"), "{error}");
    assert_eq!(stage.web.count(), 0);
}

#[test]
fn a_programs_headers_never_replace_those_of_the_protocol() {
    let server =
        server().header("x-api-key", "key").unwrap().header("mcp-session-id", "forged").unwrap().credentials(
            FixedHeaders::new()
                .header("x-api-key", "other-key")
                .unwrap()
                .header("host", "elsewhere")
                .unwrap()
                .header("mcp-protocol-version", "forged")
                .unwrap(),
        );
    let mut stage = Stage::with(options().eras(Eras::Legacy), server);
    let lease = stage.live("session-1");
    let call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    assert_eq!(asked.header("x-api-key"), Some("other-key"));
    assert_eq!(asked.header("mcp-session-id"), Some("session-1"));
    assert_eq!(asked.header("mcp-protocol-version"), Some("2025-11-25"));
    assert_eq!(asked.header("host"), None);
    drop(call);
}

#[test]
fn credentials_cross_no_network_in_the_clear_unless_that_is_allowed() {
    let open = |server: HttpServer| {
        let mut stage = Stage::with(options().eras(Eras::Legacy), server);
        let client = stage.client.clone();
        let mut acquire = Call::begun(client.acquire());
        stage.turn();
        match acquire.poll() {
            None => stage.web.asked_one().header("authorization").is_some(),
            Some(result) => {
                let error = result.unwrap_err();
                let Error::ConnectFailed { failure, .. } = error else { panic!("{error:?}") };
                assert!(!failure.is_retryable());
                let plain: &PlainCredentials = failure.downcast_ref().unwrap();
                assert_eq!(plain.origin, "http://mcp.example.com");
                assert_eq!(stage.web.count(), 0);
                false
            }
        }
    };
    let at = |url: &str| HttpServer::new(url).unwrap();
    let bearer = |url: &str| at(url).credentials(Bearer::new("secret"));
    assert!(!open(bearer("http://mcp.example.com/mcp?q=secret")));
    assert!(!open(at("http://mcp.example.com/mcp").header("authorization", "secret").unwrap()));
    assert!(open(bearer("http://mcp.example.com/mcp").allow_plain_credentials(true)));
    assert!(open(bearer("https://mcp.example.com/mcp")));
    assert!(open(bearer("http://localhost:8000/mcp")));
    assert!(open(at("https://mcp.example.com/mcp").header("authorization", "secret").unwrap()));
}

#[test]
fn nothing_secret_is_shown() {
    let token = "tOp-sEcReT";
    let fixed = FixedHeaders::new().header("x-api-key", token).unwrap();
    let credential = Credential::bearer(3, &Secret::from(token)).unwrap();
    let at = HttpServer::new("https://mcp.example.com/mcp?key=tOp-sEcReT").unwrap();
    let at = at.header("x-api-key", token).unwrap().credentials(Bearer::new(token));
    let transport = HttpTransport::new(Web::default(), at.clone(), Clock::default());
    let shown = format!(
        "{:?} {:?} {fixed:?} {credential:?} {at:?} {transport:?}",
        Secret::from(token),
        Bearer::new(token)
    );
    assert!(!shown.contains(token), "{shown}");
    assert!(shown.contains("x-api-key"), "names are no secret: {shown}");
    for name in [
        "Secret",
        "Credential { version: 3, ",
        "HttpServer { endpoint: ",
        "HttpTransport { server: HttpServer",
    ] {
        assert!(shown.contains(name), "{shown}");
    }
    assert_eq!((Secret::from(token).expose(), credential.version()), (token, 3));

    let broken = Credential::bearer(0, &Secret::from("tOp-sEcReT\n")).unwrap_err();
    assert!(!format!("{broken} {broken:?}").contains(token));

    let server = server().credentials(Bearer::new(token));
    let mut stage = Stage::with(options().eras(Eras::Legacy), server);
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("add", ()));
    stage.turn();
    stage.web.asked_for("tools/call").respond(500, &[("content-type", "text/plain")], "no");
    stage.turn();
    let error = call.poll().unwrap().unwrap_err();
    let shown = format!("{error} {error:?} {:?} {:?}", stage.events(), stage.client);
    assert!(!shown.contains(token) && !shown.contains("query-secret"), "{shown}");
}

#[test]
fn a_token_may_be_one_of_several_headers_that_never_change() {
    let fixed = FixedHeaders::new().header("x-api-key", "key").unwrap().bearer(&Secret::from("t")).unwrap();
    let mut stage = Stage::with(options().eras(Eras::Legacy), server().credentials(fixed));
    let (_acquire, initialize) = stage.opening();
    assert_eq!(initialize.header("x-api-key"), Some("key"));
    assert_eq!(initialize.header("authorization"), Some("Bearer t"));
}

#[test]
fn headers_that_never_change_and_are_refused_are_not_sent_again() {
    let fixed = FixedHeaders::new().header("x-api-key", "key").unwrap();
    let mut stage = Stage::with(options().eras(Eras::Legacy), server().credentials(fixed));
    let (mut acquire, initialize) = stage.opening();
    initialize.status(401);
    stage.turn();
    assert_eq!(acquire.poll().unwrap().unwrap_err().http().unwrap().status, Some(401));
    assert!(stage.web.asked().is_empty());
}

#[test]
fn a_token_may_come_from_the_environment() {
    assert!(Bearer::from_env("PATH").is_ok());
    let missing = Bearer::from_env("TENURE_NO_SUCH_VARIABLE").unwrap_err();
    assert!(missing.to_string().contains("TENURE_NO_SUCH_VARIABLE"), "{missing}");
}
