//! The rows: each a situation, and what must hold in it. Their numbers are those of
//! [the scenarios](crate::SCENARIOS).

mod connecting;
mod draining;
mod ending;
mod idempotence;
mod lost;
mod teardown;

pub use connecting::{
    row_05_a_waiting_caller_is_cancelled, row_06_the_connect_fails, row_07_all_waiting_callers_are_cancelled,
    row_08_closed_while_connecting, row_14_the_handshake_is_never_answered,
};
pub use draining::{
    row_09_acquire_while_draining, row_10_calls_in_flight_at_force_close,
    row_11_calls_in_flight_at_graceful_close, row_13_a_call_on_a_revoked_lease,
    row_25_a_holder_waits_for_its_own_session,
};
pub use ending::{
    row_18_the_driver_or_the_runtime_is_dropped, row_19_the_last_client_is_dropped,
    row_23_acquired_at_the_idle_timeout, row_26_a_client_in_its_own_runner,
};
pub use idempotence::row_16_closed_and_shut_down_again_and_again;
pub use lost::{
    row_04_lost_with_leases_held, row_12_the_server_dies_with_calls_in_flight, row_17_the_runner_panics,
    row_24_nothing_is_replayed, row_27_ready_and_dead_again_and_again,
};
pub use teardown::{
    row_01_a_cancelled_close_goes_on, row_02_an_old_clean_up_ends_late, row_03_released_late,
    row_15_a_teardown_that_never_ends,
};

/// Makes one `#[test]` for each row on a [`Runtime`](crate::Runtime), in the module in which it stands, and two that
/// check the runtime's [timer](crate::check_timer()) and its way to [spawn](crate::check_spawn()).
#[macro_export]
macro_rules! conformance {
    (@names) => { $crate::conformance! { @list names } };
    ($runtime:ty) => {
        $crate::conformance! { @list tests $runtime }

        #[test]
        fn the_timer_keeps_time() {
            let check = async { $crate::check_timer(&<$runtime as $crate::Runtime>::timer()).await };
            <$runtime as $crate::Runtime>::block_on(check).assert();
        }

        #[test]
        fn what_is_spawned_runs() {
            let check = async { $crate::check_spawn(|task| <$runtime as $crate::Runtime>::spawn(task)).await };
            <$runtime as $crate::Runtime>::block_on(check).assert();
        }
    };
    (@list $($what:tt)+) => {
        $crate::conformance! { @$($what)+;
            row_01_a_cancelled_close_goes_on
            row_02_an_old_clean_up_ends_late
            row_03_released_late
            row_04_lost_with_leases_held
            row_05_a_waiting_caller_is_cancelled
            row_06_the_connect_fails
            row_07_all_waiting_callers_are_cancelled
            row_08_closed_while_connecting
            row_09_acquire_while_draining
            row_10_calls_in_flight_at_force_close
            row_11_calls_in_flight_at_graceful_close
            row_12_the_server_dies_with_calls_in_flight
            row_13_a_call_on_a_revoked_lease
            row_14_the_handshake_is_never_answered
            row_15_a_teardown_that_never_ends
            row_16_closed_and_shut_down_again_and_again
            row_17_the_runner_panics
            row_18_the_driver_or_the_runtime_is_dropped
            row_19_the_last_client_is_dropped
            row_23_acquired_at_the_idle_timeout
            row_24_nothing_is_replayed
            row_25_a_holder_waits_for_its_own_session
            row_26_a_client_in_its_own_runner
            row_27_ready_and_dead_again_and_again
        }
    };
    (@names; $($row:ident)+) => { &[$(stringify!($row)),+] };
    (@tests $runtime:ty; $($row:ident)+) => {$(
        #[test]
        fn $row() {
            $crate::run::<$runtime>(stringify!($row), $crate::rows::$row::<$runtime>());
        }
    )+};
}
