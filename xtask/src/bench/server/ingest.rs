//! Ledgers into databases and out again, by rows.

use crate::bench::measure::{self, Clock, Plan};
use crate::bench::process::contender;
use crate::bench::report::Table;
use crate::setup;
use crate::workspace::{Profile, Workspace};

/// Customers of the queue whose ledger it is; each leaves five rows.
const CUSTOMERS: u64 = 400_000;
const ROWS: u64 = 5 * CUSTOMERS;

/// Measures whole ledgers, ledgers in chunks, and downloads, on both databases.
///
/// # Errors
/// When a program fails or finds other rows in the database than were sent.
pub(super) fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Table>> {
    setup::ensure_postgresql(workspace)?;
    let selection = ["--package", "pluriverse-archive", "--bench", "archive"];
    let program = workspace.build(Profile::Release, &selection, "archive")?;
    let plan = Plan {
        title: "A ledger of two million rows into a database and out of it".to_owned(),
        unit: "row",
        clock: Clock::Wall,
        rounds: 5,
    };
    let tasks = [
        ("SQLite, ingest", "ingest", "sqlite"),
        ("SQLite, upload in chunks", "upload", "sqlite"),
        ("SQLite, download", "read", "sqlite"),
        ("PostgreSQL, ingest", "ingest", "postgres"),
        ("PostgreSQL, upload in chunks", "upload", "postgres"),
        ("PostgreSQL, download", "read", "postgres"),
    ];
    let contenders = tasks.map(|(name, task, database)| {
        let mut command = workspace.command(&program);
        command.args([task, database, &CUSTOMERS.to_string()]);
        contender(name, ROWS..=ROWS, command, |_| Ok(()))
    });
    Ok(vec![Table::of(
        "From an Arrow file until the database has committed and synced, hash checked and everything in one \
         transaction; the targets are 500 thousand rows a second into SQLite (2,000 ns) and 300 thousand into \
         PostgreSQL (3,333 ns).",
        measure::compare(&plan, contenders.into())?,
    )])
}
