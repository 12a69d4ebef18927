//! How servers are asked to end, and what if they can't be.

use std::time::Instant;

use tenure::Mode;
use tenure_bounds::BOUND;

use crate::processes::is_running;
use crate::support::{Runtime, SHORT, options, patient, pid, run, server};

/// By Ctrl-Break where there is a console to send it by; without one, at once by force.
pub(crate) fn a_server_that_cannot_be_asked_to_end_is_not_waited_for<R: Runtime>() {
    run::<R, _>(async {
        // The deadline behind the request to end is one that no row reaches.
        let client = R::stdio(server(&["--ignore-eof"]), options(patient().stop_timeout(SHORT)));
        let lease = client.acquire().await.unwrap();
        let server = pid(&lease).await;
        let begun = Instant::now();
        client.close(Mode::Force).await;
        assert!(begun.elapsed() < BOUND / 2, "{:?}", begun.elapsed());
        assert!(!is_running(server));
    });
}
