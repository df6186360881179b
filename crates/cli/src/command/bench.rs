//! `pluriverse bench SCENARIO`: how fast a scenario runs on this machine.
//!
//! One thread, runs with and without recording by turns after a first one that does not count. Every run must
//! handle the same events and the recorded ones must agree on the hash, or nothing is reported: a fast wrong
//! answer is none.

use std::{fmt::Write, time::Instant};

use pluriverse_kernel::{
    ledger::{Ledger, LedgerHash},
    replicate::{Observer, Outcome, RunPlan, Verdict, replicate},
    scenario::{RunKey, Scenario},
    time::SimTime,
};
use serde::Serialize;

use pluriverse_report::quantity;

use crate::{
    args::{self, Format, ScenarioArgs},
    failure::{Failure, Fault, finding},
    interrupt::{self, Interrupt},
    json, output, render, scenario_file,
};

const AFTER_HELP: &str = "\
Examples:
  pluriverse bench ward.toml
  pluriverse bench ward.toml --repeat 20 --until 365d --format json";

/// Flags of `bench`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// How many times to run, with and without recording each
    #[arg(long, value_name = "COUNT", default_value = "5", value_parser = args::positive_count, allow_hyphen_values = true)]
    repeat: u64,
    /// Replications in each run; by default one
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = args::positive_count, allow_hyphen_values = true)]
    replications: u64,
    /// Seed of the random numbers; by default the scenario's
    #[arg(long, value_name = "NUMBER", value_parser = args::seed, allow_hyphen_values = true)]
    seed: Option<u64>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Whether a run is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recording {
    On,
    Off,
}

#[derive(Serialize)]
struct Document<'a> {
    scenario: &'a str,
    kind: &'a str,
    seed: u64,
    replications: u64,
    repeat: u64,
    events: u64,
    cases: Option<f64>,
    sim_seconds: f64,
    ledger_hash: Option<String>,
    ledger_on: Speeds,
    ledger_off: Speeds,
}

/// How fast runs of one sort were.
#[derive(Serialize)]
struct Speeds {
    wall_seconds: Spread,
    events_per_second: Spread,
    ns_per_event: Spread,
    ns_per_case: Option<Spread>,
    speedup: Spread,
}

/// A figure over the repeated runs.
#[derive(Clone, Copy, Serialize)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        } else {
            at(middle)
        };
        Self {
            median,
            min: at(0),
            max: at(values.len().saturating_sub(1)),
        }
    }
}

/// Ends a bench where the user wants it to.
struct Listener(&'static Interrupt);

impl Observer for Listener {
    fn moved(&self, _key: RunKey, _now: SimTime, _events: u64) -> Verdict {
        if self.0.is_requested() {
            Verdict::Stop
        } else {
            Verdict::Continue
        }
    }
}

pub(super) fn run(args: &BenchArgs) -> Result<(), Failure> {
    let loaded = scenario_file::load(&args.scenario.scenario, args.scenario.overrides())?;
    render::tell(&loaded.warnings, std::slice::from_ref(&loaded.source));
    let scenario = &*loaded.scenario;
    let seed = args.seed.unwrap_or(scenario.defaults().seed);
    let plan = RunPlan {
        seed,
        replications: args.replications,
        threads: 1,
    };
    let mut bench = Bench {
        scenario,
        plan,
        listener: Listener(interrupt::listen()?),
        first: None,
    };
    let (mut on, mut off) = (Vec::new(), Vec::new());
    bench.time(Recording::On)?;
    for _ in 0..args.repeat {
        on.push(bench.time(Recording::On)?);
        off.push(bench.time(Recording::Off)?);
    }
    let Some(first) = &bench.first else {
        return Err(Failure::told(Fault::Run));
    };
    let document = Document {
        scenario: scenario.name(),
        kind: scenario.kind(),
        seed,
        replications: args.replications,
        repeat: args.repeat,
        events: first.events,
        cases: cases(first),
        sim_seconds: first.sim_seconds,
        ledger_hash: first.ledger_hash.map(|hash| hash.to_string()),
        ledger_on: speeds(first, &on),
        ledger_off: speeds(first, &off),
    };
    output::print(&match args.format {
        Format::Json => json::print(&document),
        Format::Table => table(&document),
    })
}

struct Bench<'a> {
    scenario: &'a dyn Scenario,
    plan: RunPlan,
    listener: Listener,
    first: Option<Outcome>,
}

