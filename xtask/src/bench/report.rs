//! Results on paper: JSON for programs, a table in `docs/benchmarks.md` for people.
//!
//! The table stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`; only what is between the marks is
//! ever replaced, and marks that are missing are added at the end.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::machine::Machine;
use super::measure::{Clock, Comparison, Spread};

const DOCUMENT: &str = "docs/benchmarks.md";
const FOLDER: &str = "docs/benchmarks";

/// What is shown together.
pub(crate) struct Table {
    title: String,
    /// A sentence: what is measured, and against which target.
    note: &'static str,
    content: Content,
}

enum Content {
    /// A line a contender.
    Contenders(Comparison),
    /// The same contenders in several situations, a line each.
    Situations(Vec<Comparison>),
    /// A line a run.
    Memory(Vec<Footprint>),
    /// A line a file.
    Sizes(Vec<Size>),
    /// A line a figure.
    Figures(Vec<Figure>),
}

/// One measured figure, and what it should be.
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: String,
    /// The measured values.
    pub(crate) value: Spread,
    /// Their unit.
    pub(crate) unit: String,
    /// What they should be, in words; empty where nothing was aimed at.
    pub(crate) target: String,
}

/// How large a file is that pages load.
pub(crate) struct Size {
    /// What it is.
    pub(crate) name: String,
    /// As it is.
    pub(crate) bytes: u64,
    /// As a server sends it, by gzip at its best.
    pub(crate) gzip_bytes: u64,
    /// As a server sends it, by Brotli at its best.
    pub(crate) brotli_bytes: u64,
}

/// How much memory a run needed.
pub(crate) struct Footprint {
    /// What was run.
    pub(crate) name: String,
    /// Events that happened.
    pub(crate) events: u64,
    /// Rows that were recorded.
    pub(crate) rows: u64,
    /// The most memory that the program had in use.
    pub(crate) peak_bytes: u64,
}

/// Reads what a measurement printed: objects with `name`, `values`, `unit` and `target`.
///
/// # Errors
/// When it is something else, or a figure has no values.
pub(crate) fn figures(printed: &str) -> anyhow::Result<Vec<Figure>> {
    let printed: Vec<Value> = serde_json::from_str(printed)?;
    let figure = |line: &Value| {
        let text = |key: &str| {
            let found = line[key].as_str().map(str::to_owned);
            found.with_context(|| format!("a figure without `{key}`: {line}"))
        };
        let values = line["values"].as_array().into_iter().flatten();
        let values: Vec<f64> = values.filter_map(Value::as_f64).collect();
        ensure!(!values.is_empty(), "a figure without values: {line}");
        Ok(Figure {
            name: text("name")?,
            value: Spread::of(values),
            unit: text("unit")?,
            target: text("target")?,
        })
    };
    printed.iter().map(figure).collect()
}

impl Table {
    /// One comparison under its own title.
    pub(crate) fn of(note: &'static str, comparison: Comparison) -> Self {
        Self {
            title: comparison.title.clone(),
            note,
            content: Content::Contenders(comparison),
        }
    }

    /// At least one comparison, all with the same contenders; their titles say which situation it is.
    pub(crate) fn of_situations(
        title: &str,
        note: &'static str,
        comparisons: Vec<Comparison>,
    ) -> Self {
        Self {
            title: title.to_owned(),
            note,
            content: Content::Situations(comparisons),
        }
    }

    /// Files that pages load.
    pub(crate) fn of_sizes(title: &str, note: &'static str, sizes: Vec<Size>) -> Self {
        Self {
            title: title.to_owned(),
            note,
            content: Content::Sizes(sizes),
        }
    }

    /// Figures of any kind.
    pub(crate) fn of_figures(title: &str, note: &'static str, figures: Vec<Figure>) -> Self {
        Self {
            title: title.to_owned(),
            note,
            content: Content::Figures(figures),
        }
    }

    /// Runs and what they needed.
    pub(crate) fn of_memory(title: &str, note: &'static str, footprints: Vec<Footprint>) -> Self {
        Self {
            title: title.to_owned(),
            note,
            content: Content::Memory(footprints),
        }
    }
}

/// Writes both, and prints the table.
///
/// # Errors
/// When a file cannot be written, or the document has one mark without the other.
pub(super) fn publish(
    root: &Path,
    name: &str,
    machine: &Machine,
    tables: &[Table],
) -> anyhow::Result<()> {
    let section = section(machine, tables);
    println!("\n{section}");
    let document_path = root.join(DOCUMENT);
    let document =
        fs::read_to_string(&document_path).unwrap_or_else(|_| "# Benchmarks\n".to_owned());
    let document = with_section(&document, name, &section)?;
    fs::create_dir_all(root.join(FOLDER))?;
    fs::write(&document_path, document).with_context(|| format!("writing {DOCUMENT}"))?;
    let result = format!("{:#}\n", to_json(name, machine, tables));
    let path = format!("{FOLDER}/{name}.json");
    fs::write(root.join(&path), result).with_context(|| format!("writing {path}"))?;
    println!("wrote {DOCUMENT} and {path}");
    Ok(())
}

