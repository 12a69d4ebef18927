use futures_lite::future;

use super::*;
use crate::{Builder, from_fn};

struct Still;

impl Timer for Still {
    type Sleep = future::Pending<()>;

    fn now(&self) -> Time {
        Time::ZERO
    }

    fn sleep_until(&self, _: Time) -> Self::Sleep {
        future::pending()
    }
}

#[test]
fn a_caller_that_gives_up_leaves_no_place_behind() {
    let connector = from_fn(|_: Life<u32>| future::pending());
    let (client, driver) = Builder::new(tenure::Config::default()).build(connector, Still);
    for _ in 0..3 {
        assert!(future::block_on(future::poll_once(client.acquire())).is_none());
    }
    assert_eq!(driver.shared.look(crate::shared::Inner::places), 0);
}

#[test]
fn a_client_that_outlives_a_traced_driver_records_nothing() {
    let connector = from_fn(|life: Life<u32>| async move {
        life.stopped().await;
        Ok(())
    });
    let builder = Builder::new(tenure::Config::default()).trace(|_| {});
    let (client, driver) = builder.build(connector, Still);
    let shared = driver.shared.clone();
    assert!(shared.look(|inner| inner.trace.is_some()));
    drop(driver);
    for _ in 0..10 {
        assert!(future::block_on(client.acquire()).is_err());
    }
    assert!(shared.look(|inner| inner.trace.is_none()));
}
