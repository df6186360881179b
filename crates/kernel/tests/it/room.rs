//! The room of the examples: heat is conserved, the solution is the equation's, and a world that was driven from
//! outside comes to the same when what drove it is replayed, whatever the way.

use std::sync::mpsc;

use pluriverse_kernel::{
    executor::{Completion, Executor, Work},
    ledger::Ledger,
    simulation::Simulation,
    time::{SimDuration, SimTime},
    world::{Input, InputError, World},
};
use proptest::prelude::*;

#[path = "../../examples/thermostat/room.rs"]
mod model;

use model::{Room, Walls, burnt, input_of, outside, wish};

use crate::{
    ways::Trial,
    worlds::{KEY, Outcome, secs},
};

const DAY: SimTime = SimTime::from_secs(86_400);

fn world(celsius: f64) -> Simulation<Room> {
    Simulation::new(Room::new(Walls::COTTAGE, celsius), KEY, Ledger::in_memory())
}

/// A cold day with two wishes; at odd seconds, so that nothing else happens at the same instant.
fn day() -> Vec<(SimTime, Input)> {
    let weather = (0..24).map(|hour| {
        let celsius = -4.0 - 3.0 * libm::cos(f64::from(hour) * 0.26);
        (secs(i64::from(hour) * 3_600 + 13), outside(celsius))
    });
    let wishes =
        [(6, 21.0), (22, 16.0)].map(|(hour, celsius)| (secs(hour * 3_600 + 77), wish(celsius)));
    let mut inputs: Vec<_> = weather.chain(wishes).collect();
    inputs.sort_by_key(|(at, _)| *at);
    inputs
}

/// Leaves all work to somebody outside.
struct Entrusting(mpsc::Sender<(SimTime, Work)>);

impl Executor for Entrusting {
    fn begin(&mut self, now: SimTime, work: Work) -> Completion {
        let _ = self.0.send((now, work));
        Completion::External
    }
}

fn nobody() -> Box<dyn Executor> {
    Box::new(Entrusting(mpsc::channel().0))
}

/// A day of which a stove outside does the work in `burns` of what was drawn: (world, drawn durations).
fn live(burns: impl Fn(SimDuration) -> SimDuration) -> (Simulation<Room>, Vec<SimDuration>) {
    let (orders, taken) = mpsc::channel();
    let mut world = world(12.0);
    world.set_executor(Box::new(Entrusting(orders)));
    world.start().unwrap();
    let (mut coming, mut drawn) = (day(), Vec::new());
    loop {
        for (begun, work) in taken.try_iter() {
            drawn.push(work.drawn);
            let at = begun.saturating_add(burns(work.drawn));
            let place = coming.partition_point(|(other, _)| *other <= at);
            coming.insert(place, (at, burnt()));
        }
        let input = coming.first().map(|(at, _)| *at);
        let next = world.next_time().into_iter().chain(input).min();
        let Some(next) = next.filter(|next| *next <= DAY) else {
            break;
        };
        while coming.first().is_some_and(|(at, _)| *at <= next) {
            let (at, input) = coming.remove(0);
            world.input(at, input).unwrap();
        }
        world.run_until(next, u64::MAX).unwrap();
    }
    world.run_until(DAY, u64::MAX).unwrap();
    (world, drawn)
}

fn simulated() -> Simulation<Room> {
    let mut world = world(12.0);
    world.start().unwrap();
    for (at, input) in day() {
        world.input(at, input).unwrap();
    }
    world.run_until(DAY, u64::MAX).unwrap();
    world
}

fn inputs_of(ledger: &Ledger) -> Vec<(SimTime, Input)> {
    (0..ledger.rows())
        .filter_map(|number| input_of(&ledger.row(number).unwrap()))
        .collect()
}

