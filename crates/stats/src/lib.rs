//! Statistics of simulation output: what to accumulate during a run, what to conclude from several, and the
//! closed forms to check it all against.
//!
//! Everything computes and nothing else: no clock, no files, no randomness, no `std`. All floating-point maths
//! goes through `libm`, so that native and WebAssembly builds agree to the bit. Times are `i64` nanoseconds, as
//! in the kernel. What this crate leaves to others: running replications, drawing charts.
//!
//! # During a run
//!
//! A waiting time goes into a [`DurationTally`], exact to the nanosecond, and into a [`Histogram`] when its
//! quantiles matter. A queue length is a level over time and goes into a [`TimeWeighted`].
//!
//! ```
//! use pluriverse_stats::{DurationTally, Histogram, TimeWeighted};
//!
//! const SECOND: i64 = 1_000_000_000;
//! let mut waits = DurationTally::new();
//! let mut quantiles = Histogram::new();
//! let mut queue = TimeWeighted::new(0, 0);
//!
//! // Three customers arrive at 0 s; the server takes one every 10 s.
//! queue.add(0, 3);
//! for nanos in [0, 10 * SECOND, 20 * SECOND] {
//!     queue.add(nanos, -1);
//!     waits.record(nanos);
//!     quantiles.record(nanos.unsigned_abs());
//! }
//!
//! assert_eq!(waits.mean_secs(), 10.0);
//! assert_eq!(waits.max(), Some(20 * SECOND));
//! // 2 waiting for 10 s, 1 for 10 s, none for 10 s: Little's law holds to the last nanosecond.
//! assert_eq!(queue.area_until(30 * SECOND), waits.sum());
//! assert_eq!(queue.mean_until(30 * SECOND), 1.0);
//! // A quantile is within 1/256 of the truth.
//! let median = quantiles.quantile(0.5).expect("three waits");
//! assert!(median.abs_diff(10_000_000_000) <= 10_000_000_000 / 256);
//! ```
//!
//! At the end of a warm-up, [`TimeWeighted::restart`] keeps the level and forgets the past; the others are
//! simply cleared.
//!
//! # Over replications
//!
//! Waits within one run depend on each other, so an interval takes one number a replication. A measure per
//! replication (utilisation, mean queue length) goes into a [`Tally`] and from there to [`mean_interval`]. A
//! measure per customer is a ratio of two random totals and goes into a [`RatioTally`]: averaging the means of
//! replications would give a quiet day's customers more weight than a busy day's.
//!
//! ```
//! use pluriverse_stats::{RatioTally, Tally, mean_interval};
//!
//! let utilization: Tally = [0.79, 0.83, 0.81, 0.80, 0.82].into_iter().collect();
//! let estimate = mean_interval(&utilization, 0.95).expect("five replications");
//! assert_eq!(format!("{:.3} ± {:.3}", estimate.mean, estimate.half_width.unwrap()), "0.810 ± 0.020");
//!
//! let mut mean_wait = RatioTally::new();
//! for (total_wait_secs, customers) in [(120.0, 40.0), (300.0, 60.0), (200.0, 50.0), (230.0, 50.0)] {
//!     mean_wait.record(total_wait_secs, customers);
//! }
//! let estimate = mean_wait.estimate().expect("some customers");
//! assert_eq!(estimate.mean, 850.0 / 200.0);
//! assert!(estimate.covers(4.5));
//! ```
//!
//! All accumulators merge, so that threads may each keep their own. Integer ones merge exactly in any order;
//! floating-point ones to rounding, so a reproducible result merges in a fixed order.
//!
//! # Designed experiments
//!
//! Where a run warms up first, [`mser`] says where that ends. Two alternatives run with the same random numbers are
//! compared by [`paired_difference`]; [`controlled_mean`] uses what is known about a run; [`batch_means`] makes an
//! interval of one long run. [`kim_nelson_h_squared`], [`continuation`] and [`ocba_shares`] choose among many.
//!
//! ```
//! use pluriverse_stats::{mser, paired_difference};
//!
//! // An empty system fills up, then stays as it is.
//! let series: Vec<f64> = (0..500)
//!     .map(|hour| if hour < 50 { f64::from(hour) } else { 50.0 + f64::from(hour * 7 % 5) })
//!     .collect();
//! let warm_up = mser(&series, 5).expect("a hundred batches");
//! assert_eq!(warm_up.observations, 50);
//!
//! // Both vary by ten from day to day; what the second agent changes is known to a tenth.
//! let one = [(20.0, 1.0), (31.0, 1.0), (25.0, 1.0), (28.0, 1.0)];
//! let two = [(12.0, 1.0), (23.1, 1.0), (16.9, 1.0), (20.0, 1.0)];
//! let saved = paired_difference(&one, &two, 0.95).expect("four days").difference;
//! assert!(saved.half_width.expect("more than one") < 0.15);
//! ```
//!
//! # Against theory
//!
//! [`queueing`] has the closed forms, and says no where there is no steady state:
//!
//! ```
//! use pluriverse_stats::queueing::{QueueError, erlang_a, m_m_c};
//!
//! let station = m_m_c(3, 2.7, 1.0)?;
//! assert!((station.queue_time - 2.723536737).abs() < 5e-10);
//! assert!(matches!(m_m_c(3, 3.1, 1.0), Err(QueueError::Unstable { servers: 3, .. })));
//! // Impatience keeps any load stable.
//! assert!(erlang_a(3, 3.1, 1.0, 0.5)?.abandon_probability < 0.2);
//! # Ok::<(), QueueError>(())
//! ```
//!
//! Samplers and fitted distributions are tested with [`kolmogorov_p_value`] and [`chi_square_p_value`]:
//!
//! ```
//! use pluriverse_stats::{chi_square_p_value, kolmogorov_p_value, student_t_quantile};
//!
//! // The 5 % points that every table prints.
//! assert!((kolmogorov_p_value(0.40925, 10) - 0.05).abs() < 1e-4);
//! assert!((chi_square_p_value(18.307, 10.0) - 0.05).abs() < 1e-5);
//! assert!((student_t_quantile(0.975, 9.0) - 2.262).abs() < 5e-4);
//! ```
#![no_std]

