//! Where the figures come from: what was run, how far it got, and the command that runs it again.

use std::fmt::{self, Write as _};

use super::Report;
use super::markup::{Escaped, humanized};
use crate::quantity::{decimals_for, duration, number, whole};

/// Writes the title and the facts of the run.
pub(crate) fn write_header(out: &mut String, report: &Report<'_>, title: &str) -> fmt::Result {
    let outcome = report.outcome;
    write!(
        out,
        r#"<div class="title"><p class="kicker">{} · {}</p><h1>{title}</h1>"#,
        Escaped(&humanized(report.kind)),
        Escaped(report.scenario_name),
    )?;
    if outcome.is_complete {
        out.write_str(r#"<p class="status done">Complete</p>"#)?;
    } else {
        write!(
            out,
            r#"<p class="status stopped">Stopped early: {}</p>"#,
            progress(report)
        )?;
    }
    if !report.warnings.is_empty() {
        let plural = if report.warnings.len() == 1 { "" } else { "s" };
        write!(
            out,
            r##"<p class="status warned"><a href="#warnings">{} warning{plural}</a></p>"##,
            report.warnings.len()
        )?;
    }
    out.write_str(r#"</div><dl class="facts">"#)?;
    let mut fact = |name: &str, value: &str| {
        write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Escaped(value))
    };
    fact("Seed", &report.seed.to_string())?;
    fact("Replications", &whole(outcome.replications))?;
    fact("Simulated", &simulated(report))?;
    fact("Events", &whole(outcome.events))?;
    fact("Took", &wall(report))?;
    fact("Speed", &speed(report))?;
    if let Some(hash) = outcome.ledger_hash {
        let hash = hash.to_string();
        write!(
            out,
            r#"<div><dt>Ledger hash</dt><dd><code title="{hash}">{}…</code><button class="copy" type="button" data-copy="{hash}" hidden>Copy</button></dd></div>"#,
            &hash[..12],
        )?;
    }
    let mut fact = |name: &str, value: &str| {
        write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Escaped(value))
    };
    fact("Version", report.version)?;
    out.write_str("</dl>")
}

/// How far a run got that was stopped.
fn progress(report: &Report<'_>) -> String {
    let outcome = report.outcome;
    match report.replications {
        1 => format!("{} simulated", duration(outcome.sim_seconds)),
        planned => format!(
            "{} of {} replications",
            whole(outcome.replications),
            whole(planned)
        ),
    }
}

fn simulated(report: &Report<'_>) -> String {
    let outcome = report.outcome;
    match outcome.replications {
        0 | 1 => duration(outcome.sim_seconds),
        n => format!(
            "{} × {}",
            whole(n),
            duration(outcome.sim_seconds / n as f64)
        ),
    }
}

fn wall(report: &Report<'_>) -> String {
    let threads = if report.threads == 1 {
        "thread"
    } else {
        "threads"
    };
    format!(
        "{} on {} {threads}",
        duration(report.wall_seconds),
        report.threads
    )
}

/// How much faster than the clock, to three digits.
fn speed(report: &Report<'_>) -> String {
    let speed = report.outcome.sim_seconds / report.wall_seconds;
    let (value, word) = match speed {
        speed if speed >= 1e9 => (speed / 1e9, " billion"),
        speed if speed >= 1e6 => (speed / 1e6, " million"),
        speed => (speed, ""),
    };
    let value = number(value, decimals_for(value, 3));
    format!("{value}{word} × real time")
}

/// Writes the scenario's text and what was set over it.
pub(crate) fn write_scenario(out: &mut String, report: &Report<'_>) -> fmt::Result {
    if !report.overrides.is_empty() {
        out.write_str(r#"<div class="card"><h3>Set over the file</h3><ul class="overrides">"#)?;
        for (key, value) in report.overrides {
            write!(
                out,
                "<li><code>{} = {}</code></li>",
                Escaped(key),
                Escaped(value)
            )?;
        }
        out.write_str("</ul></div>")?;
    }
    write!(
        out,
        r#"<details class="card source"><summary>{}</summary><pre tabindex="0"><code>{}</code></pre></details>"#,
        Escaped(report.file),
        Escaped(report.scenario_text),
    )
}

/// Writes the command that makes this run again.
pub(crate) fn write_command(out: &mut String, report: &Report<'_>) -> fmt::Result {
    let command = Escaped(&command(report)).to_string();
    write!(
        out,
        r#"<div class="card command"><pre tabindex="0"><code>{command}</code></pre><button class="copy" type="button" data-copy="{command}" hidden>Copy</button></div>"#,
    )
}

/// The command line of this run, for a POSIX shell.
fn command(report: &Report<'_>) -> String {
    let mut command = format!(
        "pluriverse run {} --seed {} --replications {}",
        quoted(report.file),
        report.seed,
        report.replications
    );
    for (key, value) in report.overrides {
        let _ = write!(command, " --set {}", quoted(&format!("{key}={value}")));
    }
    command
}

/// A word of a command line; in single quotes where a shell would read more into it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        assert_eq!(quoted("scenarios/a-b_c.toml"), "scenarios/a-b_c.toml");
        assert_eq!(quoted("my file.toml"), "'my file.toml'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("~/x"), "'~/x'");
    }
}
