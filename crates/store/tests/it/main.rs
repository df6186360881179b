//! Stored ledgers, written and read back, whole and damaged.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conversion;
mod damage;
mod full_disk;
mod layout;
mod ledgers;
mod round_trip;
mod unfinished;
