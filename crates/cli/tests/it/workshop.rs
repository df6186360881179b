//! A folder to work in, and the program in it.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio},
};

use expect_test::Expect;
use tempfile::TempDir;

/// Two nurses, a few hundred patients: runs in milliseconds.
pub(crate) const CLINIC: &str = r#"kind = "process"
title = "Walk-in clinic"

[run]
until = "8h"
replications = 4
seed = 7

[sources.patients]
arrivals = { poisson = { rate = "20/h" } }

[stations.nurse]
agents = 2
service = { exponential = { mean = "5m" } }
"#;

/// A folder that goes away with the test.
pub(crate) struct Workshop {
    folder: TempDir,
}

impl Workshop {
    /// A folder with the clinic in it, as `clinic.toml`.
    pub(crate) fn new() -> Self {
        let workshop = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        workshop.write("clinic.toml", CLINIC.as_bytes());
        workshop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Names of the files, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = self.folder.path().read_dir().unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The program, to be called with these arguments (apart by spaces) in the folder.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pluriverse"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path());
        command
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env("TERM", "xterm");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Calls the program.
    pub(crate) fn call(&self, arguments: &str) -> Called {
        Called::from(self.command(arguments).output().unwrap())
    }

    /// Calls the program and compares everything that it says, and its exit code.
    pub(crate) fn check(&self, arguments: &str, expected: Expect) {
        let called = self.call(arguments);
        expected.assert_eq(&self.told(&called));
    }

    /// What a call said, without the folder's name and without what the clock says.
    pub(crate) fn told(&self, called: &Called) -> String {
        let stdout: String = called
            .stdout
            .lines()
            .map(|line| timeless(line) + "\n")
            .collect();
        let text = format!("exit {}\n{stdout}{}", called.code, called.stderr);
        text.replace(&self.folder.path().display().to_string(), "FOLDER")
    }

    /// Begins a call and hands out its standard error.
    pub(crate) fn begin(&self, arguments: &str) -> Begun {
        self.begin_into(arguments, Stdio::piped())
    }

    /// Begins a call whose results go to `stdout`.
    pub(crate) fn begin_into(&self, arguments: &str, stdout: impl Into<Stdio>) -> Begun {
        let mut child = self.command(arguments).stdout(stdout).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Begun { child, stderr }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// What a call came to.
pub(crate) struct Called {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Called {
    /// The results of `--format json`.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl From<Output> for Called {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A call that goes on.
pub(crate) struct Begun {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Begun {
    /// What it prints.
    pub(crate) fn stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().unwrap()
    }

    /// Waits until it tells a line with this text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert!(
                self.stderr.read_line(&mut line).unwrap() > 0,
                "the program ended without `{text}`"
            );
        }
    }

    /// Waits until it begins a file whose name ends so.
    pub(crate) fn wait_for_file(&mut self, workshop: &Workshop, end: &str) {
        while !workshop.names().iter().any(|name| name.ends_with(end)) {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "the program ended without a file `…{end}`"
            );
            std::thread::yield_now();
        }
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let signal = format!("kill -INT {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &signal])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Called {
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Called {
            stderr,
            ..Called::from(output)
        }
    }
}

/// A line of results without what differs from run to run.
fn timeless(line: &str) -> String {
    let hash = line
        .strip_prefix("  ledger  ")
        .or_else(|| line.strip_prefix("  ledgers  "));
    if let Some(hash) = hash {
        assert!(
            hash.trim().len() == 64 && hash.trim().bytes().all(|digit| digit.is_ascii_hexdigit()),
            "{line}"
        );
        return line.replace(hash.trim(), "HASH");
    }
    let cut = if line.starts_with("  events  ") {
        line.find(" (")
    } else if line.starts_with("  simulated  ") {
        line.find(" in ")
    } else {
        None
    };
    cut.map_or_else(|| line.to_owned(), |end| format!("{} …", &line[..end]))
}
