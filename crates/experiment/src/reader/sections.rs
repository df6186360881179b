//! Factors, design, replications: what is run.

use pluriverse_document::{Cursor, Place, Value};

use super::Reader;
use crate::{
    design,
    plan::{
        Control, Design, Factor, Grain, Levels, POINTS_LIMIT, Pairing, REPLICATIONS_LIMIT,
        Randomness, Replications, Setting, StopRule,
    },
};

/// A value of a factor, or one that is set everywhere.
fn setting(cursor: &Cursor<'_>) -> Option<Setting> {
    match &cursor.node.value {
        Value::Boolean(flag) => Some(Setting::Flag(*flag)),
        Value::Text(text) => Some(Setting::Text(text.clone())),
        _ => cursor.number().map(Setting::Number),
    }
}

/// Values set over the scenario's everywhere.
pub(super) fn set(root: &Cursor<'_>) -> Vec<(String, String)> {
    let entries = root.entries_of("set");
    let pairs = entries
        .iter()
        .filter_map(|(entry, cursor)| Some((entry.key.clone(), setting(cursor)?.toml())));
    pairs.collect()
}

pub(super) fn pairing(root: &Cursor<'_>) -> Pairing {
    match root.get("antithetic").and_then(|cursor| cursor.boolean()) {
        Some(true) => Pairing::Antithetic,
        _ => Pairing::Single,
    }
}

pub(super) fn randomness(root: &Cursor<'_>) -> Randomness {
    match root
        .get("common_random_numbers")
        .and_then(|cursor| cursor.boolean())
    {
        Some(false) => Randomness::Independent,
        _ => Randomness::Common,
    }
}

/// A whole number of zero or more, as the shape promises.
pub(super) fn count(cursor: &Cursor<'_>, key: &str) -> Option<u64> {
    let number = cursor.get(key)?.integer()?;
    u64::try_from(number).ok()
}

