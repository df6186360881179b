//! How much memory this program has needed.

use anyhow::Context as _;

/// The most memory that this program has had in use so far, in bytes.
///
/// From the kernel's own account of the address space, which begins with this program; `getrusage` would also count
/// what whoever started it had in use.
pub(crate) fn peak_bytes() -> anyhow::Result<u64> {
    const PATH: &str = "/proc/self/status";
    let status = std::fs::read_to_string(PATH).with_context(|| format!("reading {PATH}"))?;
    let kibibytes = status.lines().find_map(|line| {
        let value = line.strip_prefix("VmHWM:")?.strip_suffix("kB")?;
        value.trim().parse::<u64>().ok()
    });
    let kibibytes = kibibytes.with_context(|| format!("{PATH} has no `VmHWM` in kB"))?;
    Ok(kibibytes * 1024)
}
