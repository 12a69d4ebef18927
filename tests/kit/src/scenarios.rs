//! What a session must survive: all situations, numbered once for every test that names one.
//!
//! A test says with its name which it plays: `row_05_…` plays number 5. The numbers stay; what a number
//! stands for is here and nowhere else.

use std::fmt;

/// One situation, and what it must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scenario {
    /// Its number, which the tests have in their names.
    pub number: u8,
    /// The situation.
    pub situation: &'static str,
    /// What must come of it.
    pub must: &'static str,
    /// Where it is played: in none of these if it has to wait for something.
    pub played: &'static [Place],
    /// Tests that play it and are named for what they show, not for its number.
    pub tests: &'static [&'static str],
    /// What isn't played yet, and what it waits for.
    pub missing: Option<&'static str>,
}

/// Where a situation is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// By the [rows](crate::rows) of this kit, with scripted runners and gates.
    Kit,
    /// By tests/children, with real child processes.
    Children,
    /// By tests/http, over HTTP with a server that can break it.
    Http,
    /// By the tests of the program `tenure`.
    Program,
}

impl Scenario {
    const fn new(number: u8, situation: &'static str, must: &'static str) -> Self {
        Self { number, situation, must, played: &[], tests: &[], missing: None }
    }

    const fn in_the_kit(mut self) -> Self {
        self.played = &[Place::Kit];
        self
    }

    const fn in_both(mut self) -> Self {
        self.played = &[Place::Kit, Place::Children];
        self
    }

    const fn with_children(mut self) -> Self {
        self.played = &[Place::Children];
        self
    }

    const fn by(mut self, played: &'static [Place], tests: &'static [&'static str]) -> Self {
        self.played = played;
        self.tests = tests;
        self
    }

    const fn missing(mut self, what: &'static str) -> Self {
        self.missing = Some(what);
        self
    }

    /// The scenario that a test plays: the number in its name, behind the last `row_`.
    #[must_use]
    pub fn of(test: &str) -> Option<&'static Self> {
        let number = test.rsplit_once("row_")?.1.split('_').next()?.parse::<u8>().ok()?;
        SCENARIOS.iter().find(|scenario| scenario.number == number)
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}", self.number, self.situation)
    }
}

