//! What is the same with a guardian and without.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use futures_lite::io::BufReader;
use futures_lite::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use rustix::process::{Signal, kill_process};
use tenure_bounds::{executable, mark, within};
use tenure_mcp::Guardian;
use tenure_process::SpawnError;

use super::{parent, pid, sh, stat, wait_until_nothing_is_left};
use crate::support::{Notes, Runtime, guardian, run, skipped};

pub(crate) fn a_guarded_child_ends_as_it_does_without_a_guardian<R: Runtime>() {
    run::<R, _>(async {
        for (script, code, signal) in [
            ("exit 0", Some(0), None),
            ("exit 77", Some(77), None),
            ("kill -KILL $$", None, Some(9)),
            ("ulimit -c 0; kill -SEGV $$", None, Some(11)),
        ] {
            let (_, _, mut process) = sh::<R>(script).await.split();
            let status = within("the end", process.wait()).await.unwrap();
            assert_eq!((status.code(), status.signal()), (code, signal), "{script}");
            assert_eq!(process.try_wait().unwrap(), Some(status), "again");
        }
        // Asked to.
        let (_stdin, stdout, mut process) =
            sh::<R>("trap 'exit 5' TERM; echo on; sleep 60 & wait").await.split();
        let mut line = String::new();
        within("a line", BufReader::new(stdout).read_line(&mut line)).await.unwrap();
        process.terminate().unwrap();
        assert_eq!(within("the end", process.wait()).await.unwrap().code(), Some(5));
        // By the end of its input; all that it says is heard.
        let (mut stdin, mut stdout, mut process) = sh::<R>("exec cat").await.split();
        stdin.write_all(b"as it is").await.unwrap();
        drop(stdin);
        let mut said = String::new();
        within("the end of output", stdout.read_to_string(&mut said)).await.unwrap();
        assert_eq!(said, "as it is");
        assert!(within("the end", process.wait()).await.unwrap().success());
    });
}

pub(crate) fn a_guarded_child_has_its_own_id_and_group_and_is_seen_to_stop<R: Runtime>() {
    run::<R, _>(async {
        let (_stdin, stdout, mut process) =
            sh::<R>("echo $$; kill -STOP $$; echo on; kill -TSTP $$; echo off").await.split();
        let mut lines = BufReader::new(stdout).lines();
        let mut line = async || {
            use futures_lite::StreamExt as _;
            within("a line", lines.next()).await.unwrap().unwrap()
        };
        assert_eq!(line().await, process.pid().to_string());
        // Group, then session: that of this program.
        assert_eq!(stat(process.pid())[2], process.pid().to_string());
        assert_eq!(stat(process.pid())[3], stat(std::process::id())[3]);
        for (name, then) in [("SIGSTOP", "on"), ("SIGTSTP", "off")] {
            let stopped = within("the stop", process.stopped()).await;
            assert!(stopped.to_string().contains(name) && !stopped.by_terminal(), "{stopped}");
            kill_process(pid(process.pid()), Signal::CONT).unwrap();
            assert_eq!(line().await, then);
        }
        assert!(within("the end", process.wait()).await.unwrap().success());
    });
}

