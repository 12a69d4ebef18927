//! tenure sessions on tokio: a timer, a way to spawn the driver, and a reactor for child processes.
//!
//! ```
//! use std::process::Command;
//!
//! use tenure_tokio::TokioReactor;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let child = tenure_process::spawn(&TokioReactor::new(), &mut Command::new("true"), ())?;
//! let (_stdin, _stdout, mut process) = child.split();
//! assert!(process.wait().await?.success());
//! # Ok(()) }) }
//! ```

#[cfg(feature = "mcp")]
pub mod mcp;
mod reactor;
mod spawn;
mod timer;

pub use reactor::TokioReactor;
#[cfg(unix)]
pub use reactor::TokioWatched;
pub use spawn::spawn;
pub use timer::{TokioSleep, TokioTimer};
