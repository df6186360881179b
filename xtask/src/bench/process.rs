//! Process worlds: customers through one queue against other simulators, event queues, contact centres against
//! real time, threads, rows of the ledger.
//!
//! Every measurement is a program of its own that times itself and prints one line of JSON. The engine's are in
//! `crates/cli/benches`, the peers' in `benches/peers`. What a line answers is checked here.

mod peers;

pub(super) use peers::REQUIREMENTS;

use std::cell::OnceCell;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::Bench;
use super::measure::{self, Clock, Comparison, Contender, Plan, Sample};
use super::report::{Footprint, Table};
use crate::workspace::{self, Profile, Workspace};
use peers::Peers;

pub(super) const BENCH: Bench = Bench {
    name: "process",
    purpose: "queues, contact centres and event lists, against other simulators, real time and the standard library",
    measure,
};

fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Table>> {
    let selection = ["--package", "pluriverse-cli", "--bench", "process"];
    let engine = Engine {
        workspace,
        program: workspace.build(Profile::Release, &selection, "process")?,
    };
    let peers = Peers::prepare(workspace)?;
    Ok(vec![
        Table::of(
            "Processor time of one queue from its first customer to its last, the model read from a file; the target \
             is at most 90 ns with the ledger on, twice that of Cimba.",
            customers(&engine, &peers)?,
        ),
        Table::of(
            "Days of the published reference model on one core, agents, impatience and day factor included; the \
             target is 100 million times real time with the ledger on.",
            contact_centre(&engine)?,
        ),
        Table::of(
            "A whole day of a large centre on one core; the target is 300 thousand times real time with the ledger \
             on.",
            mega_centre(&engine)?,
        ),
        Table::of(
            "The same days on one thread and on two, which give the same ledgers; the target is 0.95 of a core's \
             speed for each, a relative time of 0.526.",
            threads(&engine)?,
        ),
        hold(&engine)?,
        Table::of(
            "Rows appended to a ledger, hashed, and let go or handed to a sink; there is no target but that of the \
             customers above, of whom each leaves five rows.",
            append(&engine)?,
        ),
        memory(&engine)?,
    ])
}

/// The measurements of this workspace.
struct Engine<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
}

impl Engine<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.workspace.command(&self.program);
        command.args(args);
        command
    }
}

/// A contender that is a program which prints a measurement; `check` looks at its answer.
pub(super) fn contender<'a>(
    name: &str,
    units: RangeInclusive<u64>,
    mut command: Command,
    check: impl Fn(&Value) -> anyhow::Result<()> + 'a,
) -> Contender<'a> {
    Contender::new(name, units, move || {
        let output = workspace::read(&mut command)?;
        let line: Value =
            serde_json::from_str(&output).with_context(|| format!("in its output `{output}`"))?;
        let whole = |key: &str| {
            line[key]
                .as_u64()
                .with_context(|| format!("its measurement has no whole number `{key}`"))
        };
        check(&line["answer"])?;
        Ok(Sample {
            wall: Duration::from_nanos(whole("wall_nanos")?),
            cpu: Some(Duration::from_nanos(whole("cpu_nanos")?)),
            units: whole("units")?,
        })
    })
}

fn number(answer: &Value, key: &str) -> anyhow::Result<f64> {
    answer[key]
        .as_f64()
        .with_context(|| format!("it answers no number `{key}`"))
}

/// Customers of one M/M/1 queue at 90 %; each contender's mean wait must be that of the theory.
fn customers(engine: &Engine<'_>, peers: &Peers<'_>) -> anyhow::Result<Comparison> {
    const COUNT: u64 = 1_000_000;
    const FEWER: u64 = 100_000;
    let plan = Plan {
        title: "Customers through one queue (M/M/1 at 90 %)".to_owned(),
        unit: "customer",
        clock: Clock::Cpu,
        rounds: 9,
    };
    let one = |name: &str, count: u64, command: Command| {
        contender(name, count..=count, command, move |answer| {
            check_mean_wait(number(answer, "mean_wait")?, count)
        })
    };
    let own = |recording: &str| engine.command(&["customers", &COUNT.to_string(), recording]);
    let contenders = vec![
        one("Pluriverse, ledger on", COUNT, own("on")),
        one("Pluriverse, ledger off", COUNT, own("off")),
        one(
            "Pluriverse, ledger in a Parquet file",
            COUNT,
            own("parquet"),
        ),
        one("loop by hand", COUNT, peers.rust("loop", COUNT)),
        one(
            "loop by hand, with rows",
            COUNT,
            peers.rust("loop-rows", COUNT),
        ),
        one("NeXosim 1.0", COUNT, peers.rust("nexosim", COUNT)),
        one("SimPy 4", FEWER, peers.python("mm1_simpy.py", FEWER)),
        one("Ciw 3", FEWER, peers.python("mm1_ciw.py", FEWER)),
    ];
    measure::compare(&plan, contenders)
}

