//! One M/M/1 queue at 90 % as other people's tools and a few lines of plain Rust simulate it.
//!
//! Every peer serves a given number of customers from the first arrival on and prints one line of JSON: how long
//! it took, and the mean wait in mean services, by which a fast wrong answer is told.

mod by_hand;
mod nexosim;
#[path = "../../stopwatch.rs"]
mod stopwatch;

use rand_distr::{Distribution as _, Exp1};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng as _};
use serde::{Deserialize, Serialize};
use stopwatch::Stopwatch;

/// Mean arrivals in a mean service.
const LOAD: f64 = 0.9;

/// A stream of exponential numbers: ziggurat on xoshiro256++, the fastest there is in these crates.
#[derive(Serialize, Deserialize)]
struct Stream(Xoshiro256PlusPlus);

impl Stream {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// The next number, of mean 1.
    #[inline]
    fn draw(&mut self) -> f64 {
        Exp1.sample(&mut self.0)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [peer, customers] = args.as_slice() else {
        return Err("usage: peers loop|loop-rows|nexosim CUSTOMERS".into());
    };
    let customers: u64 = customers.parse()?;
    let stopwatch = Stopwatch::start();
    let total_wait = match peer.as_str() {
        "loop" => by_hand::run(customers, &mut by_hand::NoRows),
        "loop-rows" => by_hand::run(customers, &mut by_hand::Rows::default()),
        "nexosim" => nexosim::run(customers)?,
        _ => return Err(format!("no peer is called `{peer}`").into()),
    };
    let mean_wait = total_wait / customers as f64;
    stopwatch.print(customers, &format!(r#"{{"mean_wait":{mean_wait}}}"#));
    Ok(())
}
