//! `tenure_fuzz::json`, fed by the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tenure_fuzz::json(data));
