//! Distributions: a family's parameters become a checked [`Distribution`], in nanoseconds where a duration is
//! wanted.

use pluriverse_kernel::distribution::{Distribution, DistributionError};

use super::{Reader, csv_file::CsvFile};
use crate::document::{Cursor, Unit, Value, listed};

/// Nanoseconds in a second.
pub(super) const NANOS_PER_SEC: f64 = 1e9;
/// The longest time there is, in nanoseconds.
const LONGEST_NANOS: f64 = 9.223_372_036_854_775e18;

/// A value in the unit that is wanted: nanoseconds or a plain number.
pub(super) fn quantity(cursor: &Cursor<'_>, unit: Unit) -> Option<f64> {
    match unit {
        Unit::Duration => cursor.duration().map(|duration| duration.nanos() as f64),
        Unit::Number => cursor.number(),
    }
}

/// The parameters of one family.
struct Parameters<'d> {
    cursor: Cursor<'d>,
    unit: Unit,
}

impl<'d> Parameters<'d> {
    fn get(&self, key: &str) -> Option<Cursor<'d>> {
        self.cursor.get(key)
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.number()
    }

    fn quantity(&self, key: &str) -> Option<f64> {
        quantity(&self.get(key)?, self.unit)
    }

    /// The quantity, or the default where the key is left out.
    fn quantity_or(&self, key: &str, default: f64) -> Option<f64> {
        if self.has(key) {
            self.quantity(key)
        } else {
            Some(default)
        }
    }

    /// The numbers of one column of a list of tables.
    fn column(&self, key: &str) -> Option<Vec<f64>> {
        self.cursor
            .items()
            .map(|item| item.get(key)?.number())
            .collect()
    }

    fn quantity_column(&self, key: &str) -> Option<Vec<f64>> {
        self.cursor
            .items()
            .map(|item| quantity(&item.get(key)?, self.unit))
            .collect()
    }
}

type Made = Option<Result<Distribution, DistributionError>>;

