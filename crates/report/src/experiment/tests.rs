//! Pages of experiments that are run here: what is in them, and that a user's text stays text.

use pluriverse_experiment::{Analysis, Experiment, Laboratory, read};
use pluriverse_host::scenario::GivenFiles;
use pluriverse_kernel::scenario::Draft;

use super::*;

const DESK: &str = r#"
kind = "process"
[run]
until = "3h"
period = "1h"
replications = 20
[sources.people.arrivals.poisson]
rate = "20/h"
[stations.desk]
agents = { every = "1h", values = [2, 3, 3] }
service = { exponential = { mean = "4m" } }
service_level = { within = "2m" }
"#;

fn analysed(text: &str) -> Analysis {
    let mut files = GivenFiles::default();
    files.insert("desk.toml", DESK.as_bytes().to_vec());
    let draft = Draft {
        file: "experiment.toml",
        text,
        overrides: &[],
        files: &files,
    };
    let (study, _) = read(draft).unwrap();
    let mut laboratory = Laboratory::new(study.workload.clone());
    let mut experiment = Experiment::new(study);
    while let Some(job) = experiment.poll_job() {
        experiment.handle_result(laboratory.run(&job)).unwrap();
    }
    experiment.finish()
}

fn page(question: &str) -> String {
    let text = format!("kind = \"experiment\"\nscenario = \"desk.toml\"\n{question}");
    let analysis = analysed(&text);
    html(&ExperimentReport {
        analysis: &analysis,
        file: "experiment.toml",
        text: &text,
        scenario_text: DESK,
        overrides: &[],
        version: "0.0.0",
        wall_seconds: 1.5,
        threads: 2,
    })
}

fn assert_holds(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is missing");
    }
    assert!(!page.contains("http:") && !page.contains("https:"));
    assert_eq!(
        page.matches("<section").count(),
        page.matches("</section>").count()
    );
    assert_eq!(
        page.matches("<figure").count(),
        page.matches("</figure>").count()
    );
    let (_, body) = page.split_once("<main").unwrap();
    assert!(!body.contains("NaN"), "a place that is no number");
}

#[test]
fn staffing_shows_levels_service_and_the_front() {
    let page = page(
        "[question.staffing]\nkey = \"stations.desk.agents.values\"\nseries = \"Service level/desk\"\nat_least = 0.7\n\
         tolerance = 0.05\nmax = 6\nsearch = 40\nfirst_stage = 40\nreport = 40",
    );
    assert_holds(
        &page,
        &[
            "id=\"answer\"",
            "Service level/desk and the limit",
            "Pareto front",
            "the answer",
            "With probability 0.95 or more",
            "more points are not shown",
        ],
    );
}

#[test]
fn a_selection_shows_its_candidates() {
    let page = page(
        "factors.service = { key = \"stations.desk.service.exponential.mean\", values = [\"3m\", \"6m\"] }\n\
         question.select = { minimize = \"desk.wait\", indifference = 60, \
         subject_to = [{ metric = \"desk.service_level\", at_least = 0.2, tolerance = 0.1 }] }",
    );
    assert_holds(
        &page,
        &[
            "Candidates",
            "selected",
            "desk.service_level by desk.wait",
            "Main effects",
        ],
    );
}

#[test]
fn warm_up_shows_welchs_graph() {
    let page =
        page("set = { \"run.period\" = \"2m\" }\nquestion.warm_up.series = \"Queue length/desk\"");
    assert_holds(
        &page,
        &["moving average", "by MSER-5.", "MSER-5 (White 1997)"],
    );
}

/// Nobody comes: a figure without observations has no chart, and the reason stands there.
#[test]
fn warm_up_of_what_is_never_observed_is_a_sentence() {
    let page = page(
        "set = { \"run.period\" = \"2m\", \"sources.people.arrivals.poisson.rate\" = \"0.00001/h\" }\n\
         question.warm_up.series = \"Wait/desk\"",
    );
    assert_holds(
        &page,
        &[
            "There is nothing to look at.",
            "Nothing was observed of `Wait/desk` in any of the 90 periods",
        ],
    );
    assert!(!page.contains("moving average"));
}

#[test]
fn a_steady_state_shows_both_ends_of_its_interval() {
    let page = page(
        "set = { \"run.until\" = \"200h\", \"run.period\" = \"20m\" }\n\
         question.steady_state = { series = \"Queue length/desk\", warm_up = 20 }",
    );
    assert_holds(
        &page,
        &["32 batches of 18 periods", "after 20 periods of warm-up"],
    );
    assert!(!page.contains('±'), "an interval with two unequal sides");
}

#[test]
fn what_a_user_wrote_stays_text() {
    let page = page(
        "title = \"<script>alert(1)</script>\"\n\
         [factors]\n\"<b>\" = { key = \"stations.desk.service.exponential.mean\", values = [\"3m\", \"4m\"] }",
    );
    assert!(!page.contains("<script>alert") && !page.contains("<b> = "));
    assert_holds(
        &page,
        &["&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;b&gt;"],
    );
}
