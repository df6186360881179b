//! Snapshots whose checksums are right and whose content is not.
#![no_main]

#[path = "../../crates/process/tests/it/corpus/snapshot.rs"]
mod harness;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    harness::sections(bytes);
});
