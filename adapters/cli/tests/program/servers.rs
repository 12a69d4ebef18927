//! Servers in a few lines of shell, for what the embedded one is too good for.
//! Windows has none: there they are played by the program `shell` of `tests/`.
//! Each writes its id, which is its group's, to `$DIR/pid`, and says what it is at on standard error.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::support::{Folder, Ran, Running, TENURE, run, start};

/// Shakes hands as it should and waits for the first request, which is number 2.
pub(crate) const HANDSHAKE: &str = r#"
read -r line
echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}}'
read -r line
read -r line
echo 'server: called' >&2
"#;
/// An empty list of tools.
pub(crate) const NO_TOOLS: &str = r#"echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}';"#;
/// Waits for the end of its input, and writes down that it came.
pub(crate) const ORDERLY: &str = "cat >/dev/null; echo orderly >\"$DIR/end\"";
/// Neither the end of its input nor SIGTERM ends it or its child.
pub(crate) const DEAF: &str = "trap '' TERM; cat >/dev/null; echo 'server: eof' >&2; sleep 1000 & sleep 1000";

/// What plays the scripts.
fn shell() -> PathBuf {
    if cfg!(unix) {
        return "/bin/sh".into();
    }
    let shell = Path::new(TENURE).with_file_name("shell.exe");
    assert!(shell.exists(), "build it first, or test with it: cargo test -p tenure-cli -p tenure-tests");
    shell
}

/// A command with its options on a shell server, as arguments of the program.
pub(crate) fn arguments(runtime: &str, folder: &Folder, command: &[&str], script: &str) -> Vec<OsString> {
    let mut directory = OsString::from("DIR=");
    directory.push(folder.as_ref());
    let script = format!("echo $$ >\"$DIR/pid\"\n{script}");
    let mut arguments: Vec<OsString> = command.iter().map(OsString::from).collect();
    arguments.extend(["--runtime", runtime, "--env"].map(OsString::from));
    arguments.push(directory);
    // The scripts answer the handshake with their first line, whatever it asks.
    if !command.contains(&"--era") {
        arguments.extend(["--era", "legacy"].map(OsString::from));
    }
    arguments.extend([OsString::from("--"), shell().into(), "-c".into(), script.into()]);
    arguments
}

/// A server that is nothing but this script.
pub(crate) fn raw(runtime: &str, folder: &Folder, command: &[&str], script: &str) -> Running {
    start(arguments(runtime, folder, command, script))
}

/// A server that goes on with this script once it was asked for something.
pub(crate) fn called(runtime: &str, folder: &Folder, command: &[&str], script: &str) -> Running {
    raw(runtime, folder, command, &format!("{HANDSHAKE}{script}"))
}

/// A command on the embedded server.
pub(crate) fn embedded<S: AsRef<OsStr>>(runtime: &str, command: &[S]) -> Ran {
    let mut arguments: Vec<&OsStr> = command.iter().map(AsRef::as_ref).collect();
    arguments.extend(["--runtime", runtime, "--", TENURE, "demo-server"].map(OsStr::new));
    run(arguments)
}
