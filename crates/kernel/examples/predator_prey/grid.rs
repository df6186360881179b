//! Predators and prey on a torus of cells that all change at once, tick by tick.
//!
//! A cell is meadow, prey or a predator. In one tick prey comes to meadow from each prey beside it with probability
//! `birth`, is replaced by each predator beside it with probability `hunt`, and a predator dies with probability
//! `death`: the lattice Lotka–Volterra model in its synchronous form. No cell moves, so populations always sum to
//! the number of cells. Every draw has a number made of tick and place, so that the grid may be gone over in any
//! order; all arithmetic of a tick is in integers.

use std::sync::Arc;

use pluriverse_kernel::{
    context::Context,
    ledger::{Dictionary, EventKind, NONE},
    model::Model,
    random::{CounterStream, Purpose, StreamKey},
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::{SimDuration, SimTime},
    view::{Column, Measures, Observation, Outline, Scalar, Series, Table, Unit, Values},
};
use serde::{Deserialize, Serialize};

pub(crate) const MEADOW: u8 = 0;
pub(crate) const PREY: u8 = 1;
pub(crate) const PREDATOR: u8 = 2;

/// Cells that share one block of random bits.
const GROUP: usize = 4;

pub(crate) const BORN: u16 = 0;
pub(crate) const EATEN: u16 = 1;
pub(crate) const DIED: u16 = 2;
pub(crate) const PREY_COUNT: u16 = 3;
pub(crate) const PREDATOR_COUNT: u16 = 4;

/// What distinguishes one grid from another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Landscape {
    /// Cells in a row, a multiple of four.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    pub(crate) birth: f64,
    pub(crate) hunt: f64,
    pub(crate) death: f64,
    /// Time between two ticks.
    pub(crate) tick: SimDuration,
    /// After how many ticks the world ends.
    pub(crate) ticks: u64,
}

/// Below which draw a cell changes: probabilities in units of 2⁻³², by the number of neighbours that matter.
#[derive(Clone, Copy, Debug)]
struct Thresholds {
    birth: [u64; 5],
    hunt: [u64; 5],
    death: u64,
}

impl Thresholds {
    fn of(landscape: &Landscape) -> Self {
        let by_neighbours = |each: f64| {
            [0.0, 1.0, 2.0, 3.0, 4.0].map(|count| threshold(1.0 - libm::pow(1.0 - each, count)))
        };
        Self {
            birth: by_neighbours(landscape.birth),
            hunt: by_neighbours(landscape.hunt),
            death: threshold(landscape.death),
        }
    }

    /// Of a cell whose neighbours are `beside`.
    fn for_cell(&self, cell: u8, beside: [u8; 4]) -> u64 {
        let count = |wanted| beside.iter().filter(|cell| **cell == wanted).count();
        match cell {
            MEADOW => self.birth[count(PREY)],
            PREY => self.hunt[count(PREDATOR)],
            _ => self.death,
        }
    }
}

fn threshold(probability: f64) -> u64 {
    assert!((0.0..=1.0).contains(&probability), "a probability");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 2^32"
    )]
    let threshold = libm::round(probability * 4_294_967_296.0) as u64;
    threshold
}

/// What happened in one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) born: u64,
    pub(crate) eaten: u64,
    pub(crate) died: u64,
}

/// The grid.
#[derive(Clone)]
pub(crate) struct Grid {
    landscape: Landscape,
    thresholds: Thresholds,
    chance: CounterStream,
    cells: Vec<u8>,
    /// Where the next tick is written; empty between ticks' meaning.
    next: Vec<u8>,
    tick: u64,
    /// Prey and predators after each tick, beginning with tick zero.
    populations: Vec<[u64; 2]>,
}

/// All of a grid but its cells.
#[derive(Serialize, Deserialize)]
struct Saved {
    landscape: Landscape,
    chance: CounterStream,
    tick: u64,
    populations: Vec<[u64; 2]>,
}

/// The next tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tick;

