//! Who serves: pools that the file declares, and those of stations with agents of their own.

use super::{Reader, names::has_own_agents, timetable::Spelling};
use crate::{
    document::{Cursor, Value},
    spec::{EndOfShift, PoolSpec},
};

/// Keys of a station that belong to its pool.
const POOL_KEYS: [&str; 3] = ["end_of_shift", "cost_per_hour", "cost_per_use"];

impl Reader<'_> {
    /// Reads all pools, in the order of their indices.
    pub(super) fn pools(&mut self, root: &Cursor<'_>) -> Option<Vec<PoolSpec>> {
        let mut pools = Vec::new();
        for (entry, pool) in root.entries_of("pools") {
            pools.push(self.pool(&entry.key, &pool));
        }
        for (entry, station) in root.entries_of("stations") {
            if has_own_agents(&station) {
                pools.push(self.pool(&entry.key, &station));
                continue;
            }
            for key in POOL_KEYS {
                if let Some(cursor) = station.get(key) {
                    let pool = station
                        .get("agents")
                        .and_then(|agents| agents.text())
                        .unwrap_or_default()
                        .to_owned();
                    self.findings
                        .error(
                            cursor.place(),
                            format!("`{}` belongs to the pool that serves here", cursor.path),
                        )
                        .help(format!("move it to `pools.{pool}`"));
                }
            }
        }
        pools.into_iter().collect()
    }

    /// Reads one pool, from a table of its own or from a station's.
    fn pool(&mut self, name: &str, cursor: &Cursor<'_>) -> Option<PoolSpec> {
        let agents_cursor = cursor.get("agents")?;
        let mut pool = PoolSpec {
            name: name.to_owned(),
            agents: None,
            shifts: Vec::new(),
            cycle: None,
            end_of_shift: match cursor.get("end_of_shift").and_then(|rule| rule.text()) {
                Some("preempt") => EndOfShift::Preempt,
                _ => EndOfShift::Finish,
            },
            cost_per_hour: cost(cursor, "cost_per_hour")?,
            cost_per_use: cost(cursor, "cost_per_use")?,
        };
        match &agents_cursor.node.value {
            Value::Text(_) => return Some(pool),
            Value::Table(_) => {
                let spelling = Spelling {
                    steps: "schedule",
                    value: "agents",
                };
                let timetable =
                    self.timetable(&agents_cursor, spelling, |_, item| number_of_agents(item))?;
                if timetable.steps.iter().all(|(_, agents)| *agents == 0) {
                    return self.nobody(&agents_cursor);
                }
                pool.agents = timetable.steps.first().map(|(_, agents)| *agents);
                pool.cycle = timetable.cycle;
                // A cycle starts over with its first number; without one that number is there from the start.
                let skipped = usize::from(timetable.cycle.is_none());
                pool.shifts = timetable.steps.into_iter().skip(skipped).collect();
            }
            _ => {
                let agents = number_of_agents(&agents_cursor)?;
                if agents == 0 {
                    return self.nobody(&agents_cursor);
                }
                pool.agents = Some(agents);
            }
        }
        Some(pool)
    }

    fn nobody(&mut self, cursor: &Cursor<'_>) -> Option<PoolSpec> {
        let message = match &cursor.node.value {
            Value::Table(_) => format!("`{}` is zero at all times", cursor.path),
            _ => format!("`{}` is zero", cursor.path),
        };
        self.findings
            .error(cursor.place(), message)
            .expected("at least one agent at some time")
            .help("where nobody is needed, write `agents = \"unlimited\"`");
        None
    }

    /// The index of the pool that serves a station.
    pub(super) fn pool_of(&mut self, name: &str, station: &Cursor<'_>) -> Option<usize> {
        let agents = station.get("agents")?;
        let position =
            |reader: &Self, pool: &str| reader.names.pools.iter().position(|known| known == pool);
        if has_own_agents(station) {
            return position(self, name);
        }
        let pool = agents.text()?;
        let found = position(self, pool);
        if found.is_none() {
            let known = self
                .names
                .pools
                .iter()
                .map(String::as_str)
                .chain(["unlimited"]);
            let help = crate::document::did_you_mean(pool, known);
            self.findings
                .error(
                    agents.place(),
                    format!("`{}` = \"{pool}\" is no pool", agents.path),
                )
                .expected("a number of agents, a pool's name or \"unlimited\"")
                .help(help);
        }
        found
    }
}

fn number_of_agents(cursor: &Cursor<'_>) -> Option<u32> {
    u32::try_from(cursor.integer()?)
        .ok()
        .filter(|agents| *agents <= super::format::AGENTS_LIMIT)
}

/// A cost of zero or more; zero where the key is left out.
pub(super) fn cost(cursor: &Cursor<'_>, key: &str) -> Option<f64> {
    match cursor.get(key) {
        Some(cost) => cost.number().filter(|cost| *cost >= 0.0),
        None => Some(0.0),
    }
}
