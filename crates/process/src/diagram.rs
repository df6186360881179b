//! A process world as a picture: sources, stations and the exit, and the ways of cases between them.

use pluriverse_kernel::view::{Diagram, Edge, Node};

use crate::spec::{Routing, Spec, Target, WhenFull};

/// The diagram of a world: sources first, then stations by index, then the exit.
pub(crate) fn of(spec: &Spec) -> Diagram {
    let node = |noun: &str, (number, name): (u32, &str)| Node {
        noun: noun.to_owned(),
        number,
        name: name.to_owned(),
    };
    let sources = spec.sources.iter().map(|source| source.name.as_str());
    let stations = spec.stations.iter().map(|station| station.name.as_str());
    let nodes = (0..).zip(sources).map(|named| node("source", named));
    let nodes = nodes.chain((0..).zip(stations).map(|named| node("station", named)));
    let mut ways = Ways {
        source_count: spec.sources.len(),
        exit: spec.sources.len() + spec.stations.len(),
        edges: Vec::new(),
    };
    for (index, source) in spec.sources.iter().enumerate() {
        ways.add(index, &source.to, "");
    }
    for (index, station) in spec.stations.iter().enumerate() {
        let from = ways.station(index);
        ways.add(from, &station.to, "served");
        if station.patience.is_some() {
            ways.add(from, &station.renege_to, "gives up");
        }
        if station.buffer.is_some() && station.when_full == WhenFull::Balk {
            ways.add(from, &station.balk_to, "turned away");
        }
    }
    Diagram {
        nodes: nodes.chain([node("exit", (0, "exit"))]).collect(),
        edges: ways.edges,
    }
}

/// Edges in the making.
struct Ways {
    source_count: usize,
    exit: usize,
    edges: Vec<Edge>,
}

impl Ways {
    fn station(&self, index: usize) -> usize {
        self.source_count + index
    }

    /// Adds the ways of `routing`.
    fn add(&mut self, from: usize, routing: &Routing, label: &str) {
        match routing {
            Routing::Always(target) => self.push(from, *target, Some(1.0), label),
            Routing::Chance(ways) => {
                let mut before = 0.0;
                for (up_to, target) in ways {
                    self.push(from, *target, Some(up_to - before), label);
                    before = *up_to;
                }
            }
            Routing::Rules(rules, otherwise) => {
                let targets = rules.iter().map(|(_, target)| target);
                for target in targets.chain([otherwise]) {
                    self.push(from, *target, None, label);
                }
            }
        }
    }

    fn push(&mut self, from: usize, target: Target, share: Option<f64>, label: &str) {
        let to = match target {
            Target::Station(index) => self.station(index),
            Target::Exit => self.exit,
        };
        self.edges.push(Edge {
            from,
            to,
            share,
            label: label.to_owned(),
        });
    }
}
