//! A ledger in a file: written beside its place as `….partial`, and renamed when it is complete.
//!
//! An earlier file of that name stays untouched until then. Something that is no file (a pipe, a device) is
//! written to directly and cannot be taken back.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::Device;

const BLOCK: [u8; 4096] = [0x5a; 4096];

/// A file under construction.
pub(crate) struct FileDevice {
    file: File,
    place: PathBuf,
    partial: Option<PathBuf>,
    reserve: Option<File>,
    reserved_bytes: u64,
    has_sidecar: bool,
}

impl FileDevice {
    /// Begins a file that will be at `path`.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let place = if path.is_symlink() {
            fs::canonicalize(path)?
        } else {
            path.to_owned()
        };
        let is_file = fs::metadata(&place).map_or(true, |existing| existing.is_file());
        if place.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let partial = is_file.then(|| appended(&place, ".partial"));
        let file = match &partial {
            Some(partial) => File::create(partial)?,
            None => File::options().write(true).open(&place)?,
        };
        Ok(Self {
            file,
            place,
            partial,
            reserve: None,
            reserved_bytes: 0,
            has_sidecar: false,
        })
    }

    fn sidecar(&self) -> PathBuf {
        sidecar_of(self.partial.as_ref().unwrap_or(&self.place))
    }
}

/// Where the file beside a ledger is.
pub(crate) fn sidecar_of(path: &Path) -> PathBuf {
    appended(path, ".json")
}

fn appended(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}

impl Write for FileDevice {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Device for FileDevice {
    fn name(&self) -> String {
        self.place.display().to_string()
    }

    fn partial_name(&self) -> String {
        self.partial
            .as_ref()
            .unwrap_or(&self.place)
            .display()
            .to_string()
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)?;
        io::Seek::seek(&mut self.file, io::SeekFrom::Start(bytes)).map(drop)
    }

    /// The reserve is a second file without a name, which vanishes with this process.
    fn reserve(&mut self, bytes: u64) -> io::Result<()> {
        let Some(partial) = &self.partial else {
            return Ok(());
        };
        if self.reserve.is_none() {
            let folder = partial
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            self.reserve = Some(tempfile::tempfile_in(folder.unwrap_or(Path::new(".")))?);
        }
        while let (Some(file), true) = (&mut self.reserve, self.reserved_bytes < bytes) {
            file.write_all(&BLOCK)?;
            self.reserved_bytes += BLOCK.len() as u64;
        }
        Ok(())
    }

    fn release(&mut self) {
        self.reserve = None;
        self.reserved_bytes = 0;
    }

    fn write_sidecar(&mut self, text: &[u8]) -> io::Result<()> {
        let sidecar = self.sidecar();
        let next = appended(&sidecar, ".next");
        let written = fs::write(&next, text).and_then(|()| fs::rename(&next, &sidecar));
        if written.is_err() {
            // What remains of the attempt is of no use to anybody, and nothing depends on its going.
            let _ = fs::remove_file(&next);
        }
        self.has_sidecar |= written.is_ok();
        written
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.partial {
            Some(_) => self.file.sync_all(),
            None => self.file.flush(),
        }
    }

    fn publish(&mut self) -> io::Result<()> {
        let Some(partial) = &self.partial else {
            return Ok(());
        };
        if self.has_sidecar {
            fs::rename(self.sidecar(), sidecar_of(&self.place))?;
        }
        fs::rename(partial, &self.place)
    }

    fn discard(&mut self) {
        self.release();
        if let Some(partial) = &self.partial {
            // A file that cannot be removed stays as an empty `.partial`, which readers refuse.
            let _ = fs::remove_file(partial);
            if self.has_sidecar {
                let _ = fs::remove_file(self.sidecar());
            }
        }
    }
}