pub(crate) fn what_a_guardian_is_sent_reaches_the_child<R: Runtime>() {
    run::<R, _>(async {
        for (signal, name) in [
            (Signal::HUP, "HUP"),
            (Signal::INT, "INT"),
            (Signal::QUIT, "QUIT"),
            (Signal::TERM, "TERM"),
            (Signal::USR1, "USR1"),
            (Signal::USR2, "USR2"),
            (Signal::ALARM, "ALRM"),
            (Signal::VTALARM, "VTALRM"),
            (Signal::PROF, "PROF"),
            (Signal::IO, "IO"),
            (Signal::WINCH, "WINCH"),
            (Signal::TSTP, "TSTP"),
            (Signal::TTIN, "TTIN"),
            (Signal::TTOU, "TTOU"),
            (Signal::CONT, "CONT"),
            (Signal::XCPU, "XCPU"),
            (Signal::XFSZ, "XFSZ"),
            #[cfg(target_os = "linux")]
            (Signal::POWER, "PWR"),
            #[cfg(target_os = "linux")]
            (Signal::STKFLT, "STKFLT"),
        ] {
            // By its number: not every shell knows all names.
            let number = signal.as_raw();
            let script = format!("trap 'echo {name}; exit 9' {number}; echo on; sleep 60 & wait");
            let (_stdin, stdout, mut process) = sh::<R>(&script).await.split();
            let mut stdout = BufReader::new(stdout);
            let mut said = String::new();
            within("a line", stdout.read_line(&mut said)).await.unwrap();
            kill_process(pid(parent(process.pid())), signal).unwrap();
            assert_eq!(said, "on\n");
            said.clear();
            within("the answer", stdout.read_line(&mut said)).await.unwrap();
            assert_eq!(said.trim_end(), name);
            assert_eq!(within("the end", process.wait()).await.unwrap().code(), Some(9), "{name}");
        }
    });
}

/// Each would end a process that doesn't hear it.
pub(crate) fn real_time_signals_end_no_guardian_and_reach_no_child<R: Runtime>() {
    run::<R, _>(async {
        let script = "trap 'echo TERM; exit 9' TERM; echo on; sleep 60 & wait";
        let (_stdin, stdout, mut process) = sh::<R>(script).await.split();
        let mut stdout = BufReader::new(stdout);
        let mut said = String::new();
        within("a line", stdout.read_line(&mut said)).await.unwrap();
        let guardian = parent(process.pid());
        for signal in [34, 50, 64] {
            let kill = format!("kill -{signal} {guardian}");
            assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{signal}");
        }
        kill_process(pid(guardian), Signal::TERM).unwrap();
        said.clear();
        within("the answer", stdout.read_line(&mut said)).await.unwrap();
        assert_eq!(said, "TERM\n");
        assert_eq!(within("the end", process.wait()).await.unwrap().code(), Some(9));
    });
}

pub(crate) fn what_cannot_be_started_is_the_same_error<R: Runtime>() {
    run::<R, _>(async {
        let guardian = guardian();
        let folder = Notes::new("no-program");
        let no_program = std::path::Path::new(folder.path()).join("no program");
        executable(&no_program, "\x7fELF?");
        for (program, directory) in [
            ("no such program", "."),
            ("/etc/passwd", "."),
            (no_program.to_str().unwrap(), "."),
            ("cat", "/none"),
        ] {
            let mut alone = Command::new(program);
            let alone = tenure_process::spawn(&R::reactor(), alone.current_dir(directory), ()).unwrap_err();
            let mut command = guardian.command(program);
            let guarded = command.current_dir(directory);
            let guarded =
                tenure_process::spawn_guarded(&R::reactor(), &guardian, guarded, ()).await.unwrap_err();
            assert_eq!(guarded.to_string(), alone.to_string());
            assert_eq!(std::mem::discriminant(&guarded), std::mem::discriminant(&alone));
            assert_eq!(guarded.program(), program);
        }
    });
}

