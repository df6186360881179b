//! What is to be found out.

use pluriverse_document::{self as document, Cursor, Findings, Place, Value};

use super::{Reader, periods::Need, sections::count};
use crate::plan::{
    Constraint, Factor, FigureName, Limit, Method, Pairing, Question, Randomness, Selection, Sense,
    Staffing, SteadyState, WarmUp,
};

impl Reader<'_> {
    pub(super) fn question(
        &mut self,
        root: &Cursor<'_>,
        factors: &[Factor],
        pairing: Pairing,
    ) -> Option<Question> {
        let Some((word, table)) = root.get("question").and_then(|question| question.variant())
        else {
            return Some(Question::Table);
        };
        if pairing == Pairing::Antithetic && matches!(word, "select" | "staffing" | "steady_state")
        {
            let message =
                format!("`question.{word}` wants replications that are independent of each other");
            let place = super::place_of(root, &["antithetic"]);
            self.findings
                .error(&place, message)
                .help("leave `antithetic` out");
        }
        if !factors.is_empty() && matches!(word, "staffing" | "steady_state" | "warm_up") {
            let place = super::place_of(root, &["factors"]);
            self.findings
                .error(
                    &place,
                    format!("`question.{word}` is about one scenario, without factors"),
                )
                .help("leave `[factors]` out; `[set]` sets values");
        }
        Some(match word {
            "compare" => Question::Compare {
                baseline: usize::try_from(count(&table, "baseline").unwrap_or(1) - 1).ok()?,
            },
            "select" => {
                let randomness = super::sections::randomness(root);
                Question::Select(self.selection(&table, (factors, randomness))?)
            }
            "staffing" => Question::Staffing(self.staffing(&table)?),
            "warm_up" => Question::WarmUp(WarmUp {
                series: self.long_series(&table, Need::WARM_UP)?,
                window: usize::try_from(count(&table, "window").unwrap_or(5)).ok()?,
            }),
            _ => {
                let warm_up =
                    count(&table, "warm_up").and_then(|count| usize::try_from(count).ok());
                Question::SteadyState(SteadyState {
                    series: self.long_series(&table, Need::of_steady_state(warm_up))?,
                    warm_up,
                })
            }
        })
    }

    fn selection(
        &mut self,
        table: &Cursor<'_>,
        (factors, randomness): (&[Factor], Randomness),
    ) -> Option<Selection> {
        let (least, most) = (table.get("minimize"), table.get("maximize"));
        let (objective, sense) = match (least, most) {
            (Some(cursor), None) => (cursor, Sense::Minimize),
            (None, Some(cursor)) => (cursor, Sense::Maximize),
            _ => {
                self.findings
                    .error(
                        table.place(),
                        format!("`{}` does not say what is best", table.path),
                    )
                    .expected("one of `minimize` and `maximize`");
                return None;
            }
        };
        if factors.is_empty() {
            self.findings
                .error(
                    table.place(),
                    "there is nothing to select from: no factor varies",
                )
                .help("add `[factors]`");
        }
        let objective = self.objective(&objective, factors);
        let method = self.method(table);
        let constraints = table.get("subject_to").map_or_else(Vec::new, |list| {
            let items: Vec<_> = list.items().collect();
            items
                .iter()
                .filter_map(|item| self.constraint(item))
                .collect()
        });
        if !matches!(method, Some(Method::KimNelson { .. }) | None) && !constraints.is_empty() {
            let place = table.get("subject_to")?;
            self.findings
                .error(place.place(), "only the method `kn` takes `subject_to`")
                .help("leave `method` out");
        }
        if matches!(method, Some(Method::Rinott { .. })) && randomness == Randomness::Common {
            self.findings
                .error(table.place(), "`rinott` wants points that are independent of each other")
                .help("add `common_random_numbers = false`, or choose `kn`, which gains from common ones");
        }
        Some(Selection {
            objective: objective?,
            sense,
            constraints,
            method: method?,
            confidence: self.confidence(table),
            first_stage: count(table, "first_stage").unwrap_or(20),
            step: count(table, "step").unwrap_or(10),
            most: count(table, "max").unwrap_or(100_000),
        })
    }

    fn method(&mut self, table: &Cursor<'_>) -> Option<Method> {
        let word = table.get("method").and_then(|cursor| cursor.text());
        let word = word.unwrap_or("kn");
        let (indifference, budget) = (table.get("indifference"), table.get("budget"));
        if word == "ocba" {
            if let Some(extra) = indifference {
                self.findings
                    .error(extra.place(), "`ocba` knows no `indifference`")
                    .help("leave it out, or choose `kn` or `rinott`");
            }
            let Some(budget) = budget.and_then(|cursor| cursor.integer()) else {
                self.findings
                    .error(
                        table.place(),
                        "`ocba` does not say how many replications it may make",
                    )
                    .expected("`budget`");
                return None;
            };
            return Some(Method::Ocba {
                budget: budget.unsigned_abs(),
            });
        }
        if let Some(extra) = budget {
            self.findings
                .error(extra.place(), format!("`{word}` takes as many replications as it needs"))
                .help("leave `budget` out, or choose `ocba`; `max` bounds the replications of one point");
        }
        let Some(indifference) = indifference.and_then(|cursor| cursor.number()) else {
            self.findings
                .error(
                    table.place(),
                    format!("`{word}` does not say which difference matters"),
                )
                .expected("`indifference`, the smallest difference of the objective that matters");
            return None;
        };
        Some(match word {
            "rinott" => Method::Rinott { indifference },
            _ => Method::KimNelson { indifference },
        })
    }

    fn limit(&mut self, table: &Cursor<'_>) -> Option<Limit> {
        match (table.get("at_least"), table.get("at_most")) {
            (Some(cursor), None) => Some(Limit::AtLeast(cursor.number()?)),
            (None, Some(cursor)) => Some(Limit::AtMost(cursor.number()?)),
            _ => {
                self.findings
                    .error(table.place(), format!("`{}` has no limit", table.path))
                    .expected("one of `at_least` and `at_most`");
                None
            }
        }
    }

    fn constraint(&mut self, table: &Cursor<'_>) -> Option<Constraint> {
        let limit = self.limit(table)?;
        let tolerance = table.get("tolerance")?.number()?;
        let figure = match (table.get("metric"), table.get("series")) {
            (Some(metric), None) => {
                if let Some(period) = table.get("period") {
                    self.findings
                        .error(period.place(), "a figure of the whole run has no periods")
                        .help("name a `series` in place of `metric`");
                }
                FigureName::Metric(self.metric(&metric)?)
            }
            (None, Some(series)) => {
                let (series, periods) = self.series(&series)?;
                let Some(period) = table.get("period") else {
                    self.findings
                        .error(
                            table.place(),
                            format!("`{}` does not say which period", table.path),
                        )
                        .expected("`period`, from 1");
                    return None;
                };
                let number = period.integer()?.unsigned_abs();
                let index = usize::try_from(number).ok()?;
                if index > periods {
                    self.findings
                        .error(period.place(), format!("`{series}` has no period {index}"))
                        .expected(format!("a number from 1 to {periods}"));
                    return None;
                }
                FigureName::Period {
                    series,
                    period: index - 1,
                }
            }
            _ => {
                self.findings
                    .error(
                        table.place(),
                        format!("`{}` does not say what it limits", table.path),
                    )
                    .expected("one of `metric` and `series`");
                return None;
            }
        };
        Some(Constraint {
            figure,
            limit,
            tolerance,
        })
    }

    fn staffing(&mut self, table: &Cursor<'_>) -> Option<Staffing> {
        let limit = self.limit(table);
        let key = table.get("key")?;
        let series = table.get("series")?;
        let (series_name, periods) = self.series(&series)?;
        let as_it_is = self.whole_numbers(&key)?;
        let entries = as_it_is.len();
        if entries > periods {
            let message = format!("`{}` has {entries} entries", key.text()?);
            self.findings.error(key.place(), message).expected(format!(
                "at most as many as `{series_name}` has periods: {periods}"
            ));
        }
        let least = table
            .get("min")
            .and_then(|cursor| cursor.integer())
            .unwrap_or(1);
        let most = table.get("max")?;
        let most_number = most.integer()?;
        if least > most_number {
            let message = format!(
                "`{}`: there is nothing from {least} to {most_number}",
                table.path
            );
            self.findings
                .error(most.place(), message)
                .expected("a `max` of at least `min`");
        }
        Some(Staffing {
            key: key.text()?.to_owned(),
            as_it_is,
            series: series_name,
            limit: limit?,
            tolerance: table.get("tolerance")?.number()?,
            least,
            most: most_number,
            confidence: self.confidence(table),
            search: count(table, "search").unwrap_or(200),
            first_stage: count(table, "first_stage").unwrap_or(200),
            report: count(table, "report").unwrap_or(1_000),
            certify: count(table, "max_replications").unwrap_or(100_000),
        })
    }

    /// The scenario's list of whole numbers at this key.
    fn whole_numbers(&mut self, key: &Cursor<'_>) -> Option<Vec<i64>> {
        let path = key.text()?;
        let mut ignored = Findings::new(self.scenario_file, self.scenario, &[]);
        let root = document::parse(self.scenario_file, self.scenario, &[], &mut ignored)?;
        let mut cursor = Some(Cursor::root(&root));
        for step in path.split('.') {
            cursor = cursor.and_then(|cursor| cursor.get(step.trim().trim_matches('"')));
        }
        let list = cursor.filter(|cursor| matches!(cursor.node.value, Value::List(_)));
        let numbers: Option<Vec<i64>> =
            list.and_then(|list| list.items().map(|item| item.integer()).collect());
        if numbers.is_none() {
            self.not_a_list(key.place(), path);
        }
        numbers
    }

    fn not_a_list(&mut self, place: &Place, path: &str) {
        self.findings
            .error(place, format!("the scenario has no list of whole numbers at `{path}`"))
            .expected("the key of a list with one number for each period, such as \"stations.agents.agents.values\"");
    }
}