extern crate alloc;

mod batch_means;
mod control;
mod duration_tally;
mod histogram;
mod incomplete;
mod interval;
mod kolmogorov;
mod linearized;
mod normal;
mod paired;
mod pareto;
pub mod queueing;
mod ratio;
mod selection;
mod student_t;
mod tails;
mod tally;
mod time_weighted;
mod warm_up;

pub use batch_means::{BATCH_MEANS_FEWEST, BatchMeans, batch_means};
pub use control::{Controlled, controlled_mean};
pub use duration_tally::DurationTally;
pub use histogram::Histogram;
pub use incomplete::{
    beta_tails, chi_square_cdf, chi_square_p_value, gamma_tails, incomplete_beta, incomplete_gamma,
    poisson_probability,
};
pub use interval::{Estimate, mean_interval};
pub use kolmogorov::kolmogorov_p_value;
pub use linearized::linearized;
pub use normal::{normal_cdf, normal_quantile, normal_tails};
pub use paired::{Paired, paired_difference};
pub use pareto::pareto_front;
pub use queueing::QueueError;
pub use ratio::RatioTally;
pub use selection::{
    approximate_selection_probability, continuation, kim_nelson_eta, kim_nelson_h_squared,
    ocba_shares, rinott_h,
};
pub use student_t::student_t_quantile;
pub use tails::Tails;
pub use tally::Tally;
pub use time_weighted::TimeWeighted;
pub use warm_up::{MSER_BATCH, MSER_FEWEST_BATCHES, Truncation, moving_average, mser, welch_mean};
