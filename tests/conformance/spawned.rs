//! A guarded call from code that is generic over its handle, spawned as each runtime asks for it.

use std::future::Future;

use futures_lite::future;
use tenure::{Config, Mode};
use tenure_bounds::whole;
use tenure_driver::{Builder, Client, Error, Failure, Lease, Life, from_fn};
use tenure_kit::Runtime;

/// What a protocol's handle can do, to code that doesn't know which it is.
trait Double: Clone + Send + Sync + 'static {
    fn double(&self, number: u32) -> impl Future<Output = u32> + Send;
}

#[derive(Clone)]
struct Doubler;

impl Double for Doubler {
    async fn double(&self, number: u32) -> u32 {
        future::yield_now().await;
        number.saturating_mul(2)
    }
}

async fn with_an_async_closure<H: Double>(lease: Lease<H>, number: u32) -> Result<u32, Error> {
    lease.run(async |handle| handle.double(number).await).await
}

async fn with_a_closure_that_returns_a_future<H: Double>(lease: Lease<H>, number: u32) -> Result<u32, Error> {
    lease.run(|handle| handle.double(number)).await
}

/// A call from outside, of which nothing is known but that it takes a handle.
async fn with_any_call<H, F>(lease: Lease<H>, call: impl FnOnce(H) -> F + Send) -> Result<F::Output, Error>
where
    H: Double,
    F: Future<Output: Send + 'static> + Send,
{
    lease.run(|handle| call(handle.clone())).await
}

/// All of them for any handle, each in a task as `spawn` makes one.
async fn in_tasks<H: Double, T>(
    client: &Client<H>,
    spawn: impl Fn(future::Boxed<Result<u32, Error>>) -> T,
) -> [T; 3] {
    let mut leases = Vec::new();
    for _ in 0..3 {
        leases.push(client.acquire().await.unwrap());
    }
    let [a, b, c] = <[Lease<H>; 3]>::try_from(leases).unwrap();
    [
        spawn(Box::pin(with_an_async_closure(a, 1))),
        spawn(Box::pin(with_a_closure_that_returns_a_future(b, 2))),
        spawn(Box::pin(with_any_call(c, async |handle: H| handle.double(3).await))),
    ]
}

/// Spawned directly, without a box that says that it is `Send`.
async fn directly<H: Double>(client: &Client<H>) {
    let lease = client.acquire().await.unwrap();
    let task = tokio::spawn(async move { lease.run(async |handle| handle.double(4).await).await });
    assert_eq!(task.await.unwrap().unwrap(), 8);
    let lease = client.acquire().await.unwrap();
    let task = smol::spawn(async move { lease.run(async |handle| handle.double(5).await).await });
    assert_eq!(task.await.unwrap(), 10);
}

fn live<R: Runtime<Timer: Send + 'static>>() -> Client<Doubler>
where
    <R::Timer as tenure_driver::Timer>::Sleep: Send,
{
    let connector = from_fn(|life: Life<Doubler>| async move {
        life.ready(Doubler).stopped().await;
        Ok::<(), Failure>(())
    });
    let (client, driver) = Builder::new(Config::default()).build(connector, R::timer());
    R::spawn(driver);
    client
}

#[test]
fn a_guarded_call_can_be_spawned_from_generic_code_on_tokio() {
    crate::tokio::Tokio::block_on(whole("the calls", async {
        let client = live::<crate::tokio::Tokio>();
        let mut sum = 0;
        for task in in_tasks(&client, tokio::spawn).await {
            sum += task.await.unwrap().unwrap();
        }
        assert_eq!(sum, 12);
        directly(&client).await;
        client.shutdown(Mode::Graceful).await;
    }));
}

#[test]
fn a_guarded_call_can_be_spawned_from_generic_code_on_smol() {
    crate::smol::Smol::block_on(whole("the calls", async {
        let client = live::<crate::smol::Smol>();
        let mut sum = 0;
        for task in in_tasks(&client, smol::spawn).await {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, 12);
        client.shutdown(Mode::Graceful).await;
    }));
}
