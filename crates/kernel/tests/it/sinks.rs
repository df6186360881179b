//! Worlds whose rows go to a sink: what it has is neither taken back nor left out.

use std::sync::{Arc, Mutex};

use expect_test::expect;
use pluriverse_kernel::{
    ledger::{CHUNK_ROWS, Chunk, Closing, Dictionary, Ledger, LedgerSink, SinkError},
    simulation::Simulation,
    world::{Phase, World},
};

use crate::worlds::{Action, KEY, Script, secs};

const FOREVER: u64 = u64::MAX;

/// A sink that fills up after some chunks.
struct Full {
    room: usize,
    written: Arc<Mutex<Vec<Chunk>>>,
}

impl LedgerSink for Full {
    fn write(&mut self, _dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        let mut written = self.written.lock().unwrap();
        if written.len() < self.room {
            written.push(chunk.clone());
            return Ok(());
        }
        Err(SinkError {
            target: "run.ledger".to_owned(),
            message: "no space left".to_owned(),
        })
    }

    fn finish(&mut self, _closing: &Closing) -> Result<(), SinkError> {
        Ok(())
    }
}

fn full_after(room: usize) -> (Ledger, Arc<Mutex<Vec<Chunk>>>) {
    let written = Arc::default();
    let sink = Full {
        room,
        written: Arc::clone(&written),
    };
    (Ledger::to_sink(Box::new(sink)), written)
}

#[test]
fn a_sink_that_fails_ends_the_run_with_what_was_written() {
    let (ledger, written) = full_after(2);
    let mut world = Simulation::new(Script::of([(0, Action::EverySecond)]), KEY, ledger);
    let error = world.run(FOREVER).unwrap_err();
    expect!["the ledger cannot be written to `run.ledger`: no space left"]
        .assert_eq(&error.to_string());
    assert_eq!(world.phase(), Phase::Failed);
    assert_eq!(
        world.ledger().rows(),
        3 * CHUNK_ROWS as u64 + 1,
        "at the row that did not fit"
    );
    assert!(world.finish_ledger().is_err());
    assert_eq!(written.lock().unwrap().len(), 2);
}

#[test]
fn rows_that_have_been_written_are_not_taken_back() {
    let (ledger, _) = full_after(usize::MAX);
    let mut world = Simulation::new(Script::of([(0, Action::EverySecond)]), KEY, ledger);
    world.keep_checkpoints(None);
    world.run_until(secs(100), FOREVER).unwrap();
    world.seek(secs(50)).unwrap();
    world.run_until(secs(5_000), FOREVER).unwrap();
    let later = world.snapshot();
    let error = world.seek(secs(50)).unwrap_err();
    expect!["rows after that point have already been written to the ledger's file"]
        .assert_eq(&error.to_string());
    assert_eq!(world.now(), secs(5_000));
    assert_eq!(world.snapshot(), later, "it is as it was");
    world.run_until(secs(5_100), FOREVER).unwrap();
    world.restore(&later).unwrap();
    world.finish_ledger().unwrap();
    assert!(
        world.restore(&later).is_err(),
        "the last rows are written too"
    );
}

/// A file of rows has no hole: it may begin late, but not leave out rows between.
#[test]
fn rows_that_would_be_missing_are_told() {
    let far = |seconds: i64| {
        let mut world = Simulation::new(
            Script::of([(0, Action::EverySecond)]),
            KEY,
            Ledger::hashed(),
        );
        world.run_until(secs(seconds), FOREVER).unwrap();
        world.snapshot()
    };
    let (ledger, written) = full_after(usize::MAX);
    let mut world = Simulation::new(Script::of([]), KEY, ledger);
    world.restore(&far(5_000)).unwrap();
    world.run_until(secs(9_000), FOREVER).unwrap();
    let error = world.restore(&far(14_000)).unwrap_err();
    expect!["the ledger's file would miss the rows up to that point"].assert_eq(&error.to_string());
    assert_eq!(written.lock().unwrap()[0].first_row(), CHUNK_ROWS as u64);
}
