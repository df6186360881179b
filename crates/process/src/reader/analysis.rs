//! What a world that was read will do: flows that never end, stations that nobody comes to, overload; told before
//! anything runs.
//!
//! Only what is certain from the description is told. Rules are taken to go any of their ways, so a loop behind a
//! rule is trusted to end.

use crate::{
    document::{Cursor, Findings, Place},
    expression::Expression,
    spec::{AtEnd, Draw, Routing, Spec, StationSpec, Target, WhenFull},
};

mod load;

/// Notes what is impossible (errors) and what is probably not meant (warnings).
pub(super) fn analyse(spec: &Spec, root: &Cursor<'_>, findings: &mut Findings<'_>) {
    let places = Places::of(root);
    let flows = Flows::of(spec);
    if !endless_instants(spec, &flows, &places, findings) {
        never_leaving(spec, &flows, &places, findings);
    }
    unvisited(spec, &flows, &places, findings);
    nobody_at_the_end(spec, &places, findings);
    load::overload(spec, &places, findings);
}

/// Where stations and pools stand in the file.
struct Places {
    stations: Vec<Place>,
    routes: Vec<Place>,
    /// Where the number of agents of each pool is said, and its path.
    agents: Vec<(Place, String)>,
}

impl Places {
    fn of(root: &Cursor<'_>) -> Self {
        let stations = root.entries_of("stations");
        let routes = stations.iter().map(|(entry, station)| {
            station
                .get("to")
                .map_or_else(|| entry.key_place.clone(), |to| to.place().clone())
        });
        let agents = |(_, cursor): &(_, Cursor<'_>)| {
            cursor
                .get("agents")
                .map(|agents| (agents.place().clone(), agents.path.clone()))
        };
        let own = stations
            .iter()
            .filter(|(_, station)| super::names::has_own_agents(station));
        Self {
            routes: routes.collect(),
            agents: root
                .entries_of("pools")
                .iter()
                .chain(own)
                .filter_map(agents)
                .collect(),
            stations: stations
                .iter()
                .map(|(entry, _)| entry.key_place.clone())
                .collect(),
        }
    }
}

/// Where cases can go from each station.
struct Flows {
    /// After service.
    after_service: Vec<Vec<Target>>,
    /// After service, when turned away, when given up.
    any: Vec<Vec<Target>>,
}

impl Flows {
    fn of(spec: &Spec) -> Self {
        let after_service: Vec<Vec<Target>> = spec
            .stations
            .iter()
            .map(|station| targets(&station.to))
            .collect();
        let any = spec.stations.iter().map(|station| {
            let mut any = targets(&station.to);
            if can_balk(station) {
                any.extend(targets(&station.balk_to));
            }
            if station.patience.is_some() {
                any.extend(targets(&station.renege_to));
            }
            any
        });
        Self {
            any: any.collect(),
            after_service,
        }
    }

    /// The stations of `set` that no way out of `ways` leads away from: the largest part of it that is closed.
    fn closed(ways: &[Vec<Target>], mut set: Vec<bool>) -> Vec<bool> {
        loop {
            let stays = |target: &Target| matches!(target, Target::Station(index) if set[*index]);
            let next: Vec<bool> = set
                .iter()
                .zip(ways)
                .map(|(is_in, ways)| *is_in && ways.iter().all(stays))
                .collect();
            if next == set {
                return set;
            }
            set = next;
        }
    }

    /// The stations that cases can come to.
    fn reached(&self, spec: &Spec) -> Vec<bool> {
        let mut reached = vec![false; spec.stations.len()];
        let mut open: Vec<Target> = spec
            .sources
            .iter()
            .flat_map(|source| targets(&source.to))
            .collect();
        while let Some(target) = open.pop() {
            if let Target::Station(index) = target
                && !std::mem::replace(&mut reached[index], true)
            {
                open.extend(&self.any[index]);
            }
        }
        reached
    }

    /// The stations from which a case can leave the world.
    fn can_leave(&self) -> Vec<bool> {
        let mut can_leave = vec![false; self.any.len()];
        loop {
            let leads_out = |target: &Target| match target {
                Target::Exit => true,
                Target::Station(index) => can_leave[*index],
            };
            let next: Vec<bool> = self
                .any
                .iter()
                .map(|ways| ways.iter().any(leads_out))
                .collect();
            if next == can_leave {
                return can_leave;
            }
            can_leave = next;
        }
    }
}

