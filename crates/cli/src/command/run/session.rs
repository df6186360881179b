//! One call of `run`: the runs themselves, and what is told of them.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use pluriverse_kernel::{
    clock::{Punctuality, RealtimeClock},
    ledger::Ledger,
    replicate::{Outcome, RunPlan, replicate},
    scenario::RunKey,
    time::SimTime,
    world::RunError,
};

use super::{ClockChoice, RunArgs};
use pluriverse_report::{self as report, Report};

use crate::{
    args::Format,
    drive::{Drive, Pace},
    failure::{Failure, finding},
    interrupt::Interrupt,
    json,
    ledger_file::LedgerFile,
    outfile::Claim,
    output,
    progress::{Progress, Shown},
    realtime::{self, Wall},
    render,
    results::{Ending, Past, Results},
    scenario_file::Loaded,
    table, version,
};

/// What a run came to, before it is told.
pub(super) struct Finished {
    plan: RunPlan,
    outcome: Outcome,
    pub(super) ending: Ending,
    past: Past,
    wall: Duration,
    punctuality: Option<Punctuality>,
    pub(super) snapshot: Option<Vec<u8>>,
}

/// One call of `run`.
pub(super) struct Session<'a> {
    pub(super) args: &'a RunArgs,
    pub(super) loaded: &'a Loaded,
    pub(super) plan: RunPlan,
    pub(super) interrupt: &'static Interrupt,
}

impl Session<'_> {
    fn progress(&self) -> Progress {
        let shown = if self.args.quiet {
            Shown::Never
        } else {
            Shown::OnTerminals
        };
        let until = self.loaded.scenario.defaults().until;
        let until = [until, self.limit()].into_iter().flatten().min();
        Progress::new(self.plan, until, shown, self.interrupt)
    }

    fn limit(&self) -> Option<SimTime> {
        self.args
            .pause_at
            .map(|after| SimTime::ZERO.saturating_add(after))
    }

    pub(super) fn run_batch(&self, ledger: Option<LedgerFile>) -> Result<Finished, Failure> {
        if ledger.is_some() && self.plan.replications > 1 {
            let count = self.plan.replications;
            self.args.tell(&format!(
                "note: --ledger records replication 0 of {count}\n"
            ));
        }
        let recorded = Mutex::new(ledger.map(|file| Ledger::to_sink(Box::new(file))));
        let ledgers = |key: RunKey| match key.replication {
            0 => recorded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
            _ => None,
        };
        let progress = self.progress();
        let outcome = replicate(&*self.loaded.scenario, self.plan, &ledgers, &progress);
        let wall = progress.end();
        let outcome = outcome.map_err(|error| self.failed(error))?;
        let ending = if outcome.is_complete {
            Ending::Finished
        } else {
            Ending::Interrupted
        };
        let past = Past::default();
        Ok(Finished {
            plan: self.plan,
            outcome,
            ending,
            past,
            wall,
            punctuality: None,
            snapshot: None,
        })
    }

    pub(super) fn run_one(
        &self,
        ledger: Option<LedgerFile>,
        from: Option<&[u8]>,
    ) -> Result<Finished, Failure> {
        let key = RunKey {
            seed: self.plan.seed,
            replication: 0,
        };
        let scenario = &*self.loaded.scenario;
        let cut = ledger.as_ref().map(LedgerFile::cut_reason);
        let ledger = ledger.map_or_else(Ledger::hashed, |file| Ledger::to_sink(Box::new(file)));
        let mut world = scenario.world(key, ledger);
        if let Some(from) = from {
            world.restore(from)?;
        }
        let past = Past {
            events: world.events(),
            sim_seconds: world.now().as_secs_f64(),
        };
        let limit = self.limit();
        if let Some(limit) = limit.filter(|limit| *limit <= world.now() && from.is_some()) {
            let message = format!(
                "--pause-at {limit}: the snapshot is at {} already",
                world.now()
            );
            return Err(Failure::input(finding(message).help("name a later time")));
        }
        // It measures the time that passes, of which the clock's time is a part.
        let progress = self.progress();
        progress.resume(world.key(), world.now());
        let mut pace = match self.args.clock {
            ClockChoice::Simulated => Pace::Unhurried,
            ClockChoice::Realtime => Pace::Wall(Wall::hang(self.clock()?, world.now())),
        };
        let end = scenario.defaults().until;
        let drive = Drive {
            world: &mut *world,
            limit,
            end,
            observer: &progress,
            interrupt: self.interrupt,
        };
        let ending = drive.run(&mut pace);
        let wall = progress.end();
        if let (Some(cut), Ok(Ending::PausedAt(at))) = (cut, &ending) {
            cut.get_or_init(|| format!("the run was paused at {at}"));
        }
        let closed = world.finish_ledger().map_err(RunError::Ledger);
        let ending = ending
            .and_then(|ending| closed.map(|()| ending))
            .map_err(|error| self.failed(error))?;
        Ok(Finished {
            plan: RunPlan {
                seed: world.key().seed,
                ..self.plan
            },
            outcome: Outcome::of(&*world),
            ending,
            past,
            wall,
            punctuality: match &pace {
                Pace::Unhurried => None,
                Pace::Wall(wall) => Some(wall.punctuality()),
            },
            snapshot: self.args.snapshot.as_ref().map(|_| world.snapshot()),
        })
    }

    fn failed(&self, error: RunError) -> Failure {
        if let (Some(path), false) = (&self.args.ledger, matches!(error, RunError::Ledger(_))) {
            self.args.tell(&format!(
                "note: `{}` has every event up to the failure\n",
                path.display()
            ));
        }
        error.into()
    }

    fn clock(&self) -> Result<RealtimeClock, Failure> {
        let rate = self.args.rate.unwrap_or(1.0);
        self.args.tell(&format!(
            "following the wall clock at {rate} × real time; Ctrl-C stops\n"
        ));
        RealtimeClock::new(rate, realtime::TOLERANCE)
            .map_err(|error| Failure::input(finding(error.to_string())))
    }

    fn results<'r>(&'r self, finished: &'r Finished) -> Results<'r> {
        let sources = std::slice::from_ref(&self.loaded.source);
        Results {
            scenario: &*self.loaded.scenario,
            plan: finished.plan,
            outcome: &finished.outcome,
            ending: finished.ending,
            past: finished.past,
            wall: finished.wall,
            punctuality: finished.punctuality,
            warnings: self
                .loaded
                .warnings
                .iter()
                .map(|warning| render::one_line(warning, sources))
                .collect(),
        }
    }

    pub(super) fn print(&self, finished: &Finished) -> Result<(), Failure> {
        let results = self.results(finished);
        output::print(&match self.args.format {
            Format::Table => table::document(&results, output::columns()),
            Format::Json => json::document(&results),
        })
    }

    pub(super) fn write_report(
        &self,
        finished: &Finished,
        claim: Option<Claim>,
    ) -> Result<(), Failure> {
        let Some(claim) = claim else { return Ok(()) };
        let Results {
            scenario,
            plan,
            outcome,
            warnings,
            ..
        } = self.results(finished);
        let page = report::html(&Report {
            title: scenario.title(),
            scenario_name: scenario.name(),
            kind: scenario.kind(),
            scenario_text: &self.loaded.source.text,
            file: &self.loaded.source.name,
            overrides: &self.loaded.overrides,
            seed: plan.seed,
            replications: plan.replications,
            version: &version::SHOWN,
            wall_seconds: finished.wall.as_secs_f64(),
            threads: plan.threads,
            warnings: &warnings,
            outcome,
        });
        claim.write(page.as_bytes())
    }
}