impl Reader<'_> {
    /// Reads a constant or a table with one family.
    pub(super) fn distribution(&mut self, cursor: &Cursor<'_>, unit: Unit) -> Option<Distribution> {
        let made = match &cursor.node.value {
            Value::Table(_) => {
                let (family, parameters) = cursor.variant()?;
                let errors = self.findings.error_count();
                let made = self.family(
                    family,
                    &Parameters {
                        cursor: parameters.clone(),
                        unit,
                    },
                )?;
                if self.findings.error_count() > errors {
                    return None;
                }
                match made {
                    Ok(distribution) => distribution,
                    Err(error) => {
                        self.refused(&parameters, &error);
                        return None;
                    }
                }
            }
            _ => Distribution::constant(quantity(cursor, unit)?).ok()?,
        };
        self.check_duration(cursor, &made, unit)?;
        Some(made)
    }

    /// Durations are never negative and end before time does.
    fn check_duration(
        &mut self,
        cursor: &Cursor<'_>,
        made: &Distribution,
        unit: Unit,
    ) -> Option<()> {
        if unit != Unit::Duration {
            return Some(());
        }
        if made.support().0 < 0.0 {
            self.findings
                .error(cursor.place(), format!("`{}` can be negative", cursor.path))
                .expected("durations of zero or more")
                .help("hold it above zero: `{ clamped = { low = \"0s\", of = … } }`");
            return None;
        }
        let mean = made.mean();
        if mean.is_finite() && mean > LONGEST_NANOS {
            self.findings
                .error(
                    cursor.place(),
                    format!("`{}` is over 292 years on average", cursor.path),
                )
                .expected("what a simulated clock can tell");
            return None;
        }
        Some(())
    }

    /// Says where a family's parameters do not make a distribution.
    fn refused(&mut self, parameters: &Cursor<'_>, error: &DistributionError) {
        let path = &parameters.path;
        let of = |parameter: &str| parameters.get(parameter);
        let (place, message, expected) = match error {
            DistributionError::Parameter {
                parameter,
                got,
                expected,
            } => match of(parameter) {
                Some(value) => {
                    let shown = value.node.value.shown();
                    let message = format!("`{}` = {shown} is out of range", value.path);
                    (value.place(), message, (*expected).to_owned())
                }
                None => {
                    let message = format!("`{path}` has a `{parameter}` of {got:?}");
                    (parameters.place(), message, (*expected).to_owned())
                }
            },
            DistributionError::Element {
                parameter,
                index,
                expected,
                ..
            } => {
                let list = of(parameter).unwrap_or_else(|| parameters.clone());
                let item = nth_number(&list, *index).unwrap_or(list);
                let message = format!("`{}` is out of range", item.path);
                (item.place(), message, (*expected).to_owned())
            }
            DistributionError::Sum {
                parameter,
                got,
                expected,
            } => {
                let list = of(parameter);
                let message = match &list {
                    Some(list) => format!("the numbers of `{}` add up to {got:?}", list.path),
                    None => format!("the {parameter} of `{path}` add up to {got:?}"),
                };
                let place = list.map_or(parameters.place(), |list| list.place());
                (place, message, (*expected).to_owned())
            }
            DistributionError::Empty { parameter } => {
                let list = of(parameter).unwrap_or_else(|| parameters.clone());
                let message = format!("`{}` has no numbers", list.path);
                (list.place(), message, "one or more".to_owned())
            }
            DistributionError::Length {
                parameter,
                got,
                expected,
            } => {
                let list = of(parameter).unwrap_or_else(|| parameters.clone());
                let message = format!("`{}` has a length of {got}", list.path);
                (list.place(), message, expected.to_string())
            }
            DistributionError::NoExit { phase } => {
                let row = of("generator").and_then(|generator| generator.items().nth(*phase));
                let row = row.unwrap_or_else(|| parameters.clone());
                let message = format!("`{}`: who is in this phase never leaves", row.path);
                let expected =
                    "a way to the end from each phase: a row that adds up to less than zero";
                (row.place(), message, expected.to_owned())
            }
            other => {
                let message = format!("`{path}` is no distribution: {other}");
                (parameters.place(), message, String::new())
            }
        };
        self.findings.error(place, message).expected(expected);
    }

    fn family(&mut self, family: &str, p: &Parameters<'_>) -> Made {
        let made = match family {
            "constant" => Distribution::constant(quantity(&p.cursor, p.unit)?),
            "exponential" => Distribution::exponential(p.quantity("mean")?),
            "erlang" => {
                let shape = u32::try_from(p.get("shape")?.integer()?).ok()?;
                Distribution::erlang(shape, p.quantity("mean")?)
            }
            "weibull" => Distribution::weibull(p.number("shape")?, p.quantity("scale")?),
            "pareto" => Distribution::pareto(p.number("shape")?, p.quantity("scale")?),
            "gamma" => return self.gamma(p),
            "lognormal" => return self.lognormal(p),
            "normal" | "truncated_normal" => return self.normal(p),
            "uniform" => {
                self.check_ends(p)?;
                Distribution::uniform(p.quantity("low")?, p.quantity("high")?)
            }
            "triangular" | "pert" => {
                self.check_ends(p)?;
                let (low, mode, high) =
                    (p.quantity("low")?, p.quantity("mode")?, p.quantity("high")?);
                self.check_mode(p, low, mode, high)?;
                if family == "pert" {
                    Distribution::pert(low, mode, high)
                } else {
                    Distribution::triangular(low, mode, high)
                }
            }
            "beta" => return self.beta(p),
            "hyperexponential" => return self.hyperexponential(p),
            "phase_type" => return self.phase_type(p),
            "discrete" => {
                self.check_weights(p, &p.cursor)?;
                Distribution::discrete(&p.quantity_column("value")?, &p.column("weight")?)
            }
            "histogram" => return self.histogram(p),
            "empirical" => return self.empirical(p),
            _ => return self.combined(family, p),
        };
        Some(made)
    }

    /// The families that are made from another distribution.
    fn combined(&mut self, family: &str, p: &Parameters<'_>) -> Made {
        if family == "mixture" {
            self.check_weights(p, &p.cursor)?;
            let parts = p
                .cursor
                .items()
                .map(|item| self.distribution(&item.get("of")?, p.unit));
            let parts = parts
                .collect::<Vec<_>>()
                .into_iter()
                .collect::<Option<Vec<_>>>()?;
            return Some(Distribution::mixture(&p.column("weight")?, parts));
        }
        let of = self.distribution(&p.get("of")?, p.unit)?;
        match family {
            "shifted" => Some(of.shifted(p.quantity("by")?)),
            "scaled" => Some(Ok(
                of.scaled(p.number("factor").filter(|factor| *factor > 0.0)?)
            )),
            "clamped" => {
                if !p.has("low") && !p.has("high") {
                    return self.lacking(p, "`low`, `high` or both");
                }
                if p.has("low") && p.has("high") {
                    self.check_ends(p)?;
                }
                let (low, high) = (
                    p.quantity_or("low", f64::NEG_INFINITY)?,
                    p.quantity_or("high", f64::INFINITY)?,
                );
                Some(of.clamped(low, high))
            }
            _ => None,
        }
    }

    fn gamma(&mut self, p: &Parameters<'_>) -> Made {
        let keys = ["shape", "scale", "mean", "std_dev"].map(|key| p.has(key));
        Some(match keys {
            [true, true, false, false] => {
                Distribution::gamma(p.number("shape")?, p.quantity("scale")?)
            }
            [true, false, true, false] => {
                let shape = p.number("shape").filter(|shape| *shape > 0.0)?;
                Distribution::gamma(shape, p.quantity("mean")? / shape)
            }
            [false, false, true, true] => {
                Distribution::gamma_from_mean(p.quantity("mean")?, p.quantity("std_dev")?)
            }
            _ => {
                return self.lacking(
                    p,
                    "`shape` and `scale`, `shape` and `mean`, or `mean` and `std_dev`",
                );
            }
        })
    }

    fn lognormal(&mut self, p: &Parameters<'_>) -> Made {
        let keys = ["mean", "std_dev", "log_mean", "log_std_dev"].map(|key| p.has(key));
        Some(match keys {
            [true, true, false, false] => {
                Distribution::lognormal_from_mean(p.quantity("mean")?, p.quantity("std_dev")?)
            }
            [false, false, true, true] => {
                let made = Distribution::lognormal(p.number("log_mean")?, p.number("log_std_dev")?);
                match p.unit {
                    Unit::Duration => made.map(|of_secs| of_secs.scaled(NANOS_PER_SEC)),
                    Unit::Number => made,
                }
            }
            _ => return self.lacking(p, "`mean` and `std_dev`, or `log_mean` and `log_std_dev`"),
        })
    }

    fn normal(&mut self, p: &Parameters<'_>) -> Made {
        if p.has("low") && p.has("high") {
            self.check_ends(p)?;
        }
        let least = match p.unit {
            Unit::Duration => 0.0,
            Unit::Number => f64::NEG_INFINITY,
        };
        let (low, high) = (
            p.quantity_or("low", least)?,
            p.quantity_or("high", f64::INFINITY)?,
        );
        Some(Distribution::truncated_normal(
            p.quantity("mean")?,
            p.quantity("std_dev")?,
            low,
            high,
        ))
    }

    fn beta(&mut self, p: &Parameters<'_>) -> Made {
        if p.unit == Unit::Duration && !p.has("high") {
            return self.lacking(p, "`high`, the longest duration");
        }
        if p.has("low") && p.has("high") {
            self.check_ends(p)?;
        }
        let (low, high) = (p.quantity_or("low", 0.0)?, p.quantity_or("high", 1.0)?);
        Some(Distribution::beta_between(
            p.number("alpha")?,
            p.number("beta")?,
            low,
            high,
        ))
    }

    fn hyperexponential(&mut self, p: &Parameters<'_>) -> Made {
        match ["mean", "squared_cv", "branches"].map(|key| p.has(key)) {
            [true, true, false] => Some(Distribution::hyperexponential_from_mean(
                p.quantity("mean")?,
                p.number("squared_cv")?,
            )),
            [false, false, true] => {
                let branches = Parameters {
                    cursor: p.get("branches")?,
                    unit: p.unit,
                };
                self.check_weights(p, &branches.cursor)?;
                Some(Distribution::hyperexponential(
                    &branches.column("weight")?,
                    &branches.quantity_column("mean")?,
                ))
            }
            _ => self.lacking(p, "`mean` and `squared_cv`, or `branches`"),
        }
    }

    fn phase_type(&mut self, p: &Parameters<'_>) -> Made {
        if p.unit == Unit::Duration && !p.has("per") {
            return self.lacking(p, "`per`, the time that the rates are per, such as \"1m\"");
        }
        let per = p.quantity_or("per", 1.0)?;
        let initial = numbers(&p.get("initial")?)?;
        let generator = p
            .get("generator")?
            .items()
            .map(|row| numbers(&row))
            .collect::<Option<Vec<_>>>()?;
        self.check_square(&p.get("generator")?, initial.len())?;
        let made = Distribution::phase_type(&initial, &generator);
        Some(made.map(|per_unit| {
            if per == 1.0 {
                per_unit
            } else {
                per_unit.scaled(per)
            }
        }))
    }

    /// A generator has a row for each phase, and in it a number for each.
    fn check_square(&mut self, generator: &Cursor<'_>, phases: usize) -> Option<()> {
        let of_rows = generator.items().map(|row| (row.items().count(), row));
        let of_all = [(generator.items().count(), generator.clone())];
        let mut lists = of_all.into_iter().chain(of_rows);
        let Some((count, list)) = lists.find(|(count, _)| *count != phases) else {
            return Some(());
        };
        let message = format!("`{}` has a length of {count}", list.path);
        self.findings
            .error(list.place(), message)
            .expected(format!("{phases}, as `initial` has"));
        None
    }

    fn histogram(&mut self, p: &Parameters<'_>) -> Made {
        let edges = p
            .get("edges")?
            .items()
            .map(|edge| quantity(&edge, p.unit))
            .collect::<Option<Vec<_>>>()?;
        let weights = p.get("weights")?;
        let weights_read = numbers(&weights)?;
        if edges.len() != weights_read.len() + 1 {
            let message = format!(
                "`{}` has {} weights for {} edges",
                p.cursor.path,
                weights_read.len(),
                edges.len()
            );
            self.findings
                .error(weights.place(), message)
                .expected("one edge more than weights");
            return None;
        }
        if let Some(index) = edges.windows(2).position(|pair| pair[0] >= pair[1]) {
            let edge = p.get("edges")?.items().nth(index + 1)?;
            let message = format!(
                "`{}` = {} is not above the edge before",
                edge.path,
                edge.node.value.shown()
            );
            self.findings
                .error(edge.place(), message)
                .expected("edges that rise");
            return None;
        }
        if weights_read.iter().all(|weight| *weight == 0.0) {
            self.findings
                .error(weights.place(), format!("`{}` are all zero", weights.path))
                .expected("one above zero");
            return None;
        }
        Some(Distribution::histogram(&edges, &weights_read))
    }

    fn empirical(&mut self, p: &Parameters<'_>) -> Made {
        let samples = match ["samples", "file", "column"].map(|key| p.has(key)) {
            [true, false, false] => p
                .get("samples")?
                .items()
                .map(|sample| quantity(&sample, p.unit))
                .collect::<Option<Vec<_>>>()?,
            [false, true, true] => self.samples_from_file(p)?,
            _ => return self.lacking(p, "`samples`, or `file` and `column`"),
        };
        Some(Distribution::empirical(&samples))
    }

    fn samples_from_file(&mut self, p: &Parameters<'_>) -> Option<Vec<f64>> {
        let factor = match (p.unit, p.get("unit")) {
            (Unit::Number, None) => 1.0,
            (Unit::Number, Some(unit)) => {
                self.findings
                    .error(
                        unit.place(),
                        format!("`{}` has no meaning where a number is wanted", unit.path),
                    )
                    .help("leave it out");
                return None;
            }
            (Unit::Duration, Some(unit)) => super::csv_file::unit_nanos(unit.text()?)?,
            (Unit::Duration, None) => {
                self.lacking(p, "`unit`, the unit of the file's numbers");
                return None;
            }
        };
        let file = CsvFile::read(self, &p.get("file")?)?;
        let column = file.column(self, &p.get("column")?)?;
        let mut samples = Vec::with_capacity(file.rows.len());
        for row in &file.rows {
            match file.number(row, column) {
                Ok(value) if p.unit == Unit::Number || value >= 0.0 => samples.push(value * factor),
                Ok(value) => {
                    let message = format!("{}: {value} is negative", file.at(row, column));
                    self.findings
                        .error(p.get("file")?.place(), message)
                        .expected("durations of zero or more");
                    return None;
                }
                Err(message) => {
                    self.findings
                        .error(p.get("file")?.place(), message)
                        .expected("a number");
                    return None;
                }
            }
        }
        Some(samples)
    }

    /// Notes that a family's parameters are not a set that determines it.
    fn lacking(&mut self, p: &Parameters<'_>, expected: &str) -> Made {
        let keys = p
            .cursor
            .entries()
            .map(|(entry, _)| entry.key.as_str())
            .collect::<Vec<_>>();
        let message = if keys.is_empty() {
            format!("`{}` has no parameters", p.cursor.path)
        } else {
            format!(
                "`{}` is not determined by {}",
                p.cursor.path,
                listed(keys.into_iter(), "and")
            )
        };
        self.findings
            .error(p.cursor.place(), message)
            .expected(expected);
        None
    }

    fn check_ends(&mut self, p: &Parameters<'_>) -> Option<()> {
        let (low, high) = (p.get("low")?, p.get("high")?);
        if quantity(&low, p.unit)? < quantity(&high, p.unit)? {
            return Some(());
        }
        let message = format!(
            "`{}` = {} is not above `low` = {}",
            high.path,
            high.node.value.shown(),
            low.node.value.shown()
        );
        self.findings.error(high.place(), message);
        None
    }

    fn check_mode(&mut self, p: &Parameters<'_>, low: f64, mode: f64, high: f64) -> Option<()> {
        if (low..=high).contains(&mode) {
            return Some(());
        }
        let cursor = p.get("mode")?;
        let message = format!(
            "`{}` = {} is not between `low` and `high`",
            cursor.path,
            cursor.node.value.shown()
        );
        self.findings.error(cursor.place(), message);
        None
    }

    fn check_weights(&mut self, p: &Parameters<'_>, list: &Cursor<'_>) -> Option<()> {
        let weights = list
            .items()
            .map(|item| item.get("weight")?.number())
            .collect::<Option<Vec<_>>>()?;
        if weights.iter().any(|weight| *weight > 0.0) {
            return Some(());
        }
        self.findings
            .error(
                p.cursor.place(),
                format!("`{}` has only weights of zero", list.path),
            )
            .expected("one above zero");
        None
    }
}

/// A number of a list or, row by row, of a list of lists.
fn nth_number<'d>(list: &Cursor<'d>, mut index: usize) -> Option<Cursor<'d>> {
    for item in list.items() {
        let count = match item.node.value {
            Value::List(_) => item.items().count(),
            _ => 1,
        };
        if index < count {
            let inner = item.items().nth(index);
            return inner.or(Some(item));
        }
        index -= count;
    }
    None
}

fn numbers(cursor: &Cursor<'_>) -> Option<Vec<f64>> {
    cursor.items().map(|item| item.number()).collect()
}
