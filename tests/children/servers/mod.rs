//! What a host decides and sees of its servers' processes, for any runtime: how they are started, what they write
//! beside their messages, what stops them.

/// One `#[test]` for each.
macro_rules! tests {
    ($runtime:ty: $($room:ident: $($(#[$attribute:meta])* $name:ident),* $(,)?;)*) => {
        $($($(#[$attribute])* #[test] fn $name() { crate::servers::$room::$name::<$runtime>(); })*)*
    };
    ($runtime:ty) => {
        crate::servers::tests! { $runtime:
            stderr:
                a_server_that_logs_to_a_pipe_lives_and_its_words_stand_in_the_error,
                a_connect_that_fails_says_the_servers_last_words,
                a_refused_handshake_says_them_too,
                each_line_is_heard_with_its_generation,
                what_a_server_says_while_it_is_torn_down_is_heard,
                a_flood_is_heard_whole_and_disturbs_nobody,
                #[cfg(unix)]
                what_outlives_a_server_with_its_standard_error_holds_up_nobody,
                #[cfg(windows)]
                nothing_outlives_a_server_whatever_it_was_started_with,
                #[cfg(unix)]
                a_server_does_not_get_this_programs_own_standard_error,
                an_error_tells_no_more_than_the_last_lines;
            starting:
                a_command_is_made_for_each_generation,
                a_server_that_ends_at_the_question_of_its_era_is_started_again_once,
                a_server_behind_a_script_is_closed_with_it,
                what_is_not_kept_of_the_environment_is_not_there,
                a_transport_around_another_knows_the_process_and_sees_the_messages;
            ending:
                #[cfg(windows)]
                a_server_that_cannot_be_asked_to_end_is_not_waited_for;
            terminal:
                #[cfg(unix)]
                a_server_that_asks_the_terminal_is_a_failure_at_once,
                #[cfg(unix)]
                a_server_that_asks_the_terminal_in_a_call_is_lost_at_once,
                #[cfg(unix)]
                a_server_that_somebody_stops_and_continues_is_not_lost;
        }
    };
}
pub(crate) use tests;

/// A signal reaches each process elsewhere.
#[cfg(windows)]
pub(crate) mod ending;
pub(crate) mod starting;
pub(crate) mod stderr;
/// Terminals stop who reads from them in the background. A Windows console doesn't.
#[cfg(unix)]
pub(crate) mod terminal;
