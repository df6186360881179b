//! The reference contact centre of SSJ, against the results that its authors published.

use pluriverse_stats::{Tally, normal_quantile};

use super::{CLAIMS, FAMILY_ERROR};
use crate::worlds::{committed, position, samples};

/// What the authors found over 10,000 days.
struct Published {
    name: &'static str,
    mean: f64,
    std_dev: f64,
}

const fn published(name: &'static str, mean: f64, std_dev: f64) -> Published {
    Published {
        name,
        mean,
        std_dev,
    }
}

const PUBLISHED: [Published; 4] = [
    published("calls", 1660.366, 93.620),
    published("wait", 4.713, 1.997),
    published("within 20 s", 0.925, 0.040),
    published("lost", 0.020, 6.7e-3),
];
/// The last digit that they print.
const PUBLISHED_DIGIT: f64 = 1e-3;

const PUBLISHED_DAYS: f64 = 10_000.0;
const EXPECTED_CALLS: f64 = 1_660.0;
const DAYS: u64 = 4_000;

#[test]
fn a_day_is_like_the_published_days() {
    let days = samples(&committed("contact-centre.toml", &[]), DAYS, |world| {
        let (outline, measures) = (world.outline(), world.measures());
        let numerator = |name: &str| measures.scalars[position(&outline, name)].numerator;
        // All three ratios are over the calls that are expected.
        [
            numerator("calls.arrivals"),
            numerator("agents.wait") / EXPECTED_CALLS,
            numerator("agents.service_level") / EXPECTED_CALLS,
            numerator("agents.abandoned") / EXPECTED_CALLS,
        ]
    });
    let error = normal_quantile(1.0 - FAMILY_ERROR / CLAIMS / 2.0);
    for (index, published) in PUBLISHED.iter().enumerate() {
        let Published {
            name,
            mean,
            std_dev,
        } = published;
        let mut ours = Tally::new();
        days.iter().for_each(|day| ours.record(day[index]));
        let own_error = ours.std_dev() / libm::sqrt(DAYS as f64);
        let their_error = std_dev / libm::sqrt(PUBLISHED_DAYS);
        let allowed = error * libm::hypot(own_error, their_error) + PUBLISHED_DIGIT / 2.0;
        let told = format!("{name}: {} against {mean}, allowed {allowed}", ours.mean());
        assert!(libm::fabs(ours.mean() - mean) <= allowed, "{told}");
        assert!(allowed < 0.1 * mean, "{told}: this says nothing");
        // A standard deviation of n days has a relative error of about 1 / √(2n) for each side.
        let ratio = ours.std_dev() / std_dev;
        assert!(
            (0.8..1.25).contains(&ratio),
            "{told}: standard deviation {}",
            ours.std_dev()
        );
    }
}
