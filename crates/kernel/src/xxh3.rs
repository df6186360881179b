//! xxh3 with 64 bits and seed zero, by the implementation that is fastest where this runs.
//!
//! Both give the same numbers, as the hash is a standard. `twox-hash` chooses among the vectors of a processor while
//! it runs, but knows none of WebAssembly; `xxhash-rust` knows those.

#[cfg(not(target_family = "wasm"))]
pub(crate) use twox_hash::XxHash3_64 as Hasher;
#[cfg(target_family = "wasm")]
pub(crate) use xxhash_rust::xxh3::Xxh3Default as Hasher;

/// The hash of these bytes.
pub(crate) fn oneshot(bytes: &[u8]) -> u64 {
    #[cfg(not(target_family = "wasm"))]
    return Hasher::oneshot(bytes);
    #[cfg(target_family = "wasm")]
    return xxhash_rust::xxh3::xxh3_64(bytes);
}
