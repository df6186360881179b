//! Recorded cases: a CSV file with a column of arrival times becomes a list of cases in the order of time.
//!
//! Cells are answered by file, line and column. A trace brings classes of its own when the scenario declares none.

use std::collections::BTreeMap;

use pluriverse_kernel::time::SimTime;

use super::{
    Reader,
    csv_file::{CsvFile, Row, shortened, unit_nanos},
    distribution::NANOS_PER_SEC,
    format::ENTRIES_LIMIT,
    timestamp::nanos_since_epoch,
};
use crate::{
    document::{Cursor, Entry, did_you_mean},
    spec::TraceCase,
};

/// After so many bad cells the rest of a file is not looked at.
const BAD_CELLS_LIMIT: usize = 5;

/// How a column of times is to be read.
#[derive(Clone, Copy)]
enum Clock {
    /// Numbers, in units of so many nanoseconds.
    Numbers(f64),
    /// ISO 8601 timestamps.
    Timestamps,
}

/// Where the value of an attribute comes from.
enum Origin {
    /// A column of numbers, multiplied by this.
    Column(usize, f64),
    /// The time between two columns of timestamps.
    Between(usize, usize),
}

/// The columns of interest.
struct Columns {
    time: usize,
    clock: Clock,
    case: Option<usize>,
    class: Option<usize>,
    attributes: Vec<(usize, Origin)>,
}

