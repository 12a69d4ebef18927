//! Options that leave nothing of what they bound are told.

use std::time::Duration;

use tenure_mcp_proto::{Contradiction, Options};

#[test]
fn each_bound_of_nothing_is_told_in_words_of_its_own() {
    let options = Options::default;
    let mut said = Vec::new();
    for (told, none, one) in [
        (Contradiction::NoMessage, options().max_message(0), options().max_message(1)),
        (Contradiction::NothingInFlight, options().max_in_flight(0), options().max_in_flight(1)),
        (Contradiction::NoReplies, options().max_replies(0), options().max_replies(1)),
        (Contradiction::NoEvents, options().max_events(0), options().max_events(1)),
        (
            Contradiction::NoTimeForTheHandshake,
            options().handshake_timeout(Some(Duration::ZERO)),
            options().handshake_timeout(None),
        ),
    ] {
        assert_eq!(none.contradictions(), [told]);
        assert_eq!(one.contradictions(), []);
        let words = told.to_string();
        assert!(words.contains("is zero") && !said.contains(&words), "{words}");
        said.push(words);
    }
}

#[test]
fn the_handshakes_own_deadline_can_be_asked_for() {
    let second = Some(Duration::from_secs(1));
    assert_eq!(Options::default().handshake_deadline(), None);
    assert_eq!(Options::default().handshake_timeout(second).handshake_deadline(), second);
}
