//! A session that never leaves its thread: neither its runner nor its handle is `Send`.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use tenure::{Config, KeepAlive, Mode};
use tenure_driver::{Builder, Failure, Life, Timer, from_fn};

/// What an executor of one thread spawns.
pub(crate) type LocalTask = Pin<Box<dyn Future<Output = ()>>>;

/// Two generations of one, the first of them closed by force.
pub(crate) async fn lives_on_its_thread<T: Timer + 'static>(spawn: impl FnOnce(LocalTask), timer: T) {
    let calls = Rc::new(Cell::new(0));
    let counter = calls.clone();
    let connector = from_fn(move |life: Life<Rc<Cell<u32>>>| {
        let counter = counter.clone();
        async move {
            life.ready(counter).stopped().await;
            Ok::<(), Failure>(())
        }
    });
    let config = Config::default().keep_alive(KeepAlive::Always);
    let (client, driver) = Builder::new(config).build(connector, timer);
    spawn(Box::pin(driver));

    for generation in [1, 2] {
        let lease = client.acquire().await.unwrap();
        assert_eq!(lease.generation().number(), generation);
        lease.run(async |calls: &Rc<Cell<u32>>| calls.set(calls.get() + 1)).await.unwrap();
        client.close(Mode::Force).await;
        assert!(lease.check().is_err(), "it was revoked");
    }
    client.shutdown(Mode::Graceful).await;
    assert_eq!(calls.get(), 2);
}
