//! Tests across the crates live beside this file, one folder a subject.

/// The examples of README.md compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
