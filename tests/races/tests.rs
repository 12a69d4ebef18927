//! Each design fails as it is known to, and the machine doesn't.

use crate::failures::FAILURES;
use crate::page;
use crate::timeline::timeline;

fn failure(title: &str) {
    let failure = FAILURES.iter().find(|failure| failure.title == title);
    assert!(failure.is_some(), "{title} isn't shown");
    let Some(failure) = failure else { return };
    let found = failure.found().unwrap_or_else(|missing| unreachable!("{missing}"));
    let timeline = timeline(&found);
    println!("{title}\n{}", timeline.clone().unwrap_or_default());
    assert!(timeline.is_ok(), "{title}: the machine doesn't hold: {timeline:?}");
}

#[test]
fn v0_one_cancelled_caller_takes_the_others_down() {
    failure("v0: one cancelled caller takes the others down");
}

#[test]
fn v0_a_cancelled_close_leaves_a_task_that_nobody_counts() {
    failure("v0: a cancelled close cuts the clean-up");
}

#[test]
fn v1_a_dying_session_is_reused() {
    failure("v1: a dying session is reused");
}

#[test]
fn v2_a_late_clean_up_nulls_the_new_session() {
    failure("v2: a late clean-up destroys the new session");
}

#[test]
fn v3_a_stale_release_counts_against_the_new_session() {
    failure("v3: a stale release stops the new session");
}

#[test]
fn v4_each_waiter_makes_an_attempt_of_its_own() {
    failure("v4: each waiter makes an attempt of its own");
}

#[test]
fn the_page_of_the_documentation_shows_what_is_found_now() {
    let page = page::page().unwrap_or_else(|missing| unreachable!("{missing}"));
    let written = std::fs::read_to_string(page::PATH).unwrap_or_default();
    assert!(written == page, "look at it, then run `cargo run -p tenure-races -- --bless`");
}
