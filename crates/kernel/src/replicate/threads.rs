//! Replications on several threads: workers take numbers from a counter, records are merged under one lock.

use std::sync::{
    Condvar, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::{Job, Merger, Outcome, Record};
use crate::world::RunError;

/// How far, per thread, runs may be ahead of the slowest one, whose record all others wait for.
const RECORDS_AHEAD: u64 = 64;

struct Shared {
    merger: Merger,
    error: Option<(u64, RunError)>,
}

pub(super) fn replicate(job: &Job<'_>, merger: Merger) -> Result<Outcome, RunError> {
    let shared = Mutex::new(Shared {
        merger,
        error: None,
    });
    let merged = Condvar::new();
    let next = AtomicU64::new(0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads = usize::try_from(job.plan.replications).unwrap_or(usize::MAX);
        for _ in 0..threads.min(job.plan.threads) {
            scope.spawn(|| work(job, &shared, &merged, &next, &is_over));
        }
    });
    let Shared { merger, error } = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    match error {
        Some((_, error)) => Err(error),
        None => Ok(merger.finish()),
    }
}

fn work(
    job: &Job<'_>,
    shared: &Mutex<Shared>,
    merged: &Condvar,
    next: &AtomicU64,
    is_over: &AtomicBool,
) {
    let mut spare = None;
    // Ordering: the counter and the flag publish no data; records travel under the lock.
    while !is_over.load(Ordering::Relaxed) {
        let replication = next.fetch_add(1, Ordering::Relaxed);
        if replication >= job.plan.replications {
            return;
        }
        let result = job.run(replication, &mut spare);
        let is_last = !matches!(&result, Ok(record) if !record.is_last);
        hand_in(job, replication, result, shared, merged);
        if is_last {
            is_over.store(true, Ordering::Relaxed);
        }
    }
}

fn hand_in(
    job: &Job<'_>,
    replication: u64,
    result: Result<Record, RunError>,
    shared: &Mutex<Shared>,
    merged: &Condvar,
) {
    let mut guard = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let ahead = RECORDS_AHEAD * job.plan.threads as u64;
    // The run that all wait for never waits here itself; one that failed ends the waiting.
    while guard.error.is_none()
        && guard.merger.outcome.is_complete
        && replication > guard.merger.next + ahead
    {
        guard = merged.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
    match result {
        Ok(record) => guard.merger.add(record),
        Err(error) => {
            if guard
                .error
                .as_ref()
                .is_none_or(|(first, _)| replication < *first)
            {
                guard.error = Some((replication, error));
            }
        }
    }
    drop(guard);
    merged.notify_all();
}
