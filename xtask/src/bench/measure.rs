//! Contenders measured in turns, and what their times say.
//!
//! Every round measures each contender once, starting with another one each time, so that a machine that slows
//! down slows all of them. Ratios are formed within a round, before the median is taken. One round before the
//! first is thrown away.

use std::ops::RangeInclusive;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::workspace;

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// How long the work took.
    pub(crate) elapsed: Duration,
    /// How much of it was done, in the comparison's unit.
    pub(crate) units: u64,
}

/// One of the things that are compared.
pub(crate) struct Contender<'a> {
    name: &'static str,
    action: Box<dyn FnMut() -> anyhow::Result<Sample> + 'a>,
}

impl<'a> Contender<'a> {
    /// A contender that measures itself.
    pub(crate) fn new(
        name: &'static str,
        action: impl FnMut() -> anyhow::Result<Sample> + 'a,
    ) -> Self {
        Self {
            name,
            action: Box::new(action),
        }
    }

    /// A program that is timed from its start to its end; `units` reads from its output how much it did.
    pub(crate) fn program(
        name: &'static str,
        mut command: Command,
        units: impl Fn(&str) -> anyhow::Result<u64> + 'a,
    ) -> Self {
        Self::new(name, move || {
            let started = Instant::now();
            let output = workspace::read(&mut command)?;
            let elapsed = started.elapsed();
            Ok(Sample {
                elapsed,
                units: units(&output)?,
            })
        })
    }
}

/// What is compared, and how.
pub(crate) struct Plan {
    /// Heading of the table.
    pub(crate) title: &'static str,
    /// What is counted, in the singular: `customer`, `event`.
    pub(crate) unit: &'static str,
    /// How many units a contender must do in a round; one that does another number fails the bench.
    pub(crate) units: RangeInclusive<u64>,
    /// How many rounds count; odd, so that the median is a measurement.
    pub(crate) rounds: usize,
}

/// What came out for all contenders, the first of which the others are compared with.
pub(crate) struct Comparison {
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// What came out for one contender.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Nanoseconds for one unit.
    pub(crate) nanos: Spread,
    /// Its time for one unit over that of the first contender in the same round.
    pub(crate) ratio: Spread,
}

/// The middle of some numbers and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The smallest.
    pub(crate) min: f64,
    /// Half lie on each side.
    pub(crate) median: f64,
    /// The largest.
    pub(crate) max: f64,
}

impl Spread {
    /// Of an odd number of finite values.
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        Self {
            min: values[0],
            median: values[last / 2],
            max: values[last],
        }
    }
}

/// Measures the contenders.
///
/// # Errors
/// When one fails, or does another amount of work than planned.
///
/// # Panics
/// When there is no contender, or the number of rounds is even.
pub(crate) fn compare(
    plan: &Plan,
    mut contenders: Vec<Contender<'_>>,
) -> anyhow::Result<Comparison> {
    assert!(
        !contenders.is_empty() && plan.rounds % 2 == 1,
        "a comparison has contenders and an odd number of rounds"
    );
    println!("{}, {} rounds", plan.title, plan.rounds);
    for contender in &mut contenders {
        contender.measure(plan)?;
    }
    let count = contenders.len();
    let mut nanos = vec![Vec::with_capacity(plan.rounds); count];
    for round in 0..plan.rounds {
        for turn in 0..count {
            let index = (round + turn) % count;
            nanos[index].push(contenders[index].measure(plan)?);
        }
    }
    let rows = contenders.iter().zip(&nanos).map(|(contender, own)| {
        let ratios = own
            .iter()
            .zip(&nanos[0])
            .map(|(own, first)| own / first)
            .collect();
        Row {
            name: contender.name,
            nanos: Spread::of(own.clone()),
            ratio: Spread::of(ratios),
        }
    });
    Ok(Comparison {
        title: plan.title,
        unit: plan.unit,
        rows: rows.collect(),
    })
}

impl Contender<'_> {
    /// Nanoseconds for one unit in one measurement.
    fn measure(&mut self, plan: &Plan) -> anyhow::Result<f64> {
        let Sample { elapsed, units } =
            (self.action)().with_context(|| format!("contender `{}`", self.name))?;
        if !plan.units.contains(&units) {
            let (least, most) = (plan.units.start(), plan.units.end());
            bail!(
                "`{}` did {units} {}s, asked for were {least} to {most}",
                self.name,
                plan.unit
            );
        }
        ensure!(
            units > 0 && elapsed > Duration::ZERO,
            "`{}` did nothing in no time",
            self.name
        );
        Ok(elapsed.as_secs_f64() * 1e9 / units as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan {
        title: "test",
        unit: "event",
        units: 90..=110,
        rounds: 3,
    };

    fn contender(name: &'static str, micros: &'static [u64], units: u64) -> Contender<'static> {
        let mut turns = micros.iter().cycle();
        Contender::new(name, move || {
            let micros = turns.next().context("cycles do not end")?;
            Ok(Sample {
                elapsed: Duration::from_micros(*micros),
                units,
            })
        })
    }

    #[test]
    fn ratios_are_formed_within_a_round() {
        // The machine slows down fourfold in the last round: medians of times move, those of ratios do not.
        let contenders = vec![
            contender("a", &[9, 1, 2, 8], 100),
            contender("b", &[9, 3, 6, 24], 100),
        ];
        let rows = compare(&PLAN, contenders).unwrap().rows;
        assert_eq!(
            rows[0].nanos,
            Spread {
                min: 10.0,
                median: 20.0,
                max: 80.0
            }
        );
        assert_eq!(
            rows[0].ratio,
            Spread {
                min: 1.0,
                median: 1.0,
                max: 1.0
            }
        );
        assert_eq!(rows[1].name, "b");
        assert_eq!(rows[1].nanos.median, 60.0);
        let ratio = rows[1].ratio;
        assert!(
            [ratio.min, ratio.median, ratio.max]
                .iter()
                .all(|value| (value - 3.0).abs() < 1e-12),
            "{ratio:?}"
        );
    }

    #[test]
    fn a_fast_wrong_answer_fails() {
        let contenders = vec![contender("a", &[5], 100), contender("b", &[1], 11)];
        let error = compare(&PLAN, contenders)
            .err()
            .map(|error| error.to_string());
        assert_eq!(
            error.as_deref(),
            Some("`b` did 11 events, asked for were 90 to 110")
        );
    }

    #[test]
    fn a_program_is_timed_and_its_output_read() {
        let mut command = Command::new("echo");
        command.arg("100");
        let units = |output: &str| Ok(output.trim().parse()?);
        let rows = compare(&PLAN, vec![Contender::program("echo", command, units)])
            .unwrap()
            .rows;
        assert!(rows[0].nanos.min > 0.0);
        let failing = Contender::program("false", Command::new("false"), |_| Ok(100));
        assert!(compare(&PLAN, vec![failing]).is_err());
    }
}
