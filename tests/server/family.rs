//! What a server starts that doesn't end with it: a child, one that left its group and session, and one that did so by
//! forking twice. All of them ignore what can be ignored.

use std::process::{Command, Stdio};

const DEAF: &str = "trap '' TERM HUP INT; sleep 60";

pub(crate) fn start() {
    for script in [
        DEAF.to_owned(),
        format!("exec setsid sh -c \"{DEAF}\""),
        // The one in the middle is gone at once.
        format!("setsid sh -c \"{DEAF}\" & exit"),
    ] {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::null());
        // It is reaped by nobody, as many a server does.
        let _ = shell.spawn();
    }
}
