//! Who changed what, and who was kept from it: one JSON object a line, in a file of the data folder.
//!
//! A line is in the file before its answer leaves. Nothing of a request is in it but method and path: no token, no
//! query, no body. When the file is full it becomes the one before, whose lines are gone then.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use pluriverse_archive::Instant;
use serde::Serialize;

/// Name of the file in the data folder.
const FILE: &str = "audit.ndjson";
/// Name of the one before.
const FILE_BEFORE: &str = "audit.ndjson.1";

/// What was done.
#[derive(Serialize)]
pub(crate) struct Entry<'a> {
    /// From where: address and port.
    pub(crate) peer: std::net::SocketAddr,
    /// By whom, where the program says so that the server is mounted in.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) user: &'a str,
    /// By whom: the token's id; empty where nobody is asked for one.
    pub(crate) token: &'a str,
    /// What.
    pub(crate) method: &'a str,
    /// To what.
    pub(crate) path: &'a str,
    /// What was answered; nothing where the client had gone.
    pub(crate) status: Option<u16>,
}

/// An entry with its time.
#[derive(Serialize)]
struct Line<'a> {
    at: Instant,
    #[serde(flatten)]
    entry: &'a Entry<'a>,
}

/// The file.
pub(crate) struct AuditFile {
    path: PathBuf,
    before: PathBuf,
    max_bytes: u64,
    state: Mutex<State>,
}

struct State {
    file: File,
    bytes: u64,
}

impl AuditFile {
    /// Opens the file of a data folder, to be renamed when it has `max_bytes`.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open(data_dir: &Path, max_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(data_dir)?;
        let path = data_dir.join(FILE);
        Ok(Self {
            before: data_dir.join(FILE_BEFORE),
            max_bytes,
            state: Mutex::new(State::open(&path)?),
            path,
        })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// When the disk refuses: the line is lost, the next is tried again.
    pub(crate) fn write(&self, entry: &Entry<'_>) -> io::Result<()> {
        let line = Line { at: now(), entry };
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.bytes > 0 && state.bytes + line.len() as u64 > self.max_bytes {
            match fs::rename(&self.path, &self.before) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            *state = State::open(&self.path)?;
        }
        if let Err(error) = state.file.write_all(&line) {
            // Half a line would spoil the next; what cannot be shortened can be no longer either.
            let _ = state.file.set_len(state.bytes);
            return Err(error);
        }
        state.bytes += line.len() as u64;
        Ok(())
    }
}

impl State {
    /// Opens the file for appending, readable by its owner alone.
    fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { file, bytes })
    }
}

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    Instant {
        unix_millis: i64::try_from(millis).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended_and_a_full_file_becomes_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let entry = Entry {
            peer: "10.0.0.1:5".parse().unwrap(),
            user: "",
            token: "0a1b2c3d",
            method: "POST",
            path: "/api/v1/\"worlds\"\n",
            status: Some(201),
        };
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        let open = || AuditFile::open(folder.path(), 400).unwrap();
        open().write(&entry).unwrap();
        let length = read(FILE).len();
        let file = open();
        for _ in 1..400 / length {
            file.write(&entry).unwrap();
        }
        assert_eq!(
            (read(FILE).len() / length, read(FILE_BEFORE).len()),
            (400 / length, 0)
        );
        file.write(&entry).unwrap();
        assert_eq!(read(FILE).lines().count(), 1);
        assert_eq!(read(FILE_BEFORE).lines().count(), 400 / length);
        let line: serde_json::Value = serde_json::from_str(read(FILE).trim_end()).unwrap();
        assert_eq!(line["path"], "/api/v1/\"worlds\"\n");
        assert!(
            line["at"].as_str().is_some_and(|at| at.ends_with('Z')),
            "{line}"
        );
    }
}