impl Reader<'_> {
    /// A coverage, which must be strictly between 0 and 1.
    pub(super) fn confidence(&mut self, table: &Cursor<'_>) -> f64 {
        const DEFAULT: f64 = 0.95;
        let Some(cursor) = table.get("confidence") else {
            return DEFAULT;
        };
        match cursor.number() {
            Some(confidence) if confidence > 0.0 && confidence < 1.0 => confidence,
            Some(confidence) => {
                let message = format!("`{}` = {confidence} says nothing", cursor.path);
                self.findings
                    .error(cursor.place(), message)
                    .expected("a number strictly between 0 and 1, such as 0.95");
                DEFAULT
            }
            None => DEFAULT,
        }
    }

    pub(super) fn factors(&mut self, root: &Cursor<'_>) -> Vec<Factor> {
        let entries = root.entries_of("factors");
        let mut factors: Vec<Factor> = Vec::new();
        for (entry, cursor) in &entries {
            let Some(key) = cursor.get("key") else {
                continue;
            };
            let key_text = key.text().unwrap_or_default().to_owned();
            if let Some(other) = factors.iter().find(|other| other.key == key_text) {
                let message = format!("`{}` sets what `factors.{}` sets", key.path, other.name);
                self.findings
                    .error(key.place(), message)
                    .expected("a key of its own");
            }
            if let Some(levels) = self.levels(cursor) {
                factors.push(Factor {
                    name: entry.key.clone(),
                    key: key_text,
                    levels,
                });
            }
        }
        factors
    }

    fn levels(&mut self, cursor: &Cursor<'_>) -> Option<Levels> {
        let (values, min, max) = (cursor.get("values"), cursor.get("min"), cursor.get("max"));
        if let Some(values) = values {
            if let Some(extra) = min.or(max) {
                let message = format!("`{}` has both `values` and a range", cursor.path);
                self.findings
                    .error(extra.place(), message)
                    .help("keep `values`, or `min` and `max`");
                return None;
            }
            return self.listed(&values);
        }
        let (Some(min), Some(max)) = (min, max) else {
            let message = format!("`{}` has no values", cursor.path);
            self.findings
                .error(cursor.place(), message)
                .expected("`values`, or `min` and `max`");
            return None;
        };
        let is_whole = cursor
            .get("integer")
            .and_then(|cursor| cursor.boolean())
            .unwrap_or(false);
        let (low, high) = (min.number()?, max.number()?);
        let (low, high) = if is_whole {
            (libm::ceil(low), libm::floor(high))
        } else {
            (low, high)
        };
        if low > high {
            let message = format!(
                "`{}` is empty: there is nothing from {low} to {high}",
                cursor.path
            );
            self.findings
                .error(max.place(), message)
                .expected("a `max` of at least `min`");
            return None;
        }
        let unit = cursor.get("unit").and_then(|cursor| cursor.text());
        Some(Levels::Range {
            min: low,
            max: high,
            grain: if is_whole { Grain::Whole } else { Grain::Real },
            unit: unit.unwrap_or_default().to_owned(),
        })
    }

    fn listed(&mut self, values: &Cursor<'_>) -> Option<Levels> {
        let mut settings: Vec<Setting> = Vec::new();
        for item in values.items() {
            let setting = setting(&item)?;
            if settings.contains(&setting) {
                self.findings
                    .error(
                        item.place(),
                        format!("`{}` = {setting} is there twice", item.path),
                    )
                    .help("leave one of the two out");
            }
            settings.push(setting);
        }
        Some(Levels::Listed(settings))
    }

    pub(super) fn design(&mut self, root: &Cursor<'_>, factors: &[Factor]) -> Option<Design> {
        let table = root.get("design");
        let method = table.as_ref().and_then(|table| table.get("method"));
        let place = method
            .as_ref()
            .map_or(Place::Whole, |method| method.place().clone());
        let method = method.and_then(|cursor| cursor.text()).unwrap_or("grid");
        let points = table.as_ref().and_then(|table| count(table, "points"));
        if method == "grid" {
            if let Some(cursor) = table.and_then(|table| table.get("points")) {
                self.findings
                    .error(
                        cursor.place(),
                        "a grid has as many points as there are combinations",
                    )
                    .help("leave `points` out, or choose `latin-hypercube` or `sobol`");
            }
            return self.grid(root, factors);
        }
        let Some(points) = points else {
            self.findings
                .error(
                    &place,
                    format!("a {method} design does not say how many points it has"),
                )
                .expected("`points`");
            return None;
        };
        if factors.is_empty() {
            self.findings
                .error(&place, "there is nothing to design: no factor varies")
                .help("add `[factors]`, or leave `[design]` out");
        }
        Some(match method {
            "sobol" => Design::Sobol { points },
            _ => Design::LatinHypercube { points },
        })
    }

    fn grid(&mut self, root: &Cursor<'_>, factors: &[Factor]) -> Option<Design> {
        let mut count = 1_u64;
        for factor in factors {
            let place = super::place_of(root, &["factors", &factor.name]);
            let Some(levels) = design::level_count(&factor.levels) else {
                let message = format!("`factors.{}` has too many values for a grid", factor.name);
                self.findings.error(&place, message).help(
                    "list `values`, say `integer = true`, or choose `latin-hypercube` or `sobol`",
                );
                return None;
            };
            count = count.saturating_mul(levels);
            if count > POINTS_LIMIT {
                let message = format!("the grid has {count} points or more");
                self.findings
                    .error(&place, message)
                    .expected(format!("at most {POINTS_LIMIT}"))
                    .help("choose `latin-hypercube` or `sobol` with `points`, or fewer values");
                return None;
            }
        }
        Some(Design::Grid)
    }

    pub(super) fn replications(
        &mut self,
        root: &Cursor<'_>,
        default: u64,
        pairing: Pairing,
    ) -> Option<Replications> {
        let table = root.get("replications");
        let fixed = table.as_ref().and_then(|table| table.get("count"));
        let stop = table.as_ref().and_then(|table| table.get("stop"));
        let replications = match (fixed, stop) {
            (Some(_), Some(stop)) => {
                self.findings
                    .error(stop.place(), "`replications` has both `count` and `stop`")
                    .help("keep one of the two");
                return None;
            }
            (_, Some(stop)) => Replications::Until(self.stop(&stop)?),
            (Some(count), None) => Replications::Fixed(count.integer()?.unsigned_abs()),
            (None, None) => Replications::Fixed(default.min(REPLICATIONS_LIMIT)),
        };
        if let (Pairing::Antithetic, Replications::Fixed(count)) = (pairing, &replications)
            && count % 2 == 1
        {
            let place = super::place_of(root, &["replications", "count"]);
            self.findings
                .error(&place, format!("{count} replications do not come in pairs"))
                .expected("an even number, as `antithetic` is true");
        }
        Some(replications)
    }

    fn stop(&mut self, table: &Cursor<'_>) -> Option<StopRule> {
        let metric = self.metric(&table.get("metric")?);
        let confidence = self.confidence(table);
        let width = table.get("relative_half_width")?;
        let relative_half_width = width.number()?;
        if relative_half_width <= 0.0 || relative_half_width >= 1.0 {
            self.findings
                .error(
                    width.place(),
                    format!(
                        "`{}` = {relative_half_width} is never reached, or always",
                        width.path
                    ),
                )
                .expected("a number strictly between 0 and 1, such as 0.01");
        }
        let min = count(table, "min").unwrap_or(10);
        let max = count(table, "max").unwrap_or(10_000);
        if min > max {
            let place = table.get("max").or(table.get("min"))?;
            let message = format!("`{}`: there is nothing from {min} to {max}", table.path);
            self.findings
                .error(place.place(), message)
                .expected("a `max` of at least `min`");
        }
        Some(StopRule {
            metric: metric?,
            relative_half_width,
            confidence,
            min,
            max,
        })
    }

    pub(super) fn controls(&mut self, root: &Cursor<'_>) -> Vec<Control> {
        let Some(list) = root.get("control") else {
            return Vec::new();
        };
        let mut controls = Vec::new();
        for item in list.items() {
            let Some(metric) = item.get("metric").and_then(|cursor| self.metric(&cursor)) else {
                continue;
            };
            let Some(mean) = item.get("mean").and_then(|cursor| cursor.number()) else {
                continue;
            };
            controls.push(Control { metric, mean });
        }
        controls
    }

    pub(super) fn metrics(&mut self, root: &Cursor<'_>) -> Vec<String> {
        let Some(list) = root.get("metrics") else {
            return Vec::new();
        };
        list.items().filter_map(|item| self.metric(&item)).collect()
    }
}
