//! The rows on smol.

use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;

use smol::Executor;
use smol::channel::bounded;
use tenure_kit::Runtime;
use tenure_smol::SmolTimer;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Executor<'static>>>> = const { RefCell::new(None) };
}

/// An executor of its own for each body, with one thread beside the body's. (Smol's global executor is
/// never dropped, and so couldn't show what becomes of a session whose runtime is.)
pub(crate) struct Smol;

impl Runtime for Smol {
    type Timer = SmolTimer;

    fn block_on<F: Future>(body: F) -> F::Output {
        let executor = Arc::new(Executor::new());
        CURRENT.set(Some(executor.clone()));
        let (stop, stopped) = bounded::<()>(1);
        let worker = {
            let executor = executor.clone();
            std::thread::spawn(move || {
                CURRENT.set(Some(executor.clone()));
                let _ = smol::block_on(executor.run(stopped.recv()));
                CURRENT.set(None);
            })
        };
        let output = smol::block_on(executor.run(body));
        drop(stop);
        worker.join().unwrap();
        CURRENT.set(None);
        output
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        CURRENT.with_borrow(|current| current.as_ref().unwrap().spawn(task).detach());
    }

    fn timer() -> SmolTimer {
        SmolTimer::new()
    }
}

tenure_kit::conformance!(Smol);

#[cfg(target_os = "linux")]
#[test]
fn row_18_in_a_process_whose_only_runtime_is_dropped() {
    let test = "smol::row_18_in_a_process_whose_only_runtime_is_dropped";
    crate::dropped::in_a_process_of_its_own::<Smol, _>(test, tenure_smol::SmolReactor::new);
}

#[cfg(any(unix, windows))]
#[test]
fn the_scripted_connector_keeps_all_rules() {
    crate::connectors::scripted::<Smol>();
}

#[cfg(any(unix, windows))]
#[test]
fn a_connector_to_a_child_process_keeps_all_rules() {
    crate::connectors::child::<Smol, _>(tenure_smol::SmolReactor::new);
}
