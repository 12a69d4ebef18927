//! What the fuzzer feeds: one function a target.
