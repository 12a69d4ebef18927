//! A session that is to end while a request of it has no exchange: it waits for its time, or for other credentials
//! (tests/http/ROWS.md, sections 5 and 6).

use std::time::Duration;

use http::Method;
use tenure_mcp_proto::Eras;

use crate::world::*;

const SECOND: Duration = Duration::from_secs(1);

/// Stops, and sees that nothing but the end of the session follows.
#[track_caller]
fn ends_with_a_delete(world: &mut World) {
    world.exchanges.stop(world.now);
    let delete = world.next();
    assert_eq!((delete.request.method(), delete.header("mcp-session-id")), (&Method::DELETE, Some("s-1")));
    world.exchanges.credentials(world.now, Ok(2));
    world.nothing_sent();
    world.status(&delete, 401);
    is_over(world);
}

/// Nothing comes any more, whatever happens.
#[track_caller]
fn is_over(world: &mut World) {
    assert_eq!(world.over, Some(Ok(())));
    world.exchanges.credentials(world.now, Ok(3));
    assert_eq!(world.exchanges.poll_timeout(), None);
    world.pass(600 * SECOND);
    world.nothing_sent();
}

#[test]
fn a_call_that_waits_to_be_taken_up_is_not() {
    let mut world = World::legacy();
    world.broken("id: a\nretry: 10\ndata:\n\n");
    ends_with_a_delete(&mut world);
}

#[test]
fn a_call_that_is_being_taken_up_is_dropped() {
    let mut world = World::legacy();
    let (_, again) = world.resumed();
    ends_with_a_delete(&mut world);
    assert!(world.dropped.contains(&again.exchange));
    world.stream(&again);
    world.body(&again, "id: b\ndata:\n\n");
    world.end(&again);
    is_over(&mut world);
}

#[test]
fn a_call_for_which_other_credentials_are_asked_is_not_made_again() {
    let mut world = World::legacy();
    let (_, sent) = world.tool();
    world.head(&sent, 401, &[]);
    assert_eq!(world.asked, [Some(1)]);
    ends_with_a_delete(&mut world);
    assert_eq!(world.asked.len(), 1, "nobody is asked again");
}

#[test]
fn last_words_for_which_other_credentials_are_asked_are_waited_for_a_moment() {
    let mut world = World::legacy();
    let (id, _) = world.tool();
    world.connection.cancel(id, None);
    let notice = world.next();
    world.head(&notice, 401, &[]);
    assert_eq!(world.asked, [Some(1)]);
    world.exchanges.stop(world.now);
    world.nothing_sent();
    world.pass(SECOND / 4);
    let delete = world.next();
    assert_eq!(delete.request.method(), Method::DELETE);
    world.status(&delete, 200);
    is_over(&mut world);
}

#[test]
fn an_opening_for_which_other_credentials_are_asked_leaves_nothing_to_be_ended() {
    for eras in [Eras::Legacy, Eras::Modern, Eras::Auto] {
        let mut world = World::of(eras);
        let sent = world.next();
        world.head(&sent, 401, &[]);
        assert_eq!(world.asked, [Some(1)]);
        world.exchanges.stop(world.now);
        world.settle();
        is_over(&mut world);
    }
}

#[test]
fn an_opening_that_a_busy_server_has_put_off_leaves_nothing_to_be_ended() {
    let mut world = World::of(Eras::Auto);
    let sent = world.next();
    world.reply(&sent, 503, &[("retry-after", "2")], "");
    assert_eq!(world.exchanges.poll_timeout(), Some(2 * SECOND));
    world.exchanges.stop(world.now);
    world.settle();
    is_over(&mut world);
}

#[test]
fn a_stream_that_waits_to_be_listened_to_again_is_not() {
    let mut world = World::of(Eras::Legacy);
    world.initialize(Some("s-1"));
    let listen = world.next();
    world.stream(&listen);
    world.end(&listen);
    ends_with_a_delete(&mut world);
}

#[test]
fn a_stream_for_which_other_credentials_are_asked_is_not_asked_for() {
    let mut world = World::of(Eras::Legacy);
    world.initialize(Some("s-1"));
    let listen = world.next();
    world.head(&listen, 401, &[]);
    assert_eq!(world.asked, [Some(1)]);
    ends_with_a_delete(&mut world);
}
