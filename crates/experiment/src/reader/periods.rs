//! Whether a series has as many periods as a question about one long run takes.
//!
//! Their number is known before anything runs, so that an answer which could only be "too few" is not waited for.

use pluriverse_document::Cursor;
use pluriverse_stats::{BATCH_MEANS_FEWEST, MSER_BATCH, MSER_FEWEST_BATCHES};

use super::Reader;

/// Periods that a question takes, and what for.
#[derive(Clone, Debug)]
pub(super) struct Need {
    periods: usize,
    reason: &'static str,
}

impl Need {
    /// For MSER-5 and its graph.
    pub(super) const WARM_UP: Self = Self {
        periods: MSER_BATCH * MSER_FEWEST_BATCHES,
        reason: "for MSER-5, better some hundred",
    };

    /// For batch means, whose test of independence takes batches of half their length: as many after the warm-up, of
    /// which MSER-5 makes half of the run at most where nothing is said about it.
    pub(super) fn of_steady_state(warm_up: Option<usize>) -> Self {
        const TESTED: usize = 2 * BATCH_MEANS_FEWEST;
        match warm_up {
            Some(warm_up) => Self {
                periods: warm_up + TESTED,
                reason: "for batch means after the warm-up, better some hundred",
            },
            None => Self {
                periods: 2 * TESTED,
                reason: "for MSER-5 and batch means, better some hundred",
            },
        }
    }
}

impl Reader<'_> {
    /// The name of the series that the question `table` is about, where it has the periods needed.
    pub(super) fn long_series(&mut self, table: &Cursor<'_>, need: Need) -> Option<String> {
        let cursor = table.get("series")?;
        let (name, periods) = self.series(&cursor)?;
        if periods >= need.periods {
            return Some(name);
        }
        let index = self.figures.series(&name)?;
        let period = self.figures.outline.series[index].period;
        // The last period may have hardly begun when the run ends.
        let span = period
            .nanos()
            .saturating_mul(periods.saturating_sub(1).max(1) as i64);
        let longest = readable_at_most(span / need.periods as i64);
        self.findings
            .error(cursor.place(), format!("`{name}` has {periods} periods"))
            .expected(format!("{} or more {}", need.periods, need.reason))
            .help(format!(
                "set `run.period` to at most \"{longest}\" (in `[set]`), or make the run longer (`run.until`)"
            ));
        None
    }
}

/// The longest duration in whole units that is no longer than this, which is a nanosecond at least.
fn readable_at_most(nanos: i64) -> String {
    const UNITS: [(i64, &str); 7] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
        (1, "ns"),
    ];
    let nanos = nanos.max(1);
    let fitting = UNITS.iter().find(|(size, _)| nanos >= *size);
    let (size, symbol) = fitting.unwrap_or(&(1, "ns"));
    format!("{}{symbol}", nanos / size)
}
