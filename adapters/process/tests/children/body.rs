//! The tests, for any runtime.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::pin::pin;
use std::process::{Command, Stdio};

use futures_lite::AsyncWriteExt as _;

mod failing;
mod unsaid;

pub(crate) use failing::{
    argument_that_no_program_can_have, missing_program, missing_working_directory,
    program_that_may_not_be_run,
};
pub(crate) use unsaid::{
    a_guardian_that_says_nothing_blocks_nobody_and_can_be_given_up,
    what_plays_no_guardian_is_gone_when_that_is_told,
};

use tenure_bounds::{blocking, mark, within};

use crate::support::{Lines, Runtime, assert_reaped, exit, is_pending, run, sh, start, token};

const SIGKILL: Option<i32> = Some(9);
const SIGTERM: Option<i32> = Some(15);

/// One `#[test]` for each body.
macro_rules! tests {
    ($runtime:ty: $($(#[$attribute:meta])* $name:ident),* $(,)?) => {
        $($(#[$attribute])* #[test] fn $name() { body::$name::<$runtime>(); })*
    };
    ($runtime:ty) => {
        crate::body::tests! { $runtime:
            ends_on_end_of_input,
            tells_status_and_signal,
            ignores_end_of_input,
            ignores_sigterm_too,
            grandchildren_die_with_a_killed_leader,
            grandchildren_die_after_a_leader_that_left_them,
            grandchildren_die_when_the_process_is_dropped,
            closes_its_input_while_a_write_is_stuck,
            writing_to_a_closed_pipe_is_an_error,
            dropped_with_its_runtime,
            dropped_after_its_exit,
            dropped_unsplit,
            many_dropped_at_once,
            stopped_and_terminated,
            stopped_and_dropped,
            waiting_can_be_given_up,
            is_not_reaped_by_seeing_its_exit,
            a_reaped_child_is_not_signalled,
            reads_standard_error_if_piped,
            starts_again_from_the_same_command,
            missing_program,
            missing_working_directory,
            program_that_may_not_be_run,
            argument_that_no_program_can_have,
            a_guardian_that_says_nothing_blocks_nobody_and_can_be_given_up,
            what_plays_no_guardian_is_gone_when_that_is_told,
            #[cfg(target_os = "linux")]
            leaks_no_descriptor_into_other_children,
        }
    };
}
pub(crate) use tests;

pub(crate) fn ends_on_end_of_input<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = start::<R>(&mut Command::new("cat"));
        let id = child.pid();
        let (mut stdin, stdout, mut process) = child.split();
        stdin.write_all(b"hello\n").await.unwrap();
        let mut lines = Lines::<R>::of(stdout);
        assert_eq!(lines.next().await, "hello");
        assert!(token.is_held());
        drop(stdin);
        assert!(exit::<R>(&mut process).await.success());
        assert!(!token.is_held());
        assert_reaped(id);
        assert_eq!(lines.end().await, "");
    });
}

pub(crate) fn tells_status_and_signal<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = sh::<R>("exit 7");
        let (_stdin, _stdout, mut process) = child.split();
        assert_eq!(exit::<R>(&mut process).await.code(), Some(7));
        assert_eq!(exit::<R>(&mut process).await.code(), Some(7));
        assert_eq!(process.try_wait().unwrap().unwrap().code(), Some(7));

        let (child, _token) = sh::<R>("kill -HUP $$");
        let (_stdin, _stdout, mut process) = child.split();
        let status = exit::<R>(&mut process).await;
        assert_eq!((status.code(), status.signal()), (None, Some(1)));
    });
}

pub(crate) fn ignores_end_of_input<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = sh::<R>("echo ready; exec sleep 60");
        let (stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        assert_eq!(lines.next().await, "ready");
        drop(stdin);
        assert!(process.try_wait().unwrap().is_none());
        process.terminate().unwrap();
        assert_eq!(exit::<R>(&mut process).await.signal(), SIGTERM);
        assert!(!token.is_held());
        assert_reaped(process.pid());
    });
}

/// Answers each SIGTERM with a line and lives on.
const STUBBORN: &str = "trap 'echo no' TERM; echo ready; for i in 1 2 3; do sleep 60 & wait; done";

pub(crate) fn ignores_sigterm_too<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = sh::<R>(STUBBORN);
        let id = child.pid();
        let (stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        assert_eq!(lines.next().await, "ready");
        drop(stdin);
        process.terminate().unwrap();
        assert_eq!(lines.next().await, "no");
        assert!(process.try_wait().unwrap().is_none());
        assert!(token.is_held());
        drop(process);
        token.wait_until_dropped();
        assert_reaped(id);
        lines.end().await;
    });
}

