//! How few of something each period needs so that every period meets a limit.
//!
//! What one period gets changes the next one too, since who has not been served by its end is still there. So periods are
//! not looked at one by one. First a search on common random numbers finds a plan that meets the limit everywhere and
//! from which nothing can be taken away. Then the plan and all plans with one less in one period are judged on fresh
//! random numbers until each is found to meet the limit or not; should that contradict the search, it goes on from what
//! was found. The answer is at last run once more on its own, for the intervals that are shown.
//!
//! It is assumed that more in any period makes no period worse. Then no plan with as few or fewer in each period meets
//! the limit, other than the answer itself. A plan with more in one period and fewer in others may have a smaller sum.
//!
//! Sources: the test of a limit is procedure F of Andradóttir and Kim, Naval Research Logistics 57 (2010), shared out by
//! Bonferroni's inequality; on staffing by simulation, Atlason, Epelman and Henderson, "Call center staffing with
//! simulation and cutting plane methods", Annals of Operations Research 127 (2004).

use std::collections::BTreeMap;

use pluriverse_stats::RatioTally;

use super::{Bench, Demand, Step};
use crate::{
    analysis::{PlanSeen, StaffingAnswer, StaffingPeriod},
    experiment::ExperimentError,
    plan::Staffing,
    store::pair,
    study::{Study, staffed},
};

mod certificate;

use certificate::Certificate;

/// Number of the first replication of the answer on its own.
pub(crate) const REPORT_FIRST: u64 = 1 << 40;
/// Replications of one attempt to certify a plan are apart from those of the next by so much.
const ATTEMPT_STRIDE: u64 = 1 << 32;
/// Periods on each side between which agents are moved in the search.
const REACH: usize = 2;
/// No more attempts than this.
const ATTEMPTS_LIMIT: u64 = 64;

/// The search, the certificate, and the report.
pub(crate) struct StaffingSearch {
    staffing: Staffing,
    /// Points by plan.
    points: BTreeMap<Vec<i64>, usize>,
    /// Whether each period meets the limit in the search's sample.
    looked_at: BTreeMap<Vec<i64>, Vec<bool>>,
    /// What was found of plans on random numbers of their own: the first period that misses the limit, if one does.
    decided: BTreeMap<Vec<i64>, Option<usize>>,
    plan: Option<Vec<i64>>,
    attempt: Option<Certificate>,
    attempts: u64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Search,
    Certify,
    /// The answer is run once more; whether it is certified.
    Report {
        is_certified: bool,
    },
    /// Not even the most is enough for this period.
    Impossible {
        period: usize,
    },
}

/// Why a step of the search cannot be made.
enum Halt {
    Missing(Vec<Demand>),
    Impossible { period: usize },
}

impl StaffingSearch {
    pub(super) fn new(study: &Study, staffing: &Staffing) -> Self {
        assert_eq!(
            study.points.len(),
            1,
            "staffing begins with the scenario as it is"
        );
        Self {
            staffing: staffing.clone(),
            points: BTreeMap::from([(staffing.as_it_is.clone(), 0)]),
            looked_at: BTreeMap::new(),
            decided: BTreeMap::new(),
            plan: None,
            attempt: None,
            attempts: 0,
            stage: Stage::Search,
        }
    }

    pub(super) fn advance(&mut self, bench: &mut Bench<'_>) -> Result<Step, ExperimentError> {
        loop {
            match self.stage {
                Stage::Search => match self.search(bench) {
                    Ok(plan) => {
                        self.plan = Some(plan);
                        self.stage = Stage::Certify;
                    }
                    Err(Halt::Missing(demands)) => return Ok(Step::Run(demands)),
                    Err(Halt::Impossible { period }) => self.stage = Stage::Impossible { period },
                },
                Stage::Certify => {
                    if let Some(demands) = self.certify(bench) {
                        return Ok(Step::Run(demands));
                    }
                }
                Stage::Report { .. } => return Ok(self.report(bench)),
                Stage::Impossible { .. } => return Ok(Step::Done),
            }
        }
    }

    fn point(&mut self, bench: &mut Bench<'_>, plan: &[i64]) -> usize {
        if let Some(point) = self.points.get(plan) {
            return *point;
        }
        let point = staffed(&bench.study.plan, &self.staffing, plan);
        let point = bench.add_point(point);
        self.points.insert(plan.to_vec(), point);
        point
    }

