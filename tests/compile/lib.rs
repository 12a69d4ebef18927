//! What must not compile: see `tests/compile.rs`.
