//! How much memory the server has in use, looked at often, and whether worlds and runs may take more.
//!
//! A queue that nobody serves grows for as long as its world runs. Once the limit is reached, whoever wants to go on is
//! refused until there is room again; whatever has been accepted stays, and the system has no reason to end the server.

use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::http::StatusCode;

use crate::problem::Problem;

/// The memory of this process, and how much it may be.
pub(crate) struct Memory {
    limit_bytes: u64,
    resident_bytes: AtomicU64,
}

impl Memory {
    /// At most so many bytes.
    pub(crate) fn new(limit_bytes: u64) -> Self {
        let memory = Self {
            limit_bytes,
            resident_bytes: AtomicU64::new(0),
        };
        memory.look();
        memory
    }

    /// Looks how much is in use now.
    pub(crate) fn look(&self) {
        // Ordering: a number that publishes no data.
        self.resident_bytes
            .store(resident_bytes().unwrap_or(0), Ordering::Relaxed);
    }

    /// Bytes in use when somebody looked last; 0 where the system does not tell.
    pub(crate) fn resident_bytes(&self) -> u64 {
        // Ordering: a number that publishes no data.
        self.resident_bytes.load(Ordering::Relaxed)
    }

    /// Whether nobody may take more.
    pub(crate) fn is_full(&self) -> bool {
        self.resident_bytes() >= self.limit_bytes
    }

    /// Refuses whoever would take more, while there is no room.
    ///
    /// # Errors
    /// When the limit is reached.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if !self.is_full() {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "no_memory",
            self.shortage(),
        )
        .help("delete worlds that are not needed any more, or start the server with a higher --memory-bytes"))
    }

    /// What is wrong while it is full.
    pub(crate) fn shortage(&self) -> String {
        format!(
            "the server has {} MB of memory in use, and may have {}",
            self.resident_bytes() / 1_000_000,
            self.limit_bytes / 1_000_000
        )
    }
}

/// Three quarters of the machine's memory, or of what the system grants to this program; no limit where it does not
/// tell.
pub(super) fn usual_limit_bytes() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.and_then(|text| kibibytes(&text, "MemTotal:"));
    let granted = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let granted = granted.and_then(|text| text.trim().parse().ok());
    let bytes = machine.into_iter().chain(granted).min();
    bytes.map_or(u64::MAX, |bytes: u64| bytes / 4 * 3)
}

/// Memory of this process, where the system tells it as Linux does.
fn resident_bytes() -> Option<u64> {
    kibibytes(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// The bytes of a line such as `VmRSS:  1234 kB` of proc(5), whose unit is 1,024 bytes.
fn kibibytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let count: u64 = line.split_whitespace().next()?.parse().ok()?;
    count.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_proc_are_read_in_bytes() {
        let text = "VmPeak:\t  10 kB\nVmRSS:\t    2048 kB\n";
        assert_eq!(kibibytes(text, "VmRSS:"), Some(2 << 20));
        assert_eq!(kibibytes(text, "VmSwap:"), None);
        assert_eq!(kibibytes("VmRSS: lots", "VmRSS:"), None);
    }

    #[test]
    fn a_limit_that_is_reached_refuses() {
        assert!(Memory::new(u64::MAX).check().is_ok());
        let full = Memory::new(0).check().unwrap_err().into_error();
        assert_eq!(full.code, "no_memory");
    }
}
