//! Scenario files, TOML and JSON, and a short run of those that are accepted.
#![no_main]

#[path = "../../crates/process/tests/it/corpus/scenario.rs"]
mod harness;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    harness::scenario(bytes);
});
