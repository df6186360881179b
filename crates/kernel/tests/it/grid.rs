//! The predators and prey of the examples: conservation, a second implementation, chance as it should be, and the
//! same result whatever the way.

use expect_test::expect;
use pluriverse_kernel::{
    ledger::Ledger,
    model::Model,
    random::{CounterStream, Purpose, StreamKey},
    simulation::Simulation,
    snapshot::{SnapshotReader, SnapshotWriter},
    time::SimDuration,
    view::Values,
    world::World,
};
use pluriverse_stats::normal_quantile;

#[path = "../../examples/predator_prey/grid.rs"]
mod model;

use model::{
    BORN, Changes, DIED, EATEN, Grid, Landscape, MEADOW, PREDATOR, PREDATOR_COUNT, PREY, PREY_COUNT,
};

use crate::{
    ways::Trial,
    worlds::{KEY, secs},
};

const TICK_SECS: i64 = 60;

fn landscape(width: usize, height: usize, ticks: u64) -> Landscape {
    Landscape {
        width,
        height,
        birth: 0.3,
        hunt: 0.5,
        death: 0.25,
        tick: SimDuration::from_secs(TICK_SECS),
        ticks,
    }
}

fn world(landscape: Landscape) -> Simulation<Grid> {
    Simulation::new(Grid::new(landscape), KEY, Ledger::in_memory())
}

/// Born, eaten, died, prey, predators of each tick, as the ledger tells.
fn ticks(world: &Simulation<Grid>) -> Vec<[i64; 5]> {
    let ledger = world.ledger();
    let kinds = [BORN, EATEN, DIED, PREY_COUNT, PREDATOR_COUNT];
    let rows: Vec<_> = (0..ledger.rows())
        .map(|number| ledger.row(number).unwrap())
        .collect();
    let ticks = rows.chunks_exact(kinds.len()).map(|rows| {
        std::array::from_fn(|place| {
            assert_eq!(rows[place].kind, kinds[place]);
            #[expect(clippy::cast_possible_truncation, reason = "a number of cells")]
            let count = rows[place].value as i64;
            count
        })
    });
    ticks.collect()
}

#[test]
fn cells_are_neither_lost_nor_made() {
    let mut world = world(landscape(60, 40, 200));
    world.run(u64::MAX).unwrap();
    let [mut prey, mut predators] = world.model().populations()[0].map(u64::cast_signed);
    let all = ticks(&world);
    assert_eq!(all.len(), 200);
    for [born, eaten, died, prey_now, predators_now] in all {
        prey += born - eaten;
        predators += eaten - died;
        assert_eq!((prey_now, predators_now), (prey, predators));
        assert!(prey >= 0 && predators >= 0 && prey + predators <= 2_400);
    }
    let state = world.state();
    let sums = state.tables[0]
        .columns
        .iter()
        .map(|column| match &column.values {
            Values::I64(rows) => rows.iter().sum(),
            _ => 0,
        });
    assert_eq!(sums.collect::<Vec<i64>>(), [prey, predators]);
    assert!(prey > 0 && predators > 0, "they live together for long");
}

/// Cell by cell, with coordinates that wrap and probabilities as they are written in the rules.
fn naive(
    cells: &[u8],
    landscape: &Landscape,
    chance: &CounterStream,
    tick: u64,
) -> (Vec<u8>, Changes) {
    let (width, height) = (
        landscape.width.cast_signed(),
        landscape.height.cast_signed(),
    );
    let at = |column: isize, row: isize| {
        cells[(row.rem_euclid(height) * width + column.rem_euclid(width)).cast_unsigned()]
    };
    let mut changes = Changes::default();
    let next = (0..cells.len()).map(|place| {
        let (column, row) = (place.cast_signed() % width, place.cast_signed() / width);
        let beside = [
            at(column, row - 1),
            at(column, row + 1),
            at(column - 1, row),
            at(column + 1, row),
        ];
        let count = |wanted: u8| beside.iter().filter(|cell| **cell == wanted).count() as f64;
        let cell = at(column, row);
        let probability = match cell {
            MEADOW => 1.0 - libm::pow(1.0 - landscape.birth, count(PREY)),
            PREY => 1.0 - libm::pow(1.0 - landscape.hunt, count(PREDATOR)),
            _ => landscape.death,
        };
        let block = chance.block(u128::from(tick) << 64 | (place / 4) as u128);
        let draw = f64::from(block[place % 4]) / 4_294_967_296.0;
        // The model rounds a probability to 2⁻³²; a draw that close would tell them apart.
        assert!(
            (draw - probability).abs() > 1e-9 || probability == 0.0,
            "unlucky draw"
        );
        if draw < probability {
            changes.change(cell)
        } else {
            cell
        }
    });
    let next = next.collect();
    (next, changes)
}

