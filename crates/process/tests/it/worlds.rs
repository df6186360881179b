//! Scenarios in a few lines, run to their end, and what they left: rows, told one a line, and figures by name.

pub(crate) mod orders;
pub(crate) mod random;

use std::{fmt::Write as _, fs, path::PathBuf, sync::Mutex};

use pluriverse_kernel::{
    ledger::{Dictionary, Ledger, NONE, Row},
    replicate::{Observer, Outcome, RunPlan, Unobserved, Verdict, replicate},
    scenario::{Draft, FileSource, RunKey},
    time::{SimDuration, SimTime},
    view::{Measures, Outline, Series},
    world::{Progress, RunError, World},
};
use pluriverse_process::{reader::read, scenario::ProcessScenario};
use pluriverse_stats::RatioTally;

use crate::reader::Files;

/// The run that tests make when it does not matter which.
pub(crate) const KEY: RunKey = RunKey {
    seed: 1,
    replication: 0,
};

/// A scenario that may be more than its text.
#[derive(Clone, Copy)]
pub(crate) struct Draught<'c> {
    /// The text; `kind` is added where it is missing.
    pub(crate) text: &'c str,
    pub(crate) overrides: &'c [(&'c str, &'c str)],
    pub(crate) files: &'c [(&'c str, &'c str)],
}

impl Draught<'_> {
    /// Reads it; warnings are no matter here.
    pub(crate) fn scenario(self) -> ProcessScenario {
        let text = if self.text.contains("kind =") {
            self.text.to_owned()
        } else {
            format!("kind = \"process\"\n{}", self.text)
        };
        read_scenario("world.toml", &text, self.overrides, &Files(self.files))
    }
}

/// The scenario of a text.
pub(crate) fn scenario(text: &str) -> ProcessScenario {
    Draught {
        text,
        overrides: &[],
        files: &[],
    }
    .scenario()
}

/// A run that is over.
pub(crate) struct Story {
    pub(crate) rows: Vec<Row>,
    pub(crate) dictionary: Dictionary,
    pub(crate) outline: Outline,
    pub(crate) measures: Measures,
    pub(crate) now: SimTime,
    pub(crate) end: Result<Progress, RunError>,
}

/// Runs a scenario to its end, with every row kept.
pub(crate) fn live(scenario: &ProcessScenario) -> Story {
    let mut world = scenario.simulation(KEY, Ledger::in_memory());
    let end = world.run(u64::MAX);
    Story::of(&world, end)
}

impl Story {
    /// What a world has left so far.
    pub(crate) fn of(world: &dyn World, end: Result<Progress, RunError>) -> Self {
        Self {
            rows: rows(world.ledger()),
            dictionary: world.ledger().dictionary().clone(),
            outline: world.outline(),
            measures: world.measures(),
            now: world.now(),
            end,
        }
    }

    /// A figure, when something was observed.
    pub(crate) fn figure(&self, name: &str) -> Option<f64> {
        self.measures.scalars[position(&self.outline, name)].value()
    }

    /// Figures, one a line.
    pub(crate) fn figures(&self, names: &[&str]) -> String {
        let mut told = String::new();
        for name in names {
            match self.figure(name) {
                Some(value) => writeln!(told, "{name} = {}", rounded(value)).unwrap(),
                None => writeln!(told, "{name} is not known").unwrap(),
            }
        }
        told
    }

    /// A series by its chart and name, one period after the other.
    pub(crate) fn series(&self, chart: &str, name: &str) -> String {
        let is_it = |series: &Series| series.chart == chart && series.name == name;
        let index = self.outline.series.iter().position(is_it);
        let index = index.unwrap_or_else(|| panic!("there is no series {chart}: {name}"));
        let periods = self.measures.series[index].iter().map(|seen| {
            let value = seen.value();
            value.map_or_else(|| "-".to_owned(), rounded)
        });
        format!(
            "{chart} of {name}: {}\n",
            periods.collect::<Vec<_>>().join(", ")
        )
    }

    /// All rows but `enter`, one a line; what comes of it says where a case entered.
    pub(crate) fn told(&self) -> String {
        let mut told = String::new();
        for row in &self.rows {
            let kind = &self.dictionary.kinds[usize::from(row.kind)];
            if kind.name != "enter" {
                writeln!(told, "{}", self.line(row)).unwrap();
            }
        }
        match &self.end {
            Ok(_) => writeln!(told, "{}", column(self.now, "over")).unwrap(),
            Err(error) => writeln!(told, "{error}").unwrap(),
        }
        told
    }

    fn line(&self, row: &Row) -> String {
        let kind = &self.dictionary.kinds[usize::from(row.kind)];
        let name = |noun: Option<u16>, number: u32| {
            let noun = noun.filter(|_| number != NONE);
            noun.map(|noun| self.dictionary.nouns[usize::from(noun)].name_of(number))
                .unwrap_or_default()
        };
        let (subject, object) = (
            name(kind.subject, row.subject),
            name(kind.object, row.object),
        );
        let secs = || SimDuration::from_secs_f64(row.value).unwrap();
        let what = match kind.name.as_str() {
            "arrive" => format!("{subject} from {object}"),
            "start" => format!("{subject} {object} (waited {})", secs()),
            "end" => format!("{subject} {object} (served {})", secs()),
            "leave" => format!("{subject} (after {})", secs()),
            "abandon" => format!("{subject} {object} (waited {})", secs()),
            "preempt" => format!("{subject} {object} ({} left)", secs()),
            "shift" => format!("{subject} has {}", row.value),
            "staff" => format!("{subject} shall have {}", row.value),
            "done" => format!("{subject} {object}"),
            _ => format!("{subject} {object} ({} waiting)", row.value),
        };
        format!("{}{what}", column(row.time, &kind.name))
    }
}