/// All of them, in the order of their numbers.
pub const SCENARIOS: [Scenario; 34] = [
    Scenario::new(
        1,
        "force close waits for a slow teardown; the closing caller is cancelled; another connects at once",
        "the teardown runs to its end; the new caller gets the next generation and its calls work",
    )
    .in_both(),
    Scenario::new(
        2,
        "a runner overruns stop, abort and discard; a new generation starts; then the old clean-up ends",
        "the new session is untouched; the old end frees the orphan's place and does nothing else",
    )
    .in_the_kit(),
    Scenario::new(
        3,
        "A holds a lease; force close; B reconnects; A releases late, once, twice, ten holders",
        "B's session lives on and its count is right",
    )
    .in_the_kit(),
    Scenario::new(
        4,
        "session lost with leases held; a new caller acquires",
        "reconnects at once or after its backoff; old calls fail as lost and say why; releases harm nobody",
    )
    .in_both(),
    Scenario::new(
        5,
        "five callers wait for one connect; any of them is cancelled",
        "one connect attempt; the other four get the same session",
    )
    .in_the_kit(),
    Scenario::new(
        6,
        "five callers wait; the connect fails",
        "one attempt, five equal errors at the same moment",
    )
    .in_the_kit(),
    Scenario::new(
        7,
        "all waiting callers are cancelled",
        "the connect is stopped and cleaned up; the next acquire starts afresh",
    )
    .in_the_kit(),
    Scenario::new(
        8,
        "close while connecting",
        "the connect is told to stop at once; who waits is rejected as closed; the close completes",
    )
    .in_the_kit(),
    Scenario::new(
        9,
        "acquire while draining",
        "waits, may be cancelled, then gets the next generation and never the dying one",
    )
    .in_the_kit(),
    Scenario::new(
        10,
        "calls in flight at a force close",
        "fail at once, typed, also when the teardown itself is slow",
    )
    .in_both(),
    Scenario::new(
        11,
        "calls in flight at a graceful close",
        "may finish until the deadline; then they fail at once",
    )
    .in_the_kit(),
    Scenario::new(
        12,
        "the server dies with calls in flight",
        "calls fail at once; the state leaves Live at once; the next acquire reconnects",
    )
    .in_both(),
    Scenario::new(
        13,
        "a call on a lease that was revoked",
        "refused at once, typed, and nothing is sent; in the step Finish calls still go through",
    )
    .in_the_kit(),
    Scenario::new(
        14,
        "the server never answers the handshake",
        "the connect deadline, finite by default, ends it with an error that names it",
    )
    .in_both(),
    Scenario::new(
        15,
        "a teardown that never ends",
        "every close and every acquire completes within its bounds, and no processor is burnt",
    )
    .in_the_kit(),
    Scenario::new(
        16,
        "close twice, many at once, when idle; release after close; shutdown, then acquire",
        "idempotent; after a shutdown acquires are refused",
    )
    .in_the_kit(),
    Scenario::new(
        17,
        "the runner panics",
        "its generation is lost with that cause; the program and the next generation live on",
    )
    .in_the_kit(),
    Scenario::new(
        18,
        "the driver or the runtime is dropped with callers waiting and calls in flight",
        "all fail at once; no process is left",
    )
    .in_both(),
    Scenario::new(19, "the last handle is dropped without a close", "an orderly stop; the child is reaped")
        .in_both(),
    Scenario::new(
        20,
        "the child ignores the end of its input, and SIGTERM; has grandchildren; stops reading",
        "close is bounded by its deadlines; the whole group is gone, nothing a zombie; all calls end",
    )
    .with_children(),
    Scenario::new(
        21,
        "the child writes garbage, an endless line, unknown or repeated ids, half a line; floods stderr",
        "the session survives what it can, the affected call gets a typed error, memory stays bounded",
    )
    .with_children(),
    Scenario::new(
        22,
        "an oversized reply to a call",
        "that call fails as too large at once; the session lives on",
    )
    .with_children(),
    Scenario::new(
        23,
        "a session idle for its idle timeout is acquired again just then",
        "closed once, or used: never both",
    )
    .in_the_kit(),
    Scenario::new(
        24,
        "reconnect after a loss",
        "what the server may have done is never repeated by the library; a one-shot call that was provably not sent, or \
         refused unprocessed, is made once more",
    )
    .by(
        &[Place::Kit, Place::Http],
        &["whoever_calls_after_an_expiry_is_served_by_the_next_session", "what_is_safe_is_done_again_once_and_not_twice"],
    ),
    Scenario::new(
        25,
        "a holder asks for another lease, or awaits a graceful close, while its session is in Finish",
        "ends with the deadline of Finish, never a deadlock",
    )
    .in_the_kit(),
    Scenario::new(
        26,
        "a client is moved into its own runner or handler",
        "a weak client is the way; dropping the last strong one still ends the session",
    )
    .in_the_kit(),
    Scenario::new(
        27,
        "a server says ready and dies, again and again",
        "with a retry policy the backoff grows; without, each acquire gets its own clear error",
    )
    .in_the_kit(),
    Scenario::new(
        28,
        "the process is stopped for longer than a deadline while an answer lies in the pipe",
        "what lies there counts; no healthy session is torn down",
    )
    .with_children(),
    Scenario::new(
        29,
        "the client program gets SIGHUP or SIGQUIT, its terminal closes; SIGCHLD is ignored from birth",
        "the server's whole group ends in order; the program ends by the signal",
    )
    .by(
        &[Place::Program],
        &[
            "every_signal_that_ends_a_program_ends_the_server_in_order_first",
            "a_terminal_that_is_closed_ends_the_server",
            "ignored_ends_of_children_leave_nothing_behind",
        ],
    ),
    Scenario::new(
        30,
        "the host is killed while connecting, in a call, in a teardown",
        "with the guardian nothing is left; on Windows never",
    )
    .by(
        &[Place::Children, Place::Program],
        &[
            "row_30_nothing_is_left_of_a_host_that_is_killed",
            "row_30_a_server_has_the_times_of_its_session",
            "row_30_a_server_that_left_its_group_ends_in_order",
            "row_30_nothing_is_left_though_another_process_holds_the_lifeline",
            "nothing_is_left_of_the_program_when_it_is_killed",
        ],
    )
    .missing("Windows"),
    Scenario::new(
        31,
        "a server stops on the terminal: it reads a password, or tostop is set",
        "seen at once and named",
    )
    .by(
        &[Place::Children],
        &[
            "a_server_that_asks_the_terminal_is_a_failure_at_once",
            "a_server_that_asks_the_terminal_in_a_call_is_lost_at_once",
        ],
    ),
    Scenario::new(
        32,
        "HTTP: the session expired with calls in flight",
        "that generation is lost, each call told whether it was taken; one initialize for all who come next",
    )
    .by(
        &[Place::Http],
        &[
            "calls_in_flight_have_a_moment_to_be_told_what_became_of_them",
            "one_initialize_serves_all_who_come_next",
            "an_answer_of_the_old_session_never_reaches_the_new_one",
        ],
    ),
    Scenario::new(
        33,
        "HTTP: a stream drops before, during and after its first event id; the resumed one drops too",
        "resumed within bounds, or a typed error; never a hang, never a spin",
    )
    .by(
        &[Place::Http],
        &[
            "a_stream_that_was_cut_is_taken_up_where_it_was",
            "the_cursor_is_kept_until_there_is_another",
            "a_stream_without_a_cursor_is_not_taken_up",
            "five_tries_for_nothing_are_enough",
        ],
    ),
    Scenario::new(
        34,
        "HTTP: 401 for ten calls at once",
        "one refresh, ten calls made again; the loser of a race never deletes the winner's credential",
    )
    .by(
        &[Place::Http],
        &["one_refusal_is_told_of_for_all_who_wait", "a_refused_credential_is_told_of_and_another_one_tried_once"],
    ),
];

