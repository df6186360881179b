//! Damaged files: an error that says where, never a panic, never rows that were not written.

use pluriverse_kernel::ledger::{Closing, Row};
use pluriverse_store::{Format, StoreError, StoredLedger};
use proptest::prelude::*;

use crate::ledgers::{comparable, dictionary, provenance, read_all, row, to_memory};

const ROWS: u64 = 23;

/// A stored ledger to damage, and what it says as long as it is whole.
struct Victim {
    format: Format,
    bytes: Vec<u8>,
    sidecar: Option<Vec<u8>>,
    rows: Vec<(Row, u64)>,
    closing: Closing,
}

impl Victim {
    fn new(format: Format) -> Self {
        let (file, closing) = to_memory((0..ROWS).map(row), format);
        let rows = (0..ROWS).map(row).map(comparable).collect();
        Self {
            format,
            bytes: file.bytes(),
            sidecar: file.sidecar(),
            rows,
            closing,
        }
    }

    /// Reads `bytes` in the place of the ledger: an error, or all that the whole ledger says.
    fn check(&self, bytes: Vec<u8>, what: &str) -> Result<(), StoreError> {
        self.check_with(bytes, self.sidecar.as_deref(), what)
    }

    fn check_with(
        &self,
        bytes: Vec<u8>,
        sidecar: Option<&[u8]>,
        what: &str,
    ) -> Result<(), StoreError> {
        let mut stored = StoredLedger::from_bytes(self.format, bytes, sidecar)?;
        let rows = read_all(&mut stored)?;
        let what = format!("{}, {what}", self.format);
        assert_eq!(stored.seal().unwrap().closing, self.closing, "{what}");
        assert_eq!(stored.seal().unwrap().cut, None, "{what}");
        assert_eq!(stored.provenance(), &provenance(), "{what}");
        assert_eq!(stored.dictionary(), &dictionary(), "{what}");
        assert_eq!(rows, self.rows, "{what}");
        Ok(())
    }
}

#[test]
fn cut_at_every_byte() {
    for victim in Format::ALL.map(Victim::new) {
        let bytes = &victim.bytes;
        for length in 0..bytes.len() {
            let outcome = victim.check(bytes[..length].to_vec(), &format!("cut at {length}"));
            // The last byte of a text is the end of a line that says all without it.
            let may_pass = victim.format == Format::Ndjson && length + 1 == bytes.len();
            assert!(
                outcome.is_err() || may_pass,
                "{}, cut at {length}",
                victim.format
            );
        }
    }
}

#[test]
fn a_bit_flipped_in_every_byte() {
    for victim in Format::ALL.map(Victim::new) {
        for place in 0..victim.bytes.len() {
            let mut flipped = victim.bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            // An error, or the same ledger: padding means nothing, and some numbers have more than one spelling.
            let _ = victim.check(flipped, &format!("bit flipped in byte {place}"));
        }
    }
}

#[test]
fn a_damaged_sidecar() {
    let victim = Victim::new(Format::Csv);
    let sidecar = victim.sidecar.clone().unwrap();
    for place in 0..sidecar.len() {
        let outcome = victim.check_with(victim.bytes.clone(), Some(&sidecar[..place]), "cut");
        assert!(
            outcome.is_err() || place + 1 == sidecar.len(),
            "cut at {place}"
        );
        let mut flipped = sidecar.clone();
        flipped[place] ^= 1 << (place % 8);
        let what = format!("bit flipped in byte {place} of the sidecar");
        let _ = victim.check_with(victim.bytes.clone(), Some(&flipped), &what);
    }
}

/// Lengths and offsets of the binary formats at their ends.
#[test]
fn zeros_and_ones_over_every_word() {
    for victim in [Format::Parquet, Format::ArrowIpc].map(Victim::new) {
        for place in 0..victim.bytes.len() - 4 {
            for word in [[0; 4], [0xff; 4], [0xff, 0xff, 0xff, 0x7f]] {
                let mut damaged = victim.bytes.clone();
                damaged[place..place + 4].copy_from_slice(&word);
                let _ = victim.check(damaged, &format!("{word:?} at {place}"));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// A part is lost, doubled or moved, as bad disks and careless copies do.
    #[test]
    fn parts_in_the_wrong_place(
        format in prop::sample::select(&Format::ALL),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        length in 1..200_usize,
        is_lost in any::<bool>(),
    ) {
        let victim = Victim::new(format);
        let mut bytes = victim.bytes.clone();
        let from = from.index(bytes.len());
        let part = bytes[from..(from + length).min(bytes.len())].to_vec();
        if is_lost {
            bytes.drain(from..from + part.len());
        }
        if !is_lost || length % 2 == 0 {
            let to = to.index(bytes.len() + 1);
            bytes.splice(to..to, part);
        }
        let _ = victim.check(bytes, "a part in the wrong place");
    }
}
