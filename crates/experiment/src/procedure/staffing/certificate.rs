//! Judges several plans on fresh random numbers until each is found to meet the limit or to miss it.

use pluriverse_stats::{continuation, kim_nelson_h_squared};

use super::super::{
    Bench, Demand,
    observed::{moments, slack_values},
};
use crate::{plan::Staffing, store::pair};

/// What was found of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Every period meets the limit.
    Meets,
    /// A period misses it.
    Misses,
}

/// A plan under judgement.
struct Case {
    plan: Vec<i64>,
    point: usize,
    /// For each period: met, missed, or open.
    periods: Vec<Option<Verdict>>,
    count: u64,
}

impl Case {
    fn verdict(&self) -> Option<Verdict> {
        if self.periods.contains(&Some(Verdict::Misses)) {
            return Some(Verdict::Misses);
        }
        let is_met = |period: &Option<Verdict>| *period == Some(Verdict::Meets);
        self.periods.iter().all(is_met).then_some(Verdict::Meets)
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
            periods: vec![None; periods],
            count: 0,
        };
        Self {
            cases: plans.into_iter().map(case).collect(),
            first,
            h_squared: kim_nelson_h_squared((error / tests).min(0.49), staffing.first_stage),
        }
    }

    /// Looks at everything that has been run.
    pub(super) fn judge(&mut self, bench: &Bench<'_>, staffing: &Staffing) {
        let (first, h_squared) = (self.first, self.h_squared);
        for case in self
            .cases
            .iter_mut()
            .filter(|case| case.verdict().is_none())
        {
            let trials = bench.store.trials(case.point, first..first + case.count);
            for (period, verdict) in case.periods.iter_mut().enumerate() {
                if verdict.is_some() || case.count == 0 {
                    continue;
                }
                let pairs: Vec<(f64, f64)> = trials
                    .clone()
                    .map(|(_, trial)| {
                        let seen = trial.series.first().and_then(|series| series.get(period));
                        seen.map_or((0.0, 0.0), pair)
                    })
                    .collect();
                *verdict = judged(&pairs, staffing, h_squared);
            }
        }
    }

    /// Plans on which there is a verdict, each with the first period that misses the limit, if one does.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (&[i64], Option<usize>)> {
        let judged = self.cases.iter().filter(|case| case.verdict().is_some());
        judged.map(|case| {
            let mut periods = case.periods.iter();
            let missed = periods.position(|period| *period == Some(Verdict::Misses));
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

/// What a period's observations say: procedure F of Andradóttir and Kim.
fn judged(pairs: &[(f64, f64)], staffing: &Staffing, h_squared: f64) -> Option<Verdict> {
    let limit = (staffing.limit.sign(), staffing.limit.value());
    // A period in which nothing is observed misses nothing.
    let Some(values) = slack_values(pairs, limit, staffing.first_stage) else {
        return Some(Verdict::Meets);
    };
    let stage = usize::try_from(staffing.first_stage).unwrap_or(usize::MAX);
    let (_, variance) = moments(values.iter().copied().take(stage));
    let sum: f64 = values.iter().sum();
    let reach = continuation(h_squared, variance, staffing.tolerance, pairs.len() as u64);
    if sum >= reach {
        Some(Verdict::Meets)
    } else if sum <= -reach {
        Some(Verdict::Misses)
    } else {
        None
    }
}
