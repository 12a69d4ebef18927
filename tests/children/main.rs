//! What a session must survive, with real child processes through the public MCP client: one source, run
//! on each runtime. The numbers are those of the kit's scenarios.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

#[cfg(unix)]
mod guarded;
mod processes;
mod rows;
mod servers;
mod smol;
mod support;
mod tokio;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
))]
mod without_pidfd;