/// Refuses a mean wait that is further than five standard errors from that of the theory, 9 mean services.
///
/// The variance of the mean of n successive waits is ρ(2 + 5ρ − 4ρ² + ρ³) / (1 − ρ)⁴ / n for large n. Source:
/// Daley, "The serial correlation coefficients of waiting times in a stationary single server queue", J. Austral.
/// Math. Soc. 8 (1968). Runs start empty, which the first few hundred customers feel and the mean does not.
fn check_mean_wait(mean: f64, customers: u64) -> anyhow::Result<()> {
    const LOAD: f64 = 0.9;
    let expected = LOAD / (1.0 - LOAD);
    let variance = LOAD * (2.0 + LOAD * (5.0 - LOAD * (4.0 - LOAD))) / (1.0 - LOAD).powi(4);
    let allowed = 5.0 * (variance / customers as f64).sqrt();
    ensure!(
        (mean - expected).abs() <= allowed,
        "the mean wait is {mean} services, expected {expected} ± {allowed}"
    );
    Ok(())
}

/// Days of the reference contact centre; units are simulated seconds, so a second gives × real time.
fn contact_centre(engine: &Engine<'_>) -> anyhow::Result<Comparison> {
    const DAYS: u64 = 2_000;
    // Calls a day: the published mean; chance and day factor together have a standard deviation of 92.
    let check = |answer: &Value| check_near(number(answer, "completed")?, 1_660.366, 10.0);
    real_time(
        engine,
        "The reference contact centre, 2,000 days of 13 h",
        ("contact-centre", DAYS, 13 * 3_600),
        check,
    )
}

/// One day of a centre of 5,000 agents.
fn mega_centre(engine: &Engine<'_>) -> anyhow::Result<Comparison> {
    // 23 hours of 60,000 calls and one of 66,000; their standard deviation is 1,200.
    let check = |answer: &Value| check_near(number(answer, "completed")?, 1_446_000.0, 6_000.0);
    real_time(
        engine,
        "A centre of 5,000 agents and 1.4 million calls, one day",
        ("mega-centre", 1, 86_400),
        check,
    )
}

fn check_near(got: f64, expected: f64, allowed: f64) -> anyhow::Result<()> {
    ensure!(
        (got - expected).abs() <= allowed,
        "{got} cases were completed, expected {expected} ± {allowed}"
    );
    Ok(())
}

/// A scenario (its name, runs, seconds of a run) with the ledger on and off, on one thread.
fn real_time(
    engine: &Engine<'_>,
    title: &str,
    (scenario, runs, secs): (&str, u64, u64),
    check: impl Fn(&Value) -> anyhow::Result<()> + Copy,
) -> anyhow::Result<Comparison> {
    let plan = Plan {
        title: title.to_owned(),
        unit: "simulated second",
        clock: Clock::Cpu,
        rounds: 9,
    };
    let one = |name: &str, recording: &str| {
        contender(
            name,
            whole_runs(runs, secs),
            scenario_runs(engine, scenario, (runs, 1), recording),
            check,
        )
    };
    measure::compare(
        &plan,
        vec![one("ledger on", "on"), one("ledger off", "off")],
    )
}

/// So many runs last at least so long, and little longer: at the end whoever is there is served.
pub(super) fn whole_runs(runs: u64, secs: u64) -> RangeInclusive<u64> {
    runs * secs..=runs * (secs + 3 * 3_600)
}

fn scenario_runs(
    engine: &Engine<'_>,
    scenario: &str,
    (runs, threads): (u64, u64),
    recording: &str,
) -> Command {
    let file = format!("scenarios/{scenario}.toml");
    engine.command(&[
        "scenario",
        &file,
        &runs.to_string(),
        &threads.to_string(),
        recording,
    ])
}

/// The contact centre's days on one thread and on two: the same ledgers, in how much of the time.
fn threads(engine: &Engine<'_>) -> anyhow::Result<Comparison> {
    const DAYS: u64 = 4_000;
    let plan = Plan {
        title: "Replications on threads (4,000 days of the contact centre), by the wall clock"
            .to_owned(),
        unit: "simulated second",
        clock: Clock::Wall,
        rounds: 9,
    };
    let agreed = Agreed::default();
    let one = |name: &str, threads: u64| {
        let command = scenario_runs(engine, "contact-centre", (DAYS, threads), "on");
        contender(name, whole_runs(DAYS, 13 * 3_600), command, |answer| {
            agreed.check(answer)
        })
    };
    measure::compare(&plan, vec![one("1 thread", 1), one("2 threads", 2)])
}

/// What all contenders of a comparison have to answer: what the first one did.
#[derive(Default)]
pub(super) struct Agreed(OnceCell<Value>);

impl Agreed {
    pub(super) fn check(&self, answer: &Value) -> anyhow::Result<()> {
        let first = self.0.get_or_init(|| answer.clone());
        ensure!(
            first == answer,
            "it answers {answer}, the first one {first}"
        );
        Ok(())
    }
}

