//! Small worlds of every description, made from a tape of bytes.
//!
//! Each byte is one choice and a tape that has run out always gives the first one, the plainest; so that a shorter
//! tape of smaller bytes makes a simpler world, and a failing one shrinks.

use std::fmt::Write as _;

use proptest::{collection::vec, prelude::*};

/// Texts of scenarios.
pub(crate) fn worlds() -> impl Strategy<Value = String> {
    vec(any::<u8>(), 0..160).prop_map(|bytes| world(&bytes))
}

/// The scenario of a tape.
fn world(bytes: &[u8]) -> String {
    let mut tape = Tape { bytes, at: 0 };
    let mut text = String::new();
    let stations = 1 + tape.below(4);
    let pools = tape.below(3);
    let classes = 1 + tape.below(3);
    let until = tape.of(&[20, 60, 200]);
    run(&mut tape, &mut text, until);
    for class in 0..classes {
        writeln!(text, "[classes.c{class}]\npriority = {}", tape.below(3)).unwrap();
    }
    for pool in 0..pools {
        writeln!(text, "[pools.p{pool}]").unwrap();
        agents(&mut tape, &mut text);
    }
    let mut maker = Maker {
        tape,
        text,
        stations,
        classes,
    };
    for index in 0..1 + maker.tape.below(3) {
        maker.source(index, until);
    }
    for index in 0..stations {
        maker.station(index, pools);
    }
    maker.text
}

/// The choices that are left.
struct Tape<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Tape<'_> {
    fn below(&mut self, count: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % count
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

fn run(tape: &mut Tape<'_>, text: &mut String, until: usize) {
    writeln!(text, "[run]\nuntil = '{until}s'").unwrap();
    writeln!(text, "at_end = '{}'", tape.of(&["cut", "drain"])).unwrap();
    writeln!(text, "warm_up = '{}s'", tape.of(&[0, until / 4, 7])).unwrap();
    let period = tape.of(&["", "period = '7s'\n", "period = '10s'\n"]);
    text.push_str(period);
}

/// The keys of a pool, or of a station with agents of its own.
fn agents(tape: &mut Tape<'_>, text: &mut String) {
    let repeat = tape.of(&["", ", repeat = '25s'"]);
    let (first, second, at) = (tape.below(4), tape.below(4), 1 + tape.below(15));
    let kind = tape.below(6);
    match kind {
        0 | 1 => writeln!(text, "agents = {}", first.max(1)).unwrap(),
        2 => writeln!(text, "agents = 'unlimited'").unwrap(),
        _ => writeln!(
            text,
            "agents = {{ schedule = [{{ from = '0s', agents = {first} }}, {{ from = '{at}s', agents = {} }}]{repeat} }}",
            if first == 0 { second.max(1) } else { second },
        )
        .unwrap(),
    }
    writeln!(text, "end_of_shift = '{}'", tape.of(&["finish", "preempt"])).unwrap();
    text.push_str(tape.of(&["", "cost_per_hour = 60\n", "cost_per_use = 2\n"]));
}

struct Maker<'b> {
    tape: Tape<'b>,
    text: String,
    stations: usize,
    classes: usize,
}

