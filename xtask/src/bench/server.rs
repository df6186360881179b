//! What the server does with what it is sent, ledgers into its database, and what those cost it who watch.
//!
//! Every measurement is a program of its own that times itself, prints one line of JSON, and fails when the database
//! does not hold what it should.

mod crowd;
mod ingest;

use super::Bench;
use super::report::Table;
use crate::workspace::Workspace;

pub(super) const BENCH: Bench = Bench {
    name: "server",
    purpose: "ledgers into SQLite and PostgreSQL and out again, and a thousand watchers",
    measure,
};

fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Table>> {
    let mut tables = ingest::measure(workspace)?;
    tables.push(crowd::measure(workspace)?);
    Ok(tables)
}
