//! The small scopes.
//!
//! How many states there are is known: other numbers mean that the machine, or what is tried on it, is another
//! one. If it is meant to be, they are put right here and in tests/README.md.

use std::io::Write as _;

use crate::explore::explore;
use crate::inductive::induct;
use crate::scopes::{self, Size};
use crate::table::Seen;

/// Shows a figure in every run. What is printed in the usual way is kept for tests that fail.
fn show(figure: &str) {
    let _ = writeln!(std::io::stderr(), "{figure}");
}

macro_rules! scopes {
    ($($scope:ident: $reachable:ident $reached:literal, $inductive:ident $inducted:literal, rest $rest:literal;)+) => {$(
        #[test]
        fn $reachable() {
            let explored = explore(&scopes::$scope(Size::Small));
            let explored = explored.unwrap_or_else(|why| panic!("{why}"));
            show(&format!("{:<9} {explored}", stringify!($scope)));
            assert_eq!((explored.states, explored.longest_rest), ($reached, $rest));
        }

        #[test]
        fn $inductive() {
            let inducted = induct(&scopes::$scope(Size::Small).for_induction());
            let inducted = inducted.unwrap_or_else(|why| panic!("{why}"));
            show(&format!("{:<9} {inducted}", stringify!($scope)));
            assert_eq!(inducted.states, $inducted);
        }
    )+};
}

scopes! {
    plain: plain_sessions_keep_every_invariant_in_every_state 13_908,
        no_input_leads_a_plain_session_out_of_the_invariants 48_474, rest 8;
    retrying: sessions_that_retry_keep_every_invariant_in_every_state 25_266,
        no_input_leads_a_session_that_retries_out_of_the_invariants 51_444, rest 11;
    impatient: sessions_that_retry_for_impatient_callers_keep_every_invariant_in_every_state 12_322,
        no_input_leads_a_session_with_impatient_callers_out_of_the_invariants 26_340, rest 7;
    aging: sessions_that_idle_age_and_probe_keep_every_invariant_in_every_state 10_024,
        no_input_leads_a_session_that_idles_ages_and_probes_out_of_the_invariants 30_602, rest 9;
    instant: sessions_that_nobody_waits_for_and_that_never_last_keep_every_invariant_in_every_state 9_768,
        no_input_leads_a_session_that_never_lasts_out_of_the_invariants 30_642, rest 5;
    zero: sessions_whose_deadlines_are_zero_keep_every_invariant_in_every_state 13_570,
        no_input_leads_a_session_without_patience_out_of_the_invariants 30_178, rest 1;
}

/// That each step is a row, and for a reason that the row gives, every exploration checks. Here: each reason of
/// each row is one for which it happens. Two callers do for that.
#[test]
fn each_row_of_the_table_happens_for_each_of_its_reasons() {
    let mut seen = Seen::default();
    for scope in [scopes::plain(Size::Small), scopes::retrying(Size::Small), scopes::aging(Size::Small)] {
        let explored = explore(&scopes::Scope { callers: 2, ..scope });
        seen.join(explored.unwrap_or_else(|why| panic!("{why}")).seen);
    }
    assert_eq!(seen.missing(), [""; 0], "never seen");
}