    /// Which periods meet the limit, for each of these plans in the search's sample.
    fn met(&mut self, bench: &mut Bench<'_>, plans: &[Vec<i64>]) -> Result<Vec<Vec<bool>>, Halt> {
        let mut missing = Vec::new();
        for plan in plans {
            if is_nobody(plan) {
                // There is no such world, and nobody meets a limit.
                self.looked_at.insert(plan.clone(), vec![false; plan.len()]);
                continue;
            }
            let point = self.point(bench, plan);
            if bench.store.get(point, self.staffing.search - 1).is_none() {
                missing.extend(Demand::between(point, 0, self.staffing.search));
            } else if !self.looked_at.contains_key(plan) {
                let met = self.sample(bench, point);
                self.looked_at.insert(plan.clone(), met);
            }
        }
        if missing.is_empty() {
            Ok(plans
                .iter()
                .map(|plan| self.looked_at[plan].clone())
                .collect())
        } else {
            Err(Halt::Missing(missing))
        }
    }

    fn sample(&self, bench: &Bench<'_>, point: usize) -> Vec<bool> {
        let (sign, limit) = (self.staffing.limit.sign(), self.staffing.limit.value());
        let sums = self.sums(bench, point).into_iter();
        // A period in which nothing is observed misses nothing.
        sums.map(|(numerator, denominator)| sign * (numerator - limit * denominator) >= 0.0)
            .collect()
    }

    /// For each period what was observed in the search's sample: numerator and denominator.
    fn sums(&self, bench: &Bench<'_>, point: usize) -> Vec<(f64, f64)> {
        let of_period = |period: usize| {
            let trials = bench.store.trials(point, 0..self.staffing.search);
            trials.fold((0.0, 0.0), |sum, (_, trial)| {
                let seen = trial.series.first().and_then(|series| series.get(period));
                let (numerator, denominator) = seen.map_or((0.0, 0.0), pair);
                (sum.0 + numerator, sum.1 + denominator)
            })
        };
        (0..self.staffing.as_it_is.len()).map(of_period).collect()
    }

    fn plans_seen(&self, bench: &Bench<'_>) -> Vec<PlanSeen> {
        let sign = self.staffing.limit.sign();
        let seen = |(plan, point): (&Vec<i64>, &usize)| {
            let sums = self.sums(bench, *point).into_iter();
            let figures = sums.filter(|(_, denominator)| *denominator > 0.0);
            let worst = figures
                .map(|(numerator, denominator)| sign * numerator / denominator)
                .reduce(f64::min)?;
            Some(PlanSeen {
                levels: plan.clone(),
                total: plan.iter().sum(),
                worst: sign * worst,
            })
        };
        self.points.iter().filter_map(seen).collect()
    }

