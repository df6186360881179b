//! Files that a run will write: the place is claimed before the run, the file appears whole after it.
//!
//! A claim is a temporary file beside the target, so a folder that does not exist or cannot be written to is
//! found before hours of work, and a reader never sees half a file. Dropping a claim leaves no trace, and what
//! stood at the target before stays.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use pluriverse_files::disk::{self, folder_of};

use crate::failure::{Failure, finding};

/// The right to write one file.
#[derive(Debug)]
pub(crate) struct Claim {
    flag: &'static str,
    target: PathBuf,
    temporary: PathBuf,
    file: Option<File>,
}

impl Claim {
    /// Claims `target`, which the user named with `flag`.
    ///
    /// # Errors
    /// When no file can be written there.
    pub(crate) fn new(flag: &'static str, target: &Path) -> Result<Self, Failure> {
        let refuse = |reason: String, help: &str| {
            Failure::input(finding(format!("{flag} {}: {reason}", target.display())).help(help))
        };
        ensure_place(flag, target)?;
        let folder = folder_of(target);
        let name = target.file_name().unwrap_or_default();
        let hidden = format!(".{}.{}.partial", name.to_string_lossy(), std::process::id());
        let temporary = folder.join(hidden);
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&temporary);
        let file = opened.map_err(|error| {
            let reason = format!(
                "nothing can be written to `{}`: {}",
                folder.display(),
                disk::plain(&error)
            );
            refuse(reason, "name a place that you may write to")
        })?;
        Ok(Self {
            flag,
            target: target.to_owned(),
            temporary,
            file: Some(file),
        })
    }

    /// Writes the file and moves it to its place.
    ///
    /// # Errors
    /// When the disk refuses; what stood there before stands there still.
    pub(crate) fn write(mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.store(bytes);
        written.map_err(|error| {
            let place = format!("{} {}", self.flag, self.target.display());
            Failure::run(
                finding(format!(
                    "{place}: the file cannot be written: {}",
                    disk::plain(&error)
                ))
                .help("make room, or name another place"),
            )
        })
    }

    fn store(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(mut file) = self.file.take() {
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        fs::rename(&self.temporary, &self.target)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove, which is as good.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Refuses a target that cannot be a file, or whose folder is missing; `flag` is how the user named it.
///
/// # Errors
/// Says which.
pub(crate) fn ensure_place(flag: &str, target: &Path) -> Result<(), Failure> {
    let folder = folder_of(target);
    let (reason, help) = if target.is_dir() {
        ("this is a folder".to_owned(), "name a file in it")
    } else if target.file_name().is_none() {
        ("this names no file".to_owned(), "name a file")
    } else if !folder.is_dir() {
        (
            format!("there is no folder `{}`", folder.display()),
            "make it first, or name another place",
        )
    } else {
        return Ok(());
    };
    Err(Failure::input(
        finding(format!("{flag} {}: {reason}", target.display())).help(help),
    ))
}

/// Refuses two files of one call that are the same, as in `--report scenario.toml`.
///
/// # Errors
/// Names both.
pub(crate) fn ensure_distinct(files: &[(&str, &Path)]) -> Result<(), Failure> {
    let same = |left: &Path, right: &Path| {
        left == right
            || matches!((place_of(left), place_of(right)), (Some(left), Some(right)) if left == right)
    };
    for (index, (name, path)) in files.iter().enumerate() {
        if let Some((other, _)) = files[..index]
            .iter()
            .find(|(_, earlier)| same(earlier, path))
        {
            let message = format!("{name} and {other} are the same file, `{}`", path.display());
            return Err(Failure::input(
                finding(message).help("give each its own name"),
            ));
        }
    }
    Ok(())
}

/// Where a file is or would be, whatever way its path takes.
fn place_of(path: &Path) -> Option<PathBuf> {
    let existing = path.canonicalize().ok();
    existing.or_else(|| Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?)))
}
