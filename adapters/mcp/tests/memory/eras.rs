//! Which era is spoken with a server: found out once, remembered for the next generations, and found out anew when it
//! fits no more.

use std::time::Duration;

use serde_json::{Value, json};
use tenure::{DeadlineKind, Mode, Probe};
use tenure_mcp::{Client, Deadline, Era, Eras, Error, Lease, Options};

use crate::stage::{Call, Server, Stage, config, discovered};

const CONNECT: Duration = Duration::from_secs(60);
pub(crate) const HALF: Duration = Duration::from_secs(30);

fn initialized() -> Value {
    json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": { "name": "s", "version": "1" } })
}

fn unsupported(request: &Value) -> Value {
    let error = json!({ "code": -32022, "message": "no", "data": { "supported": ["2026-07-28"] } });
    json!({ "jsonrpc": "2.0", "id": request["id"], "error": error })
}

pub(crate) type Acquire = Call<'static, Result<Lease, Error>>;

/// Somebody wants a lease, and a server is started.
pub(crate) fn begin(stage: &mut Stage) -> (Acquire, Server) {
    let client: Client = stage.client.clone();
    let acquire = Call::begun(async move { client.acquire().await });
    stage.turn();
    (acquire, stage.server())
}

/// What the server was asked, which is one thing.
#[track_caller]
pub(crate) fn asked(server: &Server, method: &str) -> Value {
    let request = server.heard_one();
    assert_eq!(request["method"], method);
    request
}

#[track_caller]
pub(crate) fn era(mut acquire: Acquire) -> Era {
    let lease = acquire.poll().unwrap().unwrap();
    Call::new(lease.server()).poll().unwrap().unwrap().era
}

#[track_caller]
fn open_legacy(stage: &mut Stage, acquire: Acquire, server: &Server) {
    initialize(stage, server);
    assert_eq!(era(acquire), Era::Legacy);
}

#[track_caller]
fn initialize(stage: &mut Stage, server: &Server) {
    let initialize = asked(server, "initialize");
    server.answer(&initialize, &initialized());
    stage.turn();
    asked(server, "notifications/initialized");
}

/// A lease of a legacy server.
#[track_caller]
pub(crate) fn opened(stage: &mut Stage, mut acquire: Acquire, server: &Server) -> Lease {
    initialize(stage, server);
    acquire.poll().unwrap().unwrap()
}

/// A server of the modern era, open and not in use.
#[track_caller]
pub(crate) fn modern(stage: &mut Stage) -> Server {
    let (acquire, server) = begin(stage);
    open_modern(stage, acquire, &server);
    server
}

#[track_caller]
pub(crate) fn open_modern(stage: &mut Stage, acquire: Acquire, server: &Server) {
    let discover = asked(server, "server/discover");
    server.answer(&discover, &discovered(&json!({})));
    stage.turn();
    assert_eq!(era(acquire), Era::Modern);
}

/// The live generation.
pub(crate) fn generation(stage: &Stage) -> u64 {
    let client = stage.client.clone();
    let lease = Call::new(async move { client.acquire().await }).poll().unwrap().unwrap();
    lease.generation().number()
}

fn close(stage: &mut Stage) {
    let server = stage.server();
    let mut close = Call::begun(stage.client.close(Mode::Force));
    stage.turn();
    server.close_output();
    server.exit("status 0");
    stage.turn();
    close.poll().unwrap();
}

#[test]
fn a_modern_server_is_open_with_the_first_answer_and_asked_the_same_for_a_sign_of_life() {
    let mut stage = Stage::new();
    let server = modern(&mut stage);
    let client = stage.client.clone();
    let mut ping = Call::begun(client.ping());
    stage.turn();
    server.answer(&asked(&server, "server/discover"), &discovered(&json!({})));
    stage.turn();
    ping.poll().unwrap().unwrap();
}

#[test]
fn a_modern_server_is_probed_by_the_question_that_opened_the_session() {
    let probe = Probe { interval: Duration::from_secs(10), timeout: Duration::from_secs(2) };
    let mut stage = Stage::with(Options::new().session(|_| config().probe(Some(probe))));
    let (mut acquire, server) = begin(&mut stage);
    server.answer(&asked(&server, "server/discover"), &discovered(&json!({})));
    stage.turn();
    let lease = acquire.poll().unwrap().unwrap();
    for _ in 0..3 {
        stage.advance(Duration::from_secs(10));
        server.answer(&asked(&server, "server/discover"), &discovered(&json!({})));
        stage.turn();
    }
    lease.check().unwrap();
    stage.advance(Duration::from_secs(10));
    asked(&server, "server/discover");
    stage.advance(Duration::from_secs(2));
    let error = lease.check().unwrap_err();
    assert!(
        matches!(error, Error::TimedOut { deadline: Deadline::Session(DeadlineKind::ProbeTimeout), .. }),
        "{error}"
    );
}

