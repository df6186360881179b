//! Hostile files: mutations of good ones never panic, and what is accepted keeps every promise of the description.

use pluriverse_kernel::{diagnostic::Severity, time::SimDuration};
use pluriverse_process::spec::{Arrivals, Draw, Routing, Spec, Target};
use proptest::prelude::*;

use super::{Case, EVERYTHING, HISTORY};

/// Asserts what the docs of [`Spec`] promise.
fn keeps_its_promises(spec: &Spec) {
    assert!(!spec.classes.is_empty() && !spec.sources.is_empty());
    assert!(spec.run.period.nanos() > 0 && spec.run.replications >= 1);
    assert!((spec.run.until.nanos() - 1) / spec.run.period.nanos() < 10_000);
    assert!(spec.run.warm_up.nanos() < spec.run.until.nanos());
    for source in &spec.sources {
        assert!(source.class < spec.classes.len());
        assert!(source.from < source.until && source.until <= spec.run.until);
        keeps_routing(spec, &source.to);
        source.attributes.iter().for_each(|(index, draw)| {
            assert!(*index < spec.attributes.len());
            keeps_draw(spec, draw);
        });
        match &source.arrivals {
            Arrivals::Renewal(interval) => {
                assert!(interval.support().0 >= 0.0 && interval.mean() > 0.0)
            }
            Arrivals::Rates { steps, cycle, .. } => {
                keeps_steps(steps.iter().map(|(from, _)| *from), *cycle);
                assert!(
                    steps
                        .iter()
                        .all(|(_, rate)| *rate >= 0.0 && rate.is_finite())
                );
            }
            Arrivals::Scheduled(times) => assert!(times.is_sorted() && !times.is_empty()),
            Arrivals::Trace(cases) => {
                assert!(cases.is_sorted_by_key(|case| case.at) && !cases.is_empty());
                assert!(
                    cases
                        .iter()
                        .all(|case| case.class.is_none_or(|class| class < spec.classes.len()))
                );
                let mut attributes = cases.iter().flat_map(|case| &case.attributes);
                assert!(
                    attributes
                        .all(|(index, value)| *index < spec.attributes.len() && value.is_finite())
                );
            }
        }
    }
    for pool in &spec.pools {
        let shifts = pool.shifts.iter().map(|(from, _)| *from);
        assert!(shifts.clone().is_sorted_by(|left, right| left < right));
        assert!(
            pool.cycle
                .is_none_or(|cycle| shifts.clone().all(|from| from < cycle))
        );
        assert!(
            pool.agents.is_none_or(
                |agents| agents > 0 || pool.shifts.iter().any(|(_, agents)| *agents > 0)
            )
        );
        assert!(pool.cost_per_hour >= 0.0 && pool.cost_per_use >= 0.0);
    }
    for station in &spec.stations {
        assert!(station.pool < spec.pools.len());
        keeps_draw(spec, &station.service);
        station
            .patience
            .iter()
            .for_each(|patience| keeps_draw(spec, patience));
        for routing in [&station.to, &station.balk_to, &station.renege_to] {
            keeps_routing(spec, routing);
        }
        assert!(
            station
                .assign
                .iter()
                .all(|(index, _)| *index < spec.attributes.len())
        );
    }
}

fn keeps_steps(starts: impl Iterator<Item = SimDuration> + Clone, cycle: Option<SimDuration>) {
    assert_eq!(starts.clone().next(), Some(SimDuration::ZERO));
    assert!(starts.clone().is_sorted_by(|left, right| left < right));
    assert!(cycle.is_none_or(|cycle| starts.clone().all(|start| start < cycle)));
}

fn keeps_draw(spec: &Spec, draw: &Draw) {
    match draw {
        Draw::Distribution(_) | Draw::Expression { .. } => {}
        Draw::ByClass(draws) => {
            assert_eq!(draws.len(), spec.classes.len());
            draws.iter().for_each(|draw| keeps_draw(spec, draw));
        }
        Draw::ByTime { steps, cycle } => {
            keeps_steps(steps.iter().map(|(from, _)| *from), *cycle);
            steps.iter().for_each(|(_, draw)| keeps_draw(spec, draw));
        }
        Draw::Scaled { draw, .. } => keeps_draw(spec, draw),
    }
}