#[test]
fn a_second_implementation_goes_the_same_way() {
    for (width, height) in [(4, 1), (4, 2), (8, 5), (40, 30)] {
        let landscape = landscape(width, height, 50);
        let chance = CounterStream::new(StreamKey {
            seed: KEY.seed,
            replication: KEY.replication,
            entity: 0,
            purpose: Purpose::named("grid"),
        });
        let mut world = world(landscape);
        world.start().unwrap();
        for tick in 1..=50 {
            let (expected, changes) = naive(world.model().cells(), &landscape, &chance, tick);
            world.step().unwrap();
            assert_eq!(
                world.model().cells(),
                expected,
                "{width}×{height}, tick {tick}"
            );
            let [born, eaten, died, ..] = *ticks(&world).last().unwrap();
            let counted = [changes.born, changes.eaten, changes.died].map(u64::cast_signed);
            assert_eq!([born, eaten, died], counted);
        }
    }
}

/// Of a million cells that were populated at random, as many change as the rules expect. What a cell does depends on
/// itself and its neighbours, hence on what twelve others do, which widens the variance thirteenfold at most. The
/// three intervals together fail for one seed in a million; this seed is fixed.
#[test]
fn a_million_cells_change_as_often_as_expected() {
    const CELLS: f64 = 1e6;
    let mut world = world(landscape(1_000, 1_000, 1));
    world.run(u64::MAX).unwrap();
    let [born, eaten, died, ..] = ticks(&world)[0];
    let [prey, predators] = [1.0 / 3.0, 1.0 / 6.0];
    let by_four = |each: f64| 1.0 - libm::pow(1.0 - each, 4.0);
    let expected = [
        (born, (1.0 - prey - predators) * by_four(prey * 0.3)),
        (eaten, prey * by_four(predators * 0.5)),
        (died, predators * 0.25),
    ];
    let z = normal_quantile(1.0 - 1e-6 / 6.0);
    for (count, probability) in expected {
        let spread = libm::sqrt(13.0 * CELLS * probability * (1.0 - probability));
        let distance = (count as f64 - CELLS * probability).abs();
        assert!(distance < z * spread, "{count} changes at {probability}");
    }
}

#[test]
fn cells_are_raw_bytes_in_a_snapshot_and_numbers_in_the_state() {
    let mut world = world(landscape(1_000, 1_000, 3));
    world.run(u64::MAX).unwrap();
    let snapshot = world.snapshot();
    assert!((1_000_000..1_001_000).contains(&snapshot.len()));
    let reader = SnapshotReader::new(&snapshot, Grid::KIND).unwrap();
    assert_eq!(reader.bytes("grid.cells").unwrap(), world.model().cells());
    let state = world.state();
    let Values::F32(cells) = &state.tables[1].columns[0].values else {
        panic!("small numbers in bulk")
    };
    assert!(
        cells
            .iter()
            .zip(world.model().cells())
            .all(|(shown, cell)| *shown == f32::from(*cell))
    );
}

#[test]
fn another_landscape_or_an_impossible_cell_is_refused() {
    let mut here = world(landscape(40, 30, 10));
    here.run(5).unwrap();
    let before = here.snapshot();
    let mut other = world(landscape(60, 20, 10));
    other.run(5).unwrap();
    let error = here.restore(&other.snapshot()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the snapshot is of another world"),
        "{error}"
    );

    let reader = SnapshotReader::new(&before, Grid::KIND).unwrap();
    let mut writer = SnapshotWriter::new(Grid::KIND);
    for section in ["kernel.world", "kernel.pending", "kernel.ledger", "grid"] {
        writer.bytes(section, reader.bytes(section).unwrap());
    }
    let mut cells = reader.bytes("grid.cells").unwrap().to_vec();
    cells[777] = 3;
    writer.bytes("grid.cells", &cells);
    let error = here.restore(&writer.finish()).unwrap_err();
    expect!["the snapshot's section `grid.cells` makes no sense: expected 1200 cells of 0, 1 or 2"]
        .assert_eq(&error.to_string());
    assert_eq!(here.snapshot(), before);
}

#[test]
fn a_grid_comes_to_the_same_whatever_the_way() {
    let trial = Trial {
        world: |ledger| {
            Box::new(Simulation::new(
                Grid::new(landscape(48, 32, 1_000)),
                KEY,
                ledger,
            ))
        },
        executor: None,
        inputs: Vec::new(),
        until: secs(150 * TICK_SECS),
    };
    trial.check();
}
