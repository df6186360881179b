//! A run of named steps: each is announced, timed, and listed with its outcome at the end.
//!
//! A step that fails does not keep the others from running: one run shows everything that is wrong. A step
//! that was skipped says why, in the same table.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::workspace::Workspace;

/// One thing to check.
pub(crate) struct Step {
    /// What the step is called on the command line and in the table.
    pub(crate) name: &'static str,
    /// One line for the reader: what it checks.
    pub(crate) purpose: &'static str,
    /// Does the work.
    pub(crate) action: fn(&Workspace) -> anyhow::Result<Outcome>,
}

/// How a step that did not fail ended.
pub(crate) enum Outcome {
    /// Everything was checked and is as it should be.
    Passed,
    /// Not (or not wholly) checked, for the reason given.
    Skipped(String),
}

/// What the table says of one step.
struct Line {
    name: &'static str,
    elapsed: Duration,
    result: anyhow::Result<Outcome>,
}

/// Runs every step in order, prints the table, and returns whether none failed.
pub(crate) fn run_all(workspace: &Workspace, steps: &[&Step]) -> bool {
    let started = Instant::now();
    let mut lines = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        println!(
            "\n[{}/{}] {}: {}",
            index + 1,
            steps.len(),
            step.name,
            step.purpose
        );
        let step_started = Instant::now();
        let result = (step.action)(workspace);
        if let Err(error) = &result {
            println!("{} FAILED: {error:#}", step.name);
        }
        lines.push(Line {
            name: step.name,
            elapsed: step_started.elapsed(),
            result,
        });
    }
    print!("\n{}", table(&lines, started.elapsed()));
    lines.iter().all(|line| line.result.is_ok())
}

fn table(lines: &[Line], elapsed: Duration) -> String {
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for Line {
        name,
        elapsed,
        result,
    } in lines
    {
        let secs = elapsed.as_secs_f64();
        let outcome = match result {
            Ok(Outcome::Passed) => "ok".to_owned(),
            Ok(Outcome::Skipped(reason)) => format!("skipped: {reason}"),
            Err(_) => "FAILED".to_owned(),
        };
        writeln!(out, "{name:width$}  {secs:7.1} s  {outcome}")
            .expect("a String takes every write");
    }
    let count = |wanted: fn(&Line) -> bool| lines.iter().filter(|line| wanted(line)).count();
    let failed = count(|line| line.result.is_err());
    let skipped = count(|line| matches!(line.result, Ok(Outcome::Skipped(_))));
    let passed = lines.len() - failed - skipped;
    let verdict = if failed == 0 { "PASS" } else { "FAIL" };
    let secs = elapsed.as_secs_f64();
    writeln!(
        out,
        "{verdict}: {passed} passed, {failed} failed, {skipped} skipped in {secs:.1} s"
    )
    .expect("a String takes every write");
    out
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use expect_test::expect;

    use super::*;

    #[test]
    fn the_table_shows_every_outcome_and_the_verdict() {
        let line = |name, millis, result| Line {
            name,
            elapsed: Duration::from_millis(millis),
            result,
        };
        let lines = [
            line("fmt", 400, Ok(Outcome::Passed)),
            line("clippy", 61_240, Err(anyhow::anyhow!("3 warnings"))),
            line(
                "deny",
                1_000,
                Ok(Outcome::Skipped("no database".to_owned())),
            ),
        ];
        expect![[r#"
            fmt         0.4 s  ok
            clippy     61.2 s  FAILED
            deny        1.0 s  skipped: no database
            FAIL: 1 passed, 1 failed, 1 skipped in 62.6 s
        "#]]
        .assert_eq(&table(&lines, Duration::from_millis(62_640)));
    }

    #[test]
    fn a_failure_does_not_hide_the_steps_after_it() {
        static RUNS_OF_GOOD: AtomicUsize = AtomicUsize::new(0);
        let workspace = Workspace {
            root: ".".into(),
            target: ".".into(),
            packages: Vec::new(),
        };
        let bad = Step {
            name: "bad",
            purpose: "",
            action: |_| anyhow::bail!("broken"),
        };
        let good = Step {
            name: "good",
            purpose: "",
            action: |_| {
                // Ordering: one thread reads and writes.
                RUNS_OF_GOOD.fetch_add(1, Ordering::Relaxed);
                Ok(Outcome::Passed)
            },
        };
        assert!(!run_all(&workspace, &[&bad, &good]));
        assert_eq!(RUNS_OF_GOOD.load(Ordering::Relaxed), 1);
        assert!(run_all(&workspace, &[&good]));
    }
}
