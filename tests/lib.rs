//! Tests across the crates live beside this file, one folder a subject.
