//! Sources: who comes, with what, when and where to.

use pluriverse_kernel::time::{SimDuration, SimTime};

use super::{Reader, routing::From, run::End};
use crate::{
    document::{Cursor, Entry, Unit, did_you_mean, listed},
    spec::{BATCH_LIMIT, Draw, Routing, SourceSpec, Target, TraceCase},
};

/// Whether and when a source stops by itself, as far as its tree tells.
pub(super) fn end(source: &Cursor<'_>, trace: Option<&[TraceCase]>) -> End {
    if let Some(until) = source.get("until").and_then(|until| until.duration()) {
        return End::Before(SimTime::from_nanos(until.nanos()));
    }
    let after = |last: SimTime| End::Before(last.saturating_add(SimDuration::from_nanos(1)));
    let arrivals = source.get("arrivals");
    match arrivals.as_ref().and_then(Cursor::variant) {
        // Where a trace or a time has an error, that error is enough.
        Some(("trace", _)) => after(
            trace
                .and_then(|cases| cases.last())
                .map_or(SimTime::ZERO, |last| last.at),
        ),
        Some(("scheduled", schedule)) if schedule.get("at").is_some() => {
            let times = schedule.get("at");
            let last = times
                .iter()
                .flat_map(|times| times.items())
                .filter_map(|time| time.duration())
                .max();
            after(SimTime::from_nanos(
                last.unwrap_or(SimDuration::ZERO).nanos(),
            ))
        }
        _ if source.get("limit").is_some() => End::Sometime,
        _ => End::Never,
    }
}

impl Reader<'_> {
    /// Reads all sources.
    pub(super) fn sources(
        &mut self,
        sources: &[(&Entry, Cursor<'_>)],
        traces: Vec<Option<Vec<TraceCase>>>,
        run_until: SimTime,
    ) -> Option<Vec<SourceSpec>> {
        let sources: Vec<Option<SourceSpec>> = sources
            .iter()
            .zip(traces)
            .map(|((entry, cursor), trace)| self.source(entry, cursor, trace, run_until))
            .collect();
        sources.into_iter().collect()
    }

    fn source(
        &mut self,
        entry: &Entry,
        cursor: &Cursor<'_>,
        trace: Option<Vec<TraceCase>>,
        run_until: SimTime,
    ) -> Option<SourceSpec> {
        let limit = self.optional(cursor, "limit", |_, limit| {
            u64::try_from(limit.integer()?).ok()
        });
        let span = self.span(cursor, run_until);
        let arrivals = match (&span, &limit) {
            (Some(span), Some(limit)) => cursor
                .get("arrivals")
                .and_then(|arrivals| self.arrivals(&arrivals, trace, (*span, *limit))),
            _ => None,
        };
        let batch = self.optional(cursor, "batch", |reader, batch| reader.batch(batch));
        let class = self.class_of(entry, cursor);
        let attributes = self.drawn_attributes(cursor);
        let to = self.first_route(entry, cursor);
        let (from, until) = span?;
        Some(SourceSpec {
            name: entry.key.clone(),
            arrivals: arrivals?,
            batch: batch?,
            class: class?,
            attributes: attributes?,
            to: to?,
            from,
            until,
            limit: limit?,
        })
    }

    /// From when to when a source works.
    fn span(&mut self, cursor: &Cursor<'_>, run_until: SimTime) -> Option<(SimTime, SimTime)> {
        let at = |duration: SimDuration| SimTime::from_nanos(duration.nanos());
        let from = self
            .optional(cursor, "from", |_, from| from.duration())?
            .map_or(SimTime::ZERO, at);
        let until = self
            .optional(cursor, "until", |_, until| until.duration())?
            .map_or(run_until, at)
            .min(run_until);
        if from >= until {
            let culprit = cursor.get("from").or_else(|| cursor.get("until"))?;
            self.findings
                .error(
                    culprit.place(),
                    format!(
                        "`{}` starts at {from}, when it has ended already",
                        cursor.path
                    ),
                )
                .expected(format!("a start before {until}"));
            return None;
        }
        Some((from, until))
    }

    fn batch(
        &mut self,
        cursor: &Cursor<'_>,
    ) -> Option<pluriverse_kernel::distribution::Distribution> {
        let batch = self.distribution(cursor, Unit::Number)?;
        let (least, most) = batch.support();
        if most < 0.5 {
            self.findings
                .error(
                    cursor.place(),
                    format!("`{}` never holds a case", cursor.path),
                )
                .expected("numbers of which some round to 1 or more");
            return None;
        }
        if least > f64::from(BATCH_LIMIT) {
            self.findings
                .error(
                    cursor.place(),
                    format!("`{}` is always {least} cases or more", cursor.path),
                )
                .expected(format!("batches of at most {BATCH_LIMIT} cases"));
            return None;
        }
        Some(batch)
    }

    fn class_of(&mut self, entry: &Entry, cursor: &Cursor<'_>) -> Option<usize> {
        let Some(class) = cursor.get("class") else {
            let is_by_case = cursor
                .get("arrivals")
                .and_then(|arrivals| arrivals.get("trace")?.get("class"))
                .is_some();
            if self.names.classes.len() == 1 || is_by_case {
                return Some(0);
            }
            let classes = listed(self.names.classes.iter().map(String::as_str), "or");
            self.findings
                .error(
                    &entry.key_place,
                    format!("`{}.class` is missing", cursor.path),
                )
                .expected(classes)
                .help("there are several classes, so each source says which one its cases are of");
            return None;
        };
        let name = class.text()?;
        let found = self.names.classes.iter().position(|known| known == name);
        if found.is_none() {
            let help = did_you_mean(name, self.names.classes.iter().map(String::as_str));
            self.findings
                .error(
                    class.place(),
                    format!("`{}` = \"{name}\" is no class", class.path),
                )
                .help(help);
        }
        found
    }

    fn drawn_attributes(&mut self, cursor: &Cursor<'_>) -> Option<Vec<(usize, Draw)>> {
        self.by_attribute(cursor, "attributes", |reader, value| {
            reader.draw(value, Unit::Number)
        })
    }

    fn first_route(&mut self, entry: &Entry, cursor: &Cursor<'_>) -> Option<Routing> {
        if let Some(to) = cursor.get("to") {
            return self.routing(&to, From::Source);
        }
        if self.names.stations.len() > 1 {
            let stations = listed(self.names.stations.iter().map(String::as_str), "or");
            self.findings
                .error(&entry.key_place, format!("`{}.to` is missing", cursor.path))
                .expected(stations)
                .help("there are several stations, so each source says where its cases go");
            return None;
        }
        Some(Routing::Always(Target::Station(0)))
    }
}
