//! Who has a database for itself: of all programs that claim it, one.
//!
//! Of a SQLite file it is a lock on a file beside it, of a PostgreSQL database an advisory lock of a session that asks
//! for nothing else. Either ends with its holder, however that ends. A session that was lost is made anew, and with it
//! the claim, unless another has it by then.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    path::Path,
    time::Duration,
};

use crate::{
    archive::{Archive, Options},
    connection::Connection,
    error::ArchiveError,
    location::Location,
};

/// How long a claim is waited for whose holder may just have ended.
const PATIENCE: Duration = Duration::from_secs(2);
/// What the name of a SQLite file's lock ends with.
const ENDING: &str = ".lock";

/// The claim on a database, until it is dropped.
pub struct Claim {
    location: Location,
    options: Options,
    held: Option<Held>,
}

/// What a claim is held by.
enum Held {
    /// A lock on this file, as long as it is open.
    File(#[expect(dead_code, reason = "it is held, not read")] File),
    /// A lock of this session.
    Session(Connection),
}

impl Archive {
    /// Claims the database for the one program that is to use it so; others may still use it otherwise.
    ///
    /// # Errors
    /// [`ArchiveError::Claimed`] when another has it; otherwise when the database cannot be reached.
    pub fn claim(&self) -> Result<Claim, ArchiveError> {
        let (location, options) = self.place();
        let mut claim = Claim {
            location: location.clone(),
            options: Options {
                lock_wait: PATIENCE,
                ..options.clone()
            },
            held: None,
        };
        claim.renew()?;
        Ok(claim)
    }
}

impl Claim {
    /// Sees to it that the claim is still held, and takes it again when its session was lost.
    ///
    /// # Errors
    /// As [`Archive::claim`]; the claim is then not held until it is renewed.
    pub fn renew(&mut self) -> Result<(), ArchiveError> {
        match &self.held {
            Some(Held::File(_)) => return Ok(()),
            Some(Held::Session(session)) if session.is_alive() => return Ok(()),
            _ => self.held = None,
        }
        self.held = Some(match &self.location {
            Location::Sqlite(path) => Held::File(lock_beside(path)?),
            Location::Postgres(_) => Held::Session(self.lock_by_session()?),
        });
        Ok(())
    }

    fn lock_by_session(&self) -> Result<Connection, ArchiveError> {
        let mut session = Connection::open(&self.location, &self.options)?;
        match session.lock_for_session() {
            Ok(()) => Ok(session),
            Err(ArchiveError::Locked { target, .. }) => Err(ArchiveError::Claimed { target }),
            Err(other) => Err(other),
        }
    }
}

fn lock_beside(path: &Path) -> Result<File, ArchiveError> {
    let mut name = OsString::from(path);
    name.push(ENDING);
    let refused = |error: std::io::Error| ArchiveError::Unavailable {
        target: path.display().to_string(),
        message: format!("`{}`: {error}", name.display()),
    };
    let file = File::create(&name).map_err(refused)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ArchiveError::Claimed {
            target: path.display().to_string(),
        }),
        Err(TryLockError::Error(error)) => Err(refused(error)),
    }
}