/// Checks that `tests` are those of `place`: each plays a scenario that is listed as played there, and each
/// that is listed is played by one, unless it [names](Scenario::tests) its tests itself.
///
/// # Panics
/// If one is missing or too many.
pub fn assert_played(place: Place, tests: &[&str]) {
    for test in tests {
        let listed = Scenario::of(test).is_some_and(|scenario| scenario.played.contains(&place));
        assert!(listed, "{test} plays nothing that is listed as played in {place:?}");
    }
    let by_number = |scenario: &&Scenario| place == Place::Kit || scenario.tests.is_empty();
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.played.contains(&place)).filter(by_number) {
        let is_it = |test: &&str| Scenario::of(test) == Some(scenario);
        assert!(tests.iter().any(is_it), "{scenario}: listed as played in {place:?}, and isn't");
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, SCENARIOS, Scenario, assert_played};

    #[test]
    fn they_are_numbered_without_a_gap() {
        let numbers: Vec<u8> = SCENARIOS.iter().map(|scenario| scenario.number).collect();
        assert_eq!(numbers, (1..=34).collect::<Vec<u8>>());
    }

    #[test]
    fn each_is_played_or_says_what_it_waits_for() {
        for scenario in SCENARIOS {
            assert!(!scenario.played.is_empty() || scenario.missing.is_some(), "{scenario}");
        }
    }

    #[test]
    fn a_test_is_found_by_its_name() {
        let number = |test| Scenario::of(test).map(|scenario| scenario.number);
        assert_eq!(number("tokio::row_05_a_waiting_caller_is_cancelled"), Some(5));
        assert_eq!(number("row_34"), Some(34));
        assert_eq!(number("row_35_unknown"), None);
        assert_eq!(number("a_row"), None);
    }

    #[test]
    fn what_is_listed_as_played_in_the_kit_is() {
        assert_played(Place::Kit, crate::conformance!(@names));
    }
}