impl Grid {
    /// A grid of meadow, which its start populates.
    pub(crate) fn new(landscape: Landscape) -> Self {
        assert!(
            landscape.width.is_multiple_of(GROUP),
            "rows of whole groups"
        );
        let count = landscape.width * landscape.height;
        let key = StreamKey {
            seed: 0,
            replication: 0,
            entity: 0,
            purpose: Purpose::named("grid"),
        };
        Self {
            landscape,
            thresholds: Thresholds::of(&landscape),
            chance: CounterStream::new(key),
            cells: vec![MEADOW; count],
            next: vec![MEADOW; count],
            tick: 0,
            populations: Vec::new(),
        }
    }

    pub(crate) fn cells(&self) -> &[u8] {
        &self.cells
    }

    pub(crate) fn populations(&self) -> &[[u64; 2]] {
        &self.populations
    }

    /// The draw of each cell of a group in a tick.
    pub(crate) fn draws(&self, tick: u64, group: usize) -> [u32; GROUP] {
        self.chance
            .block(u128::from(tick) << 64 | u128::from(group as u64))
    }

    /// A third of the cells prey, a third of the rest predators.
    fn populate(&mut self) {
        for group in 0..self.cells.len() / GROUP {
            let draws = self.draws(0, group);
            for (place, draw) in draws.into_iter().enumerate() {
                self.cells[group * GROUP + place] = match draw {
                    0..0x5555_5555 => PREY,
                    0x5555_5555..0x8000_0000 => PREDATOR,
                    _ => MEADOW,
                };
            }
        }
        self.count();
    }

    fn count(&mut self) {
        let mut counts = [0_u64; 3];
        for cell in &self.cells {
            counts[usize::from(*cell)] += 1;
        }
        self.populations.push([counts[1], counts[2]]);
    }

    /// Lets all cells change at once.
    fn advance(&mut self) -> Changes {
        self.tick += 1;
        let mut changes = Changes::default();
        let mut next = std::mem::take(&mut self.next);
        for (row, cells) in next.chunks_exact_mut(self.landscape.width).enumerate() {
            self.advance_row(row, cells, &mut changes);
        }
        self.next = std::mem::replace(&mut self.cells, next);
        self.count();
        changes
    }

    fn advance_row(&self, row: usize, next: &mut [u8], changes: &mut Changes) {
        let Landscape { width, height, .. } = self.landscape;
        let row_at = |row: usize| &self.cells[row * width..(row + 1) * width];
        let (above, here) = (row_at((row + height - 1) % height), row_at(row));
        let below = row_at((row + 1) % height);
        let beside = |column: usize| {
            let left = if column == 0 { width - 1 } else { column - 1 };
            let right = if column + 1 == width { 0 } else { column + 1 };
            [above[column], below[column], here[left], here[right]]
        };
        for (group, cells) in next.chunks_exact_mut(GROUP).enumerate() {
            let first = group * GROUP;
            let chances: [u64; GROUP] = std::array::from_fn(|place| {
                let column = first + place;
                self.thresholds.for_cell(here[column], beside(column))
            });
            cells.copy_from_slice(&here[first..first + GROUP]);
            if chances == [0; GROUP] {
                continue;
            }
            let draws = self.draws(self.tick, (row * width + first) / GROUP);
            for ((cell, chance), draw) in cells.iter_mut().zip(chances).zip(draws) {
                if u64::from(draw) < chance {
                    *cell = changes.change(*cell);
                }
            }
        }
    }
}

impl Changes {
    /// What a cell becomes when it changes.
    pub(crate) fn change(&mut self, cell: u8) -> u8 {
        match cell {
            MEADOW => {
                self.born += 1;
                PREY
            }
            PREY => {
                self.eaten += 1;
                PREDATOR
            }
            _ => {
                self.died += 1;
                MEADOW
            }
        }
    }
}

impl Model for Grid {
    type Event = Tick;
    const KIND: &'static str = "predator-prey";

    fn dictionary(&self) -> Arc<Dictionary> {
        let kinds = ["born", "eaten", "died", "prey", "predators"].map(|name| EventKind {
            name: name.to_owned(),
            subject: None,
            object: None,
            value: "cells".to_owned(),
        });
        Arc::new(Dictionary {
            kinds: kinds.to_vec(),
            nouns: Vec::new(),
        })
    }

