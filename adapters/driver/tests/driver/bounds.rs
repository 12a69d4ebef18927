//! What may cross threads, and what may not: `Send` is structural.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;

use tenure_driver::{
    AcquireOwned, Client, Close, Connector, Driver, Error, Failure, Lease, Life, Linger, Serving, Signal,
    States, Timer, WeakClient,
};
use tenure_kit::{Handle, Scripted, VirtualClock};

use crate::rig::Rig;

fn shared<T: Send + Sync + 'static>() {}
fn sent<T: Send + 'static>() {}

/// Compiles if `T` isn't `Send`: else there are two ways to name the method.
macro_rules! assert_not_send {
    ($kind:ty) => {{
        trait Ambiguous<A> {
            fn check() {}
        }
        struct IsSend;
        impl<T> Ambiguous<()> for T {}
        impl<T: Send> Ambiguous<IsSend> for T {}
        <$kind as Ambiguous<_>>::check();
    }};
}

/// A connector with all its parts to choose.
struct Parts<H, R, C>(PhantomData<fn() -> (H, R)>, C);

impl<H, R: Future<Output = Result<(), Failure>> + Unpin, C> Connector for Parts<H, R, C> {
    type Handle = H;
    type Run = R;

    fn start(&mut self, _: Life<H>) -> R {
        unreachable!("it is never polled")
    }
}

type SendRun = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type LocalRun = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

struct LocalTimer;

impl Timer for LocalTimer {
    type Sleep = Pin<Box<dyn Future<Output = ()>>>;

    fn now(&self) -> tenure::Time {
        tenure::Time::ZERO
    }

    fn sleep_until(&self, _: tenure::Time) -> Self::Sleep {
        Box::pin(std::future::pending())
    }
}

#[test]
fn what_callers_hold_goes_to_any_thread() {
    shared::<Client<Handle>>();
    shared::<WeakClient<Handle>>();
    shared::<Lease<Handle>>();
    shared::<Linger<Handle>>();
    shared::<Signal>();
    shared::<Error>();
    shared::<Failure>();
    sent::<AcquireOwned<Handle>>();
    sent::<Close<Handle>>();
    sent::<States<Handle>>();
    sent::<Life<Handle>>();
    sent::<Serving<Handle>>();
}

#[test]
fn a_driver_is_send_if_all_its_parts_are() {
    sent::<Driver<Scripted, VirtualClock>>();
    sent::<Driver<Parts<u32, SendRun, ()>, VirtualClock>>();
    assert_not_send!(Driver<Parts<u32, LocalRun, ()>, VirtualClock>);
    assert_not_send!(Driver<Parts<Rc<u32>, SendRun, ()>, VirtualClock>);
    assert_not_send!(Driver<Parts<u32, SendRun, Rc<()>>, VirtualClock>);
    assert_not_send!(Driver<Parts<u32, SendRun, ()>, LocalTimer>);
    assert_not_send!(Client<Rc<u32>>);
    assert_not_send!(Lease<Rc<u32>>);
}

/// As a runtime's own spawn asks for it.
pub(crate) fn spawn<F: Future<Output: Send> + Send + 'static>(future: F) -> F {
    future
}

#[test]
fn a_guarded_call_can_be_spawned() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    let call =
        spawn(async move { lease.run(async |handle| handle.echo(7)).await.map_err(|e| e.to_string()) });
    assert_eq!(crate::rig::Task::new(call).done(), Ok(7));
    let client = rig.client.clone();
    drop(spawn(async move {
        let lease = client.acquire().await?;
        let local = 3;
        lease.run(async |handle: &Handle| handle.call(local).await).await
    }));
}
