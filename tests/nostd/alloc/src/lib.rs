//! The whole session machine, without std.
#![no_std]

use core::{
    alloc::{GlobalAlloc, Layout},
    panic::PanicInfo,
    ptr::null_mut,
};

/// One life of a session; extend it as the machine grows. The number is only there to be used.
#[unsafe(no_mangle)]
pub extern "C" fn nostd_alloc(nanos: u64) -> usize {
    use tenure::{Action, Config, Exit, Mode, Session, SessionId, Time};

    let mut session = Session::new(SessionId(1), Config::default());
    let _ = session.acquire();
    session.handle_timeout(Time::from_nanos(nanos));
    while let Some(action) = session.poll_action() {
        let _ = match action {
            Action::Connect { generation } => Ok(session.runner_ready(generation)),
            Action::Grant { lease, .. } => session.release(lease),
            Action::Stop { generation } => Ok(session.runner_ended(generation, Exit::FINISHED)),
            _ => continue,
        };
    }
    session.shutdown(Mode::Graceful);
    session.waiting()
}

/// An allocator, because alloc asks for one; it has nothing to give, and nothing here runs.
struct Nothing;

// SAFETY: a null pointer says that the allocation failed; nothing was given, so nothing comes back.
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Nothing = Nothing;

/// std has a panic handler too: linked by anything in the tree, it makes two of them, and the build fails.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
