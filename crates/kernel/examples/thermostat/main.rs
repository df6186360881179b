//! A world that is driven from outside: recorded weather, a person's wishes, and a stove that does its own work.
//!
//! The stove is an executor of its own: it is handed each charge and tells, as an input, when it is burnt. The host
//! follows a real-time clock at 7,200 times the pace of the wall, whose readings are made up here, so that nothing
//! sleeps. What came from outside is in the ledger; handed in again, it makes the same ledger.
//!
//! `cargo run -p pluriverse-kernel --example thermostat`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]
#![allow(dead_code, reason = "the tests use more of the model than this does")]

use std::sync::mpsc;

use pluriverse_kernel::{
    clock::{Admission, Clock, RealtimeClock, WallTime},
    executor::{Completion, Executor, Work},
    ledger::Ledger,
    scenario::RunKey,
    simulation::Simulation,
    time::{SimDuration, SimTime},
    world::{Input, World},
};

mod room;
mod trace;

use room::{Room, Walls};

const END: SimTime = SimTime::from_secs(48 * 3_600);

/// Takes charges on and leaves it to the stove when they are burnt.
struct Stove(mpsc::Sender<(SimTime, Work)>);

impl Executor for Stove {
    fn begin(&mut self, now: SimTime, work: Work) -> Completion {
        match self.0.send((now, work)) {
            Ok(()) => Completion::External,
            // Nobody is there to tell: as in a simulation.
            Err(_) => Completion::After(work.drawn),
        }
    }
}

fn new_room() -> Simulation<Room> {
    let key = RunKey {
        seed: 1,
        replication: 0,
    };
    Simulation::new(Room::new(Walls::COTTAGE, 12.0), key, Ledger::in_memory())
}

/// What will come from outside, by the time at which it comes; grows while the world runs.
struct Outside {
    coming: Vec<(SimTime, Input)>,
    orders: mpsc::Receiver<(SimTime, Work)>,
    charges: i64,
}

impl Outside {
    fn new(orders: mpsc::Receiver<(SimTime, Work)>) -> Self {
        let hours = (0..).map(|hour| SimTime::from_secs(hour * 3_600));
        let weather = trace::OUTSIDE_BY_HOUR.into_iter().map(room::outside);
        let wishes = [(7, 20.5), (23, 16.0), (31, 21.0), (46, 16.0)]
            .map(|(hour, celsius)| (SimTime::from_secs(hour * 3_600 + 754), room::wish(celsius)));
        let mut coming: Vec<_> = hours.zip(weather).chain(wishes).collect();
        coming.sort_by_key(|(at, _)| *at);
        Self {
            coming,
            orders,
            charges: 0,
        }
    }

    /// The stove takes its own time for a charge, whatever was drawn for it.
    fn take_orders(&mut self) {
        for (begun, _) in self.orders.try_iter() {
            self.charges += 1;
            let burns = SimDuration::from_nanos((400 + 53 * (self.charges % 7)) * 1_000_000_007);
            let at = begun.saturating_add(burns);
            let place = self.coming.partition_point(|(other, _)| *other <= at);
            self.coming.insert(place, (at, room::burnt()));
        }
    }
}

/// Runs a room to the end at the pace of a clock; gives it back with the seconds that passed on the wall.
fn live(mut clock: RealtimeClock) -> Result<(Simulation<Room>, f64), Box<dyn std::error::Error>> {
    let (orders, taken) = mpsc::channel();
    let mut outside = Outside::new(taken);
    let mut world = new_room();
    world.set_executor(Box::new(Stove(orders)));
    world.start()?;
    let mut wall = WallTime(0);
    clock.start(SimTime::ZERO, wall);
    loop {
        outside.take_orders();
        let input = outside.coming.first().map(|(at, _)| *at);
        let next = world.next_time().into_iter().chain(input).min();
        let Some(next) = next.filter(|next| *next <= END) else {
            break;
        };
        // A host sleeps here; this one turns its watch.
        while let Admission::Wait(wait) = clock.admit(next, wall) {
            wall = WallTime(wall.0 + wait.nanos());
        }
        // What comes from outside is handed in before the world goes there: so it finds its place again in a replay.
        while outside.coming.first().is_some_and(|(at, _)| *at <= next) {
            let (at, input) = outside.coming.remove(0);
            world.input(at, input)?;
        }
        world.run_until(next, u64::MAX)?;
    }
    world.run_until(END, u64::MAX)?;
    let worst = clock.punctuality().worst;
    assert!(worst <= SimDuration::from_nanos(1), "{worst} late");
    Ok((world, wall.0 as f64 / 1e9))
}

/// Runs a room that gets what is recorded in `ledger`.
fn replay(ledger: &Ledger) -> Result<Simulation<Room>, Box<dyn std::error::Error>> {
    let (orders, _taken) = mpsc::channel();
    let mut world = new_room();
    world.set_executor(Box::new(Stove(orders)));
    world.start()?;
    for number in 0..ledger.rows() {
        if let Some((at, input)) = ledger.row(number).as_ref().and_then(room::input_of) {
            world.input(at, input)?;
        }
    }
    world.run_until(END, u64::MAX)?;
    Ok(world)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clock = RealtimeClock::new(7_200.0, SimDuration::from_secs(1))?;
    let (world, wall_secs) = live(clock)?;
    print!("{}", chart(&world));
    for (about, seen) in world.outline().scalars.iter().zip(world.measures().scalars) {
        println!(
            "{:<18} {:8.2}",
            about.name,
            seen.value().unwrap_or(f64::NAN)
        );
    }
    let (_, account) = world.model().at(world.now());
    println!("{:<18} {:8.2}", "lost [kWh]", account.lost / 3.6e6);
    println!("48 h passed in {wall_secs:.2} s on the wall");
    let replayed = replay(world.ledger())?;
    for (name, world) in [("live", &world), ("replayed", &replayed)] {
        let hash = world.ledger().hash().map(|hash| hash.to_string());
        println!("ledger {} {name}", hash.unwrap_or_default());
    }
    assert_eq!(world.ledger().hash(), replayed.ledger().hash());
    Ok(())
}

/// Mean temperature by the hour.
fn chart(world: &Simulation<Room>) -> String {
    let measures = world.measures();
    let means = measures.series[0]
        .iter()
        .map(|mean| mean.value().unwrap_or(0.0));
    let lines = means.enumerate().step_by(2).map(|(hour, mean)| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a bar's length"
        )]
        let bar = (mean.clamp(0.0, 30.0) * 2.5) as usize;
        format!("{hour:>3} h {mean:5.1} °C {}\n", "#".repeat(bar))
    });
    lines.collect()
}