impl Reader<'_> {
    /// Reads the traces of all sources; `None` for sources of another kind and for traces with errors.
    pub(super) fn traces(
        &mut self,
        sources: &[(&Entry, Cursor<'_>)],
    ) -> Vec<Option<Vec<TraceCase>>> {
        sources
            .iter()
            .map(|(_, source)| {
                let trace = source.get("arrivals")?.get("trace")?;
                self.trace(&trace)
            })
            .collect()
    }

    fn trace(&mut self, cursor: &Cursor<'_>) -> Option<Vec<TraceCase>> {
        let file = CsvFile::read(self, &cursor.get("file")?)?;
        let columns = self.columns(cursor, &file)?;
        let mut recorded = Vec::with_capacity(file.rows.len());
        let mut bad_cells = 0;
        for row in &file.rows {
            match arrival(&file, row, &columns) {
                Ok(nanos) => recorded.push((nanos, row)),
                Err(message) => self.bad_cell(cursor, message, &mut bad_cells)?,
            }
        }
        if bad_cells > 0 {
            return None;
        }
        // A stable sort, so that cases of one instant stay in the order of the file.
        recorded.sort_by_key(|(nanos, _)| *nanos);
        if let Some(case) = columns.case {
            let mut seen = std::collections::BTreeSet::new();
            recorded.retain(|(_, row)| seen.insert(file.text(row, case)));
        }
        let origin = self.origin(cursor, columns.clock, recorded.first()?.0)?;
        self.adopt_classes(&file, &columns, &recorded);
        let mut cases = Vec::with_capacity(recorded.len());
        for (nanos, row) in recorded {
            match self.case(&file, row, &columns) {
                Ok((class, attributes)) => match nanos.checked_sub(origin) {
                    Some(at) => cases.push(TraceCase {
                        at: SimTime::from_nanos(at),
                        class,
                        attributes,
                    }),
                    None => {
                        let message = format!(
                            "{}: over 292 years after the origin",
                            file.at(row, columns.time)
                        );
                        self.bad_cell(cursor, message, &mut bad_cells)?;
                    }
                },
                Err(message) => self.bad_cell(cursor, message, &mut bad_cells)?,
            }
        }
        (bad_cells == 0).then_some(cases)
    }

    /// Notes a bad cell; `None` once there are too many to go on.
    fn bad_cell(
        &mut self,
        cursor: &Cursor<'_>,
        message: String,
        bad_cells: &mut usize,
    ) -> Option<()> {
        let file = cursor.get("file")?;
        self.findings.error(file.place(), message);
        *bad_cells += 1;
        (*bad_cells < BAD_CELLS_LIMIT).then_some(())
    }

    fn columns(&mut self, cursor: &Cursor<'_>, file: &CsvFile) -> Option<Columns> {
        let clock = match cursor.get("time_unit") {
            Some(unit) => Clock::Numbers(unit_nanos(unit.text()?)?),
            None => Clock::Timestamps,
        };
        let time = cursor.get("time").and_then(|time| file.column(self, &time));
        let optional = |reader: &mut Self, key: &str| match cursor.get(key) {
            Some(name) => file.column(reader, &name).map(Some),
            None => Some(None),
        };
        let (case, class) = (optional(self, "case"), optional(self, "class"));
        let attributes = cursor.entries_of("attributes");
        let attributes: Vec<Option<(usize, Origin)>> = attributes
            .iter()
            .map(|(entry, cursor)| {
                let index = self
                    .names
                    .attributes
                    .iter()
                    .position(|name| *name == entry.key)?;
                self.attribute_origin(cursor, file)
                    .map(|origin| (index, origin))
            })
            .collect();
        let attributes = attributes.into_iter().collect::<Option<Vec<_>>>();
        Some(Columns {
            time: time?,
            clock,
            case: case?,
            class: class?,
            attributes: attributes?,
        })
    }

    fn attribute_origin(&mut self, cursor: &Cursor<'_>, file: &CsvFile) -> Option<Origin> {
        if cursor.text().is_some() {
            return Some(Origin::Column(file.column(self, cursor)?, 1.0));
        }
        if let Some(column) = cursor.get("column") {
            let factor = match cursor.get("unit") {
                Some(unit) => unit_nanos(unit.text()?)? / NANOS_PER_SEC,
                None => 1.0,
            };
            return Some(Origin::Column(file.column(self, &column)?, factor));
        }
        let start = file.column(self, &cursor.get("start")?);
        let end = file.column(self, &cursor.get("end")?);
        Some(Origin::Between(start?, end?))
    }

    /// The time that counts as zero.
    fn origin(&mut self, cursor: &Cursor<'_>, clock: Clock, first: i64) -> Option<i64> {
        let Some(origin) = cursor.get("origin") else {
            return Some(match clock {
                Clock::Numbers(_) => 0,
                Clock::Timestamps => first,
            });
        };
        let shown = origin.node.value.shown();
        if matches!(clock, Clock::Numbers(_)) {
            self.findings
                .error(
                    origin.place(),
                    format!(
                        "`{}` = {shown} has no meaning where times are numbers",
                        origin.path
                    ),
                )
                .help("leave `origin` out: numbers count from the scenario's origin");
            return None;
        }
        let Some(nanos) = nanos_since_epoch(origin.text()?) else {
            self.findings
                .error(
                    origin.place(),
                    format!("`{}` = {shown} is no timestamp", origin.path),
                )
                .expected("for example \"2023-01-02T09:00:00Z\"");
            return None;
        };
        if first < nanos {
            self.findings
                .error(
                    origin.place(),
                    format!("`{}` = {shown} comes after the first arrival", origin.path),
                )
                .expected("a timestamp before all arrivals");
            return None;
        }
        Some(nanos)
    }

    /// Takes the classes of a trace into a scenario that declares none.
    fn adopt_classes(&mut self, file: &CsvFile, columns: &Columns, recorded: &[(i64, &Row)]) {
        let Some(column) = columns.class.filter(|_| !self.names.are_classes_declared) else {
            return;
        };
        let mut seen = BTreeMap::new();
        for (_, row) in recorded {
            let name = file.text(row, column);
            let order = seen.len();
            if !name.is_empty() && order < ENTRIES_LIMIT {
                seen.entry(name).or_insert(order);
            }
        }
        let mut names: Vec<(usize, &str)> = seen
            .into_iter()
            .map(|(name, order)| (order, name))
            .collect();
        names.sort_unstable();
        if !names.is_empty() {
            self.names.classes = names.into_iter().map(|(_, name)| name.to_owned()).collect();
            self.names.are_classes_declared = true;
        }
    }

    /// Class and attributes of one row.
    fn case(&self, file: &CsvFile, row: &Row, columns: &Columns) -> Result<RecordedCase, String> {
        let class = match columns.class {
            Some(column) => {
                let name = file.text(row, column);
                let found = self.names.classes.iter().position(|class| class == name);
                Some(found.ok_or_else(|| {
                    let hint = did_you_mean(name, self.names.classes.iter().map(String::as_str));
                    format!(
                        "{}: there is no class `{}`; {hint}",
                        file.at(row, column),
                        shortened(name)
                    )
                })?)
            }
            None => None,
        };
        let mut attributes = Vec::with_capacity(columns.attributes.len());
        for (index, origin) in &columns.attributes {
            let value = match *origin {
                Origin::Column(column, factor) => file.number(row, column)? * factor,
                Origin::Between(start, end) => {
                    let (from, to) = (timestamp(file, row, start)?, timestamp(file, row, end)?);
                    if to < from {
                        return Err(format!(
                            "{}: the end comes before the start",
                            file.at(row, end)
                        ));
                    }
                    to.saturating_sub(from) as f64 / NANOS_PER_SEC
                }
            };
            attributes.push((*index, value));
        }
        Ok((class, attributes))
    }
}

type RecordedCase = (Option<usize>, Vec<(usize, f64)>);

/// When a row's case arrives, in nanoseconds on the file's own clock.
fn arrival(file: &CsvFile, row: &Row, columns: &Columns) -> Result<i64, String> {
    let unit = match columns.clock {
        Clock::Timestamps => return timestamp(file, row, columns.time),
        Clock::Numbers(unit) => unit,
    };
    let value = file.number(row, columns.time)?;
    let at = || file.at(row, columns.time);
    if value < 0.0 {
        return Err(format!("{}: {value} is negative", at()));
    }
    let nanos = pluriverse_kernel::time::SimDuration::from_nanos_f64(value * unit);
    nanos.map(|nanos| nanos.nanos()).ok_or_else(|| {
        format!(
            "{}: `{}` is over 292 years",
            at(),
            shortened(file.text(row, columns.time))
        )
    })
}

fn timestamp(file: &CsvFile, row: &Row, column: usize) -> Result<i64, String> {
    let text = file.text(row, column);
    nanos_since_epoch(text).ok_or_else(|| {
        let at = file.at(row, column);
        if text.is_empty() {
            return format!("{at}: the cell is empty");
        }
        let hint = if text.parse::<f64>().is_ok() {
            "; numbers need `time_unit`"
        } else {
            ""
        };
        format!("{at}: `{}` is no ISO 8601 timestamp{hint}", shortened(text))
    })
}