/// The ways that a route can go at all.
fn targets(routing: &Routing) -> Vec<Target> {
    match routing {
        Routing::Always(target) => vec![*target],
        Routing::Chance(ways) => {
            let mut before = 0.0;
            let mut targets = Vec::new();
            for (cumulative, target) in ways {
                if *cumulative > before {
                    targets.push(*target);
                }
                before = *cumulative;
            }
            targets
        }
        Routing::Rules(rules, otherwise) => rules
            .iter()
            .map(|(_, target)| *target)
            .chain([*otherwise])
            .collect(),
    }
}

fn can_balk(station: &StationSpec) -> bool {
    station.buffer.is_some() && station.when_full == WhenFull::Balk
}

/// Whether a draw is zero for every case.
fn is_zero(draw: &Draw) -> bool {
    match draw {
        Draw::Distribution(distribution) => distribution.support() == (0.0, 0.0),
        Draw::ByClass(draws) => draws.iter().all(is_zero),
        Draw::ByTime { steps, .. } => steps.iter().all(|(_, draw)| is_zero(draw)),
        Draw::Expression { value, .. } => value.as_number() == Some(0.0),
        Draw::Scaled { factor, draw } => {
            is_zero(draw) || Expression::as_number(factor) == Some(0.0)
        }
    }
}

/// Stations between which cases go round for ever without any time passing. Says whether there are some.
fn endless_instants(
    spec: &Spec,
    flows: &Flows,
    places: &Places,
    findings: &mut Findings<'_>,
) -> bool {
    let zero: Vec<bool> = spec
        .stations
        .iter()
        .map(|station| is_zero(&station.service))
        .collect();
    let closed = Flows::closed(&flows.after_service, zero);
    let Some(first) = closed.iter().position(|is_closed| *is_closed) else {
        return false;
    };
    // From any closed station on, every way leads to closed ones: the walk comes back to where it was.
    let mut walk = vec![first];
    let cycle = loop {
        let last = walk[walk.len() - 1];
        let Some(Target::Station(next)) = flows.after_service[last].first().copied() else {
            break walk;
        };
        if let Some(start) = walk.iter().position(|seen| *seen == next) {
            walk.push(next);
            break walk.split_off(start);
        }
        walk.push(next);
    };
    let names: Vec<String> = cycle
        .iter()
        .map(|index| format!("`{}`", spec.stations[*index].name))
        .collect();
    findings
        .error(
            &places.routes[cycle[0]],
            format!("cases go round for ever in no time: {}", names.join(" → ")),
        )
        .expected("a way out, or a service that takes time");
    true
}

/// Stations that cases come to and never get away from.
fn never_leaving(spec: &Spec, flows: &Flows, places: &Places, findings: &mut Findings<'_>) {
    let (reached, can_leave) = (flows.reached(spec), flows.can_leave());
    let Some(first) = (0..spec.stations.len()).find(|index| reached[*index] && !can_leave[*index])
    else {
        return;
    };
    let message = format!(
        "cases that come to `{}` never leave",
        spec.stations[first].name
    );
    let place = &places.routes[first];
    if spec.run.at_end == AtEnd::Drain {
        let help = "a run that drains ends when the last case leaves, so this one never ends";
        findings
            .error(place, message)
            .expected("a way that leads to \"exit\"")
            .help(help);
    } else {
        findings
            .warning(place, message)
            .expected("a way that leads to \"exit\"");
    }
}

fn unvisited(spec: &Spec, flows: &Flows, places: &Places, findings: &mut Findings<'_>) {
    let reached = flows.reached(spec);
    for (index, station) in spec
        .stations
        .iter()
        .enumerate()
        .filter(|(index, _)| !reached[*index])
    {
        findings
            .warning(
                &places.stations[index],
                format!("no case ever comes to `{}`", station.name),
            )
            .help("name it in the `to` of a source or of another station, or leave it out");
    }
}

/// Pools that go home for good while a draining run may still have cases for them.
fn nobody_at_the_end(spec: &Spec, places: &Places, findings: &mut Findings<'_>) {
    if spec.run.at_end != AtEnd::Drain {
        return;
    }
    for (index, pool) in spec.pools.iter().enumerate() {
        let Some((last, 0)) = pool.shifts.last().filter(|_| pool.cycle.is_none()) else {
            continue;
        };
        let mut served = spec.stations.iter().filter(|station| station.pool == index);
        if served.all(|station| station.patience.is_some()) {
            continue;
        }
        if let Some((place, path)) = places.agents.get(index) {
            findings
                .warning(place, format!("`{path}` is zero from {last} on, and the run drains"))
                .help("cases that still wait then are never served; let the last number be above zero");
        }
    }
}
