//! The typed states, without std and without an allocator.
#![no_std]

use core::panic::PanicInfo;

/// One life in the typed states; extend it as the layer grows. The number is only there to be used.
#[unsafe(no_mangle)]
pub extern "C" fn nostd_bottom(nanos: u64) -> u64 {
    use tenure::{Config, Time, state::Idle};

    let config = Config::default();
    let Ok(mut connecting) = Idle::new().connect(&config) else { return 0 };
    connecting.stamp(Time::from_nanos(nanos));
    let mut live = connecting.ready(&config);
    live.acquire();
    live.release()
}

/// std has a panic handler too: linked by anything in the tree, it makes two of them, and the build fails.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
