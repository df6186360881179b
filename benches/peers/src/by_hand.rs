//! The queue as a loop for this one question: two next times, a line of arrival times, and the waits added up.
//!
//! No event list, no figures but one, nothing that could be asked afterwards: what a general engine is measured
//! against, not what it could be replaced by.

use std::collections::VecDeque;

use crate::{LOAD, Stream};

/// What becomes of what happened.
pub(crate) trait Record {
    fn record(&mut self, time: f64, kind: u16, customer: u64, value: f64);
}

/// Nothing.
pub(crate) struct NoRows;

impl Record for NoRows {
    #[inline]
    fn record(&mut self, _time: f64, _kind: u16, _customer: u64, _value: f64) {}
}

/// Rows, five a customer as in the engine's ledger, in a buffer that is let go when it is full.
#[derive(Default)]
pub(crate) struct Rows(Vec<(f64, u16, u64, f64)>);

impl Record for Rows {
    #[inline]
    fn record(&mut self, time: f64, kind: u16, customer: u64, value: f64) {
        if self.0.len() == 4096 {
            std::hint::black_box(&self.0);
            self.0.clear();
        }
        self.0.push((time, kind, customer, value));
    }
}

const ARRIVE: u16 = 0;
const ENTER: u16 = 1;
const START: u16 = 2;
const END: u16 = 3;
const LEAVE: u16 = 4;

/// Serves this many customers and returns the sum of their waits, in mean services.
pub(crate) fn run(customers: u64, rows: &mut impl Record) -> f64 {
    let (mut intervals, mut services) = (Stream::new(1), Stream::new(2));
    // The arrival times of those who are there; the first one is being served.
    let mut present = VecDeque::new();
    let mut next_arrival = intervals.draw() / LOAD;
    let mut next_end = f64::INFINITY;
    let (mut arrived, mut served, mut total_wait) = (0, 0, 0.0);
    while served < customers {
        if next_arrival < next_end {
            let now = next_arrival;
            rows.record(now, ARRIVE, arrived, 0.0);
            rows.record(now, ENTER, arrived, present.len() as f64);
            if present.is_empty() {
                rows.record(now, START, arrived, 0.0);
                next_end = now + services.draw();
            }
            present.push_back(now);
            arrived += 1;
            next_arrival = if arrived < customers {
                now + intervals.draw() / LOAD
            } else {
                f64::INFINITY
            };
        } else {
            let now = next_end;
            rows.record(now, END, served, 0.0);
            let came = present.pop_front().expect("whoever is served is there");
            rows.record(now, LEAVE, served, now - came);
            served += 1;
            next_end = f64::INFINITY;
            if let Some(came) = present.front() {
                let wait = now - came;
                total_wait += wait;
                rows.record(now, START, served, wait);
                next_end = now + services.draw();
            }
        }
    }
    total_wait
}