impl Bench<'_> {
    /// Seconds that the plan takes.
    fn time(&mut self, recording: Recording) -> Result<f64, Failure> {
        let ledgers = |_: RunKey| match recording {
            Recording::On => None,
            Recording::Off => Some(Ledger::off()),
        };
        let begun = Instant::now();
        let outcome = replicate(self.scenario, self.plan, &ledgers, &self.listener)?;
        let took = begun.elapsed().as_secs_f64();
        if !outcome.is_complete {
            return Err(Failure::told(Fault::Run));
        }
        let first = self.first.get_or_insert_with(|| outcome.clone());
        let same_hash = recording == Recording::Off || outcome.ledger_hash == first.ledger_hash;
        if outcome.events != first.events || !same_hash {
            let told = |outcome: &Outcome| {
                let hash = outcome
                    .ledger_hash
                    .as_ref()
                    .map_or_else(|| "none".to_owned(), LedgerHash::to_string);
                format!("{} events, ledger {hash}", outcome.events)
            };
            let message = format!(
                "two runs of the same thing differ: {}; {}",
                told(first),
                told(&outcome)
            );
            return Err(Failure::run(
                finding(message).help("this is a defect of pluriverse: please report it"),
            ));
        }
        Ok(took.max(1e-9))
    }
}

/// How many cases arrived in all replications, where the world counts them; what is counted again further on
/// (`desk.arrivals` after `callers.arrivals`) does not count.
fn cases(outcome: &Outcome) -> Option<f64> {
    let mut scalars = outcome.outline.scalars.iter().zip(&outcome.scalars);
    let (_, arrivals) = scalars.find(|(scalar, _)| scalar.name.ends_with(".arrivals"))?;
    Some(arrivals.estimate()?.mean * arrivals.count() as f64).filter(|cases| *cases > 0.0)
}

fn speeds(outcome: &Outcome, walls: &[f64]) -> Speeds {
    let events = (outcome.events as f64).max(1.0);
    let spread =
        |figure: &dyn Fn(f64) -> f64| Spread::of(walls.iter().map(|wall| figure(*wall)).collect());
    Speeds {
        wall_seconds: spread(&|wall| wall),
        events_per_second: spread(&|wall| outcome.events as f64 / wall),
        ns_per_event: spread(&|wall| wall * 1e9 / events),
        ns_per_case: cases(outcome).map(|cases| spread(&|wall| wall * 1e9 / cases)),
        speedup: spread(&|wall| outcome.sim_seconds / wall),
    }
}

fn table(document: &Document<'_>) -> String {
    let mut text = format!("{}\n", document.scenario);
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:12}  {value}");
    };
    line(
        "runs",
        format!(
            "{} of {} replications each, seed {}",
            document.repeat, document.replications, document.seed
        ),
    );
    line("events", quantity::whole(document.events));
    if let Some(cases) = document.cases {
        line("cases", quantity::compact(cases));
    }
    line("simulated", quantity::duration(document.sim_seconds));
    if let Some(hash) = &document.ledger_hash {
        let name = if document.replications > 1 {
            "ledgers"
        } else {
            "ledger"
        };
        line(name, hash.clone());
    }
    let (on, off) = (&document.ledger_on, &document.ledger_off);
    let _ = writeln!(
        text,
        "\n{:14}  {:>30}  {:>30}",
        "", "ledger on", "ledger off"
    );
    let mut row = |name: &str, on: Spread, off: Spread| {
        let show = |spread: Spread| {
            let [median, min, max] = [spread.median, spread.min, spread.max].map(quantity::compact);
            format!("{median} ({min} – {max})")
        };
        let _ = writeln!(text, "{name:14}  {:>30}  {:>30}", show(on), show(off));
    };
    row("events/s", on.events_per_second, off.events_per_second);
    row("ns per event", on.ns_per_event, off.ns_per_event);
    if let (Some(on), Some(off)) = (on.ns_per_case, off.ns_per_case) {
        row("ns per case", on, off);
    }
    row("× real time", on.speedup, off.speedup);
    text.push_str("median (least – most)\n");
    text
}
