//! What the program is given for a server: arguments, an environment, times.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::on_both_runtimes;
use crate::servers::{NO_TOOLS, called, embedded};
#[cfg(unix)]
use crate::servers::{ORDERLY, arguments};
use crate::support::{Folder, TENURE, run, start_as};

on_both_runtimes!(
    arguments_may_come_from_a_file,
    arguments_may_come_from_standard_input,
    arguments_without_end_are_refused,
    the_environment_may_be_cleared,
    #[cfg(unix)]
    a_variable_need_not_be_text,
    pings_may_have_time_between_them,
);

fn arguments_may_come_from_a_file(runtime: &str) {
    let folder = Folder::new();
    let file = folder.write("arguments", "\n {\"text\": \"from a file\"}\n");
    let given = format!("@{}", file.display());
    assert_eq!(embedded(runtime, &["call", "echo", &given]).held(), "from a file\n");
    assert_eq!(embedded(runtime, &["call", "echo", "@/no/such/file"]).failed(2, "/no/such/file"), "");
    let file = folder.write("odd", b"{\"\xff\":1}");
    embedded(runtime, &["call", "echo", &format!("@{}", file.display())]).failed(2, "not UTF-8");
    let folder_given = format!("@{}", folder.as_ref().display());
    embedded(runtime, &["call", "echo", &folder_given]).failed(2, "can't read the tool's arguments");
}

fn from_stdin(runtime: &str, arguments: &[&str], stdin: File) -> crate::support::Ran {
    let mut command = Command::new(TENURE);
    command.args(arguments).args(["--runtime", runtime, "--", TENURE, "demo-server"]).stdin(stdin);
    start_as(command).wait()
}

fn arguments_may_come_from_standard_input(runtime: &str) {
    let folder = Folder::new();
    let file = folder.write("arguments", "{\"text\": \"from a pipe\"}\n");
    let open = || File::open(&file).unwrap();
    assert_eq!(from_stdin(runtime, &["call", "echo", "-"], open()).held(), "from a pipe\n");
    let params = folder.write("params", "{\"name\": \"echo\", \"arguments\": {\"text\": \"x\"}}");
    let ran = from_stdin(runtime, &["request", "tools/call", "-"], File::open(params).unwrap());
    assert_eq!(ran.held(), "{\"content\":[{\"text\":\"x\",\"type\":\"text\"}]}\n");
}

/// What is longer than anything that is read, on Windows; elsewhere without end.
fn endless(folder: &Folder) -> PathBuf {
    if cfg!(unix) { PathBuf::from("/dev/zero") } else { folder.write("endless", vec![0; 20_000_000]) }
}

fn arguments_without_end_are_refused(runtime: &str) {
    let folder = Folder::new();
    let endless = endless(&folder);
    let stdin = File::open(&endless).unwrap();
    from_stdin(runtime, &["call", "echo", "-", "--max-message", "64K"], stdin)
        .failed(2, "longer than --max-message");
    let given = format!("@{}", endless.display());
    embedded(runtime, &["call", "echo", &given]).failed(2, "longer than --max-message");
}

fn the_environment_may_be_cleared(runtime: &str) {
    let folder = Folder::new();
    let command = ["tools", "--env-clear", "--env", "A=b"];
    let script = format!("echo \"$A,${{HOME-unset}}\" >\"$DIR/seen\"; {NO_TOOLS} /bin/cat >/dev/null");
    assert_eq!(called(runtime, &folder, &command, &script).wait().held(), "");
    assert_eq!(folder.text("seen"), "b,unset\n");
    run(["tools", "--runtime", runtime, "--env-clear", "--", "no-such-program"]).failed(3, "not found");
    if cfg!(windows) {
        return;
    }
    // The program is found in the PATH, which the server doesn't get.
    let script = "echo \"$0\" >&2; exit 7";
    let ran = run(["tools", "--runtime", runtime, "--env-clear", "--", "sh", "-c", script, "sh"]);
    assert_eq!((ran.status, ran.stderr[0].as_str()), (3, "sh"), "{ran:?}");
}

// There a variable is text, or nearly so.
#[cfg(unix)]
fn a_variable_need_not_be_text(runtime: &str) {
    let folder = Folder::new();
    let script = format!("printf %s \"$ODD\" | od -An -tx1 >\"$DIR/seen\"; {NO_TOOLS} {ORDERLY}");
    let mut given =
        arguments(runtime, &folder, &["tools"], &format!("{}{script}", crate::servers::HANDSHAKE));
    given.insert(1, std::ffi::OsString::from("--env"));
    given.insert(2, std::os::unix::ffi::OsStringExt::from_vec(b"ODD=a\xff=b".to_vec()));
    assert_eq!(run(given).held(), "");
    assert_eq!(folder.text("seen").split_whitespace().collect::<Vec<_>>(), ["61", "ff", "3d", "62"]);
}

fn pings_may_have_time_between_them(runtime: &str) {
    let begin = Instant::now();
    let lines = embedded(runtime, &["ping", "--count", "3", "--interval", "200ms"]).held();
    assert_eq!(lines.lines().count(), 3);
    // Between, not around.
    assert!(begin.elapsed() >= Duration::from_millis(400));
    let one = embedded(runtime, &["ping", "--interval", "1ms"]);
    assert!(one.stderr.iter().any(|line| line.contains("--count says one")), "{:?}", one.stderr);
    assert_eq!((one.status, one.stdout.lines().count()), (0, 1));
}
