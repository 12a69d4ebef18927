//! The bodies on smol.

use smol::Executor;
use tenure_smol::SmolReactor;

use crate::body;

pub(crate) struct Smol;

impl crate::support::Runtime for Smol {
    type Reactor = SmolReactor;

    fn reactor() -> SmolReactor {
        SmolReactor::new()
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        smol::block_on(body)
    }

    fn drop_with(task: impl Future<Output = ()> + Send + 'static, until: impl Future<Output = ()>) {
        let executor = Executor::new();
        executor.spawn(task).detach();
        smol::block_on(executor.run(until));
        drop(executor);
    }
}

crate::body::tests!(Smol);
