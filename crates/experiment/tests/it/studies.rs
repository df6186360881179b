//! Studies to test with, real ones and ones whose runs are made up.

use pluriverse_experiment::{
    Analysis, Experiment, Job, JobResult, Laboratory, Refusal, Study, Trial, read,
};
use pluriverse_host::scenario::GivenFiles;
use pluriverse_kernel::{
    random::{Purpose, Stream, StreamKey},
    scenario::Draft,
    view::Observation,
};

/// A desk for a morning; a run takes some hundred events.
pub(crate) const DESK: &str = r#"
kind = "process"
[run]
until = "4h"
period = "1h"
seed = 3
replications = 6
[sources.people.arrivals.poisson]
rate = "20/h"
[stations.desk]
agents = { every = "1h", values = [2, 2, 2, 2] }
service = { exponential = { mean = "5m" } }
service_level = { within = "2m" }
"#;

/// Reads an experiment with this scenario beside it as `desk.toml`.
pub(crate) fn read_with(scenario: &str, text: &str) -> Result<Study, Refusal> {
    let mut files = GivenFiles::default();
    files.insert("desk.toml", scenario.as_bytes().to_vec());
    let draft = Draft {
        file: "experiment.toml",
        text,
        overrides: &[],
        files: &files,
    };
    read(draft).map(|(study, _)| study)
}

/// A study of the desk.
pub(crate) fn study(text: &str) -> Study {
    let head = "kind = \"experiment\"\nscenario = \"desk.toml\"\n";
    read_with(DESK, &format!("{head}{text}"))
        .unwrap_or_else(|refusal| panic!("{:?}", refusal.findings))
}

/// Does all jobs in their order, as `do_job` does them.
pub(crate) fn conduct(study: Study, mut do_job: impl FnMut(&Job) -> JobResult) -> Analysis {
    let mut experiment = Experiment::new(study);
    while let Some(job) = experiment.poll_job() {
        experiment.handle_result(do_job(&job)).unwrap();
    }
    assert!(experiment.is_done());
    assert_eq!(experiment.failure(), None);
    experiment.finish()
}

/// Does all jobs for real.
pub(crate) fn run(study: Study) -> Analysis {
    let mut laboratory = Laboratory::new(study.workload.clone());
    conduct(study, |job| laboratory.run(job))
}

/// Draws for a made-up run; common random numbers when `point` is the same for all.
pub(crate) fn draws(seed: u64, point: usize, replication: u64) -> Stream {
    Stream::new(StreamKey {
        seed,
        replication,
        entity: point as u64,
        purpose: Purpose::named("made up"),
    })
}

/// What a job came to where each figure of replication r is what `figure` says.
pub(crate) fn made_up(job: &Job, figures: usize, mut figure: impl FnMut(u64) -> f64) -> JobResult {
    let trial = |replication| Trial {
        hash: [0; 32],
        events: 1,
        scalars: vec![Observation::plain(figure(replication)); figures],
        series: Vec::new(),
    };
    JobResult {
        id: job.id,
        outcome: Ok((job.first..job.first + job.count).map(trial).collect()),
    }
}
