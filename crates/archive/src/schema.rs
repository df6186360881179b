//! The tables, and how they came about: migrations in order, each applied once, none ever undone.
//!
//! A database of a newer version is left alone. Two programs that open the same database at once migrate it once.

use crate::{clock::now_millis, connection::Connection, error::ArchiveError, location::Location};

/// Migrations by version, from 1.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// The version that is written here.
#[expect(
    clippy::cast_possible_wrap,
    reason = "there are a handful of migrations"
)]
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// The table that every archive has.
const VERSIONS: &str = "pluriverse_versions";

/// Brings a database to the version that is written here.
pub(crate) fn prepare(
    connection: &mut Connection,
    location: &Location,
) -> Result<(), ArchiveError> {
    if version(connection, location)? == VERSION {
        return Ok(());
    }
    connection.begin()?;
    let migrated = migrate(connection, location).and_then(|()| connection.batch("COMMIT"));
    if migrated.is_err() {
        // The first error is what counts; a connection that cannot roll back is closed by its owner.
        let _ = connection.batch("ROLLBACK");
    }
    migrated
}

fn migrate(connection: &mut Connection, location: &Location) -> Result<(), ArchiveError> {
    connection.lock_schema()?;
    let from = version(connection, location)?;
    if from == 0 {
        if let Connection::Postgres(_) = connection {
            connection.batch("CREATE SCHEMA IF NOT EXISTS pluriverse")?;
        }
        connection.batch(&format!(
            "CREATE TABLE {VERSIONS} (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)"
        ))?;
    }
    for (version, sql) in (1..)
        .zip(MIGRATIONS)
        .skip_while(|(version, _)| *version <= from)
    {
        let sql = connection.dialect(sql);
        connection.batch(&sql)?;
        connection.execute(
            &format!("INSERT INTO {VERSIONS} (version, applied_at) VALUES ($1, $2)"),
            &[i64::into(version), now_millis().into()],
        )?;
    }
    Ok(())
}

/// The version of a database, 0 when it is empty.
fn version(connection: &mut Connection, location: &Location) -> Result<i64, ArchiveError> {
    if !connection.has_table(VERSIONS)? {
        // Between the two questions, another program may have made the tables.
        if connection.has_foreign_tables()? && !connection.has_table(VERSIONS)? {
            return Err(ArchiveError::Foreign {
                target: location.to_string(),
                message: "it has tables of another program".to_owned(),
            });
        }
        return Ok(0);
    }
    let row = connection.query_one(&format!("SELECT MAX(version) FROM {VERSIONS}"), &[])?;
    let got = row
        .map_or(Ok(None), |mut row| row.maybe_whole())?
        .unwrap_or(0);
    if got > VERSION {
        return Err(ArchiveError::Newer {
            target: location.to_string(),
            got,
            known: VERSION,
        });
    }
    Ok(got)
}
