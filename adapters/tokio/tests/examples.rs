//! The examples run, say what they should, and leave no process.
#![cfg(all(unix, feature = "mcp"))]

use tenure_bounds::{Example, blocking, started};

const SHARED_AND_LOST: &[&str] = &[
    "[generation 1] connected: fragile 1.0, process ",
    "1 + 1: 2",
    "2 + 2: 4",
    "3 + 3: 6",
    "[generation 1] it says: I have run out of paper",
    "report: the session was lost: the server ended: exit status: 3",
    "report: once more",
    "[generation 2] connected: sound 1.0, process ",
    "report: all is well",
    "divide: the server answered error -32602: there is no tool divide",
    "--- This call is never answered",
];

#[test]
fn the_host_shares_its_server_and_gets_another_when_it_dies() {
    blocking("the host", || {
        let said = Example::start("tokio-host").wait();
        said.assert_in_order(SHARED_AND_LOST);
        assert!(
            said.any(|line| line.starts_with("[generation 1] disconnected: the server ended: exit")),
            "{said:#?}"
        );
        said.assert_in_order(&["--- This call is never answered", "wait: the call deadline passed"]);
        assert_eq!(said.assert_none_is_left(), 2);
    });
}

#[test]
fn ctrl_c_ends_the_host_in_order() {
    blocking("the host", || {
        let mut host = Example::start("tokio-host");
        host.until("--- This call is never answered");
        host.interrupt();
        let said = host.wait();
        said.assert_in_order(SHARED_AND_LOST);
        said.assert_in_order(&["--- This call is never answered", "Ctrl-C"]);
        assert!(!said.any(|line| line.starts_with("wait: ")), "{said:#?}");
        assert_eq!(said.assert_none_is_left(), 2);
    });
}

/// The server stays when its input ends.
#[test]
fn nothing_is_left_of_a_host_that_ends_from_one_moment_to_the_next() {
    blocking("the end of all that the host started", || {
        let said = Example::start("guarded").wait();
        said.assert_in_order(&["the server is process ", "--- This program ends"]);
        while !started().is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(said.assert_none_is_left(), 1);
    });
}

#[test]
fn of_several_servers_the_broken_one_fails_alone() {
    blocking("the host of several servers", || {
        let said = Example::start("several").wait();
        for [name, answer] in
            [["usual", "5"], ["precious", "5"], ["stubborn", "5"], ["broken", "could not be started"]]
        {
            let called = format!("{name}: {answer}");
            said.assert_in_order(&["--- All are called at once", &called, "--- What became of them"]);
        }
        assert!(said.any(|line| line.ends_with("I can't find my settings")), "{said:#?}");
        said.assert_in_order(&["broken: Idle", "precious: Live", "unused: Idle", "--- The others work on"]);
        for name in ["usual: ended", "precious: ended", "stubborn: ended", "unused: was not running"] {
            said.assert_in_order(&["--- All are ended at once", name]);
        }
    });
}
