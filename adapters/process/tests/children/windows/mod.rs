//! The tests, for any runtime: on Windows.

mod ends;
mod failing;
mod folder;
mod hosts;
mod part;
mod pipes;
mod playing;

pub(crate) use ends::*;
pub(crate) use failing::*;
pub(crate) use hosts::*;
pub(crate) use pipes::*;

/// One `#[test]` for each body.
macro_rules! tests {
    ($runtime:ty: $($name:ident),* $(,)?) => {
        $(#[test] fn $name() { body::$name::<$runtime>(); })*
    };
    ($runtime:ty) => {
        crate::body::tests! { $runtime:
            ends_on_end_of_input,
            tells_its_exit_code,
            is_told_as_failed_when_it_was_killed,
            grandchildren_die_with_a_killed_leader,
            grandchildren_die_after_a_leader_that_left_them,
            grandchildren_die_when_the_process_is_dropped,
            grandchildren_that_want_to_leave_the_job_die_too,
            dropped_with_its_runtime,
            dropped_after_its_exit,
            dropped_unsplit,
            many_dropped_at_once,
            waiting_can_be_given_up,
            is_not_reaped_by_seeing_its_exit,
            a_reaped_child_is_not_asked,
            starts_again_from_the_same_command,
            environment_names_differ_in_more_than_their_case,
            reads_standard_error_if_piped,
            a_hundred_megabytes_come_from_a_child,
            a_hundred_megabytes_go_to_a_child,
            all_that_was_written_arrives_before_the_end_of_input,
            a_child_that_stops_reading_is_ended_all_the_same,
            writing_to_a_child_that_is_gone_is_an_error,
            an_output_can_be_dropped_in_the_middle_of_a_read,
            nothing_is_left_of_a_host_that_is_killed,
            nothing_is_left_of_a_host_that_crashes,
            a_host_that_is_in_a_job_itself_has_children_as_any_other,
            a_child_on_the_console_is_asked_to_end,
            a_child_that_does_not_listen_is_ended_by_being_asked,
            without_a_console_it_is_said_at_once_that_a_child_cannot_be_asked,
            where_the_host_has_no_console_a_child_has_one_without_a_window,
            a_batch_file_is_started_and_gets_its_arguments,
            a_batch_file_hands_them_on_as_they_are,
            a_program_gets_its_arguments_as_they_are,
            a_nul_is_not_blamed_on_a_script,
            arguments_that_no_batch_file_can_be_given_are_refused,
            a_script_is_found_by_its_name_and_what_does_not_look_for_scripts_says_so,
            a_script_in_a_path_of_the_childs_own_is_found_by_its_name,
            missing_program,
            missing_working_directory,
            a_file_that_is_no_program,
        }
    };
}
pub(crate) use tests;