/// Two grandchildren that hold standard output, so that its end says that they are gone.
const FAMILY: &str = "sleep 60 & sleep 60 & echo ready; wait";

pub(crate) fn grandchildren_die_with_a_killed_leader<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = sh::<R>(FAMILY);
        let (_stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        assert_eq!(lines.next().await, "ready");
        process.kill().unwrap();
        assert_eq!(exit::<R>(&mut process).await.signal(), SIGKILL);
        lines.end().await;
    });
}

pub(crate) fn grandchildren_die_after_a_leader_that_left_them<R: Runtime>() {
    run::<R, _>(async {
        // They outlive SIGTERM; only the sweep gets them.
        let (child, token) = sh::<R>("trap '' TERM; sleep 60 & sleep 60 & exit 3");
        let id = child.pid();
        let (_stdin, stdout, mut process) = child.split();
        assert_eq!(exit::<R>(&mut process).await.code(), Some(3));
        assert!(!token.is_held());
        assert_reaped(id);
        Lines::<R>::of(stdout).end().await;
    });
}

pub(crate) fn grandchildren_die_when_the_process_is_dropped<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = sh::<R>(FAMILY);
        let id = child.pid();
        let (_stdin, stdout, process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        assert_eq!(lines.next().await, "ready");
        drop(process);
        lines.end().await;
        token.wait_until_dropped();
        assert_reaped(id);
    });
}

pub(crate) fn closes_its_input_while_a_write_is_stuck<R: Runtime>() {
    run::<R, _>(async {
        // It reads nothing until it is asked to end; then it reads up to the end of its input.
        let (child, _token) =
            sh::<R>("trap 'cat >/dev/null; echo drained; exit 0' TERM; echo ready; sleep 60 & wait");
        let (mut stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        assert_eq!(lines.next().await, "ready");
        let large = vec![b'x'; 8 << 20];
        {
            let mut write = pin!(stdin.write_all(&large));
            assert!(is_pending(write.as_mut()).await);
        }
        stdin.close().await.unwrap();
        let late = stdin.write(b"more").await.unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::BrokenPipe);
        process.terminate().unwrap();
        assert_eq!(lines.next().await, "drained");
        assert!(exit::<R>(&mut process).await.success());
    });
}

pub(crate) fn writing_to_a_closed_pipe_is_an_error<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = sh::<R>("exec 0<&-; echo ready; exec sleep 60");
        let (mut stdin, stdout, _process) = child.split();
        assert_eq!(Lines::<R>::of(stdout).next().await, "ready");
        // Not just a few bytes: a child that another thread is starting holds the other end, too, until
        // it has become its program.
        let large = vec![b'\n'; 8 << 20];
        let error = within("the write to fail", stdin.write_all(&large)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);

        // The same for a write that waits for room when the reader goes.
        let (child, _token) = sh::<R>("read line; exit 0");
        let (mut stdin, _stdout, _process) = child.split();
        let error = within("the write to fail", stdin.write_all(&large)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    });
}

pub(crate) fn dropped_with_its_runtime<R: Runtime>() {
    let (say, said) = smol::channel::bounded(1);
    let (theirs, token) = token();
    let mut command = Command::new("/bin/sh");
    mark(command.arg("-c").arg(STUBBORN));
    let task = async move {
        let child = tenure_process::spawn(&R::reactor(), &mut command, theirs).unwrap();
        let id = child.pid();
        let (_stdin, stdout, mut process) = child.split();
        assert_eq!(Lines::<R>::of(stdout).next().await, "ready");
        say.send(id).await.unwrap();
        process.wait().await.unwrap();
    };
    let mut id = None;
    blocking("the runtime to be dropped", || R::drop_with(task, async { id = said.recv().await.ok() }));
    token.wait_until_dropped();
    assert_reaped(id.unwrap());
}

pub(crate) fn dropped_after_its_exit<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = sh::<R>("sleep 60 & exit 0");
        let id = child.pid();
        let (_stdin, stdout, mut process) = child.split();
        within("the exit", process.exited()).await.unwrap();
        assert!(token.is_held());
        drop(process);
        // Already dead: reaped in place, no thread needed.
        assert!(!token.is_held());
        assert_reaped(id);
        Lines::<R>::of(stdout).end().await;
    });
}

pub(crate) fn dropped_unsplit<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = sh::<R>(FAMILY);
        let id = child.pid();
        drop(child);
        token.wait_until_dropped();
        assert_reaped(id);
    });
}