#[test]
fn a_legacy_server_is_known_by_the_next_generation() {
    let mut stage = Stage::new();
    let (acquire, server) = begin(&mut stage);
    server.refuse(&asked(&server, "server/discover"));
    stage.turn();
    open_legacy(&mut stage, acquire, &server);
    for _ in 0..2 {
        close(&mut stage);
        let (acquire, server) = begin(&mut stage);
        open_legacy(&mut stage, acquire, &server);
    }
}

#[test]
fn a_server_that_is_silent_for_half_of_the_time_is_initialized_and_not_asked_again_next_time() {
    let mut stage = Stage::new();
    let (acquire, server) = begin(&mut stage);
    asked(&server, "server/discover");
    stage.advance(HALF.checked_sub(Duration::from_millis(1)).unwrap());
    assert!(server.heard().is_empty());
    stage.advance(Duration::from_millis(1));
    open_legacy(&mut stage, acquire, &server);
    close(&mut stage);
    let (acquire, server) = begin(&mut stage);
    open_legacy(&mut stage, acquire, &server);
}

#[test]
fn a_slow_modern_server_that_was_taken_for_another_is_asked_again_next_time() {
    let mut stage = Stage::new();
    let (acquire, server) = begin(&mut stage);
    let discover = asked(&server, "server/discover");
    stage.advance(HALF);
    // It answers late, and then the other question too.
    server.answer(&discover, &discovered(&json!({})));
    stage.turn();
    open_legacy(&mut stage, acquire, &server);
    close(&mut stage);
    let (acquire, server) = begin(&mut stage);
    open_modern(&mut stage, acquire, &server);
}

#[test]
fn a_server_that_is_known_to_be_modern_may_be_slow() {
    let mut stage = Stage::new();
    let (acquire, server) = begin(&mut stage);
    open_modern(&mut stage, acquire, &server);
    close(&mut stage);
    let (acquire, server) = begin(&mut stage);
    stage.advance(CONNECT * 3 / 4);
    open_modern(&mut stage, acquire, &server);
}

#[test]
fn a_window_of_the_callers_own_is_kept() {
    let window = Some(Duration::from_secs(1));
    let options = Options::new().session(|_| config()).protocol(|protocol| protocol.discover_window(window));
    let mut stage = Stage::with(options);
    let (acquire, server) = begin(&mut stage);
    asked(&server, "server/discover");
    stage.advance(Duration::from_secs(1));
    open_legacy(&mut stage, acquire, &server);
}

#[test]
fn a_server_that_was_replaced_by_one_of_the_other_era_is_opened_as_what_it_is() {
    let mut stage = Stage::new();
    let (acquire, server) = begin(&mut stage);
    server.refuse(&asked(&server, "server/discover"));
    stage.turn();
    open_legacy(&mut stage, acquire, &server);
    close(&mut stage);
    let (acquire, server) = begin(&mut stage);
    server.say(&unsupported(&asked(&server, "initialize")));
    stage.turn();
    open_modern(&mut stage, acquire, &server);
    close(&mut stage);
    let (acquire, server) = begin(&mut stage);
    server.refuse(&asked(&server, "server/discover"));
    stage.turn();
    open_legacy(&mut stage, acquire, &server);
}

#[test]
fn a_generation_that_does_not_become_ready_with_what_is_known_forgets_it() {
    let mut stage = Stage::new();
    let (acquire, server) = begin(&mut stage);
    server.refuse(&asked(&server, "server/discover"));
    stage.turn();
    open_legacy(&mut stage, acquire, &server);
    close(&mut stage);
    let (mut acquire, server) = begin(&mut stage);
    server.refuse(&asked(&server, "initialize"));
    stage.turn();
    assert!(acquire.poll().unwrap().is_err());
    let (acquire, server) = begin(&mut stage);
    open_modern(&mut stage, acquire, &server);
}

#[test]
fn a_server_that_ends_at_the_question_is_started_again_in_the_same_generation() {
    let mut stage = Stage::of_processes();
    let (acquire, server) = begin(&mut stage);
    asked(&server, "server/discover");
    server.exit("status 1");
    stage.turn();
    assert_eq!(stage.starts(), 2);
    let second = stage.server();
    open_legacy(&mut stage, acquire, &second);
    assert_eq!(generation(&stage), 1);
    close(&mut stage);
    let (acquire, third) = begin(&mut stage);
    open_legacy(&mut stage, acquire, &third);
    assert_eq!(stage.starts(), 3);
}