    fn start(&mut self, cx: &mut Context<Tick>) {
        let (key, Landscape { tick, ticks, .. }) = (cx.key(), self.landscape);
        self.chance = CounterStream::new(StreamKey {
            seed: key.seed,
            replication: key.replication,
            entity: 0,
            purpose: Purpose::named("grid"),
        });
        self.populate();
        let end = i64::try_from(ticks)
            .ok()
            .and_then(|ticks| tick.checked_mul(ticks));
        cx.set_horizon(SimTime::ZERO.saturating_add(end.unwrap_or(SimDuration::MAX)));
        cx.schedule_after(tick, Tick);
    }

    fn handle(&mut self, _now: SimTime, _event: Tick, cx: &mut Context<Tick>) {
        let changes = self.advance();
        let [prey, predators] = self.populations[self.populations.len() - 1];
        for (kind, count) in [
            (BORN, changes.born),
            (EATEN, changes.eaten),
            (DIED, changes.died),
            (PREY_COUNT, prey),
            (PREDATOR_COUNT, predators),
        ] {
            cx.record(kind, NONE, NONE, count as f64);
        }
        cx.schedule_after(self.landscape.tick, Tick);
    }

    fn state(&self, _now: SimTime) -> Vec<Table> {
        let column = |name: &str, values| Column {
            name: name.to_owned(),
            values,
        };
        let in_rows = |wanted: u8| {
            let rows = self.cells.chunks_exact(self.landscape.width);
            let counts = rows.map(|row| row.iter().filter(|cell| **cell == wanted).count() as i64);
            Values::I64(counts.collect())
        };
        let cells = self.cells.iter().map(|cell| f32::from(*cell));
        vec![
            Table {
                name: "rows".to_owned(),
                columns: vec![
                    column("prey", in_rows(PREY)),
                    column("predators", in_rows(PREDATOR)),
                ],
            },
            Table {
                name: "cells".to_owned(),
                columns: vec![column("kind", Values::F32(cells.collect()))],
            },
        ]
    }

    fn outline(&self) -> Outline {
        let scalar = |name: &str| Scalar {
            name: name.to_owned(),
            unit: Unit::Share,
        };
        let series = |name: &str| Series {
            chart: "population".to_owned(),
            name: name.to_owned(),
            unit: Unit::Count,
            period: self.landscape.tick,
        };
        Outline {
            scalars: vec![scalar("prey"), scalar("predators")],
            series: vec![series("prey"), series("predators")],
            spreads: Vec::new(),
        }
    }

    fn measures(&self, _now: SimTime) -> Measures {
        let of = |which: usize| self.populations.iter().map(move |counts| counts[which]);
        let all = (self.cells.len() * self.populations.len()) as f64;
        Measures {
            scalars: [0, 1]
                .map(|which| Observation::ratio(of(which).sum::<u64>() as f64, all))
                .to_vec(),
            series: [0, 1]
                .map(|which| {
                    of(which)
                        .map(|count| Observation::plain(count as f64))
                        .collect()
                })
                .to_vec(),
            spreads: Vec::new(),
        }
    }

    fn save(&self, snapshot: &mut SnapshotWriter) {
        snapshot.record(
            "grid",
            &Saved {
                landscape: self.landscape,
                chance: self.chance,
                tick: self.tick,
                populations: self.populations.clone(),
            },
        );
        snapshot.bytes("grid.cells", &self.cells);
    }

    fn load(&mut self, snapshot: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let saved: Saved = snapshot.record("grid")?;
        if saved.landscape != self.landscape {
            let reason = format!("its landscape is {:?}", saved.landscape);
            return Err(SnapshotError::OtherWorld { reason });
        }
        let cells = snapshot.bytes("grid.cells")?;
        let is_sound =
            cells.len() == self.cells.len() && cells.iter().all(|cell| *cell <= PREDATOR);
        if !is_sound {
            return Err(SnapshotError::Invalid {
                section: "grid.cells".to_owned(),
                reason: format!("expected {} cells of 0, 1 or 2", self.cells.len()),
            });
        }
        self.cells.copy_from_slice(cells);
        self.chance = saved.chance;
        self.tick = saved.tick;
        self.populations = saved.populations;
        Ok(())
    }
}