/// What the room holds more is what came in less what went out, whenever one looks.
#[test]
fn heat_is_conserved() {
    for world in [simulated(), live(|_| SimDuration::from_secs(500)).0] {
        let room = world.model();
        for minutes in (0..10_000).step_by(7) {
            let now = DAY.saturating_add(SimDuration::from_secs(minutes * 60));
            let (celsius, account) = room.at(now);
            let held = room.walls().capacity * (celsius - 12.0);
            let balance = account.heated - account.lost - held;
            // Some hundred sums of doubles of at most 1e10 J.
            assert!(balance.abs() < 1e-3, "{balance} J are missing at {now}");
            let secs = now.as_secs_f64();
            assert!((account.secs - secs).abs() < 1e-6 && account.heating_secs <= secs);
        }
    }
}

/// Without heater the difference to the outside falls by 1/e in each time constant.
#[test]
fn an_unheated_room_cools_exponentially() {
    let mut world = world(20.0);
    world.start().unwrap();
    world.input(secs(0), outside(0.0)).unwrap();
    world.run_until(secs(1), u64::MAX).unwrap();
    let time_constant = Walls::COTTAGE.time_constant();
    for constants in [0.1, 0.5, 1.0, 1.3] {
        let secs = constants * time_constant;
        let now = SimTime::ZERO.saturating_add(SimDuration::from_secs_f64(secs).unwrap());
        let (celsius, _) = world.model().at(now);
        let expected = 20.0 * libm::exp(-constants);
        assert!(
            (celsius - expected).abs() < 1e-9,
            "{celsius} after {constants} time constants"
        );
    }
}

/// The events are where a numerical solution of the equation crosses the thresholds.
#[test]
fn the_equation_is_solved() {
    let world = simulated();
    let walls = Walls::COTTAGE;
    let ledger = world.ledger();
    let (mut celsius, mut air, mut goal, mut heating) = (12.0, 12.0, 5.0, false);
    let mut at = 0.0;
    for number in 0..ledger.rows() {
        let row = ledger.row(number).unwrap();
        let span = row.time.as_secs_f64() - at;
        at = row.time.as_secs_f64();
        let slope = |celsius: f64| {
            let power = if heating { walls.power } else { 0.0 };
            (power - walls.loss * (celsius - air)) / walls.capacity
        };
        celsius = runge_kutta(celsius, span, slope);
        let name = ledger.dictionary().kinds[usize::from(row.kind)]
            .name
            .as_str();
        let told = match name {
            // Colder than that only when the wish has just risen.
            "cold" => Some(celsius.min(goal - walls.slack)),
            "warm" => Some(celsius.max(goal)),
            _ => None,
        };
        if let Some(expected) = told {
            assert!(
                (celsius - expected).abs() < 1e-6 && (row.value - celsius).abs() < 1e-6,
                "row {number} {name}: {celsius} {row:?}"
            );
        }
        match name {
            "outside" => air = row.value,
            "wish" => goal = row.value,
            "lit" => heating = true,
            "warm" => heating = false,
            _ => {}
        }
    }
    let counted = world.measures().scalars[3].numerator;
    assert!(counted > 30.0, "{counted} charges");
}

/// The classical method of fourth order, a step a minute at most.
fn runge_kutta(mut value: f64, span: f64, slope: impl Fn(f64) -> f64) -> f64 {
    let steps = (span / 60.0).ceil().max(1.0);
    let step = span / steps;
    let mut done = 0.0;
    while done < steps {
        let first = slope(value);
        let second = slope(value + step / 2.0 * first);
        let third = slope(value + step / 2.0 * second);
        let fourth = slope(value + step * third);
        value += step / 6.0 * (first + 2.0 * second + 2.0 * third + fourth);
        done += 1.0;
    }
    value
}

/// Mean temperature and heat by the hour add up to those of the day.
#[test]
fn hours_add_up() {
    let world = simulated();
    let measures = world.measures();
    let sum = |series: usize| -> (f64, f64) {
        let hours = measures.series[series].iter();
        hours.fold((0.0, 0.0), |sum, hour| {
            (sum.0 + hour.numerator, sum.1 + hour.denominator)
        })
    };
    assert_eq!(measures.series[0].len(), 24);
    let (degree_secs, secs) = sum(0);
    let mean = measures.scalars[0].value().unwrap();
    assert!((degree_secs / secs - mean).abs() < 1e-9 && (10.0..20.0).contains(&mean));
    assert!((sum(1).0 - measures.scalars[2].numerator).abs() < 1e-9);
    // By day the room is kept warm.
    for hour in 10..22 {
        let mean = measures.series[0][hour].value().unwrap();
        assert!((20.0..22.5).contains(&mean), "{mean} °C in hour {hour}");
    }
}

