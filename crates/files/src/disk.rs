//! Files that are read: the scenario itself, and what it refers to.
//!
//! A path in a scenario is relative to the scenario's folder. Every refusal says what is at the path instead.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use pluriverse_kernel::scenario::FileSource;

/// Largest file that a scenario may refer to.
const FILE_LIMIT_BYTES: u64 = 4 << 30;

/// The user's files, seen from a scenario's folder.
#[derive(Debug)]
pub struct DiskFiles {
    folder: PathBuf,
}

impl DiskFiles {
    /// Files as a scenario in `folder` sees them.
    #[must_use]
    pub fn from_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }
}

impl FileSource for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let place = self.folder.join(path);
        read_at_most(&place, FILE_LIMIT_BYTES).map_err(|refusal| refusal.about(&place))
    }
}

/// Why a file could not be read.
#[derive(Debug)]
pub enum Refusal {
    /// There is nothing at the path.
    Missing,
    /// There is a folder.
    Folder,
    /// It is larger than this many bytes.
    TooLarge(u64),
    /// Anything else.
    Io(io::Error),
}

impl Refusal {
    /// One sentence about the refusal of `path`.
    #[must_use]
    pub fn about(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Missing => format!("there is no file `{path}`"),
            Self::Folder => format!("`{path}` is a folder, a file was expected"),
            Self::TooLarge(limit) if limit >> 30 > 0 => {
                format!("`{path}` has more than {} GiB", limit >> 30)
            }
            Self::TooLarge(limit) => format!("`{path}` has more than {} MiB", limit >> 20),
            Self::Io(error) => format!("`{path}` cannot be read: {}", plain(error)),
        }
    }
}

/// Reads a whole file of at most `limit` bytes; of a larger one, or an endless device, no more than that.
///
/// # Errors
/// Why it could not be read.
pub fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, Refusal> {
    let refuse = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::Missing,
        io::ErrorKind::IsADirectory => Refusal::Folder,
        _ => Refusal::Io(error),
    };
    let found = fs::metadata(path).map_err(refuse)?;
    if found.is_dir() {
        return Err(Refusal::Folder);
    }
    if found.is_file() && found.len() > limit {
        return Err(Refusal::TooLarge(limit));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refuse)?;
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(refuse)?;
    if bytes.len() as u64 > limit {
        return Err(Refusal::TooLarge(limit));
    }
    Ok(bytes)
}

/// An error of the operating system without its number, which says nothing to most people.
#[must_use]
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

/// The folder that a file lies in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}
