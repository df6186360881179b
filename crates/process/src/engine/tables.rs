//! A process world's state as tables.

use pluriverse_kernel::view::{Column, Table, Values};

use super::State;
use crate::spec::Spec;

pub(super) fn tables(spec: &Spec, state: &State) -> Vec<Table> {
    let stations = state.stations.iter().zip(&state.meter.stations);
    let pools = state.pools.pools.iter();
    let sources = state.sources.0.iter();
    vec![
        Table {
            name: "stations".to_owned(),
            columns: vec![
                texts("station", spec.stations.iter().map(|station| &station.name)),
                numbers(
                    "waiting",
                    stations.clone().map(|(station, _)| station.queue.len),
                ),
                numbers(
                    "served",
                    stations
                        .clone()
                        .map(|(_, meter)| meter.busy.current.level()),
                ),
                numbers("held", stations.map(|(station, _)| station.held.len())),
                texts(
                    "pool",
                    spec.stations
                        .iter()
                        .map(|station| &spec.pools[station.pool].name),
                ),
            ],
        },
        Table {
            name: "pools".to_owned(),
            columns: vec![
                texts("pool", spec.pools.iter().map(|pool| &pool.name)),
                numbers("on_duty", pools.clone().map(|pool| on_duty(pool.on_duty))),
                numbers("engaged", pools.map(|pool| pool.engaged)),
            ],
        },
        Table {
            name: "sources".to_owned(),
            columns: vec![
                texts("source", spec.sources.iter().map(|source| &source.name)),
                numbers("arrivals", sources.map(|source| source.count)),
            ],
        },
    ]
}

/// Agents on duty; -1 for a pool without limit.
fn on_duty(on_duty: u32) -> i64 {
    if on_duty == u32::MAX {
        -1
    } else {
        i64::from(on_duty)
    }
}

fn texts<'a>(name: &str, values: impl Iterator<Item = &'a String>) -> Column {
    Column {
        name: name.to_owned(),
        values: Values::Text(values.cloned().collect()),
    }
}

fn numbers<T: TryInto<i64>>(name: &str, values: impl Iterator<Item = T>) -> Column {
    let whole = values.map(|value| value.try_into().unwrap_or(i64::MAX));
    Column {
        name: name.to_owned(),
        values: Values::I64(whole.collect()),
    }
}
