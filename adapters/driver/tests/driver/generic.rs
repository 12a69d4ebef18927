//! A guarded call in code that is generic over its handle can go to any thread.

use std::future::Future;

use tenure_driver::{Error, Lease};

use crate::bounds::spawn;
use crate::rig::{Rig, Task};

/// What a protocol's handle can do, to code that doesn't know which it is.
trait Echo: Send + Sync + 'static {
    fn echo(&self, number: u32) -> impl Future<Output = u32> + Send;
}

impl Echo for tenure_kit::Handle {
    async fn echo(&self, number: u32) -> u32 {
        Self::echo(self, number)
    }
}

fn echo_in_a_task<H: Echo>(
    lease: Lease<H>,
    number: u32,
) -> impl Future<Output = Result<u32, Error>> + Send + 'static {
    spawn(async move { lease.run(async |handle| handle.echo(number).await).await })
}

#[test]
fn a_guarded_call_can_be_spawned_from_generic_code() {
    let mut rig = Rig::new([]);
    assert_eq!(Task::new(echo_in_a_task(rig.lease(), 7)).done().unwrap(), 7);
}
