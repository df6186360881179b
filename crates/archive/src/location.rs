//! Where an archive is: a SQLite file, or a PostgreSQL database by its URL.
//!
//! What is printed of a location has no credentials in it, and no query, which may hold some.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use tokio_postgres::config::{Config, Host};

use crate::error::ArchiveError;

/// A place for an archive.
#[derive(Clone)]
pub enum Location {
    /// A SQLite file, made when it is missing.
    Sqlite(PathBuf),
    /// A PostgreSQL database, by its URL; everything lies in its schema `pluriverse`.
    Postgres(Box<PostgresLocation>),
}

/// A PostgreSQL database.
#[derive(Clone)]
pub struct PostgresLocation {
    pub(crate) config: Config,
}

impl Location {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite:PATH` or a path.
    ///
    /// # Errors
    /// [`ArchiveError::Location`] for another scheme, a URL that cannot be read, or a path that is a folder.
    pub fn parse(text: &str) -> Result<Self, ArchiveError> {
        let wrong = |message: String| ArchiveError::Location {
            got: without_secrets(text),
            message,
        };
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let config: Config = text
                .parse()
                .map_err(|error: tokio_postgres::Error| wrong(unreadable(&error)))?;
            if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
                return Err(wrong("it names no host".to_owned()));
            }
            // The first `@` ends the credentials: the rest of a password would be taken for the host, and printed.
            let is_odd = |host: &Host| matches!(host, Host::Tcp(name) if name.contains('@'));
            if config.get_hosts().iter().any(is_odd) {
                return Err(wrong(
                    "in a user's name or password, `@` is written `%40`".to_owned(),
                ));
            }
            return Ok(Self::Postgres(Box::new(PostgresLocation { config })));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        let path = path.strip_prefix("//").unwrap_or(path);
        if let Some((scheme, _)) = path.split_once("://") {
            return Err(wrong(format!(
                "`{scheme}` is no database that is known here"
            )));
        }
        if path.is_empty() || Path::new(path).is_dir() {
            return Err(wrong("it names no file".to_owned()));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

fn unreadable(error: &tokio_postgres::Error) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

/// The text; of a URL, without its credentials and its query.
fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if query.contains('@') {
        // The `?` may be of a password, or the `@`.
        return format!("{scheme}://…");
    }
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
    format!("{scheme}://{host}")
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "{}", path.display()),
            Self::Postgres(location) => location.fmt(out),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Location({self})")
    }
}

impl fmt::Display for PostgresLocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.config;
        out.write_str("postgres://")?;
        match config.get_hosts().first() {
            Some(Host::Tcp(host)) => out.write_str(host)?,
            #[cfg(unix)]
            Some(Host::Unix(path)) => write!(out, "{}", path.display())?,
            None => {
                if let Some(address) = config.get_hostaddrs().first() {
                    write!(out, "{address}")?;
                }
            }
        }
        if let Some(port) = config.get_ports().first() {
            write!(out, ":{port}")?;
        }
        write!(out, "/{}", config.get_dbname().unwrap_or_default())
    }
}
