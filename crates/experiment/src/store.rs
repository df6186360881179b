//! Trials by point and replication, as far as results have been merged.

use std::{collections::BTreeMap, ops::Range};

use pluriverse_kernel::view::Observation;

use crate::job::Trial;

/// All trials that count so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    points: Vec<BTreeMap<u64, Trial>>,
}

impl Store {
    /// Takes a trial.
    pub(crate) fn insert(&mut self, point: usize, replication: u64, trial: Trial) {
        if self.points.len() <= point {
            self.points.resize_with(point + 1, BTreeMap::new);
        }
        self.points[point].insert(replication, trial);
    }

    /// The trial of this number.
    pub(crate) fn get(&self, point: usize, replication: u64) -> Option<&Trial> {
        self.points.get(point)?.get(&replication)
    }

    /// Trials of a point with numbers in a range, in their order.
    pub(crate) fn trials(
        &self,
        point: usize,
        range: Range<u64>,
    ) -> impl Iterator<Item = (u64, &Trial)> + Clone {
        let trials = self.points.get(point).into_iter();
        trials
            .flat_map(move |trials| trials.range(range.clone()))
            .map(|(replication, trial)| (*replication, trial))
    }
}

/// An observation as a pair.
pub(crate) fn pair(observation: &Observation) -> (f64, f64) {
    (observation.numerator, observation.denominator)
}
