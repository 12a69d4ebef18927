//! tenure sessions on smol: a timer, a way to spawn the driver, and a reactor for child processes.
//!
//! ```
//! use std::process::Command;
//!
//! use tenure_smol::SmolReactor;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # smol::block_on(async {
//! let child = tenure_process::spawn(&SmolReactor::new(), &mut Command::new("true"), ())?;
//! let (_stdin, _stdout, mut process) = child.split();
//! assert!(process.wait().await?.success());
//! # Ok(()) }) }
//! ```

#[cfg(feature = "mcp")]
pub mod mcp;
mod reactor;
mod spawn;
mod timer;

pub use reactor::SmolReactor;
#[cfg(unix)]
pub use reactor::SmolWatched;
pub use spawn::{Spawned, spawn};
pub use timer::{SmolSleep, SmolTimer};