fn section(machine: &Machine, tables: &[Table]) -> String {
    let Machine {
        cpu,
        cores,
        compiler,
        revision,
    } = machine;
    let mut out = format!("{cpu}, {cores} cores, {compiler}, revision {revision}.\n");
    for table in tables {
        let Table {
            title,
            note,
            content,
        } = table;
        let shown = match content {
            Content::Contenders(comparison) => by_contender(comparison),
            Content::Situations(comparisons) => by_situation(comparisons),
            Content::Memory(footprints) => by_footprint(footprints),
            Content::Sizes(sizes) => by_size(sizes),
            Content::Figures(figures) => by_figure(figures),
        };
        write!(out, "\n**{title}**\n\n{note}\n\n{shown}").expect("a String takes every write");
    }
    out
}

/// The head of a column of times, in units of this name.
fn time_head(comparison: &Comparison, unit: &str) -> String {
    let clock = match comparison.clock {
        Clock::Wall => "",
        Clock::Cpu => "CPU ",
    };
    format!("{clock}{unit} per {}", comparison.unit)
}

/// The unit that these times are shown in, and its nanoseconds.
fn unit_of_times(comparisons: &[Comparison]) -> (&'static str, f64) {
    let rows = comparisons.iter().flat_map(|comparison| &comparison.rows);
    let longest = rows.fold(0.0_f64, |longest, row| longest.max(row.nanos.median));
    if longest < 1e6 {
        ("ns", 1.0)
    } else {
        ("ms", 1e6)
    }
}

fn by_contender(comparison: &Comparison) -> String {
    let Comparison { unit, rows, .. } = comparison;
    let (head, first) = (time_head(comparison, "ns"), &rows[0].name);
    let mut out = format!(
        "| | {head}, median (min to max) | {unit}s per second | time relative to {first} |\n|---|---:|---:|---:|\n"
    );
    for row in rows {
        let (nanos, ratio) = (show(row.nanos), show(row.ratio));
        let rate = show_count(1e9 / row.nanos.median);
        writeln!(out, "| {} | {nanos} | {rate} | {ratio} |", row.name)
            .expect("a String takes every write");
    }
    out
}

fn by_situation(comparisons: &[Comparison]) -> String {
    let first = &comparisons[0];
    let (unit, nanos) = unit_of_times(comparisons);
    let mut out = format!("| {} |", time_head(first, unit));
    for row in &first.rows {
        write!(out, " {} |", row.name).expect("a String takes every write");
    }
    for row in &first.rows[1..] {
        write!(out, " {} relative to {} |", row.name, first.rows[0].name)
            .expect("a String takes every write");
    }
    out.push_str("\n|---|");
    out.push_str(&"---:|".repeat(2 * first.rows.len() - 1));
    out.push('\n');
    for comparison in comparisons {
        let times = comparison
            .rows
            .iter()
            .map(|row| row.nanos.in_units_of(nanos));
        let ratios = comparison.rows[1..].iter().map(|row| row.ratio);
        let cells: Vec<String> = times.chain(ratios).map(show).collect();
        writeln!(out, "| {} | {} |", comparison.title, cells.join(" | "))
            .expect("a String takes every write");
    }
    out
}

fn by_footprint(footprints: &[Footprint]) -> String {
    let mut out = "| | events | rows | peak memory |\n|---|---:|---:|---:|\n".to_owned();
    for footprint in footprints {
        let [events, rows] =
            [footprint.events, footprint.rows].map(|count| show_count(count as f64));
        let megabytes = show_number(footprint.peak_bytes as f64 / 1e6);
        let name = &footprint.name;
        writeln!(out, "| {name} | {events} | {rows} | {megabytes} MB |")
            .expect("a String takes every write");
    }
    out
}

fn by_size(sizes: &[Size]) -> String {
    let mut out = "| | kB | by gzip | by Brotli |\n|---|---:|---:|---:|\n".to_owned();
    for size in sizes {
        let [bytes, gzip, brotli] = [size.bytes, size.gzip_bytes, size.brotli_bytes]
            .map(|count| show_number(count as f64 / 1e3));
        writeln!(out, "| {} | {bytes} | {gzip} | {brotli} |", size.name)
            .expect("a String takes every write");
    }
    out
}