/// The work is drawn whoever does it; who takes as long as was drawn makes the same world.
#[test]
fn work_from_outside_replaces_drawn_durations() {
    let simulated = simulated();
    let (prompt, drawn) = live(|drawn| drawn);
    assert_eq!(prompt.measures(), simulated.measures());
    let (slow, drawn_slow) = live(|drawn| drawn.checked_mul(2).unwrap());
    let common = drawn.len().min(drawn_slow.len());
    assert!(common > 10);
    assert_eq!(
        drawn[..common],
        drawn_slow[..common],
        "the same random numbers"
    );
    assert_ne!(slow.measures(), simulated.measures());
}

#[test]
fn a_replay_makes_the_same_ledger() {
    let (live, _) = live(|drawn| SimDuration::from_nanos(drawn.nanos() / 3 + 123_456_789));
    let inputs = inputs_of(live.ledger());
    assert!(inputs.len() > 60);
    let mut replayed = world(12.0);
    replayed.set_executor(nobody());
    replayed.start().unwrap();
    for (at, input) in inputs {
        replayed.input(at, input).unwrap();
    }
    replayed.run_until(DAY, u64::MAX).unwrap();
    assert_eq!(Outcome::of(&replayed), Outcome::of(&live));
}

#[test]
fn what_cannot_be_is_refused() {
    let mut world = world(12.0);
    world.start().unwrap();
    for celsius in [f64::NAN, 60.1, f64::NEG_INFINITY] {
        let refused = world.input(secs(1), outside(celsius));
        assert!(matches!(
            refused,
            Err(InputError::OutOfRange { field: "value", .. })
        ));
    }
    assert!(world.input(secs(1), wish(4.0)).is_err());
    // A charge that nobody waits for is written down and changes nothing.
    world.input(secs(1), burnt()).unwrap();
    world.run_until(secs(2), u64::MAX).unwrap();
    assert_eq!(world.measures().scalars[3].numerator, 0.0);
}

#[test]
fn a_room_comes_to_the_same_whatever_the_way() {
    let trial = Trial {
        world: |ledger| {
            Box::new(Simulation::new(
                Room::new(Walls::COTTAGE, 12.0),
                KEY,
                ledger,
            ))
        },
        executor: None,
        inputs: day(),
        until: DAY,
    };
    trial.check();
}

#[test]
fn a_room_replayed_comes_to_the_same_whatever_the_way() {
    let (live, _) = live(|drawn| drawn.checked_mul(2).unwrap());
    let trial = Trial {
        world: |ledger| {
            Box::new(Simulation::new(
                Room::new(Walls::COTTAGE, 12.0),
                KEY,
                ledger,
            ))
        },
        executor: Some(nobody),
        inputs: inputs_of(live.ledger()),
        until: DAY,
    };
    assert_eq!(trial.straight(), Outcome::of(&live));
    trial.check();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the weather and the wishes: heat is conserved and no room leaves what its surroundings allow.
    #[test]
    fn any_weather_conserves_heat(
        inputs in prop::collection::vec((0..86_400_000_000_000_i64, -60.0..60.0_f64, any::<bool>()), 0..40),
    ) {
        let mut world = world(12.0);
        world.start().unwrap();
        for (at, celsius, is_wish) in inputs {
            let input = if is_wish { wish(celsius.abs() / 2.4 + 5.0) } else { outside(celsius) };
            world.input(SimTime::from_nanos(at), input).unwrap();
        }
        world.run_until(DAY, u64::MAX).unwrap();
        let (celsius, account) = world.model().at(DAY);
        let held = Walls::COTTAGE.capacity * (celsius - 12.0);
        prop_assert!((account.heated - account.lost - held).abs() < 1e-2);
        prop_assert!((-60.0..111.0).contains(&celsius));
    }
}
