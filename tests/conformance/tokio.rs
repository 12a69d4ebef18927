//! The rows on tokio, with several threads and with one.

use std::future::Future;

use tenure_kit::Runtime;
use tenure_tokio::TokioTimer;
use tokio::runtime::Builder;

/// Two workers beside the thread of the body.
pub(crate) struct Tokio;

impl Runtime for Tokio {
    type Timer = TokioTimer;

    fn block_on<F: Future>(body: F) -> F::Output {
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(body)
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        drop(tenure_tokio::spawn(task));
    }

    fn timer() -> TokioTimer {
        TokioTimer::new()
    }
}

/// Everything on one thread.
struct TokioCurrent;

impl Runtime for TokioCurrent {
    type Timer = TokioTimer;

    fn block_on<F: Future>(body: F) -> F::Output {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(body)
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        drop(tenure_tokio::spawn(task));
    }

    fn timer() -> TokioTimer {
        TokioTimer::new()
    }
}

tenure_kit::conformance!(Tokio);

mod one_thread {
    tenure_kit::conformance!(super::TokioCurrent);
}

#[cfg(target_os = "linux")]
#[test]
fn row_18_in_a_process_whose_only_runtime_is_dropped() {
    let test = "tokio::row_18_in_a_process_whose_only_runtime_is_dropped";
    crate::dropped::in_a_process_of_its_own::<Tokio, _>(test, tenure_tokio::TokioReactor::new);
}

#[cfg(any(unix, windows))]
#[test]
fn the_scripted_connector_keeps_all_rules() {
    crate::connectors::scripted::<Tokio>();
}

#[cfg(any(unix, windows))]
#[test]
fn a_connector_to_a_child_process_keeps_all_rules() {
    crate::connectors::child::<Tokio, _>(tenure_tokio::TokioReactor::new);
}
