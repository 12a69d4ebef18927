//! Guarded servers that are given up while they start.

use std::pin::pin;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use futures_lite::future::{or, poll_once};
use tenure::Mode;
use tenure_bounds::{BOUND, mark, within};
use tenure_mcp::{Error, Guardian};

use super::{started, wait_until_nothing_is_left};
use crate::support::{Runtime, SHORT, guarded, guardian, options, patient, run};

pub(crate) fn a_guardian_that_says_nothing_meets_the_connect_deadline<R: Runtime>() {
    let silent = Guardian::new("/bin/sh").arg("-c").arg("exec sleep 60");
    let options = options(patient().connect_timeout(SHORT));
    R::on_one_thread(guarded(&silent, &[]), options, async |client| {
        let began = Instant::now();
        let mut turns = 0;
        let others = async {
            loop {
                smol::Timer::after(Duration::from_millis(10)).await;
                turns += 1;
            }
        };
        let error = within("the deadline", or(client.acquire(), others)).await.unwrap_err();
        assert!(matches!(error, Error::ConnectFailed { .. } | Error::TimedOut { .. }), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(3), "the deadline came after {:?}", began.elapsed());
        assert!(turns >= 5, "other tasks had {turns} turns");
        within("the close", client.shutdown(Mode::Force)).await;
        assert!(began.elapsed() < Duration::from_secs(8), "it was waited for: {:?}", began.elapsed());
        assert_eq!(started(), [0; 0]);
    });
}

pub(crate) fn a_start_that_is_given_up_leaves_nothing<R: Runtime>() {
    run::<R, _>(async {
        for moment in (0..20).map(|two| Duration::from_micros(two * 500)) {
            let (guardian, (token, gone)) = (guardian(), channel::<()>());
            let mut command = guardian.command("/bin/sh");
            command.args(["-c", "trap '' TERM; setsid sleep 60 & sleep 60"]);
            {
                let starting =
                    tenure_process::spawn_guarded(&R::reactor(), &guardian, mark(&mut command), token);
                let mut starting = pin!(starting);
                drop(poll_once(&mut starting).await);
                // At any moment of it: that the moments differ is what this is for.
                smol::Timer::after(moment).await;
            }
            assert_eq!(gone.recv_timeout(BOUND), Err(RecvTimeoutError::Disconnected));
            wait_until_nothing_is_left(&format!("of a start that was given up after {moment:?}"));
        }
    });
}
