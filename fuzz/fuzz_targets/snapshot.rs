//! Snapshots as they are.
#![no_main]

#[path = "../../crates/process/tests/it/corpus/snapshot.rs"]
mod harness;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    harness::snapshot(bytes);
});