    /// A plan that meets the limit in the sample, and from which nothing can be taken away.
    ///
    /// It begins anew at every call and goes as far as what was looked at reaches.
    fn search(&mut self, bench: &mut Bench<'_>) -> Result<Vec<i64>, Halt> {
        let (least, most) = (self.staffing.least, self.staffing.most);
        let mut plan = vec![most; self.staffing.as_it_is.len()];
        let generous = self.one(bench, &plan)?;
        if let Some(period) = generous.iter().position(|met| !met) {
            return Err(Halt::Impossible { period });
        }
        for period in 0..plan.len() {
            let (mut low, mut high) = (least, most);
            while low < high {
                let middle = low + (high - low) / 2;
                plan[period] = middle;
                if self.one(bench, &plan)?[..=period].iter().all(|met| *met) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            plan[period] = low;
        }
        while let Some(period) = self.one(bench, &plan)?.iter().position(|met| !met) {
            self.raise(&mut plan, period)?;
        }
        loop {
            let rivals = self.rivals(&plan);
            let better = match self.first_met(bench, &rivals)? {
                Some(better) => Some(better),
                None => self.first_met(bench, &self.exchanges(&plan))?,
            };
            match better {
                Some(better) => plan = better,
                None => return Ok(plan),
            }
        }
    }

    /// The first of these plans that meets the limit in the sample.
    fn first_met(
        &mut self,
        bench: &mut Bench<'_>,
        plans: &[Vec<i64>],
    ) -> Result<Option<Vec<i64>>, Halt> {
        let met = self.met(bench, plans)?;
        let first = met.iter().position(|met| met.iter().all(|met| *met));
        Ok(first.map(|index| plans[index].clone()))
    }

    fn one(&mut self, bench: &mut Bench<'_>, plan: &[i64]) -> Result<Vec<bool>, Halt> {
        let mut met = self.met(bench, &[plan.to_vec()])?;
        Ok(met.pop().unwrap_or_default())
    }

    /// Gives one more to a period that misses the limit, or to the nearest before it, or after it, that has room.
    fn raise(&self, plan: &mut [i64], period: usize) -> Result<(), Halt> {
        let nearest = (0..=period).rev().chain(period + 1..plan.len());
        let room = nearest
            .into_iter()
            .find(|index| plan[*index] < self.staffing.most);
        match room {
            Some(index) => {
                plan[index] += 1;
                Ok(())
            }
            None => Err(Halt::Impossible { period }),
        }
    }

    /// All plans with one less in one period.
    fn rivals(&self, plan: &[i64]) -> Vec<Vec<i64>> {
        (0..plan.len())
            .filter_map(|period| self.changed(plan, &[(period, -1)]))
            .collect()
    }

    /// All plans with one more in one period and two fewer in those around it.
    fn exchanges(&self, plan: &[i64]) -> Vec<Vec<i64>> {
        let mut exchanges = Vec::new();
        for period in 0..plan.len() {
            let around: Vec<usize> = (period.saturating_sub(REACH)
                ..plan.len().min(period + REACH + 1))
                .filter(|other| *other != period)
                .collect();
            for (index, one) in around.iter().enumerate() {
                for other in &around[index..] {
                    exchanges.extend(self.changed(plan, &[(period, 1), (*one, -1), (*other, -1)]));
                }
            }
        }
        exchanges
    }

    /// The plan with these changes, where they keep to what is allowed.
    fn changed(&self, plan: &[i64], changes: &[(usize, i64)]) -> Option<Vec<i64>> {
        let mut changed = plan.to_vec();
        for (period, by) in changes {
            changed[*period] += by;
        }
        let allowed = self.staffing.least..=self.staffing.most;
        let is_allowed = changed.iter().all(|level| allowed.contains(level));
        (is_allowed && !is_nobody(&changed)).then_some(changed)
    }

    /// Judges the plan and its rivals; what is to be run for that, or nothing when the stage has changed.
    fn certify(&mut self, bench: &mut Bench<'_>) -> Option<Vec<Demand>> {
        let plan = self.plan.clone().expect("the search has found a plan");
        let mut attempt = match self.attempt.take() {
            Some(attempt) => attempt,
            None => self.begin_attempt(bench, &plan),
        };
        attempt.judge(bench, &self.staffing);
        for (plan, missed) in attempt.verdicts() {
            self.decided.insert(plan.to_vec(), missed);
        }
        if let Some(next) = self.contradiction(&plan) {
            match next {
                Ok(next) => self.plan = Some(next),
                Err(period) => self.stage = Stage::Impossible { period },
            }
            if self.attempts >= ATTEMPTS_LIMIT {
                self.stage = Stage::Report {
                    is_certified: false,
                };
            }
            return None;
        }
        let is_certified = self.is_certified(&plan);
        let demands = attempt.wanted(self.staffing.first_stage, self.staffing.certify);
        if is_certified || demands.is_empty() {
            self.stage = Stage::Report { is_certified };
            return None;
        }
        self.attempt = Some(attempt);
        Some(demands)
    }

    fn begin_attempt(&mut self, bench: &mut Bench<'_>, plan: &[i64]) -> Certificate {
        self.attempts += 1;
        let mut plans = self.rivals(plan);
        plans.insert(0, plan.to_vec());
        plans.retain(|plan| !self.decided.contains_key(plan));
        let points: Vec<(Vec<i64>, usize)> = plans
            .into_iter()
            .map(|plan| {
                let point = self.point(bench, &plan);
                (plan, point)
            })
            .collect();
        // The errors of all attempts sum to that of the answer.
        let share = (self.attempts * (self.attempts + 1)) as f64;
        let error = (1.0 - self.staffing.confidence) / share;
        Certificate::new(
            points,
            &self.staffing,
            (self.attempts * ATTEMPT_STRIDE, error),
        )
    }

    /// The plan to go on with where the one at hand was found to miss the limit, or one with less to meet it; the period
    /// where there is none.
    fn contradiction(&self, plan: &[i64]) -> Option<Result<Vec<i64>, usize>> {
        if let Some(Some(period)) = self.decided.get(plan).copied() {
            let mut next = plan.to_vec();
            return Some(match self.raise(&mut next, period) {
                Ok(()) => Ok(next),
                Err(_) => Err(period),
            });
        }
        let rivals = self.rivals(plan);
        let better = rivals
            .into_iter()
            .find(|rival| self.decided.get(rival) == Some(&None));
        better.map(Ok)
    }

    fn is_certified(&self, plan: &[i64]) -> bool {
        let rivals = self.rivals(plan);
        let misses = |rival: &Vec<i64>| matches!(self.decided.get(rival), Some(Some(_)));
        self.decided.get(plan) == Some(&None) && rivals.iter().all(misses)
    }

    fn report(&self, bench: &Bench<'_>) -> Step {
        let plan = self.plan.as_ref().expect("there is a plan to report on");
        let mut points = vec![0, self.points[plan]];
        points.dedup();
        let (report, search) = (REPORT_FIRST + self.staffing.report, self.staffing.search);
        let is_there = |point: usize, last: u64| bench.store.get(point, last).is_some();
        let mut demands = Vec::new();
        for point in points {
            if !is_there(point, report - 1) {
                demands.extend(Demand::between(point, REPORT_FIRST, report));
            }
            // In the search's sample, too, they are to be seen beside the other plans.
            if !is_there(point, search - 1) {
                demands.extend(Demand::between(point, 0, search));
            }
        }
        Step::run(demands)
    }

    pub(super) fn answer(&self, bench: &Bench<'_>) -> StaffingAnswer {
        let staffing = &self.staffing;
        let point = self
            .plan
            .as_ref()
            .and_then(|plan| self.points.get(plan))
            .copied();
        let of_period = |period: usize| StaffingPeriod {
            number: period + 1,
            as_it_is: staffing.as_it_is[period],
            as_it_is_estimate: self.estimate(bench, Some(0), period),
            needed: self.plan.as_ref().map(|plan| plan[period]),
            estimate: self.estimate(bench, point, period),
        };
        let (unit, period_seconds) = bench.series_about();
        StaffingAnswer {
            key: staffing.key.clone(),
            series: staffing.series.clone(),
            unit,
            period_seconds,
            limit: staffing.limit,
            tolerance: staffing.tolerance,
            confidence: staffing.confidence,
            total_as_it_is: staffing.as_it_is.iter().sum(),
            total: self.plan.as_ref().map(|plan| plan.iter().sum()),
            point: point.map(|point| point + 1),
            is_certified: self.stage == Stage::Report { is_certified: true },
            plans_looked_at: self.points.len(),
            plans_seen: self.plans_seen(bench),
            attempts: self.attempts,
            periods: (0..staffing.as_it_is.len()).map(of_period).collect(),
            notes: self.notes(),
        }
    }

    /// A period's figure in the report's runs, so that all periods' intervals hold together.
    fn estimate(
        &self,
        bench: &Bench<'_>,
        point: Option<usize>,
        period: usize,
    ) -> Option<pluriverse_stats::Estimate> {
        let mut tally = RatioTally::new();
        for (_, trial) in bench.store.trials(point?, REPORT_FIRST..u64::MAX) {
            let seen = trial.series.first().and_then(|series| series.get(period));
            let (numerator, denominator) = seen.map_or((0.0, 0.0), pair);
            tally.record(numerator, denominator);
        }
        let periods = self.staffing.as_it_is.len() as f64;
        tally.estimate_at(1.0 - (1.0 - self.staffing.confidence) / periods)
    }

    fn notes(&self) -> Vec<String> {
        let staffing = &self.staffing;
        match self.stage {
            Stage::Impossible { period } => vec![format!(
                "With {} in every period, period {} still misses the limit: raise `max`, or lower the limit.",
                staffing.most,
                period + 1
            )],
            Stage::Report {
                is_certified: false,
            } => vec![format!(
                "Not certified: after {} replications of a plan it was still open whether it meets the limit. Allow more \
                 (`max_replications`), or a larger `tolerance`.",
                staffing.certify
            )],
            _ => Vec::new(),
        }
    }

    pub(super) fn guarantee(&self) -> String {
        let staffing = &self.staffing;
        let (worse, better) = match staffing.limit.sign() > 0.0 {
            true => ("above", "below"),
            false => ("below", "above"),
        };
        let edge = |sign: f64| {
            let value = staffing.limit.value() + sign * staffing.limit.sign() * staffing.tolerance;
            // Sums of decimal fractions are not quite what people write.
            let text = format!("{value:.9}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        format!(
            "With probability {} or more: in every period the true figure is {worse} {}, and with one less in any period, \
             some period's is {better} {}. If more never makes a period worse, no plan with as few or fewer in every \
             period does it. Each decision was made on random numbers that the search had not seen (Andradóttir and Kim \
             2010, Bonferroni); sums over a replication are taken to be normal. A plan with more in one period and fewer in \
             others may have a smaller sum.",
            staffing.confidence,
            edge(-1.0),
            edge(1.0)
        )
    }

    pub(super) fn phase(&self) -> String {
        match (self.stage, &self.attempt) {
            (Stage::Certify, Some(attempt)) => attempt.phase(),
            (Stage::Report { .. }, _) => "runs the answer once more".to_owned(),
            _ => format!("searches: {} plans looked at", self.looked_at.len()),
        }
    }
}

/// Whether a plan has nobody at any time.
fn is_nobody(plan: &[i64]) -> bool {
    plan.iter().all(|level| *level == 0)
}
