//! What a process world writes into its ledger.
//!
//! A case's rows: `arrive`, then for each station `enter`, `start`, `end` (or `abandon`, `balk`, `hold`
//! and `admit`, `preempt`), and at last `leave`.

use pluriverse_kernel::ledger::{Dictionary, EventKind, Label, Noun};

use crate::spec::{Spec, Staffing};

/// A case comes from a source.
pub(super) const ARRIVE: u16 = 0;
/// A case comes to a station.
pub(super) const ENTER: u16 = 1;
/// An agent begins (or goes on) with a case.
pub(super) const START: u16 = 2;
/// A service is complete.
pub(super) const END: u16 = 3;
/// A case leaves the world.
pub(super) const LEAVE: u16 = 4;
/// A case gives up waiting.
pub(super) const ABANDON: u16 = 5;
/// A case turns away from a full station.
pub(super) const BALK: u16 = 6;
/// A case is held back from a full station.
pub(super) const HOLD: u16 = 7;
/// A service is interrupted.
pub(super) const PREEMPT: u16 = 8;
/// The number of agents on duty changes.
pub(super) const SHIFT: u16 = 9;
/// Somebody outside reports that work is done.
pub(super) const DONE: u16 = 10;
/// A case that was held back is let in.
pub(super) const ADMIT: u16 = 11;
/// Somebody outside says how many agents are on duty; only where the scenario lets them.
pub(super) const STAFF: u16 = 12;

const CASES: u16 = 0;
const SOURCES: u16 = 1;
const STATIONS: u16 = 2;
const AGENTS: u16 = 3;
const POOLS: u16 = 4;

/// The names of everything in the ledger of a world.
pub(super) fn dictionary(spec: &Spec) -> Dictionary {
    let kind = |name: &str, subject, object, value: &str| EventKind {
        name: name.to_owned(),
        subject: Some(subject),
        object,
        value: value.to_owned(),
    };
    let mut first = 0;
    let agents = spec.pools.iter().map(|pool| {
        let most = pool.most_agents().unwrap_or(0);
        let label = Label {
            first,
            count: most,
            name: pool.name.clone(),
        };
        first += most;
        label
    });
    let agents = agents.filter(|label| label.count > 0).collect();
    let mut kinds = vec![
        kind("arrive", CASES, Some(SOURCES), ""),
        kind("enter", CASES, Some(STATIONS), "waiting before it"),
        kind("start", CASES, Some(AGENTS), "waited [s]"),
        kind("end", CASES, Some(STATIONS), "service [s]"),
        kind("leave", CASES, None, "time in the world [s]"),
        kind("abandon", CASES, Some(STATIONS), "waited [s]"),
        kind("balk", CASES, Some(STATIONS), "waiting before it"),
        kind("hold", CASES, Some(STATIONS), "waiting before it"),
        kind("preempt", CASES, Some(AGENTS), "service left [s]"),
        kind("shift", POOLS, None, "agents on duty"),
        kind("done", CASES, Some(AGENTS), ""),
        kind("admit", CASES, Some(STATIONS), "waiting before it"),
    ];
    if spec.run.staffing == Staffing::Outside {
        kinds.push(kind("staff", POOLS, None, "agents on duty"));
    }
    Dictionary {
        kinds,
        nouns: vec![
            Noun {
                name: "case".to_owned(),
                labels: Vec::new(),
            },
            Noun::named("source", spec.sources.iter().map(|source| &source.name)),
            Noun::named("station", spec.stations.iter().map(|station| &station.name)),
            Noun {
                name: "agent".to_owned(),
                labels: agents,
            },
            Noun::named("pool", spec.pools.iter().map(|pool| &pool.name)),
        ],
    }
}