#[test]
fn one_that_refuses_and_ends_is_started_again_too() {
    let mut stage = Stage::of_processes();
    let (acquire, server) = begin(&mut stage);
    server.refuse(&asked(&server, "server/discover"));
    server.exit("status 1");
    stage.turn();
    let second = stage.server();
    open_legacy(&mut stage, acquire, &second);
    assert_eq!(stage.starts(), 2);
}

#[test]
fn so_is_one_of_which_nothing_is_known_but_the_end_of_its_stream() {
    let mut stage = Stage::new();
    let (acquire, server) = begin(&mut stage);
    asked(&server, "server/discover");
    server.close_output();
    stage.turn();
    let second = stage.server();
    open_legacy(&mut stage, acquire, &second);
    assert_eq!(stage.starts(), 2);
}

#[test]
fn a_server_that_ends_again_when_it_is_initialized_is_not_started_a_third_time() {
    let mut stage = Stage::of_processes();
    let (mut acquire, server) = begin(&mut stage);
    server.exit("status 1");
    stage.turn();
    let second = stage.server();
    asked(&second, "initialize");
    second.exit("status 2");
    stage.turn();
    let error = acquire.poll().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "could not connect: status 2");
    assert_eq!(stage.starts(), 2);
}

#[test]
fn where_one_era_alone_is_offered_nothing_is_started_again() {
    for eras in [Eras::Legacy, Eras::Modern] {
        let mut stage = Stage::of_processes_with(Options::new().session(|_| config()).eras(eras));
        let (mut acquire, server) = begin(&mut stage);
        server.exit("status 1");
        stage.turn();
        assert!(acquire.poll().unwrap().is_err());
        assert_eq!(stage.starts(), 1, "{eras:?}");
    }
}

#[test]
fn the_connect_deadline_is_for_both_starts() {
    let mut stage = Stage::of_processes();
    let (mut acquire, server) = begin(&mut stage);
    stage.advance(HALF.checked_sub(Duration::from_secs(1)).unwrap());
    server.exit("status 1");
    stage.turn();
    asked(&stage.server(), "initialize");
    stage.advance(HALF);
    assert!(acquire.poll().is_none());
    stage.advance(Duration::from_secs(1));
    let error = acquire.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
}

/// It closes its input, and lives: the next one must not meet it.
#[test]
fn a_server_that_takes_nothing_is_gone_before_it_is_started_again() {
    let mut stage = Stage::of_processes();
    let client = stage.client.clone();
    let acquire = Call::begun(async move { client.acquire().await });
    stage.turn_once();
    let server = stage.server();
    server.close_input();
    // The reader is behind nothing: what it says is heard meanwhile.
    server.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    stage.turn();
    stage.advance(Duration::from_millis(100));
    assert!(server.is_hurried());
    assert_eq!(stage.starts(), 1);
    server.exit("status 0");
    stage.turn();
    assert_eq!(stage.starts(), 2);
    let second = stage.server();
    open_legacy(&mut stage, acquire, &second);
}

#[test]
fn a_close_ends_the_wait_for_it_in_order() {
    let mut stage = Stage::of_processes();
    let client = stage.client.clone();
    let mut acquire = Call::begun(async move { client.acquire().await });
    stage.turn_once();
    let server = stage.server();
    server.close_input();
    server.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    stage.turn();
    stage.advance(Duration::from_millis(100));
    let mut close = Call::begun(stage.client.close(Mode::Force));
    stage.turn();
    assert!(matches!(acquire.poll().unwrap(), Err(Error::Closed { .. })));
    server.exit("status 0");
    stage.turn();
    assert!(close.poll().is_some());
    assert_eq!(stage.starts(), 1);
}

#[test]
fn one_that_ends_at_each_question_is_told_as_it_ended() {
    let mut stage = Stage::of_processes();
    let (mut acquire, server) = begin(&mut stage);
    server.exit("status 1");
    stage.turn();
    let second = stage.server();
    // It says that it is modern after all, and ends when it is asked for that.
    second.say(&unsupported(&asked(&second, "initialize")));
    stage.turn();
    asked(&second, "server/discover");
    second.exit("status 2");
    stage.turn();
    assert_eq!(acquire.poll().unwrap().unwrap_err().to_string(), "could not connect: status 2");
    assert_eq!(stage.starts(), 2);
}

#[test]
fn an_accident_of_a_modern_server_is_not_remembered() {
    let mut stage = Stage::of_processes();
    let (acquire, server) = begin(&mut stage);
    open_modern(&mut stage, acquire, &server);
    close(&mut stage);
    let (acquire, server) = begin(&mut stage);
    asked(&server, "server/discover");
    server.exit("status 139");
    stage.turn();
    let second = stage.server();
    open_legacy(&mut stage, acquire, &second);
    close(&mut stage);
    let (acquire, third) = begin(&mut stage);
    open_modern(&mut stage, acquire, &third);
}
