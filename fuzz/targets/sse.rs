//! `tenure_fuzz::sse`, fed by the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tenure_fuzz::sse(data));
