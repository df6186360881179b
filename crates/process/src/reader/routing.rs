//! Where cases go: always one way, by chance, or by rules.

use super::Reader;
use crate::{
    document::{Cursor, listed, nearest},
    spec::{Routing, Target},
};

/// How far the sum of probabilities may be from 1; decimal fractions are not exact in binary.
const SUM_TOLERANCE: f64 = 1e-9;

/// Which station a route leads away from, for "next".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// A source: the first station is next.
    Source,
    /// The station of this index.
    Station(usize),
}

impl Reader<'_> {
    /// Reads a route.
    pub(super) fn routing(&mut self, cursor: &Cursor<'_>, from: From) -> Option<Routing> {
        if cursor.text().is_some() {
            return self.target(cursor, from).map(Routing::Always);
        }
        let ways: Vec<Cursor<'_>> = cursor.items().collect();
        let targets: Vec<Option<Target>> = ways
            .iter()
            .map(|way| way.get("to").and_then(|to| self.target(&to, from)))
            .collect();
        let targets = targets.into_iter().collect::<Option<Vec<_>>>();
        let has_probability = ways.iter().any(|way| way.get("probability").is_some());
        let rule = ways.iter().find_map(|way| way.get("when"));
        match (has_probability, rule) {
            (true, Some(rule)) => {
                let message = format!("`{}` has both probabilities and rules", cursor.path);
                self.findings
                    .error(rule.place(), message)
                    .expected("one or the other");
                None
            }
            (true, None) => self.chance(cursor, &ways, targets),
            (false, _) => self.rules(cursor, &ways, targets),
        }
    }

    fn chance(
        &mut self,
        cursor: &Cursor<'_>,
        ways: &[Cursor<'_>],
        targets: Option<Vec<Target>>,
    ) -> Option<Routing> {
        let mut sum = 0.0;
        let mut cumulative = Vec::with_capacity(ways.len());
        for (index, way) in ways.iter().enumerate() {
            match way.get("probability") {
                Some(probability) => sum += probability.number()?,
                None if index + 1 == ways.len() => {
                    if sum > 1.0 + SUM_TOLERANCE {
                        return self.wrong_sum(cursor, sum);
                    }
                    sum = 1.0;
                }
                None => {
                    let message = format!("`{}.probability` is missing", way.path);
                    self.findings
                        .error(way.place(), message)
                        .expected("a number from 0 to 1")
                        .help("only the last way may leave it out, and gets the rest");
                    return None;
                }
            }
            cumulative.push(sum);
        }
        if libm::fabs(sum - 1.0) > SUM_TOLERANCE {
            return self.wrong_sum(cursor, sum);
        }
        // The last way with a chance reaches 1 exactly, so that no draw falls past the end.
        for value in cumulative.iter_mut().rev() {
            if *value < sum {
                break;
            }
            *value = 1.0;
        }
        Some(Routing::Chance(
            cumulative.into_iter().zip(targets?).collect(),
        ))
    }

    fn wrong_sum(&mut self, cursor: &Cursor<'_>, sum: f64) -> Option<Routing> {
        // Rounded, since sums of decimal fractions end in noise that says nothing.
        let shown = libm::round(sum * 1e9) / 1e9;
        let message = format!("the probabilities of `{}` sum to {shown}", cursor.path);
        self.findings
            .error(cursor.place(), message)
            .expected("1")
            .help("the last way may leave `probability` out, and gets the rest");
        None
    }

    fn rules(
        &mut self,
        cursor: &Cursor<'_>,
        ways: &[Cursor<'_>],
        targets: Option<Vec<Target>>,
    ) -> Option<Routing> {
        let (last, first) = ways.split_last()?;
        if let Some(rule) = last.get("when") {
            let message = format!(
                "`{}` leaves open where a case goes when no rule holds",
                cursor.path
            );
            self.findings
                .error(rule.place(), message)
                .expected("a last way without `when`, such as `{ to = \"exit\" }`");
            return None;
        }
        let mut rules = Vec::with_capacity(first.len());
        for way in first {
            match way.get("when") {
                Some(rule) => rules.push(self.expression(&rule)),
                None => {
                    let message = format!(
                        "`{}` is always taken, so that what follows never is",
                        way.path
                    );
                    self.findings
                        .error(way.place(), message)
                        .expected("`when` or `probability` with each way but the last");
                    return None;
                }
            }
        }
        let rules = rules.into_iter().collect::<Option<Vec<_>>>()?;
        let mut targets = targets?;
        let otherwise = targets.pop()?;
        if rules.is_empty() {
            return Some(Routing::Always(otherwise));
        }
        Some(Routing::Rules(
            rules.into_iter().zip(targets).collect(),
            otherwise,
        ))
    }

    fn target(&mut self, cursor: &Cursor<'_>, from: From) -> Option<Target> {
        let name = cursor.text()?;
        let count = self.names.stations.len();
        match name {
            "exit" => return Some(Target::Exit),
            "next" => {
                let next = match from {
                    From::Source => 0,
                    From::Station(index) => index + 1,
                };
                return Some(if next < count {
                    Target::Station(next)
                } else {
                    Target::Exit
                });
            }
            _ => {}
        }
        let found = self
            .names
            .stations
            .iter()
            .position(|station| station == name);
        if found.is_none() {
            let stations = || self.names.stations.iter().map(String::as_str);
            let known = stations().chain(["exit", "next"]);
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("the stations are {}", listed(stations(), "and")),
            };
            let message = format!("`{}` = \"{name}\" leads nowhere", cursor.path);
            self.findings
                .error(cursor.place(), message)
                .expected("a station's name, \"next\" or \"exit\"")
                .help(help);
        }
        found.map(Target::Station)
    }
}