fn column(time: SimTime, what: &str) -> String {
    let time = time.to_string();
    let line = format!("{time:<8} {what:<8}");
    if what == "over" {
        line.trim_end().to_owned()
    } else {
        line
    }
}

/// Without the noise of the last digits.
fn rounded(value: f64) -> String {
    let shown = format!("{value:.6}");
    shown.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// All rows of a ledger that kept them.
pub(crate) fn rows(ledger: &Ledger) -> Vec<Row> {
    let chunks = ledger.chunks();
    chunks
        .flat_map(|chunk| (0..chunk.len()).map(|index| chunk.row(index)))
        .collect()
}

/// Where an outline has the scalar of this name.
pub(crate) fn position(outline: &Outline, name: &str) -> usize {
    let found = outline.scalars.iter().position(|info| info.name == name);
    found.unwrap_or_else(|| {
        let names: Vec<&str> = outline
            .scalars
            .iter()
            .map(|info| info.name.as_str())
            .collect();
        panic!("there is no figure {name} among {names:?}")
    })
}

/// Independent replications of a scenario, on both cores.
pub(crate) fn replications(scenario: &ProcessScenario, replications: u64) -> Outcome {
    let plan = RunPlan {
        seed: 1,
        replications,
        threads: 2,
    };
    replicate(scenario, plan, &|_| Some(Ledger::off()), &Unobserved).unwrap()
}

/// A scalar over the replications.
pub(crate) fn tally<'o>(outcome: &'o Outcome, name: &str) -> &'o RatioTally {
    &outcome.scalars[position(&outcome.outline, name)]
}

/// Something of each of many independent runs, in their order, from both cores.
pub(crate) fn samples<T: Send>(
    scenario: &ProcessScenario,
    replications: u64,
    sample: impl Fn(&dyn World) -> T + Sync,
) -> Vec<T> {
    struct Sampler<F, T> {
        sample: F,
        taken: Mutex<Vec<(u64, T)>>,
    }
    impl<F: Fn(&dyn World) -> T + Sync, T: Send> Observer for Sampler<F, T> {
        fn moved(&self, _key: RunKey, _now: SimTime, _events: u64) -> Verdict {
            Verdict::Continue
        }

        fn completed(&self, key: RunKey, world: &dyn World) {
            let value = (self.sample)(world);
            self.taken.lock().unwrap().push((key.replication, value));
        }
    }
    let sampler = Sampler {
        sample,
        taken: Mutex::new(Vec::new()),
    };
    let plan = RunPlan {
        seed: 1,
        replications,
        threads: 2,
    };
    replicate(scenario, plan, &|_| Some(Ledger::off()), &sampler).unwrap();
    let mut taken = sampler.taken.into_inner().unwrap();
    taken.sort_by_key(|(replication, _)| *replication);
    taken.into_iter().map(|(_, value)| value).collect()
}

/// The folder of the scenarios that come with the project.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn scenarios() -> Self {
        Self(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios"))
    }

    /// The names of all scenarios of this kind.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names
            .filter(|name| name.ends_with(".toml"))
            .filter(|name| self.text(name).contains("kind = \"process\""))
            .collect();
        names.sort();
        names
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl FileSource for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }
}

/// A scenario that comes with the project.
pub(crate) fn committed(name: &str, overrides: &[(&str, &str)]) -> ProcessScenario {
    let folder = Folder::scenarios();
    read_scenario(name, &folder.text(name), overrides, &folder)
}

pub(crate) fn read_scenario(
    file: &str,
    text: &str,
    overrides: &[(&str, &str)],
    files: &dyn FileSource,
) -> ProcessScenario {
    let overrides: Vec<(String, String)> = overrides
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let draft = Draft {
        file,
        text,
        overrides: &overrides,
        files,
    };
    match read(draft) {
        Ok((spec, _)) => ProcessScenario::new(spec),
        Err(findings) => {
            let messages: Vec<String> = findings
                .iter()
                .map(|finding| format!("{}: {}", finding.message, finding.expected))
                .collect();
            panic!("{}\n{text}", messages.join("\n"));
        }
    }
}

/// All scenarios that come with the project, each cut to some thousand cases.
pub(crate) fn short_scenarios() -> Vec<(String, Vec<(&'static str, String)>)> {
    let names = Folder::scenarios().names().into_iter();
    let shortened = names.map(|name| {
        let until = committed(&name, &[]).spec().run.until;
        let overrides = if name == "mega-centre.toml" {
            vec![
                ("run.until", "'10m'".to_owned()),
                ("run.period", "'2m'".to_owned()),
            ]
        } else if until.nanos() > SimDuration::from_secs(1_000_000).nanos() && until < SimTime::MAX
        {
            vec![
                ("run.until", "'1000m'".to_owned()),
                ("run.warm_up", "'100m'".to_owned()),
            ]
        } else {
            Vec::new()
        };
        (name, overrides)
    });
    shortened.collect()
}
