//! What the fuzzer feeds: one function a target.
//!
//! Each function takes any bytes, makes of them what its target is about (a history, a stream of lines, a
//! trace) and panics if something doesn't hold that must. The same bytes always do the same. The fuzzer's
//! own package, `fuzz/` in the root of the repository, has nothing but a shell around each of them; its
//! corpora are run through them by `cargo test` as well.
//!
//! | target | what is held |
//! |---|---|
//! | [`histories`] | no history, however odd, breaks an invariant, and time alone brings every session to rest |
//! | [`twins`] | the same inputs give the same outputs, through copies, snapshots and canonical forms too; no snapshot, however forged, panics |
//! | [`framing`] | the split of a stream doesn't matter, and lines and limits are what the specification says |
//! | [`peer`] | no server makes the client panic, hoard memory, or end a call twice, never, or with another's answer |
//! | [`traces`] | a damaged trace is refused; no text panics the replayer |
#![allow(clippy::missing_panics_doc, reason = "to panic is how a target says that something doesn't hold")]
#![allow(clippy::panic, clippy::expect_used, reason = "as above")]

mod bytes;
mod framing;
mod histories;
mod machine;
mod peer;
mod text;
mod traces;
mod twins;
mod wire;

pub use framing::framing;
pub use histories::histories;
pub use peer::peer;
pub use traces::traces;
pub use twins::twins;

/// What a target does with any bytes.
pub type Target = fn(&[u8]);

/// All targets by their names.
pub const TARGETS: [(&str, Target); 5] =
    [("histories", histories), ("twins", twins), ("framing", framing), ("peer", peer), ("traces", traces)];