fn by_figure(figures: &[Figure]) -> String {
    let mut out = "| | median (min to max) | target |\n|---|---:|---:|\n".to_owned();
    for figure in figures {
        let Figure {
            name, unit, target, ..
        } = figure;
        let value = format!("{} {unit}", show(figure.value));
        writeln!(out, "| {name} | {} | {target} |", value.trim_end())
            .expect("a String takes every write");
    }
    out
}

/// About three significant digits of each, which is more than a machine repeats.
fn show(Spread { min, median, max }: Spread) -> String {
    let [min, median, max] = [min, median, max].map(show_number);
    if min == max {
        median
    } else {
        format!("{median} ({min} to {max})")
    }
}

fn show_number(value: f64) -> String {
    let digits = [100.0, 10.0, 1.0, 0.1, 0.01]
        .iter()
        .take_while(|unit| value < **unit)
        .count();
    format!("{value:.digits$}")
}

/// A large number in words: `8.33 million`.
fn show_count(value: f64) -> String {
    let scales = [(1e9, " billion"), (1e6, " million"), (1e3, " thousand")];
    // Rounded first: 999.6 thousand is 1.00 million.
    let value: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    let scale = scales.iter().find(|(scale, _)| value >= *scale);
    let (scale, word) = scale.copied().unwrap_or((1.0, ""));
    format!("{}{word}", show_number(value / scale))
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

fn to_json(name: &str, machine: &Machine, tables: &[Table]) -> Value {
    let spread =
        |Spread { min, median, max }: Spread| json!({ "min": min, "median": median, "max": max });
    let rows = |comparison: &Comparison| -> Vec<Value> {
        let rows = comparison.rows.iter();
        rows.map(|row| {
            json!({
                "name": row.name,
                "nanos_per_unit": spread(row.nanos),
                "wall_nanos_per_unit": spread(row.wall_nanos),
                "ratio": spread(row.ratio),
            })
        })
        .collect()
    };
    let clock = |clock: Clock| match clock {
        Clock::Wall => "wall",
        Clock::Cpu => "cpu",
    };
    let comparison = |found: &Comparison| {
        json!({
            "title": found.title,
            "unit": found.unit,
            "clock": clock(found.clock),
            "contenders": rows(found),
        })
    };
    let footprint = |found: &Footprint| {
        json!({
            "name": found.name,
            "events": found.events,
            "rows": found.rows,
            "peak_bytes": found.peak_bytes,
        })
    };
    let size = |found: &Size| {
        json!({
            "name": found.name,
            "bytes": found.bytes,
            "gzip_bytes": found.gzip_bytes,
            "brotli_bytes": found.brotli_bytes,
        })
    };
    let figure = |found: &Figure| {
        json!({
            "name": found.name,
            "value": spread(found.value),
            "unit": found.unit,
            "target": found.target,
        })
    };
    let content = |content: &Content| match content {
        Content::Contenders(one) => ("comparisons", vec![comparison(one)]),
        Content::Situations(all) => ("comparisons", all.iter().map(comparison).collect()),
        Content::Memory(all) => ("footprints", all.iter().map(footprint).collect()),
        Content::Sizes(all) => ("sizes", all.iter().map(size).collect()),
        Content::Figures(all) => ("figures", all.iter().map(figure).collect()),
    };
    let table = |table: &Table| {
        let (key, content): (&str, Vec<Value>) = content(&table.content);
        json!({ "title": table.title, "note": table.note, key: content })
    };
    json!({
        "bench": name,
        "machine": { "cpu": machine.cpu, "cores": machine.cores, "compiler": machine.compiler },
        "revision": machine.revision,
        "tables": tables.iter().map(table).collect::<Vec<_>>(),
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

    fn comparison(title: &str, clock: Clock) -> Comparison {
        let row = |name: &str, scale: f64| {
            let spread = |median: f64| Spread {
                min: 0.9 * median,
                median,
                max: 1.2 * median,
            };
            Row {
                name: name.to_owned(),
                nanos: spread(85.5 * scale),
                wall_nanos: spread(171.0 * scale),
                ratio: Spread {
                    min: scale,
                    median: scale,
                    max: scale,
                },
            }
        };
        Comparison {
            title: title.to_owned(),
            unit: "customer",
            clock,
            rows: vec![row("ours", 1.0), row("peer", 21.0)],
        }
    }

    #[test]
    fn a_table_of_contenders_has_a_line_for_each() {
        expect![[r#"
            Xeon, 2 cores, rustc 1.95.0, revision 0123abcd+.

            **M/M/1**

            At most 90 ns.

            | | CPU ns per customer, median (min to max) | customers per second | time relative to ours |
            |---|---:|---:|---:|
            | ours | 85.5 (77.0 to 103) | 11.7 million | 1.00 |
            | peer | 1796 (1616 to 2155) | 557 thousand | 21.0 |
        "#]]
        .assert_eq(&section(
            &machine(),
            &[Table::of("At most 90 ns.", comparison("M/M/1", Clock::Cpu))],
        ));
    }

    #[test]
    fn a_table_of_situations_has_a_column_for_each_contender() {
        let comparisons = ["one day", "one year"].map(|title| comparison(title, Clock::Wall));
        let table = Table::of_situations("M/M/1", "At most 90 ns.", comparisons.into());
        expect![[r#"
            Xeon, 2 cores, rustc 1.95.0, revision 0123abcd+.

            **M/M/1**

            At most 90 ns.

            | ns per customer | ours | peer | peer relative to ours |
            |---|---:|---:|---:|
            | one day | 85.5 (77.0 to 103) | 1796 (1616 to 2155) | 21.0 |
            | one year | 85.5 (77.0 to 103) | 1796 (1616 to 2155) | 21.0 |
        "#]]
        .assert_eq(&section(&machine(), &[table]));
    }

    #[test]
    fn long_times_are_told_in_milliseconds() {
        let mut long = comparison("one year", Clock::Wall);
        for row in &mut long.rows {
            row.nanos = row.nanos.in_units_of(1e-6);
        }
        let table = by_situation(&[comparison("one day", Clock::Wall), long]);
        expect![[r#"
            | ms per customer | ours | peer | peer relative to ours |
            |---|---:|---:|---:|
            | one day | 0.00009 (0.00008 to 0.00010) | 0.00180 (0.00162 to 0.00215) | 21.0 |
            | one year | 85.5 (77.0 to 103) | 1796 (1616 to 2155) | 21.0 |
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn a_table_of_figures_has_a_line_for_each_with_its_target() {
        let printed =
            r#"[{"name":"First load","values":[1.5,1.0,1.25],"unit":"MB","target":"at most 2"}]"#;
        let table = Table::of_figures("The app", "As seen.", figures(printed).unwrap());
        expect![[r#"
            Xeon, 2 cores, rustc 1.95.0, revision 0123abcd+.

            **The app**

            As seen.

            | | median (min to max) | target |
            |---|---:|---:|
            | First load | 1.25 (1.00 to 1.50) MB | at most 2 |
        "#]]
        .assert_eq(&section(&machine(), &[table]));
        assert!(figures(r#"[{"name":"x","values":[],"unit":"s","target":""}]"#).is_err());
    }

    #[test]
    fn a_table_of_memory_has_a_line_for_each_run() {
        let footprint = Footprint {
            name: "M/M/1".to_owned(),
            events: 100_000_000,
            rows: 250_000_000,
            peak_bytes: 123_456_789,
        };
        let table = Table::of_memory("Memory", "Below 500 MB.", vec![footprint]);
        expect![[r#"
            Xeon, 2 cores, rustc 1.95.0, revision 0123abcd+.

            **Memory**

            Below 500 MB.

            | | events | rows | peak memory |
            |---|---:|---:|---:|
            | M/M/1 | 100 million | 250 million | 123 MB |
        "#]]
        .assert_eq(&section(&machine(), std::slice::from_ref(&table)));
        let json = to_json("process", &machine(), &[table]);
        assert_eq!(
            json["tables"][0]["footprints"][0]["peak_bytes"],
            123_456_789
        );
    }

    #[test]
    fn large_counts_are_told_in_words() {
        let shown = [0.5, 42.0, 999.6, 11_700.0, 999_788.0, 8_330_000.0, 9.996e9].map(show_count);
        expect![[r#"["0.500", "42.0", "1.00 thousand", "11.7 thousand", "1.00 million", "8.33 million", "10.0 billion"]"#]]
            .assert_eq(&format!("{shown:?}"));
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
        let tables = [Table::of("Fast.", comparison("M/M/1", Clock::Cpu))];
        publish(root.path(), "process", &machine(), &tables).unwrap();
        let document = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
        assert!(document.starts_with("# Benchmarks\n") && document.contains("| peer |"));
        let result = fs::read_to_string(root.path().join("docs/benchmarks/process.json")).unwrap();
        let result: Value = serde_json::from_str(&result).unwrap();
        assert_eq!(
            result["tables"][0]["comparisons"][0]["contenders"][1]["ratio"]["median"],
            21.0
        );
    }
}
