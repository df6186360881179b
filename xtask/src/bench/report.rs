//! Results on paper: JSON for programs, a table in `docs/benchmarks.md` for people.
//!
//! The table stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`; only what is between the marks is
//! ever replaced, and marks that are missing are added at the end.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::machine::Machine;
use super::measure::{Comparison, Spread};

const DOCUMENT: &str = "docs/benchmarks.md";
const FOLDER: &str = "docs/benchmarks";

/// Writes both, and prints the table.
///
/// # Errors
/// When a file cannot be written, or the document has one mark without the other.
pub(super) fn publish(
    root: &Path,
    name: &str,
    machine: &Machine,
    comparisons: &[Comparison],
) -> anyhow::Result<()> {
    let tables = tables(machine, comparisons);
    println!("\n{tables}");
    let document_path = root.join(DOCUMENT);
    let document =
        fs::read_to_string(&document_path).unwrap_or_else(|_| "# Benchmarks\n".to_owned());
    let document = with_section(&document, name, &tables)?;
    fs::create_dir_all(root.join(FOLDER))?;
    fs::write(&document_path, document).with_context(|| format!("writing {DOCUMENT}"))?;
    let result = format!("{:#}\n", to_json(name, machine, comparisons));
    let path = format!("{FOLDER}/{name}.json");
    fs::write(root.join(&path), result).with_context(|| format!("writing {path}"))?;
    println!("wrote {DOCUMENT} and {path}");
    Ok(())
}

fn tables(machine: &Machine, comparisons: &[Comparison]) -> String {
    let Machine {
        cpu,
        cores,
        compiler,
        revision,
    } = machine;
    let mut out = format!("{cpu}, {cores} cores, {compiler}, revision {revision}.\n");
    for Comparison { title, unit, rows } in comparisons {
        let first = rows[0].name;
        let head = format!(
            "\n**{title}**\n\n| | ns per {unit}, median (min to max) | time relative to {first} |\n|---|---:|---:|"
        );
        writeln!(out, "{head}").expect("a String takes every write");
        for row in rows {
            let (nanos, ratio) = (show(row.nanos), show(row.ratio));
            writeln!(out, "| {} | {nanos} | {ratio} |", row.name)
                .expect("a String takes every write");
        }
    }
    out
}

/// About three significant digits of each, which is more than a machine repeats.
fn show(Spread { min, median, max }: Spread) -> String {
    let [min, median, max] = [min, median, max].map(|value| {
        let digits = [100.0, 10.0, 1.0, 0.1, 0.01]
            .iter()
            .take_while(|unit| value < **unit)
            .count();
        format!("{value:.digits$}")
    });
    if min == max {
        median
    } else {
        format!("{median} ({min} to {max})")
    }
}

fn with_section(document: &str, name: &str, section: &str) -> anyhow::Result<String> {
    let (open, close) = (
        format!("<!-- bench:{name} -->\n"),
        format!("<!-- /bench:{name} -->\n"),
    );
    match (document.find(&open), document.find(&close)) {
        (Some(start), Some(end)) if start < end => {
            let (before, after) = (&document[..start + open.len()], &document[end..]);
            Ok(format!("{before}{section}{after}"))
        }
        (None, None) => Ok(format!(
            "{}\n\n## {name}\n\n{open}{section}{close}",
            document.trim_end()
        )),
        _ => bail!("{DOCUMENT}: the marks of `{name}` do not come as a pair"),
    }
}

fn to_json(name: &str, machine: &Machine, comparisons: &[Comparison]) -> Value {
    let spread =
        |Spread { min, median, max }: Spread| json!({ "min": min, "median": median, "max": max });
    let rows = |comparison: &Comparison| -> Vec<Value> {
        let rows = comparison.rows.iter();
        rows.map(|row| json!({ "name": row.name, "nanos_per_unit": spread(row.nanos), "ratio": spread(row.ratio) }))
            .collect()
    };
    let comparison = |found: &Comparison| json!({ "title": found.title, "unit": found.unit, "contenders": rows(found) });
    json!({
        "bench": name,
        "machine": { "cpu": machine.cpu, "cores": machine.cores, "compiler": machine.compiler },
        "revision": machine.revision,
        "comparisons": comparisons.iter().map(comparison).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::measure::Row;
    use super::*;

    fn machine() -> Machine {
        let text = str::to_owned;
        Machine {
            cpu: text("Xeon"),
            cores: 2,
            compiler: text("rustc 1.95.0"),
            revision: text("0123abcd+"),
        }
    }

    fn comparison() -> Comparison {
        let row = |name, scale: f64| Row {
            name,
            nanos: Spread {
                min: 80.0 * scale,
                median: 85.55 * scale,
                max: 100.0 * scale,
            },
            ratio: Spread {
                min: scale,
                median: scale,
                max: scale,
            },
        };
        Comparison {
            title: "M/M/1",
            unit: "customer",
            rows: vec![row("ours", 1.0), row("peer", 21.0)],
        }
    }

    #[test]
    fn the_table_says_what_was_measured_where() {
        expect![[r#"
            Xeon, 2 cores, rustc 1.95.0, revision 0123abcd+.

            **M/M/1**

            | | ns per customer, median (min to max) | time relative to ours |
            |---|---:|---:|
            | ours | 85.5 (80.0 to 100) | 1.00 |
            | peer | 1797 (1680 to 2100) | 21.0 |
        "#]]
        .assert_eq(&tables(&machine(), &[comparison()]));
    }

    #[test]
    fn only_the_section_between_the_marks_changes() {
        let first = with_section("# Benchmarks\n\nProse.\n", "process", "one\n").unwrap();
        let both = with_section(&first, "start", "two\n").unwrap();
        let again = with_section(&both, "process", "three\n").unwrap();
        expect![[r#"
            # Benchmarks

            Prose.

            ## process

            <!-- bench:process -->
            three
            <!-- /bench:process -->

            ## start

            <!-- bench:start -->
            two
            <!-- /bench:start -->
        "#]]
        .assert_eq(&again);
        assert!(with_section("<!-- bench:start -->\n", "start", "").is_err());
    }

    #[test]
    fn both_files_are_written() {
        let root = tempfile::tempdir().unwrap();
        publish(root.path(), "process", &machine(), &[comparison()]).unwrap();
        let document = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
        assert!(document.starts_with("# Benchmarks\n") && document.contains("| peer |"));
        let result = fs::read_to_string(root.path().join("docs/benchmarks/process.json")).unwrap();
        let result: Value = serde_json::from_str(&result).unwrap();
        assert_eq!(
            result["comparisons"][0]["contenders"][1]["ratio"]["median"],
            21.0
        );
    }
}