impl Maker<'_> {
    fn key(&mut self, key: &str, value: impl std::fmt::Display) {
        writeln!(self.text, "{key} = {value}").unwrap();
    }

    fn source(&mut self, index: usize, until: usize) {
        writeln!(self.text, "[sources.from{index}]").unwrap();
        let arrivals = self.tape.of(&[
            "{ scheduled = { every = '1s' } }",
            "{ poisson = { rate = '0.4/s' } }",
            "{ poisson = { rate = '1.5/s' } }",
            "{ renewal = { interval = { uniform = { low = '0s', high = '3s' } } } }",
            "{ rates = { every = '5s', values = ['2/s', '0/s', '0.5/s'], repeat = true, factor = { gamma = { shape = 4, mean = 1 } } } }",
            "{ scheduled = { at = ['0s', '1s', '1s', '2s', '7s', '7s', '11s'] } }",
            "{ erlang = { shape = 3, rate = '1/s' } }",
        ]);
        self.key("arrivals", arrivals);
        let class = self.tape.below(self.classes);
        self.key("class", format_args!("'c{class}'"));
        let to = self.tape.below(self.stations);
        let other = self.tape.below(self.stations);
        let to = match self.tape.below(3) {
            0 => format!("'s{to}'"),
            1 => format!("[{{ probability = 0.5, to = 's{to}' }}, {{ to = 's{other}' }}]"),
            _ => format!(
                "[{{ when = 'queue(s{to}) <= queue(s{other})', to = 's{to}' }}, {{ to = 's{other}' }}]"
            ),
        };
        self.key("to", to);
        let size = self
            .tape
            .of(&["1", "2", "{ exponential = { mean = 1.5 } }", "0"]);
        self.key(
            "attributes",
            format_args!("{{ size = {size}, visits = 0 }}"),
        );
        let batch = self.tape.of(&[
            "1",
            "2",
            "{ discrete = [{ value = 0, weight = 1 }, { value = 3, weight = 1 }] }",
        ]);
        self.key("batch", batch);
        match self.tape.below(4) {
            1 => self.key("limit", 9),
            2 => self.key("from", "'4s'"),
            3 => self.key("until", format_args!("'{}s'", until / 2)),
            _ => {}
        }
    }

    fn station(&mut self, index: usize, pools: usize) {
        writeln!(self.text, "[stations.s{index}]").unwrap();
        let pool = self.tape.below(pools + 1);
        if pool == 0 {
            agents(&mut self.tape, &mut self.text);
        } else {
            self.key("agents", format_args!("'p{}'", pool - 1));
        }
        let service = self.tape.of(&[
            "'1s'",
            "'2s'",
            "{ exponential = { mean = '1500ms' } }",
            "{ uniform = { low = '0s', high = '3s' } }",
            "{ attribute = 'size' }",
            "{ by_time = { every = '10s', values = ['1s', '3s'], repeat = true } }",
            "'0s'",
        ]);
        self.key("service", service);
        match self.tape.below(5) {
            0 => {}
            1 => self.key("queue", "'lifo'"),
            2 => self.key("queue", "'priority'"),
            3 => self.key("queue", "'shortest-processing'"),
            _ => self.key("preemption", "'resume'"),
        }
        self.room(index);
        self.limits();
        let to = self.route(index);
        self.key("to", to);
        self.key("assign", "{ visits = 'visits + 1' }");
        let cost = self.tape.of(&[0, 3]);
        self.key("cost_per_case", cost);
    }

    fn room(&mut self, index: usize) {
        if let room @ 1.. = self.tape.below(4) {
            self.key("buffer", room - 1);
            if self.tape.below(2) == 1 {
                self.key("when_full", "'block'");
            } else {
                let to = self.route(index);
                self.key("balk_to", to);
            }
        }
    }

    fn limits(&mut self) {
        let patience = self
            .tape
            .of(&["", "'3s'", "{ exponential = { mean = '4s' } }", "'0s'"]);
        if !patience.is_empty() {
            self.key("patience", patience);
            // Only onwards, since a case that gives up at once and comes back would do so for ever.
            let to = self.tape.of(&["exit", "next"]);
            self.key("renege_to", format_args!("'{to}'"));
        }
        let level = self.tape.of(&[
            "",
            "'1s'",
            "{ within = '2s', abandoned = 'missed' }",
            "{ within = '2s', abandoned = 'excluded' }",
        ]);
        if !level.is_empty() {
            self.key("service_level", level);
        }
    }

    /// A way on from a station; no way goes round without end.
    fn route(&mut self, index: usize) -> String {
        let other = self.tape.below(self.stations);
        match self.tape.below(5) {
            0 => "'exit'".to_owned(),
            1 => "'next'".to_owned(),
            2 => format!("[{{ probability = 0.4, to = 's{other}' }}, {{ to = 'exit' }}]"),
            3 => format!("[{{ when = 'visits < 3', to = 's{other}' }}, {{ to = 'exit' }}]"),
            _ => format!("[{{ when = 'queue(s{index}) > 1', to = 'exit' }}, {{ to = 'next' }}]"),
        }
    }
}
