//! What a model gets that says no more than it must: figures by name, an empty record, and no snapshots.

use expect_test::expect;
use pluriverse_kernel::prelude::*;

/// Ticks once a second, five times.
#[derive(Clone, Default)]
struct Metronome {
    ticks: Observation,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Tick;

impl Model for Metronome {
    type Event = Tick;
    const KIND: &'static str = "metronome";

    fn start(&mut self, cx: &mut Context<Tick>) {
        cx.set_horizon(SimTime::from_secs(5));
        cx.schedule_after(SimDuration::from_secs(1), Tick);
    }

    fn handle(&mut self, now: SimTime, _tick: Tick, cx: &mut Context<Tick>) {
        self.ticks.add(now.as_secs_f64());
        cx.schedule_after(SimDuration::from_secs(1), Tick);
    }

    fn figures(&self, now: SimTime) -> Vec<Figure> {
        vec![
            Figure::new("ticked_at", Unit::Seconds, self.ticks),
            Figure::new(
                "lasted",
                Unit::Seconds,
                Observation::plain(now.as_secs_f64()),
            ),
        ]
    }
}

fn metronome() -> Simulation<Metronome> {
    Simulation::new(Metronome::default(), KEY, Ledger::hashed())
}

const KEY: RunKey = RunKey {
    seed: 1,
    replication: 0,
};

#[test]
fn figures_are_all_that_is_measured() {
    let outcome = RunPlan::new(1, 2)
        .run(&Prototype::new("metronome", Metronome::default()))
        .unwrap();
    let mean = |name| outcome.estimate(name).map(|estimate| estimate.mean);
    assert_eq!(mean("ticked_at"), Some(3.0));
    assert_eq!(mean("lasted"), Some(5.0));
    assert_eq!(mean("tocked_at"), None);
    assert_eq!((outcome.events, outcome.rows), (10, 0));
}

#[test]
fn a_world_that_saves_no_state_says_so_and_goes_on() {
    let mut world = metronome();
    world.keep_checkpoints(None);
    world.run_until(SimTime::from_secs(3), u64::MAX).unwrap();
    let refusals = [
        world.restore(&world.snapshot()).err(),
        world.branch(Ledger::hashed()).err(),
        world.seek(SimTime::ZERO).err(),
    ];
    for refusal in refusals {
        expect!["a `metronome` world has no snapshots: its model does not save its state"]
            .assert_eq(&refusal.unwrap().to_string());
    }
    assert_eq!(world.run(u64::MAX).unwrap(), Progress::Finished);
    assert_eq!((world.now(), world.events()), (SimTime::from_secs(5), 5));
}

/// Asks for one exponential duration of this mean.
#[derive(Clone)]
struct Nap {
    mean_secs: f64,
}

impl Model for Nap {
    type Event = ();
    const KIND: &'static str = "nap";

    fn start(&mut self, cx: &mut Context<()>) {
        let [naps] = cx.open_streams(["nap"]);
        let nap = cx.exponential(naps, self.mean_secs);
        cx.schedule_after(nap, ());
    }

    fn handle(&mut self, _now: SimTime, (): (), _cx: &mut Context<()>) {}
}

#[test]
fn a_mean_that_makes_no_duration_ends_the_run() {
    let run = |mean_secs| Simulation::new(Nap { mean_secs }, KEY, Ledger::off()).run(u64::MAX);
    assert_eq!(run(0.0), Ok(Progress::Finished));
    assert!(matches!(run(-1.0), Err(RunError::InThePast { .. })));
    assert!(matches!(run(1e300), Err(RunError::Model { .. })));
    expect!["the run ended at 0s: a draw of mean NaN s is no duration"]
        .assert_eq(&run(f64::NAN).unwrap_err().to_string());
}
