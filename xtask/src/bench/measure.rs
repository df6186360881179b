//! Contenders measured in turns, and what their times say.
//!
//! Every round measures each contender once, starting with another one each time, so that a machine that slows
//! down slows all of them. Ratios are formed within a round, before the median is taken. One round before the
//! first is thrown away. Where contenders tell their processor time, that is what is compared: other programs on the
//! machine do not add to it.

use std::ops::RangeInclusive;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::workspace;

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// How long the work took.
    pub(crate) wall: Duration,
    /// Processor time of all threads, where it is known.
    pub(crate) cpu: Option<Duration>,
    /// How much of it was done, in the comparison's unit.
    pub(crate) units: u64,
}

/// Which time is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The time that passed.
    Wall,
    /// Processor time.
    Cpu,
}

/// One of the things that are compared.
pub(crate) struct Contender<'a> {
    name: String,
    /// How many units it must do in a round; another number fails the bench.
    units: RangeInclusive<u64>,
    action: Box<dyn FnMut() -> anyhow::Result<Sample> + 'a>,
}

impl<'a> Contender<'a> {
    /// A contender that measures itself.
    pub(crate) fn new(
        name: impl Into<String>,
        units: RangeInclusive<u64>,
        action: impl FnMut() -> anyhow::Result<Sample> + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            units,
            action: Box::new(action),
        }
    }

    /// A program that is timed from its start to its end and does one unit; `check` reads its output.
    pub(crate) fn program(
        name: impl Into<String>,
        mut command: Command,
        check: impl Fn(&str) -> anyhow::Result<()> + 'a,
    ) -> Self {
        Self::new(name, 1..=1, move || {
            let started = Instant::now();
            let output = workspace::read(&mut command)?;
            let wall = started.elapsed();
            check(&output)?;
            Ok(Sample {
                wall,
                cpu: None,
                units: 1,
            })
        })
    }
}

/// What is compared, and how.
pub(crate) struct Plan {
    /// What is compared; where it has a table to itself, the heading.
    pub(crate) title: String,
    /// What is counted, in the singular: `customer`, `event`.
    pub(crate) unit: &'static str,
    /// Which time is compared.
    pub(crate) clock: Clock,
    /// How many rounds count; odd, so that the median is a measurement.
    pub(crate) rounds: usize,
}

/// What came out for all contenders, the first of which the others are compared with.
pub(crate) struct Comparison {
    pub(crate) title: String,
    pub(crate) unit: &'static str,
    pub(crate) clock: Clock,
    pub(crate) rows: Vec<Row>,
}

/// What came out for one contender.
pub(crate) struct Row {
    pub(crate) name: String,
    /// Nanoseconds for one unit, by the comparison's clock.
    pub(crate) nanos: Spread,
    /// The same by the wall clock.
    pub(crate) wall_nanos: Spread,
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
    /// Of at least one finite value; the lower one of two in the middle.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        Self {
            min: values[0],
            median: values[last / 2],
            max: values[last],
        }
    }

    /// In units of so much.
    pub(crate) fn in_units_of(self, unit: f64) -> Self {
        Self {
            min: self.min / unit,
            median: self.median / unit,
            max: self.max / unit,
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
    let mut readings = vec![Vec::with_capacity(plan.rounds); count];
    for round in 0..plan.rounds {
        for turn in 0..count {
            let index = (round + turn) % count;
            readings[index].push(contenders[index].measure(plan)?);
        }
    }
    let rows = contenders
        .into_iter()
        .zip(&readings)
        .map(|(contender, own)| {
            let spread = |nanos: fn(&Reading) -> f64| Spread::of(own.iter().map(nanos).collect());
            let in_round = own.iter().zip(&readings[0]);
            let ratios = in_round.map(|(own, first)| own.nanos / first.nanos);
            Row {
                name: contender.name,
                nanos: spread(|reading| reading.nanos),
                wall_nanos: spread(|reading| reading.wall_nanos),
                ratio: Spread::of(ratios.collect()),
            }
        });
    Ok(Comparison {
        rows: rows.collect(),
        title: plan.title.clone(),
        unit: plan.unit,
        clock: plan.clock,
    })
}

/// Nanoseconds for one unit in one measurement.
#[derive(Clone, Copy)]
struct Reading {
    /// By the plan's clock.
    nanos: f64,
    wall_nanos: f64,
}

impl Contender<'_> {
    fn measure(&mut self, plan: &Plan) -> anyhow::Result<Reading> {
        let Sample { wall, cpu, units } =
            (self.action)().with_context(|| format!("contender `{}`", self.name))?;
        if !self.units.contains(&units) {
            let (least, most) = (self.units.start(), self.units.end());
            bail!(
                "`{}` did {units} {}s, asked for were {least} to {most}",
                self.name,
                plan.unit
            );
        }
        let compared = match plan.clock {
            Clock::Wall => wall,
            Clock::Cpu => {
                cpu.with_context(|| format!("`{}` tells no processor time", self.name))?
            }
        };
        ensure!(
            units > 0 && compared > Duration::ZERO,
            "`{}` did nothing in no time",
            self.name
        );
        let each = |time: Duration| time.as_secs_f64() * 1e9 / units as f64;
        Ok(Reading {
            nanos: each(compared),
            wall_nanos: each(wall),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(clock: Clock) -> Plan {
        Plan {
            title: "test".to_owned(),
            unit: "event",
            clock,
            rounds: 3,
        }
    }

    fn contender(name: &'static str, micros: &'static [u64], units: u64) -> Contender<'static> {
        let mut turns = micros.iter().cycle();
        Contender::new(name, 90..=110, move || {
            let micros = turns.next().context("cycles do not end")?;
            Ok(Sample {
                wall: Duration::from_micros(2 * *micros),
                cpu: Some(Duration::from_micros(*micros)),
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
        let rows = compare(&plan(Clock::Cpu), contenders).unwrap().rows;
        assert_eq!(
            rows[0].nanos,
            Spread {
                min: 10.0,
                median: 20.0,
                max: 80.0
            }
        );
        assert_eq!(rows[0].wall_nanos.median, 40.0);
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
        let error = compare(&plan(Clock::Cpu), contenders)
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
        command.arg("done");
        let check = |output: &str| {
            ensure!(output == "done\n");
            Ok(())
        };
        let contenders = vec![Contender::program("echo", command, check)];
        let rows = compare(&plan(Clock::Wall), contenders).unwrap().rows;
        assert!(rows[0].nanos.min > 0.0);
        for (program, clock) in [("false", Clock::Wall), ("true", Clock::Cpu)] {
            let failing = Contender::program(program, Command::new(program), |_| Ok(()));
            assert!(compare(&plan(clock), vec![failing]).is_err());
        }
    }
}
