//! No text becomes a session, a state of one or a lease, and no lease becomes text: what can be written and read is
//! data, of which a session is only made by what happened to it.
#![cfg(feature = "serde")]

use serde::{Serialize, de::DeserializeOwned};
use tenure::state::{Closed, Connecting, Draining, Idle, Live, StateName};
use tenure::{Lease, LeaseData, Script, Session};

/// Compiles if none of the types implements the trait. For one that does there are two ways to choose, and the compiler
/// asks which is meant.
macro_rules! none_implements {
    ($trait:path: $($type:ty),+) => {
        const _: fn() = || {
            trait Choice<Way> {
                const MADE: () = ();
            }
            struct Implemented;
            impl<T: ?Sized> Choice<()> for T {}
            impl<T: ?Sized + $trait> Choice<Implemented> for T {}
            $(let () = <$type as Choice<_>>::MADE;)+
        };
    };
}

none_implements!(DeserializeOwned: Lease, Session, Idle, Connecting, Live, Draining, Closed);
none_implements!(Serialize: Lease);

/// The traits are those that are meant: what stands for each of these as data implements them.
const _: fn() = || {
    fn both<T: Serialize + DeserializeOwned>() {}
    both::<LeaseData>();
    both::<Script>();
    both::<StateName>();
};
