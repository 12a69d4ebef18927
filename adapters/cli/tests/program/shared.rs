//! Standard output and standard error that somebody else has made non-blocking, as a child of node does.

use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use tenure_bounds::{blocking, mark};

use crate::on_both_runtimes;
use crate::servers::{HANDSHAKE, NO_TOOLS, ORDERLY, arguments, raw};
use crate::support::{Folder, TENURE};

on_both_runtimes!(
    a_result_of_megabytes_is_whole,
    an_error_line_is_not_lost,
    verbose_lines_and_the_servers_words_are_whole,
    the_demo_is_whole,
    arguments_are_whole,
    the_server_does_not_get_the_programs_own_standard_error,
    a_question_without_an_end_of_line_is_seen,
);

/// A pipe that doesn't block its writers.
fn pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    fcntl_setfl(&writer, fcntl_getfl(&writer).unwrap() | OFlags::NONBLOCK).unwrap();
    (reader, writer)
}

/// One that is full; so many bytes are in it.
fn full_pipe() -> (PipeReader, PipeWriter, usize) {
    let (reader, mut writer) = pipe();
    let mut held = 0;
    while let Ok(written) = writer.write(&[b'x'; 4096]) {
        held += written;
    }
    while let Ok(written) = writer.write(b"x") {
        held += written;
    }
    (reader, writer, held)
}

fn spawn(mut command: Command) -> Child {
    command.stdin(Stdio::null());
    mark(&mut command).spawn().unwrap()
}

/// What comes after the first bytes, and the status.
fn rest_and_status(mut child: Child, mut reader: PipeReader, held: usize) -> (String, Option<i32>) {
    let mut bytes = Vec::new();
    blocking("the end of the pipe", || reader.read_to_end(&mut bytes)).unwrap();
    let status = blocking("the end of the program", || child.wait()).unwrap();
    (String::from_utf8(bytes.split_off(held)).unwrap(), status.code())
}

fn tenure(runtime: &str, folder: &Folder, command: &[&str], script: &str) -> Command {
    let mut tenure = Command::new(TENURE);
    tenure.args(arguments(runtime, folder, command, &format!("{HANDSHAKE}{script}")));
    tenure
}

fn a_result_of_megabytes_is_whole(runtime: &str) {
    let folder = Folder::new();
    let script = format!(
        r#"printf '{{"jsonrpc":"2.0","id":2,"result":{{"content":[],"x":"'; head -c 5000000 /dev/zero | tr '\0' x; echo '"}}}}'; {ORDERLY}"#
    );
    let (reader, writer) = pipe();
    let mut command = tenure(runtime, &folder, &["call", "a", "--json", "--stderr", "null"], &script);
    command.stdout(writer).stderr(Stdio::null());
    let child = spawn(command);
    let (text, status) = rest_and_status(child, reader, 0);
    assert_eq!((text.len(), status), (r#"{"content":[],"x":""}"#.len() + 5_000_001, Some(0)));
    assert!(text.ends_with("x\"}\n"));
}

fn an_error_line_is_not_lost(runtime: &str) {
    let folder = Folder::new();
    let (reader, writer, held) = full_pipe();
    let mut command = tenure(runtime, &folder, &["tools", "--stderr", "null"], "exit 9");
    command.stdout(Stdio::null()).stderr(writer);
    let child = spawn(command);
    // It may have come to its last line now; nothing has been read yet.
    folder.nothing_left_of_it();
    let (text, status) = rest_and_status(child, reader, held);
    assert!(text.starts_with("tenure: ") && text.contains("exit status: 9"), "{text}");
    assert_eq!((text.lines().count(), status), (1, Some(3)));
}

fn verbose_lines_and_the_servers_words_are_whole(runtime: &str) {
    let folder = Folder::new();
    let (reader, writer, held) = full_pipe();
    let script = format!("seq 1 20000 >&2; {NO_TOOLS} {ORDERLY}");
    let mut command = tenure(runtime, &folder, &["tools", "-v"], &script);
    command.stdout(Stdio::null()).stderr(writer);
    let (text, status) = rest_and_status(spawn(command), reader, held);
    let numbers = text.lines().filter(|line| line.parse::<u32>().is_ok()).count();
    assert_eq!((numbers, status), (20000, Some(0)));
    assert!(text.contains("handshake complete") && text.contains("shut down; finished"));
}

fn the_demo_is_whole(runtime: &str) {
    let (reader, writer, held) = full_pipe();
    let mut command = Command::new(TENURE);
    command.args(["demo", "--runtime", runtime]).stdout(writer).stderr(Stdio::null());
    let (text, status) = rest_and_status(spawn(command), reader, held);
    assert!(text.ends_with("11 of 11 verdicts held\n") && status == Some(0), "{text}");
}

fn arguments_are_whole(runtime: &str) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    fcntl_setfl(&reader, fcntl_getfl(&reader).unwrap() | OFlags::NONBLOCK).unwrap();
    let mut command = Command::new(TENURE);
    command.args(["call", "echo", "-", "--runtime", runtime, "--", TENURE, "demo-server"]).stdin(reader);
    command.stdout(Stdio::piped());
    let child = mark(&mut command).spawn().unwrap();
    drop(command);
    // More than a pipe holds.
    let text = "x".repeat(300_000);
    blocking("the arguments", || write!(writer, "{{\"text\":\"{text}\"}}")).unwrap();
    drop(writer);
    let output = blocking("the end of the program", || child.wait_with_output()).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), text.len() + 1));
}

fn the_server_does_not_get_the_programs_own_standard_error(runtime: &str) {
    let folder = Folder::new();
    // Where there is no /proc, this says nothing.
    let script = format!("readlink /proc/$$/fd/2 >\"$DIR/theirs\"; {NO_TOOLS} {ORDERLY}");
    let running = raw(
        runtime,
        &folder,
        &["tools"],
        &format!("{HANDSHAKE}readlink /proc/$PPID/fd/2 >\"$DIR/ours\"; {script}"),
    );
    assert_eq!(running.wait().held(), "");
    let (ours, theirs) = (folder.text("ours"), folder.text("theirs"));
    assert!(ours != theirs || ours.is_empty(), "{ours}");
}

fn a_question_without_an_end_of_line_is_seen(runtime: &str) {
    let folder = Folder::new();
    let script = format!(
        "printf 'password? ' >&2; mkfifo \"$DIR/go\"; read -r line <\"$DIR/go\"; {NO_TOOLS} {ORDERLY}"
    );
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = tenure(runtime, &folder, &["tools"], &script);
    command.stdout(Stdio::null()).stderr(writer);
    let child = spawn(command);
    let mut seen = vec![0; "server: called\npassword? ".len()];
    blocking("the question", || reader.read_exact(&mut seen)).unwrap();
    assert!(seen.ends_with(b"password? "));
    folder.write_pipe("go", "yes\n");
    assert_eq!(rest_and_status(child, reader, 0), (String::new(), Some(0)));
}