fn keeps_routing(spec: &Spec, routing: &Routing) {
    let keeps = |target: &Target| match target {
        Target::Station(index) => assert!(*index < spec.stations.len()),
        Target::Exit => {}
    };
    match routing {
        Routing::Always(target) => keeps(target),
        Routing::Chance(ways) => {
            assert!(ways.is_sorted_by(|left, right| left.0 <= right.0));
            assert_eq!(ways.last().map(|(cumulative, _)| *cumulative), Some(1.0));
            ways.iter().for_each(|(_, target)| keeps(target));
        }
        Routing::Rules(rules, otherwise) => {
            rules.iter().for_each(|(_, target)| keeps(target));
            keeps(otherwise);
        }
    }
}

/// Reads a file and asserts that it is answered in good order, whatever it is.
fn survives(case: Case<'_>) {
    match case.read() {
        Ok((spec, warnings)) => {
            assert!(
                warnings
                    .iter()
                    .all(|warning| warning.severity == Severity::Warning)
            );
            keeps_its_promises(&spec);
        }
        Err(findings) => {
            assert!(
                findings
                    .iter()
                    .any(|finding| finding.severity == Severity::Error)
            );
            for finding in findings {
                assert!(!finding.message.is_empty());
                assert_ne!(
                    finding.message, "this scenario cannot be read",
                    "the reason is said"
                );
                if let Some(span) = finding.span {
                    assert!(
                        case.text.get(span.clone()).is_some(),
                        "{span:?} lies in the text: {}",
                        finding.message
                    );
                }
            }
        }
    }
}

/// Values that go where they are not wanted.
const VALUES: [&str; 40] = [
    "0",
    "-1",
    "1",
    "1e308",
    "-0.0",
    "nan",
    "inf",
    "9223372036854775807",
    "1e18",
    "0.5",
    "true",
    "\"\"",
    "\"x\"",
    "\"0s\"",
    "\"-1s\"",
    "\"1ns\"",
    "\"292y\"",
    "\"106751d\"",
    "\"15250w\"",
    "\"1/ns\"",
    "\"0/h\"",
    "\"1e300/ns\"",
    "\"1e-300/w\"",
    "\"next\"",
    "\"exit\"",
    "\"unlimited\"",
    "\"desk\"",
    "\"amount\"",
    "\"loops + 1\"",
    "[]",
    "{}",
    "[1]",
    "[[]]",
    "[{}]",
    "{ constant = \"1s\" }",
    "{ exponential = { mean = \"1ns\" } }",
    "{ pareto = { shape = 0.1, scale = \"1s\" } }",
    "{ every = \"1ns\", values = [1], repeat = true }",
    "{ normal = { mean = -1e300, std_dev = 1e-300 } }",
    "1979-05-27T07:32:00Z",
];

const SNIPPETS: [&str; 16] = [
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "\n",
    "#",
    "é",
    "\u{0}",
    "\r\n",
    "[[stations]]\n",
    "\"\"\"",
];

/// A small damage to a text.
#[derive(Clone, Debug)]
enum Damage {
    Cut(usize, usize),
    Insert(usize, &'static str),
    Value(usize, &'static str),
    DropLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        1 => (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Damage::Cut(at, length)),
        1 => (any::<usize>(), prop::sample::select(&SNIPPETS[..])).prop_map(|(at, text)| Damage::Insert(at, text)),
        5 => (any::<usize>(), prop::sample::select(&VALUES[..])).prop_map(|(at, text)| Damage::Value(at, text)),
        1 => any::<usize>().prop_map(Damage::DropLine),
        1 => any::<usize>().prop_map(Damage::RepeatLine),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(left, right)| Damage::SwapLines(left, right)),
    ]
}

fn damaged(text: &str, damage: &Damage) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return String::new();
    }
    let line_count = lines.len();
    let boundary = |at: usize| {
        let at = at % (text.len() + 1);
        (at..=text.len())
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(text.len())
    };
    match *damage {
        Damage::Cut(at, length) => {
            let start = boundary(at);
            let end = boundary((start + length).min(text.len()));
            return format!("{}{}", &text[..start], &text[end.max(start)..]);
        }
        Damage::Insert(at, snippet) => {
            let at = boundary(at);
            return format!("{}{snippet}{}", &text[..at], &text[at..]);
        }
        Damage::Value(at, value) => return with_value(text, at, value),
        Damage::DropLine(index) => {
            lines.remove(index % line_count);
        }
        Damage::RepeatLine(index) => lines.insert(index % line_count, lines[index % line_count]),
        Damage::SwapLines(left, right) => lines.swap(left % line_count, right % line_count),
    }
    lines.join("\n") + "\n"
}