/// The hold model: one pop and one push with so many events pending, against the standard library's heap.
fn hold(engine: &Engine<'_>) -> anyhow::Result<Table> {
    const HOLDS: u64 = 1 << 20;
    const COUNTS: [(u64, &str); 6] = [
        (3, "3"),
        (100, "100"),
        (1_000, "1,000"),
        (10_000, "10,000"),
        (100_000, "100,000"),
        (1_000_000, "1,000,000"),
    ];
    let mut comparisons = Vec::new();
    for shape in ["exponential", "uniform", "bimodal", "pareto"] {
        for (count, shown) in COUNTS {
            let plan = Plan {
                title: format!("{shape}, {shown} pending"),
                unit: "pop and push",
                clock: Clock::Cpu,
                rounds: 5,
            };
            let agreed = Agreed::default();
            let one = |name: &str, queue: &str| {
                let command = engine.command(&["hold", queue, shape, &count.to_string()]);
                contender(name, HOLDS..=HOLDS, command, |answer| agreed.check(answer))
            };
            let contenders = vec![one("BinaryHeap", "heap"), one("Pluriverse", "pluriverse")];
            comparisons.push(measure::compare(&plan, contenders)?);
        }
    }
    Ok(Table::of_situations(
        "Pending events (hold model)",
        "The next event taken out and another put in, with so many pending; the target is to be no slower than the \
         standard library's heap at any size.",
        comparisons,
    ))
}

/// Rows into a ledger: hashed and let go, and handed to a sink that drops them.
fn append(engine: &Engine<'_>) -> anyhow::Result<Comparison> {
    const ROWS: u64 = 20_000_000;
    let plan = Plan {
        title: "Rows of a ledger, appended and hashed".to_owned(),
        unit: "row",
        clock: Clock::Cpu,
        rounds: 9,
    };
    let agreed = Agreed::default();
    let one = |name: &str, target: &str| {
        let command = engine.command(&["append", target, &ROWS.to_string()]);
        contender(name, ROWS..=ROWS, command, |answer| agreed.check(answer))
    };
    let contenders = vec![one("let go", "hashed"), one("handed to a sink", "sink")];
    measure::compare(&plan, contenders)
}

/// A long run whose ledger goes to a file: memory must not grow with what happens. More than the target fails.
fn memory(engine: &Engine<'_>) -> anyhow::Result<Table> {
    const CUSTOMERS: u64 = 50_000_000;
    const MOST_BYTES: u64 = 500_000_000;
    println!("Memory of a long run, 1 round");
    let mut command = engine.command(&["customers", &CUSTOMERS.to_string(), "parquet"]);
    let output = workspace::read(&mut command)?;
    let line: Value =
        serde_json::from_str(&output).with_context(|| format!("in its output `{output}`"))?;
    let answer = &line["answer"];
    check_mean_wait(number(answer, "mean_wait")?, CUSTOMERS)?;
    let whole = |key: &str| {
        let value = answer[key].as_u64();
        value.with_context(|| format!("it answers no whole number `{key}`"))
    };
    let footprint = Footprint {
        name: "M/M/1 at 90 %, ledger in a Parquet file".to_owned(),
        events: whole("events")?,
        rows: whole("rows")?,
        peak_bytes: whole("peak_bytes")?,
    };
    ensure!(
        footprint.events >= 2 * CUSTOMERS && footprint.peak_bytes < MOST_BYTES,
        "{} events took {} bytes of memory, expected less than {MOST_BYTES}",
        footprint.events,
        footprint.peak_bytes
    );
    Ok(Table::of_memory(
        "Memory of a long run",
        "The most memory in use while a hundred million events are handled and their rows written to a file; the \
         target is less than 500 MB, however long the run.",
        vec![footprint],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_wait_is_held_against_the_theory() {
        // 189.5 / √n is the standard error.
        for (mean, customers, is_right) in [
            (9.9, 1_000_000, true),
            (10.0, 1_000_000, false),
            (8.0, 1_000_000, false),
            (10.0, 100_000, true),
            (f64::NAN, 100_000, false),
        ] {
            assert_eq!(
                check_mean_wait(mean, customers).is_ok(),
                is_right,
                "{mean} of {customers}"
            );
        }
    }

    #[test]
    fn all_have_to_answer_what_the_first_did() {
        let agreed = Agreed::default();
        assert!(agreed.check(&Value::from(1)).is_ok());
        assert!(agreed.check(&Value::from(1)).is_ok());
        assert!(agreed.check(&Value::from(2)).is_err());
    }

    #[test]
    fn a_measurement_is_read_from_a_line() {
        let mut command = Command::new("echo");
        command.arg(r#"{"units":2,"cpu_nanos":10,"wall_nanos":20,"answer":{"mean_wait":9}}"#);
        let check = |answer: &Value| {
            ensure!(number(answer, "mean_wait")? == 9.0);
            Ok(())
        };
        let plan = Plan {
            title: "test".to_owned(),
            unit: "customer",
            clock: Clock::Cpu,
            rounds: 1,
        };
        let rows = measure::compare(&plan, vec![contender("echo", 2..=2, command, check)])
            .unwrap()
            .rows;
        assert_eq!(
            (rows[0].nanos.median, rows[0].wall_nanos.median),
            (5.0, 10.0)
        );
        let silent = contender("true", 2..=2, Command::new("true"), |_| Ok(()));
        assert!(measure::compare(&plan, vec![silent]).is_err());
    }
}