pub(crate) fn many_dropped_at_once<R: Runtime>() {
    run::<R, _>(async {
        let many: Vec<_> = (0..20).map(|_| sh::<R>(FAMILY)).collect();
        let (children, tokens): (Vec<_>, Vec<_>) = many.into_iter().unzip();
        let ids: Vec<_> = children.iter().map(tenure_process::Child::pid).collect();
        drop(children);
        for (token, id) in tokens.iter().zip(ids) {
            token.wait_until_dropped();
            assert_reaped(id);
        }
    });
}

/// Another of its group says so: a stop is reported once, and where there is a terminal the crate takes the report.
const STOPPED: &str = "(kill -STOP $$; echo stopped) & exec sleep 60";

pub(crate) fn stopped_and_terminated<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = sh::<R>(STOPPED);
        let (_stdin, stdout, mut process) = child.split();
        assert_eq!(Lines::<R>::of(stdout).next().await, "stopped");
        process.terminate().unwrap();
        assert_eq!(exit::<R>(&mut process).await.signal(), SIGTERM);
    });
}

pub(crate) fn stopped_and_dropped<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = sh::<R>(STOPPED);
        let id = child.pid();
        let (_stdin, stdout, process) = child.split();
        assert_eq!(Lines::<R>::of(stdout).next().await, "stopped");
        drop(process);
        token.wait_until_dropped();
        assert_reaped(id);
    });
}

pub(crate) fn waiting_can_be_given_up<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = sh::<R>("echo ready; exec sleep 60");
        let (_stdin, stdout, mut process) = child.split();
        assert_eq!(Lines::<R>::of(stdout).next().await, "ready");
        for _ in 0..3 {
            assert!(is_pending(pin!(process.wait())).await);
            assert!(is_pending(pin!(process.exited())).await);
        }
        process.kill().unwrap();
        within("the exit", process.exited()).await.unwrap();
        // Begun and given up once more, now that there is something to reap.
        drop(process.wait());
        assert!(token.is_held());
        assert_eq!(exit::<R>(&mut process).await.signal(), SIGKILL);
        assert!(!token.is_held());
    });
}

pub(crate) fn is_not_reaped_by_seeing_its_exit<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = sh::<R>("exit 4");
        let (_stdin, _stdout, mut process) = child.split();
        within("the exit", process.exited()).await.unwrap();
        within("the exit", process.exited()).await.unwrap();
        // A zombie can still be signalled, to no effect.
        process.terminate().unwrap();
        process.kill().unwrap();
        assert!(token.is_held());
        assert_eq!(process.try_wait().unwrap().unwrap().code(), Some(4));
        assert!(!token.is_held());
        within("the exit", process.exited()).await.unwrap();
    });
}

pub(crate) fn a_reaped_child_is_not_signalled<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = sh::<R>("exit 0");
        let (_stdin, _stdout, mut process) = child.split();
        exit::<R>(&mut process).await;
        // With nobody there, a signal sent would be an error.
        process.terminate().unwrap();
        process.kill().unwrap();
    });
}

pub(crate) fn reads_standard_error_if_piped<R: Runtime>() {
    run::<R, _>(async {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg("echo out; echo err >&2");
        let (mut child, _token) = start::<R>(&mut command);
        assert!(child.take_stderr().is_none());
        drop(child);

        let (mut child, _token) = start::<R>(command.stderr(Stdio::piped()));
        let stderr = child.take_stderr().unwrap();
        assert!(child.take_stderr().is_none());
        assert_eq!(Lines::<R>::of(stderr).end().await, "err\n");
        let (_stdin, stdout, _process) = child.split();
        assert_eq!(Lines::<R>::of(stdout).end().await, "out\n");
    });
}

pub(crate) fn starts_again_from_the_same_command<R: Runtime>() {
    run::<R, _>(async {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg("echo $GREETING from $PWD").env("GREETING", "hello").current_dir("/");
        for _ in 0..2 {
            let (child, _token) = start::<R>(&mut command);
            let (_stdin, stdout, mut process) = child.split();
            assert_eq!(Lines::<R>::of(stdout).end().await, "hello from /\n");
            assert!(exit::<R>(&mut process).await.success());
        }
    });
}

#[cfg(target_os = "linux")]
pub(crate) fn leaks_no_descriptor_into_other_children<R: Runtime>() {
    run::<R, _>(async {
        let mut list = Command::new("ls");
        list.arg("/proc/self/fd");
        // What this program was given itself may be passed on; nothing else.
        let before = list.output().unwrap().stdout;
        let (_cat, _token) = start::<R>(&mut Command::new("cat"));
        let (child, _token) = start::<R>(&mut list);
        let (_stdin, stdout, _process) = child.split();
        let seen = Lines::<R>::of(stdout).end().await;
        assert_eq!(seen, String::from_utf8(before).unwrap());
    });
}
