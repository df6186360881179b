//! A process world's state as tables.

use pluriverse_kernel::view::{Column, Table, Values};

use super::State;
use crate::spec::Spec;

fn column<T>(name: &str, values: impl Iterator<Item = T>, wrap: fn(Vec<T>) -> Values) -> Column {
    Column {
        name: name.to_owned(),
        values: wrap(values.collect()),
    }
}

pub(super) fn tables(spec: &Spec, state: &State) -> Vec<Table> {
    let whole =
        |name: &str, values: &mut dyn Iterator<Item = i64>| column(name, values, Values::I64);
    let stations = state.stations.iter().zip(&state.meter.stations);
    let pools = &state.pools.pools;
    let on_duty = |on_duty: u32| {
        if on_duty == u32::MAX {
            -1
        } else {
            i64::from(on_duty)
        }
    };
    vec![
        Table {
            name: "stations".to_owned(),
            columns: vec![
                column(
                    "station",
                    spec.stations.iter().map(|station| station.name.clone()),
                    Values::Text,
                ),
                whole(
                    "waiting",
                    &mut stations
                        .clone()
                        .map(|(station, _)| i64::from(station.queue.len)),
                ),
                whole(
                    "served",
                    &mut stations
                        .clone()
                        .map(|(_, meter)| meter.busy.current.level()),
                ),
                whole(
                    "held",
                    &mut stations
                        .map(|(station, _)| i64::try_from(station.held.len()).unwrap_or(i64::MAX)),
                ),
            ],
        },
        Table {
            name: "pools".to_owned(),
            columns: vec![
                column(
                    "pool",
                    spec.pools.iter().map(|pool| pool.name.clone()),
                    Values::Text,
                ),
                whole(
                    "on_duty",
                    &mut pools.iter().map(|pool| on_duty(pool.on_duty)),
                ),
                whole(
                    "engaged",
                    &mut pools.iter().map(|pool| i64::from(pool.engaged)),
                ),
            ],
        },
        Table {
            name: "sources".to_owned(),
            columns: vec![
                column(
                    "source",
                    spec.sources.iter().map(|source| source.name.clone()),
                    Values::Text,
                ),
                whole(
                    "arrivals",
                    &mut state
                        .sources
                        .0
                        .iter()
                        .map(|source| i64::try_from(source.count).unwrap_or(i64::MAX)),
                ),
            ],
        },
    ]
}
