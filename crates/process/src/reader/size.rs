//! How much memory a world takes before its first event, so that one that is far too large is refused where it is
//! described.
//!
//! Cases are not foreseen here; the engine limits those that are in a world at once.

use crate::{
    document::{Cursor, Findings, Place},
    spec::{PoolSpec, Spec},
};

/// No larger worlds than this.
const LIMIT_BYTES: u64 = 2_000_000_000;
/// A host holds a world, the one that it is made from, and two copies of what is measured while it looks at them.
const COPIES: u64 = 4;
/// One agent and its place among the idle ones.
const AGENT_BYTES: u64 = 64;
/// What is counted in one period at one station, with two levels; of one pool; of one source.
const PERIOD_BYTES: [u64; 3] = [144, 16, 8];
/// What is counted of one class at one station, and the names of its figures.
const PAIR_BYTES: u64 = 1_000;
/// A spread of waits up to some hours, in log-linear buckets.
const SPREAD_BYTES: u64 = 40_000;

/// Refuses a world that needs more than two gigabytes, and says what makes it so large.
pub(super) fn check(spec: &Spec, root: &Cursor<'_>, findings: &mut Findings<'_>) {
    let place = |key: &str| {
        root.get(key)
            .map_or(Place::Whole, |cursor| cursor.place().clone())
    };
    let agents: u64 = spec.pools.iter().map(most_agents).sum();
    let [stations, pools, sources] =
        [spec.stations.len(), spec.pools.len(), spec.sources.len()].map(|count| count as u64);
    let (periods, classes) = (spec.run.period_count() as u64, spec.classes.len() as u64);
    let [at_station, of_pool, of_source] = PERIOD_BYTES;
    let by_period = stations * at_station + pools * of_pool + sources * of_source;
    let parts = [
        (
            agents * AGENT_BYTES * COPIES,
            place("pools"),
            format!("{agents} agents"),
            "where nobody ever waits, write `agents = \"unlimited\"`",
        ),
        (
            periods * by_period * COPIES,
            place("run"),
            format!("{periods} periods at {stations} stations"),
            "lengthen `run.period`",
        ),
        (
            stations * classes * (PAIR_BYTES + SPREAD_BYTES),
            place("classes"),
            format!("{classes} classes at {stations} stations"),
            "join classes that are treated alike",
        ),
    ];
    let bytes: u64 = parts.iter().map(|(bytes, ..)| bytes).sum();
    let largest = parts.into_iter().max_by_key(|(bytes, ..)| *bytes);
    let Some((_, place, what, help)) = largest.filter(|_| bytes > LIMIT_BYTES) else {
        return;
    };
    let gigabytes = bytes as f64 / 1e9;
    findings
        .error(&place, format!("{what} make a world of {gigabytes:.1} GB"))
        .expected(format!("at most {} GB", LIMIT_BYTES / 1_000_000_000))
        .help(help);
}

fn most_agents(pool: &PoolSpec) -> u64 {
    pool.most_agents().map_or(0, u64::from)
}