/// The text with one of its scalar values replaced.
fn with_value(text: &str, at: usize, value: &str) -> String {
    let starts: Vec<usize> = text
        .match_indices("= ")
        .map(|(start, _)| start + 2)
        .collect();
    if starts.is_empty() {
        return text.to_owned();
    }
    let start = starts[at % starts.len()];
    let end = text[start..]
        .find([',', '}', ']', '\n'])
        .map_or(text.len(), |length| start + length);
    format!("{}{value} {}", &text[..start], &text[end..])
}

/// Long-winded spellings of nothing much.
#[test]
fn sheer_size_is_survived() {
    let many = "[stations.a]\nagents = 1\nservice = \"1s\"\n".repeat(2_000);
    survives(Case::new(&format!("kind = \"process\"\n{many}")));
    let stations: String = (0..1_500)
        .map(|index| format!("[stations.s{index}]\nagents = 1\nservice = \"1s\"\n"))
        .collect();
    survives(Case::new(&format!(
        "kind = \"process\"\nrun.until = \"1h\"\n[sources]\n{stations}"
    )));
    let values = vec!["\"1/h\""; 200_000].join(",");
    survives(Case::new(&format!(
        "kind = \"process\"\n[sources.a]\narrivals = {{ rates = {{ every = \"1s\", values = [{values}] }} }}\n"
    )));
    survives(Case::new(&format!(
        "kind = \"process\"\na{} = 1\n",
        ".a".repeat(100_000)
    )));
    survives(Case::new(&format!(
        "kind = \"process\"\n[a{}]\n",
        ".\"a\"".repeat(100_000)
    )));
    survives(Case::new(&format!(
        "kind = \"process\"\na = {}\n",
        "{ a = ".repeat(100_000)
    )));
    let deep = format!("{}1{}", "{ \"a\": ".repeat(100_000), "}".repeat(100_000));
    survives(Case {
        file: "a.json",
        ..Case::new(&deep)
    });
    let deep = format!(
        "{{ \"kind\": \"process\", \"a\": {}1{} }}",
        "[".repeat(300),
        "]".repeat(300)
    );
    survives(Case {
        file: "a.json",
        ..Case::new(&deep)
    });
    // Long keys in deep brackets multiply.
    let nest = format!("{{ \"a\"{} = ", ".\"a\"".repeat(14)).repeat(75);
    survives(Case::new(&format!(
        "kind = \"process\"\nx = {nest}1{}\n",
        " }".repeat(75)
    )));
    let mut draw = "\"1s\"".to_owned();
    for _ in 0..40 {
        draw = format!("{{ shifted = {{ by = \"1s\", of = {draw} }} }}");
    }
    survives(Case::new(&format!(
        "kind = \"process\"\n[stations.a]\nagents = 1\nservice = {draw}\n"
    )));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_scenarios_are_answered(damages in prop::collection::vec(damage(), 1..4)) {
        let text = damages.iter().fold(EVERYTHING.to_owned(), |text, damage| damaged(&text, damage));
        survives(Case { files: &[("history.csv", HISTORY)], ..Case::new(&text) });
    }

    #[test]
    fn damaged_data_are_answered(damages in prop::collection::vec(damage(), 1..4)) {
        let history = damages.iter().fold(HISTORY.to_owned(), |text, damage| damaged(&text, damage));
        survives(Case { files: &[("history.csv", &history)], ..Case::new(EVERYTHING) });
    }

    #[test]
    fn any_override_is_answered(
        key in prop::sample::select(vec![
            "run.until", "run.period", "run.warm_up", "run", "sources", "stations.desk.agents", "stations.desk.to",
            "stations.desk.service", "stations.office.service.of", "sources.calls.arrivals", "sources.calls.batch",
            "sources.calls.attributes.amount", "pools.clerks.agents", "stations.desk.to[1].when", "kind", "classes",
            "stations.archive.buffer", "sources.history.arrivals.trace.attributes.work", "a.b.c", "stations.new",
        ]),
        value in prop::sample::select(&VALUES[..]),
    ) {
        survives(Case { overrides: &[(key, value)], files: &[("history.csv", HISTORY)], ..Case::new(EVERYTHING) });
    }

    #[test]
    fn any_text_is_answered(text in "[a-z\"'=\\[\\]{}.,0-9\n #é]{0,80}") {
        survives(Case::new(&format!("kind = \"process\"\n{text}")));
        survives(Case { file: "a.json", ..Case::new(&text) });
    }
}
