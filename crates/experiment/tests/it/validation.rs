//! The statistics keep what they promise: coverage of intervals, probability of a right selection.
//!
//! Each repetition is an experiment of its own. How many of them are right has a binomial distribution; what is accepted
//! are the counts within its central 99.9 %, for the seeds that are written here.

mod batch_means;
mod coverage;
mod selection;
mod warm_up;

/// Whether `right` of `repetitions` is what a probability of `promised` gives, or more when `is_bound`.
fn assert_kept(right: u32, repetitions: u32, promised: Promise) {
    let (Promise::Exactly(p) | Promise::AtLeast(p)) = promised;
    let count = f64::from(repetitions);
    let deviation = 3.29 * (count * p * (1.0 - p)).sqrt();
    let (low, high) = (count * p - deviation, count * p + deviation);
    let right = f64::from(right);
    assert!(
        right >= low,
        "{right} of {count} are right: expected {low:.0} or more"
    );
    if let Promise::Exactly(_) = promised {
        assert!(
            right <= high,
            "{right} of {count} are right: expected {high:.0} or fewer"
        );
    }
}

#[derive(Clone, Copy)]
enum Promise {
    Exactly(f64),
    AtLeast(f64),
}
