//! How children end, and what of theirs ends with them.

use std::pin::pin;

use futures_lite::AsyncWriteExt as _;
use tenure_bounds::{blocking, within};

use super::playing::{marked, own, part, play, ready};
use crate::support::{Lines, Runtime, exit, is_pending, run, start, token};

pub(crate) fn ends_on_end_of_input<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("cat");
        let (mut stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        ready(&mut lines).await;
        stdin.write_all(b"hello\n").await.unwrap();
        assert_eq!(lines.next().await, "hello");
        assert!(token.is_held());
        drop(stdin);
        assert!(exit::<R>(&mut process).await.success());
        assert!(!token.is_held());
        assert_eq!(lines.end().await, "");
    });
}

pub(crate) fn tells_its_exit_code<R: Runtime>() {
    run::<R, _>(async {
        for code in [0, 7, -1_073_741_819] {
            let (child, _token) = play::<R>(&format!("exit {code}"));
            let (_stdin, _stdout, mut process) = child.split();
            assert_eq!(exit::<R>(&mut process).await.code(), Some(code));
            assert_eq!(exit::<R>(&mut process).await.code(), Some(code));
            assert_eq!(process.try_wait().unwrap().unwrap().code(), Some(code));
        }
    });
}

pub(crate) fn is_told_as_failed_when_it_was_killed<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = play::<R>("sleep");
        let (_stdin, _stdout, mut process) = child.split();
        process.kill().unwrap();
        assert_eq!(exit::<R>(&mut process).await.code(), Some(1));
    });
}

pub(crate) fn grandchildren_die_with_a_killed_leader<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("family");
        let (_stdin, stdout, mut process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        ready(&mut lines).await;
        process.kill().unwrap();
        assert!(!exit::<R>(&mut process).await.success());
        assert!(!token.is_held());
        lines.end().await;
    });
}

pub(crate) fn grandchildren_die_after_a_leader_that_left_them<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("leave 3");
        let (_stdin, stdout, mut process) = child.split();
        assert_eq!(exit::<R>(&mut process).await.code(), Some(3));
        assert!(!token.is_held());
        Lines::<R>::of(stdout).end().await;
    });
}

pub(crate) fn grandchildren_die_when_the_process_is_dropped<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("family");
        let (_stdin, stdout, process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        ready(&mut lines).await;
        drop(process);
        lines.end().await;
        token.wait_until_dropped();
    });
}

pub(crate) fn grandchildren_that_want_to_leave_the_job_die_too<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("break-away");
        let (_stdin, stdout, process) = child.split();
        let mut lines = Lines::<R>::of(stdout);
        assert_eq!(own(&mut lines).await, "refused");
        drop(process);
        lines.end().await;
        token.wait_until_dropped();
    });
}

pub(crate) fn dropped_with_its_runtime<R: Runtime>() {
    let (say, said) = smol::channel::bounded(1);
    let (theirs, token) = token();
    let mut command = marked(part("family"));
    let task = async move {
        let child = tenure_process::spawn(&R::reactor(), &mut command, theirs).unwrap();
        let (_stdin, stdout, mut process) = child.split();
        ready(&mut Lines::<R>::of(stdout)).await;
        say.send(()).await.unwrap();
        process.wait().await.unwrap();
    };
    let until = async { said.recv().await.unwrap() };
    blocking("the runtime to be dropped", || R::drop_with(task, until));
    token.wait_until_dropped();
}

pub(crate) fn dropped_after_its_exit<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("leave 0");
        let (_stdin, stdout, mut process) = child.split();
        within("the exit", process.exited()).await.unwrap();
        assert!(token.is_held());
        drop(process);
        token.wait_until_dropped();
        Lines::<R>::of(stdout).end().await;
    });
}

pub(crate) fn dropped_unsplit<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("family");
        drop(child);
        token.wait_until_dropped();
    });
}

pub(crate) fn many_dropped_at_once<R: Runtime>() {
    run::<R, _>(async {
        let many: Vec<_> = (0..10).map(|_| play::<R>("family")).collect();
        let (children, tokens): (Vec<_>, Vec<_>) = many.into_iter().unzip();
        drop(children);
        for token in tokens {
            token.wait_until_dropped();
        }
    });
}

pub(crate) fn waiting_can_be_given_up<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("sleep");
        let (_stdin, stdout, mut process) = child.split();
        ready(&mut Lines::<R>::of(stdout)).await;
        for _ in 0..3 {
            assert!(is_pending(pin!(process.wait())).await);
            assert!(is_pending(pin!(process.exited())).await);
        }
        process.kill().unwrap();
        within("the exit", process.exited()).await.unwrap();
        drop(process.wait());
        assert!(token.is_held());
        assert_eq!(exit::<R>(&mut process).await.code(), Some(1));
        assert!(!token.is_held());
    });
}

pub(crate) fn is_not_reaped_by_seeing_its_exit<R: Runtime>() {
    run::<R, _>(async {
        let (child, token) = play::<R>("exit 4");
        let (_stdin, _stdout, mut process) = child.split();
        within("the exit", process.exited()).await.unwrap();
        within("the exit", process.exited()).await.unwrap();
        // To no effect.
        process.terminate().unwrap();
        process.kill().unwrap();
        assert!(token.is_held());
        assert_eq!(process.try_wait().unwrap().unwrap().code(), Some(4));
        assert!(!token.is_held());
        within("the exit", process.exited()).await.unwrap();
    });
}

pub(crate) fn a_reaped_child_is_not_asked<R: Runtime>() {
    run::<R, _>(async {
        let (child, _token) = play::<R>("exit 0");
        let (_stdin, _stdout, mut process) = child.split();
        exit::<R>(&mut process).await;
        process.terminate().unwrap();
        process.kill().unwrap();
    });
}

pub(crate) fn starts_again_from_the_same_command<R: Runtime>() {
    run::<R, _>(async {
        let mut command = part("say");
        command.env("GREETING", "hello");
        for _ in 0..2 {
            let (child, _token) = start::<R>(&mut command);
            let (_stdin, stdout, mut process) = child.split();
            assert!(Lines::<R>::of(stdout).end().await.contains("out hello"));
            assert!(exit::<R>(&mut process).await.success());
        }
    });
}

pub(crate) fn environment_names_differ_in_more_than_their_case<R: Runtime>() {
    run::<R, _>(async {
        let mut command = part("environment");
        command.env("Tenure_Merged", "first").env("TENURE_MERGED", "second");
        let (child, _token) = start::<R>(&mut command);
        let (_stdin, stdout, _process) = child.split();
        assert_eq!(own(&mut Lines::<R>::of(stdout)).await, "[\"second\"]");
    });
}
