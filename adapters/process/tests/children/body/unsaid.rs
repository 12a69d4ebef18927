//! Programs that are to be guardians, and aren't.

use std::time::Duration;

use futures_lite::future;
use tenure_bounds::{mark, started, within};
use tenure_process::SpawnError;
use tenure_process::guardian::Guardian;

use crate::support::{Runtime, run, token};

/// It says nothing, and doesn't end.
fn silent() -> Guardian {
    Guardian::new("/bin/sh").arg("-c").arg("exec sleep 60")
}

pub(crate) fn a_guardian_that_says_nothing_blocks_nobody_and_can_be_given_up<R: Runtime>() {
    run::<R, _>(async {
        let (theirs, token) = token();
        let mut command = silent().command("cat");
        let starting = tenure_process::spawn_guarded(&R::reactor(), &silent(), mark(&mut command), theirs);
        let starting = async { panic!("{:?}", starting.await) };
        // On this thread: nobody has a turn while another one blocks.
        let others = async {
            for _ in 0..10 {
                smol::Timer::after(Duration::from_millis(10)).await;
            }
        };
        let began = std::time::Instant::now();
        future::or(starting, others).await;
        assert!(began.elapsed() < Duration::from_secs(5), "blocked for {:?}", began.elapsed());
        // It was dropped.
        assert!(token.is_held(), "before the end of what it started");
        token.wait_until_dropped();
        assert!(began.elapsed() < Duration::from_secs(8), "it was waited for: {:?}", began.elapsed());
        assert_eq!(started(), [0; 0]);
    });
}

pub(crate) fn what_plays_no_guardian_is_gone_when_that_is_told<R: Runtime>() {
    run::<R, _>(async {
        for (guardian, words) in [
            (Guardian::new("/bin/true"), "without a word"),
            (Guardian::new("/no/such/program"), "No such file"),
        ] {
            let (theirs, token) = token();
            let mut command = guardian.command("cat");
            let starting =
                tenure_process::spawn_guarded(&R::reactor(), &guardian, mark(&mut command), theirs);
            let error = within("the error", starting).await.unwrap_err();
            assert!(matches!(error, SpawnError::Guardian { .. }), "{error:?}");
            assert!(error.to_string().contains(words), "{error}");
            assert!(!token.is_held());
            assert_eq!(started(), [0; 0]);
        }
    });
}
