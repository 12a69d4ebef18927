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
//! | [`json`] | any text is read as `serde_json` reads it: as an answer, field by field, element by element, and as a string |
//! | [`peer`] | no server makes the client panic, hoard memory, or end a call twice, never, or with another's answer |
//! | [`exchanges`] | no server over HTTP makes the client panic, do a call twice, tell it as undone when it may be done, send elsewhere what is the server's, or go on after the end |
//! | [`views`] | whatever a server sends is read without a panic, no element is lost, and the raw text is kept |
//! | [`headers`] | addresses, challenges, names and arguments of tools are read as they were written, and as an oracle reads them |
//! | [`sse`] | the split of a stream of events doesn't matter, and it is heard and taken up again as the standard says |
//! | [`traces`] | a damaged trace is refused; no text panics the replayer |
#![allow(clippy::missing_panics_doc, reason = "to panic is how a target says that something doesn't hold")]
#![allow(clippy::panic, clippy::expect_used, reason = "as above")]

mod bytes;
mod exchanges;
mod framing;
mod headers;
mod histories;
mod http;
mod json;
mod machine;
mod peer;
mod sse;
mod text;
mod traces;
mod twins;
mod views;
mod wire;

pub use exchanges::exchanges;
pub use framing::framing;
pub use headers::headers;
pub use histories::histories;
pub use json::json;
pub use peer::peer;
pub use sse::sse;
pub use traces::traces;
pub use twins::twins;
pub use views::views;

/// What a target does with any bytes.
pub type Target = fn(&[u8]);

/// All targets by their names.
pub const TARGETS: [(&str, Target); 10] = [
    ("histories", histories),
    ("twins", twins),
    ("framing", framing),
    ("json", json),
    ("peer", peer),
    ("headers", headers),
    ("sse", sse),
    ("exchanges", exchanges),
    ("traces", traces),
    ("views", views),
];
