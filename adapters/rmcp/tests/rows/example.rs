//! The example holds what it promises.

use crate::support::TOOLS;
use tenure_bounds::{Example, blocking, whole};
use tenure_rmcp::{Error, SessionError};

#[path = "../../examples/host.rs"]
#[allow(dead_code, reason = "its main")]
mod host;

fn args(args: &[&str]) -> std::vec::IntoIter<String> {
    args.iter().map(ToString::to_string).collect::<Vec<_>>().into_iter()
}

#[tokio::test]
async fn the_example_of_a_host_works_with_a_real_server() {
    whole("the host", async {
        assert_eq!(host::host(args(&[env!("CARGO_BIN_EXE_scripted-server")])).await.unwrap(), TOOLS);
    })
    .await;
}

#[test]
fn the_example_of_a_host_gets_another_server_when_its_own_dies() {
    blocking("the host", || {
        let said = Example::start("host").wait();
        said.assert_in_order(&["connected, protocol ", "- add", "- report", "- wait"]);
        said.assert_in_order(&[
            "[generation 1] it says: I have run out of paper",
            "report: once more, with another server",
            "report: all is well",
            "divide failed: ",
        ]);
    });
}

#[tokio::test]
async fn the_example_of_a_host_says_what_is_wrong() {
    whole("the host", async {
        let error = host::host(args(&["/nowhere/server"])).await.unwrap_err();
        assert!(matches!(error, Error::NotSent(SessionError::ConnectFailed { .. })), "{error:?}");
    })
    .await;
}