async fn assert_no_guardian<R: Runtime>(guardian: &Guardian, words: &str) {
    let mut command = guardian.command("cat");
    let spawned = tenure_process::spawn_guarded(&R::reactor(), guardian, mark(&mut command), ());
    let error = within("the error", spawned).await.unwrap_err();
    assert!(matches!(error, SpawnError::Guardian { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with("can't start `cat`: its guardian `") && text.contains(words), "{text}");
}

pub(crate) fn what_is_no_guardian_is_told<R: Runtime>() {
    run::<R, _>(async {
        assert_no_guardian::<R>(&Guardian::new("/no/such/program"), "No such file").await;
        assert_no_guardian::<R>(&Guardian::new("/bin/true"), "without a word").await;
        let mut command = Command::new("cat");
        let spawned = tenure_process::spawn_guarded(&R::reactor(), &guardian(), &mut command, ());
        assert!(spawned.await.unwrap_err().to_string().contains("Guardian::command"));
    });
}

pub(crate) fn what_is_no_guardian_is_ended_once_it_had_time_to_end_by_itself<R: Runtime>() {
    run::<R, _>(async {
        let of = |script: &str| Guardian::new("/bin/sh").arg("-c").arg(format!("echo odd >&0; {script}; :"));
        assert_no_guardian::<R>(&of("sleep 60"), "without a word").await;
        wait_until_nothing_is_left("of what is no guardian");
        // What it was sent at its start is 17 bytes; then it is told to end.
        let ended = std::env::temp_dir().join(format!(
            "tenure-ended-{}-{}",
            std::process::id(),
            std::any::type_name::<R>()
        ));
        let ends = of(&format!("head -c 18 >/dev/null; echo by itself >'{}'", ended.display()));
        assert_no_guardian::<R>(&ends, "without a word").await;
        let said = std::fs::read_to_string(&ended);
        let _ = std::fs::remove_file(ended);
        assert_eq!(said.unwrap(), "by itself\n");
    });
}

/// It doesn't end by itself either.
pub(crate) fn a_guardian_that_says_nothing_is_given_up_after_a_while<R: Runtime>() {
    run::<R, _>(async {
        assert_no_guardian::<R>(&Guardian::new("/bin/sh").arg("-c").arg("sleep 60"), "in 10 seconds").await;
        wait_until_nothing_is_left("of what is no guardian");
    });
}

pub(crate) fn a_guardian_may_be_started_by_something_in_between<R: Runtime>() {
    run::<R, _>(async {
        let guardian = Guardian::new("/usr/bin/env").arg(env!("CARGO_BIN_EXE_guardian")).arg("guard");
        let mut command = guardian.command("sh");
        command.args(["-c", "exit 6"]);
        let child = tenure_process::spawn_guarded(&R::reactor(), &guardian, &mut command, ()).await.unwrap();
        let (_, _, mut process) = child.split();
        assert_eq!(within("the end", process.wait()).await.unwrap().code(), Some(6));
    });
}

pub(crate) fn a_guarded_child_inherits_ignored_and_blocked_signals_as_it_does_without_a_guardian<
    R: Runtime,
>() {
    run::<R, _>(async {
        let how = ["--ignore-signal=HUP,USR2", "--block-signal=USR1,WINCH,TTIN"];
        let (env, sh) = ("/usr/bin/env", ["/bin/sh", "-c", "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status"]);
        let mut alone = Command::new(env);
        let alone = alone.args(how).args(sh);
        if !Command::new(env).args(how).arg("true").status().unwrap().success() {
            return skipped("env is not that of the GNU core utilities");
        }
        let guardian = Guardian::new(env);
        let guardian = guardian.arg(how[0]).arg(how[1]).arg(env!("CARGO_BIN_EXE_guardian")).arg("guard");
        let mut guarded = guardian.command(sh[0]);
        let guarded = mark(guarded.args(&sh[1..]));
        let alone = tenure_process::spawn(&R::reactor(), mark(alone), ()).unwrap();
        let guarded = tenure_process::spawn_guarded(&R::reactor(), &guardian, guarded, ()).await.unwrap();
        let (alone, guarded) = (said(alone).await, said(guarded).await);
        assert_eq!(guarded, alone);
        // SIGHUP and SIGUSR2 at least.
        let ignored = alone.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
        let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
        assert_eq!(ignored & 0x801, 0x801, "{alone}");
    });
}

async fn said<W: tenure_process::Watched>(child: tenure_process::Child<W>) -> String {
    let (_stdin, mut stdout, mut process) = child.split();
    let mut said = String::new();
    within("the end of output", stdout.read_to_string(&mut said)).await.unwrap();
    assert!(within("the end", process.wait()).await.unwrap().success());
    said
}
