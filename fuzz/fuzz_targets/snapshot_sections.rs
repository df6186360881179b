//! Snapshots whose checksums are right and whose content is not.
#![no_main]

#[path = "../../crates/process/tests/it/corpus/sections.rs"]
mod sections;
#[path = "../../crates/process/tests/it/corpus/snapshot.rs"]
mod snapshot;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    sections::sections(bytes);
});
