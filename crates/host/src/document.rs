//! How worlds, results and findings look as JSON; every host says it in these words.
//!
//! Times are in seconds, what is unknown is `null`, names stand where a list would have to be counted, and numbers
//! are printed so that they read back to the same bits. Texts of errors are the command line's.

use pluriverse_kernel::{
    diagnostic::{Diagnostic, Severity},
    ledger::{Dictionary, NO_CAUSE, NONE, Row},
    scenario::Scenario,
    time::SimTime,
    view::{Diagram, Table, Values},
    world::World,
};
use serde::Serialize;

mod results;
#[cfg(feature = "openapi")]
mod schema;

pub use results::{Metrics, Results, unit_name};

/// A finding about a scenario's text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What is wrong, with the value.
    pub message: String,
    /// What was expected; may be empty.
    pub expected: String,
    /// What to do; may be empty.
    pub help: String,
    /// Where it begins and ends in the text; `null` when it is about the whole.
    pub place: Option<Place>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// First line, from 1.
    pub line: usize,
    /// First column, from 1, in characters.
    pub column: usize,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

impl Finding {
    /// What `diagnostic` says of `text`.
    #[must_use]
    pub fn new(diagnostic: &Diagnostic, text: &str) -> Self {
        let line_column = diagnostic.line_column(text);
        let span = diagnostic.span.as_ref();
        Self {
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: diagnostic.message.clone(),
            expected: diagnostic.expected.clone(),
            help: diagnostic.help.clone(),
            place: line_column.zip(span).map(|((line, column), span)| Place {
                line,
                column,
                start: span.start.min(text.len()),
                end: span.end.min(text.len()),
            }),
        }
    }
}

/// What stays the same while a world runs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Description {
    /// The kind's name.
    pub kind: &'static str,
    /// The scenario's name.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Seed of this run.
    pub seed: u64,
    /// Number of this replication.
    pub replication: u64,
    /// Where the run ends, where that is known.
    pub until_seconds: Option<f64>,
    /// What the ledger's numbers mean.
    #[cfg_attr(feature = "openapi", schema(value_type = schema::DictionaryDocument))]
    pub dictionary: Dictionary,
    /// What can be drawn.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<schema::DiagramDocument>))]
    pub diagram: Option<Diagram>,
}

impl Description {
    /// The description of a world of `scenario`.
    #[must_use]
    pub fn of(scenario: &dyn Scenario, world: &dyn World) -> Self {
        Self {
            kind: scenario.kind(),
            name: scenario.name().to_owned(),
            title: scenario.title().to_owned(),
            seed: world.key().seed,
            replication: world.key().replication,
            until_seconds: scenario.defaults().until.map(SimTime::as_secs_f64),
            dictionary: world.ledger().dictionary().clone(),
            diagram: scenario.diagram(),
        }
    }
}

/// A world at an instant.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Frame {
    /// Simulated time.
    pub now_seconds: f64,
    /// When the next event is due.
    pub next_seconds: Option<f64>,
    /// `new`, `ready`, `paused`, `finished` or `failed`.
    pub phase: &'static str,
    /// Events handled so far.
    pub events: u64,
    /// Rows recorded so far.
    pub rows: u64,
    /// The state.
    pub tables: Vec<TableDocument>,
}

impl Frame {
    /// How `world` stands.
    pub fn of(world: &mut dyn World) -> Self {
        let state = world.state();
        Self {
            now_seconds: state.now.as_secs_f64(),
            next_seconds: world.next_time().map(SimTime::as_secs_f64),
            phase: world.phase().name(),
            events: state.events,
            rows: world.ledger().rows(),
            tables: state.tables.into_iter().map(TableDocument::from).collect(),
        }
    }
}

/// A table, its columns by position.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableDocument {
    /// Its name.
    pub name: String,
    /// The columns.
    pub columns: Vec<ColumnDocument>,
}

/// A column of a table.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ColumnDocument {
    /// Its name.
    pub name: String,
    /// The cells.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::cells))]
    pub values: Cells,
}

/// Cells of one type.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Cells {
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Numbers.
    Numbers(Vec<f64>),
    /// Small numbers in bulk.
    Small(Vec<f32>),
    /// Texts.
    Texts(Vec<String>),
}

impl From<Table> for TableDocument {
    fn from(table: Table) -> Self {
        let columns = table.columns.into_iter().map(|column| ColumnDocument {
            name: column.name,
            values: match column.values {
                Values::I64(values) => Cells::Whole(values),
                Values::F64(values) => Cells::Numbers(values),
                Values::F32(values) => Cells::Small(values),
                Values::Text(values) => Cells::Texts(values),
            },
        });
        Self {
            name: table.name,
            columns: columns.collect(),
        }
    }
}

/// A row of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventRow {
    /// Its number.
    pub row: u64,
    /// When it happened.
    pub time_seconds: f64,
    /// What happened: an index into the dictionary's kinds.
    pub kind: u16,
    /// To whom.
    pub subject: Option<u32>,
    /// With, at or by what.
    pub object: Option<u32>,
    /// How much; `null` for what is no number.
    pub value: Option<f64>,
    /// Number of the row that led to it.
    pub cause: Option<u64>,
}

impl EventRow {
    /// The row of this number.
    #[must_use]
    pub fn new(number: u64, row: &Row) -> Self {
        Self {
            row: number,
            time_seconds: row.time.as_secs_f64(),
            kind: row.kind,
            subject: (row.subject != NONE).then_some(row.subject),
            object: (row.object != NONE).then_some(row.object),
            value: row.value.is_finite().then_some(row.value),
            cause: (row.cause != NO_CAUSE).then_some(row.cause),
        }
    }
}
