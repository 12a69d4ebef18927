//! A guarded server on a real terminal.

use tenure_mcp::Error;

use crate::servers::terminal::{assert_stopped, with_terminal};
use crate::support::{Runtime, guarded, guardian, options, patient};

pub(crate) fn a_guarded_server_that_asks_the_terminal_is_a_failure_at_once<R: Runtime>() {
    with_terminal::<R>(async {
        let command = guarded(&guardian(), &["--ask-terminal"]);
        let error = R::stdio(command, options(patient())).acquire().await.unwrap_err();
        let Error::ConnectFailed { failure, .. } = &error else { panic!("{error:?}") };
        assert_stopped(failure);
    });
}
