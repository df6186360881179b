//! Stored ledgers in the four formats.
#![no_main]

#[path = "../../crates/store/tests/it/corpus/ledger.rs"]
mod harness;

libfuzzer_sys::fuzz_target!(
    init: {
        // The Parquet reader turns panics of its library into errors; only those that get out count here.
        std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    },
    |bytes: &[u8]| {
        harness::ledger(bytes);
    }
);
