//! What a measurement depends on besides the code: processor, compiler, revision.

use std::fs;

use crate::workspace::{self, Workspace};

/// The machine and the state of the sources at the time of a measurement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Model of the processor, as it names itself.
    pub(crate) cpu: String,
    /// Number of threads that run at once.
    pub(crate) cores: usize,
    /// Version of the compiler.
    pub(crate) compiler: String,
    /// Commit of the sources, with `+` when they were changed since.
    pub(crate) revision: String,
}

impl Machine {
    /// This machine and this checkout.
    ///
    /// # Errors
    /// When git or rustc cannot be asked.
    pub(crate) fn of(workspace: &Workspace) -> anyhow::Result<Self> {
        let git = |args: &[&str]| workspace::read(workspace.command("git").args(args));
        let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
        // Results written down by an earlier bench change nothing that is measured.
        let changes = git(&["status", "--porcelain", "--", ".", ":!docs"])?;
        let mark = if changes.is_empty() { "" } else { "+" };
        let compiler = workspace::read(workspace.command("rustc").arg("--version"))?;
        Ok(Self {
            cpu: cpu_model(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            compiler: compiler.trim().to_owned(),
            revision: format!("{}{mark}", commit.trim()),
        })
    }
}

/// The first `model name` in the text of `/proc/cpuinfo`.
fn cpu_model(cpuinfo: &str) -> String {
    let lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let mut models = lines
        .filter(|(key, _)| key.trim() == "model name")
        .map(|(_, model)| model.trim());
    models.next().unwrap_or("unknown processor").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_names_itself() {
        assert_eq!(
            cpu_model("processor\t: 0\nmodel name\t: Xeon @ 2.2GHz\n"),
            "Xeon @ 2.2GHz"
        );
        assert_eq!(cpu_model(""), "unknown processor");
    }
}
