//! Judges several plans on fresh random numbers until each is found to meet the limit or to miss it.

use pluriverse_stats::kim_nelson_h_squared;

use super::super::{Bench, Demand, observed::Margin};
use crate::{plan::Staffing, store::pair};

/// What was found of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Every period meets the limit.
    Meets,
    /// A period misses it.
    Misses,
}

/// A period under judgement.
#[derive(Clone)]
struct Judged {
    margin: Margin,
    verdict: Option<Verdict>,
}

/// A plan under judgement.
struct Case {
    plan: Vec<i64>,
    point: usize,
    periods: Vec<Judged>,
    count: u64,
}

impl Case {
    fn verdict(&self) -> Option<Verdict> {
        let is = |verdict| move |period: &Judged| period.verdict == Some(verdict);
        if self.periods.iter().any(is(Verdict::Misses)) {
            return Some(Verdict::Misses);
        }
        self.periods
            .iter()
            .all(is(Verdict::Meets))
            .then_some(Verdict::Meets)
    }
}

/// Plans under judgement, on the replications from `first`.
pub(super) struct Certificate {
    cases: Vec<Case>,
    first: u64,
    h_squared: f64,
}

impl Certificate {
    /// Plans with their points; all wrong verdicts together have a probability of at most `error`.
    pub(super) fn new(
        plans: Vec<(Vec<i64>, usize)>,
        staffing: &Staffing,
        (first, error): (u64, f64),
    ) -> Self {
        let periods = staffing.as_it_is.len();
        let tests = (plans.len() * periods).max(1) as f64;
        let case = |(plan, point)| Case {
            plan,
            point,
            periods: vec![
                Judged {
                    margin: Margin::new(staffing.first_stage),
                    verdict: None,
                };
                periods
            ],
            count: 0,
        };
        Self {
            cases: plans.into_iter().map(case).collect(),
            first,
            h_squared: kim_nelson_h_squared((error / tests).min(0.49), staffing.first_stage),
        }
    }

    /// Looks at everything that has been run since.
    pub(super) fn judge(&mut self, bench: &Bench<'_>, staffing: &Staffing) {
        let (first, h_squared) = (self.first, self.h_squared);
        let open = self
            .cases
            .iter_mut()
            .filter(|case| case.verdict().is_none());
        for case in open {
            let (point, count) = (case.point, case.count);
            let since = |seen: u64| bench.store.trials(point, first + seen..first + count);
            for (period, judged) in case.periods.iter_mut().enumerate() {
                if judged.verdict.is_some() || count == 0 {
                    continue;
                }
                let pairs: Vec<(f64, f64)> = since(judged.margin.count())
                    .map(|(_, trial)| {
                        let seen = trial.series.first().and_then(|series| series.get(period));
                        seen.map_or((0.0, 0.0), pair)
                    })
                    .collect();
                judged.verdict = if judged.margin.follow(&pairs, staffing.limit) {
                    judged
                        .margin
                        .is_met(h_squared, staffing.tolerance)
                        .map(|is_met| match is_met {
                            true => Verdict::Meets,
                            false => Verdict::Misses,
                        })
                } else {
                    // A period in which nothing is observed misses nothing.
                    Some(Verdict::Meets)
                };
            }
        }
    }

    /// Plans on which there is a verdict, each with the first period that misses the limit, if one does.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (&[i64], Option<usize>)> {
        let judged = self.cases.iter().filter(|case| case.verdict().is_some());
        judged.map(|case| {
            let mut periods = case.periods.iter();
            let missed = periods.position(|period| period.verdict == Some(Verdict::Misses));
            (case.plan.as_slice(), missed)
        })
    }

    /// `more` replications of every plan on which there is no verdict, up to `most` of each.
    pub(super) fn wanted(&mut self, more: u64, most: u64) -> Vec<Demand> {
        let first = self.first;
        let open = self
            .cases
            .iter_mut()
            .filter(|case| case.verdict().is_none());
        open.filter_map(|case| {
            let from = case.count;
            case.count = (from + more).min(most.max(from));
            Demand::between(case.point, first + from, first + case.count)
        })
        .collect()
    }

    pub(super) fn phase(&self) -> String {
        let open = self
            .cases
            .iter()
            .filter(|case| case.verdict().is_none())
            .count();
        format!("certifies: {open} of {} plans open", self.cases.len())
    }
}
