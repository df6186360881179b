//! Bad scenarios, and the words in which they are answered.

mod distributions;
mod document;
mod flow;
mod sources;
mod values;

use expect_test::Expect;

use super::Case;

/// What is said about each of several scenarios, one after the other.
fn check(texts: &[String], expected: &Expect) {
    let said: Vec<String> = texts
        .iter()
        .map(|text| Case::new(text).findings())
        .collect();
    expected.assert_eq(&said.join("----\n"));
}

const SOURCE: &str = "[sources.calls]\narrivals = { poisson = { rate = \"9/h\" } }\n";
const DESK: &str = "[stations.desk]\nagents = 1\nservice = \"5m\"\n";

/// A text as it is.
fn raw(text: &str) -> String {
    text.to_owned()
}

/// A sound world of eight hours, but for these parts.
fn world(source: &str, stations: &str) -> String {
    format!("kind = \"process\"\nrun.until = \"8h\"\n{source}{stations}\n")
}

fn stations(stations: &str) -> String {
    world(SOURCE, stations)
}

fn draining(stations: &str) -> String {
    self::stations(stations).replace(
        "run.until = \"8h\"",
        "run = { until = \"8h\", at_end = \"drain\" }",
    )
}

/// Several stations, of which `desk` is the first to be visited.
fn to_desk(stations: &str) -> String {
    world(&format!("{SOURCE}to = \"desk\"\n"), stations)
}

fn desk(more: &str) -> String {
    stations(&format!("{DESK}{more}"))
}

fn service(draw: &str) -> String {
    stations(&format!("[stations.desk]\nagents = 1\nservice = {draw}"))
}

fn agents(agents: &str) -> String {
    stations(&format!(
        "[stations.desk]\nagents = {agents}\nservice = \"1m\""
    ))
}

/// Two stations; `to` leads away from the first.
fn route(to: &str) -> String {
    let office = "[stations.office]\nagents = 1\nservice = \"1m\"";
    to_desk(&format!("{DESK}to = {to}\n{office}"))
}

fn source(more: &str) -> String {
    world(&format!("{SOURCE}{more}\n"), DESK)
}

fn arrivals(arrivals: &str) -> String {
    world(&format!("[sources.calls]\narrivals = {arrivals}\n"), DESK)
}

fn run(run: &str) -> String {
    format!("kind = \"process\"\n{SOURCE}{DESK}[run]\n{run}\n")
}

/// Two classes; `class` is said by the source, `service` by the station.
fn classes(class: &str, service: &str) -> String {
    let classes = "[classes.gold]\npriority = 2\n[classes.silver]\n";
    let desk = format!("[stations.desk]\nagents = 1\nservice = {service}");
    world(&format!("{classes}{SOURCE}{class}\n"), &desk)
}
