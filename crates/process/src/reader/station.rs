//! Stations and classes: how cases are queued, served and sent on.

use super::{Reader, agents::cost, routing::From};
use crate::{
    document::{Cursor, Entry, Unit, Value},
    expression::Expression,
    spec::{
        AbandonedCount, ClassSpec, Discipline, Preemption, Routing, ServiceLevel, StationSpec,
        Target, WhenFull,
    },
};

impl Reader<'_> {
    /// Reads the classes; where the file declares none, those that a trace brought or the only one.
    pub(super) fn classes(&mut self, root: &Cursor<'_>) -> Vec<ClassSpec> {
        let priority = |name: &str| {
            let class = root.get("classes")?.get(name)?;
            i32::try_from(class.get("priority")?.integer()?).ok()
        };
        let classes = self.names.classes.iter();
        classes
            .map(|name| ClassSpec {
                name: name.clone(),
                priority: priority(name).unwrap_or(0),
            })
            .collect()
    }

    /// Reads all stations, in the order of their indices.
    pub(super) fn stations(&mut self, root: &Cursor<'_>) -> Option<Vec<StationSpec>> {
        let stations: Vec<Option<StationSpec>> = root
            .entries_of("stations")
            .iter()
            .enumerate()
            .map(|(index, (entry, cursor))| self.station(index, entry, cursor))
            .collect();
        stations.into_iter().collect()
    }

    fn station(&mut self, index: usize, entry: &Entry, cursor: &Cursor<'_>) -> Option<StationSpec> {
        let from = From::Station(index);
        let pool = self.pool_of(&entry.key, cursor);
        let service = cursor
            .get("service")
            .and_then(|service| self.draw(&service, Unit::Duration));
        let patience = self.optional(cursor, "patience", |reader, patience| {
            reader.draw(patience, Unit::Duration)
        });
        let to = self.route_or_exit(cursor, "to", from);
        let balk_to = self.route_or_exit(cursor, "balk_to", from);
        let renege_to = self.route_or_exit(cursor, "renege_to", from);
        let assign = self.assignments(cursor);
        let service_level = self.optional(cursor, "service_level", |_, level| service_level(level));
        let order = self.order(cursor);
        let buffer = self.optional(cursor, "buffer", |_, buffer| {
            u32::try_from(buffer.integer()?).ok()
        });
        self.warn_of_idle_keys(cursor);
        let (discipline, preemption) = order?;
        Some(StationSpec {
            name: entry.key.clone(),
            pool: pool?,
            service: service?,
            discipline,
            preemption,
            buffer: buffer?,
            when_full: match cursor.get("when_full").and_then(|rule| rule.text()) {
                Some("block") => WhenFull::Block,
                _ => WhenFull::Balk,
            },
            balk_to: balk_to?,
            patience: patience?,
            renege_to: renege_to?,
            service_level: service_level?,
            assign: assign?,
            cost_per_case: cost(cursor, "cost_per_case")?,
            to: to?,
        })
    }

    /// Reads a key that may be left out; the outer `None` is an error that was noted.
    pub(super) fn optional<T>(
        &mut self,
        cursor: &Cursor<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Cursor<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        match cursor.get(key) {
            Some(value) => read(self, &value).map(Some),
            None => Some(None),
        }
    }

    fn route_or_exit(&mut self, cursor: &Cursor<'_>, key: &str, from: From) -> Option<Routing> {
        match cursor.get(key) {
            Some(route) => self.routing(&route, from),
            None => Some(Routing::Always(Target::Exit)),
        }
    }

    fn assignments(&mut self, cursor: &Cursor<'_>) -> Option<Vec<(usize, Expression)>> {
        self.by_attribute(cursor, "assign", |reader, value| reader.expression(value))
    }

    /// Who is next, and whether that can stop a service.
    fn order(&mut self, cursor: &Cursor<'_>) -> Option<(Discipline, Preemption)> {
        let preemption_cursor = cursor.get("preemption");
        let preemption = match preemption_cursor.as_ref().and_then(Cursor::text) {
            Some("resume") => Preemption::Resume,
            _ => Preemption::None,
        };
        let discipline = match cursor.get("queue").and_then(|queue| queue.text()) {
            Some("lifo") => Discipline::Lifo,
            Some("priority") => Discipline::Priority,
            Some("shortest-processing") => Discipline::ShortestProcessing,
            Some("fifo") => Discipline::Fifo,
            _ if preemption == Preemption::Resume => Discipline::Priority,
            _ => Discipline::Fifo,
        };
        if preemption == Preemption::Resume && discipline != Discipline::Priority {
            let preemption_cursor = preemption_cursor?;
            let queue = cursor
                .get("queue")
                .and_then(|queue| queue.text())
                .unwrap_or_default();
            self.findings
                .error(
                    preemption_cursor.place(),
                    format!(
                        "`{}` does not go with `queue = \"{queue}\"`",
                        preemption_cursor.path
                    ),
                )
                .expected("`queue = \"priority\"`: who may stop whom is a matter of priority");
            return None;
        }
        Some((discipline, preemption))
    }

    /// Warns of keys that do nothing for want of another.
    fn warn_of_idle_keys(&mut self, cursor: &Cursor<'_>) {
        for (key, needed) in [
            ("when_full", "buffer"),
            ("balk_to", "buffer"),
            ("renege_to", "patience"),
        ] {
            let (Some(idle), None) = (cursor.get(key), cursor.get(needed)) else {
                continue;
            };
            self.findings
                .warning(
                    idle.place(),
                    format!("`{}` does nothing without `{needed}`", idle.path),
                )
                .help(format!("add `{needed}`, or leave `{key}` out"));
        }
        if let (Some(idle), Some("block")) = (
            cursor.get("balk_to"),
            cursor.get("when_full").and_then(|rule| rule.text()),
        ) {
            self.findings
                .warning(
                    idle.place(),
                    format!("`{}` does nothing with `when_full = \"block\"`", idle.path),
                )
                .help("leave one of the two out");
        }
    }
}

fn service_level(cursor: &Cursor<'_>) -> Option<ServiceLevel> {
    if !matches!(cursor.node.value, Value::Table(_)) {
        return Some(ServiceLevel {
            within: cursor.duration()?,
            abandoned: AbandonedCount::ByWait,
        });
    }
    let abandoned = match cursor.get("abandoned").and_then(|rule| rule.text()) {
        Some("missed") => AbandonedCount::Missed,
        Some("excluded") => AbandonedCount::Excluded,
        _ => AbandonedCount::ByWait,
    };
    Some(ServiceLevel {
        within: cursor.get("within")?.duration()?,
        abandoned,
    })
}
