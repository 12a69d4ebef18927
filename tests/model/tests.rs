//! The small scopes.

use crate::scopes::{self, Size};
use crate::{inductively, reachable};

macro_rules! scopes {
    ($($scope:ident: $reachable:ident, $inductive:ident;)+) => {$(
        #[test]
        fn $reachable() {
            let checked = reachable(&scopes::$scope(Size::Small));
            println!("{}", checked.clone().unwrap_or_default());
            assert!(checked.is_ok(), "{}", checked.err().unwrap_or_default());
        }

        #[test]
        fn $inductive() {
            let checked = inductively(&scopes::$scope(Size::Small).for_induction());
            println!("{}", checked.clone().unwrap_or_default());
            assert!(checked.is_ok(), "{}", checked.err().unwrap_or_default());
        }
    )+};
}

scopes! {
    plain: plain_sessions_keep_every_invariant_in_every_state,
        no_input_leads_a_plain_session_out_of_the_invariants;
    retrying: sessions_that_retry_keep_every_invariant_in_every_state,
        no_input_leads_a_session_that_retries_out_of_the_invariants;
    impatient: sessions_that_retry_for_impatient_callers_keep_every_invariant_in_every_state,
        no_input_leads_a_session_with_impatient_callers_out_of_the_invariants;
    aging: sessions_that_idle_age_and_probe_keep_every_invariant_in_every_state,
        no_input_leads_a_session_that_idles_ages_and_probes_out_of_the_invariants;
    instant: sessions_that_nobody_waits_for_and_that_never_last_keep_every_invariant_in_every_state,
        no_input_leads_a_session_that_never_lasts_out_of_the_invariants;
    zero: sessions_whose_deadlines_are_zero_keep_every_invariant_in_every_state,
        no_input_leads_a_session_without_patience_out_of_the_invariants;
}
