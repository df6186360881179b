//! Runs scenarios inside WebAssembly and says their ledger hashes: the probe of `cargo xtask test wasm-ledgers`.
//!
//! The caller writes bytes into [`buffer`] and calls; the answer lies in the buffer afterwards. There is one
//! thread, and nothing is imported: files that a scenario refers to are handed over beforehand.
#![allow(
    unsafe_code,
    reason = "the calls are found by their unmangled names, which the language counts as unsafe"
)]

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pluriverse_kernel::{
    replicate::{RunPlan, Unobserved, replicate},
    scenario::{Draft, FileSource, Kind},
};
use pluriverse_process::scenario::Process;

static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static FILES: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());

/// Makes the buffer this long, keeping what it held, and returns where it lies until the next call.
// SAFETY: no other symbol of this program has the name.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(length: usize) -> *mut u8 {
    let mut buffer = lock(&BUFFER);
    buffer.resize(length, 0);
    buffer.as_mut_ptr()
}

/// Keeps a file: the buffer holds its path, of `path_length` bytes, and then its contents.
// SAFETY: no other symbol of this program has the name.
#[unsafe(no_mangle)]
pub extern "C" fn keep_file(path_length: usize) {
    let buffer = lock(&BUFFER);
    let (path, contents) = buffer.split_at(path_length);
    lock(&FILES).insert(
        String::from_utf8_lossy(path).into_owned(),
        contents.to_vec(),
    );
}

/// Runs the scenario whose path is in the buffer to its end, leaves `hash events` or what went wrong there, and
/// returns the length of that.
// SAFETY: no other symbol of this program has the name.
#[unsafe(no_mangle)]
pub extern "C" fn run_scenario() -> usize {
    let path = String::from_utf8_lossy(&lock(&BUFFER)).into_owned();
    let answer = run(&path).unwrap_or_else(|problem| format!("error: {problem}"));
    let mut buffer = lock(&BUFFER);
    *buffer = answer.into_bytes();
    buffer.len()
}

fn run(path: &str) -> Result<String, String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let text = Kept { folder: "" }.read(path)?;
    let text = String::from_utf8(text).map_err(|_| format!("`{path}` is not UTF-8"))?;
    let draft = Draft {
        file: path,
        text: &text,
        overrides: &[],
        files: &Kept { folder },
    };
    let (scenario, _) = Process.read(draft).map_err(|found| {
        found
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    })?;
    let plan = RunPlan {
        seed: scenario.defaults().seed,
        replications: 1,
        threads: 1,
    };
    let outcome =
        replicate(&*scenario, plan, &|_| None, &Unobserved).map_err(|error| error.to_string())?;
    let hash = outcome
        .ledger_hash
        .expect("a run records unless it is told not to");
    Ok(format!("{hash} {}", outcome.events))
}

/// The files kept, as seen from a folder.
struct Kept<'a> {
    folder: &'a str,
}

impl FileSource for Kept<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = path.trim_start_matches("./");
        let path = if self.folder.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{path}", self.folder)
        };
        lock(&FILES)
            .get(&path)
            .cloned()
            .ok_or_else(|| format!("`{path}` was not handed over"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
