//! Journals: what was written is read, what was torn off is not, what is another's is refused.

use expect_test::expect;
use pluriverse_experiment::{
    Analysis, Experiment, JobResult, Laboratory, Study,
    journal::{self, HEADER_BYTES, JournalError},
};

use crate::studies::{run, study};

fn asked() -> Study {
    study(
        r#"
            replications.stop = { metric = "desk.wait", relative_half_width = 0.3, min = 4, max = 60 }
            factors.agents = { key = "stations.desk.agents", values = [2, 3] }
        "#,
    )
}

/// Does the experiment as far as `jobs`, and returns its journal.
fn begun(jobs: usize) -> Vec<u8> {
    let study = asked();
    let mut bytes = journal::header(&study);
    let mut laboratory = Laboratory::new(study.workload.clone());
    let mut experiment = Experiment::new(study);
    for _ in 0..jobs {
        let Some(job) = experiment.poll_job() else {
            break;
        };
        let result = laboratory.run(&job);
        bytes.extend(journal::record(&result));
        experiment.handle_result(result).unwrap();
    }
    bytes
}

/// Goes on from a journal; how many jobs were done anew is returned too.
fn resumed(bytes: &[u8]) -> (Analysis, usize) {
    let study = asked();
    let mut known = journal::read(&study, bytes).unwrap().results;
    let mut laboratory = Laboratory::new(study.workload.clone());
    let mut experiment = Experiment::new(study);
    let mut anew = 0;
    while let Some(job) = experiment.poll_job() {
        let result: JobResult = known.remove(&job.id).unwrap_or_else(|| {
            anew += 1;
            laboratory.run(&job)
        });
        experiment.handle_result(result).unwrap();
    }
    (experiment.finish(), anew)
}

#[test]
fn an_experiment_goes_on_from_wherever_it_was() {
    let expected = run(asked());
    let (_, all) = resumed(&journal::header(&asked()));
    for jobs in [0, 1, 7, 20, usize::MAX] {
        let (analysis, anew) = resumed(&begun(jobs));
        assert_eq!(analysis, expected);
        assert_eq!(anew, all.saturating_sub(jobs));
    }
}

#[test]
fn what_was_torn_off_is_done_again() {
    let expected = run(asked());
    let bytes = begun(3);
    for torn in [1, 5, 13, 40] {
        let left = &bytes[..bytes.len() - torn];
        let journal = journal::read(&asked(), left).unwrap();
        assert_eq!(journal.results.len(), 2);
        assert!(journal.whole_bytes < left.len());
        assert_eq!(resumed(left).0, expected);
    }
    for length in [0, 3, HEADER_BYTES - 1] {
        let journal = journal::read(&asked(), &bytes[..length]).unwrap();
        assert_eq!((journal.results.len(), journal.whole_bytes), (0, 0));
    }
}

#[test]
fn what_is_no_journal_of_this_experiment_is_refused() {
    let bytes = begun(3);
    let answer = |bytes: &[u8]| journal::read(&asked(), bytes).unwrap_err().to_string();
    expect!["it is no journal of an experiment"]
        .assert_eq(&answer(b"kind = \"experiment\" and so on, for a while"));
    expect!["it is no journal of an experiment"].assert_eq(&answer(b"?"));
    let mut newer = bytes.clone();
    newer[7] = 9;
    expect!["it is a journal of version 9: this program reads version 1"]
        .assert_eq(&answer(&newer));
    let mut damaged = bytes.clone();
    damaged[HEADER_BYTES + 30] ^= 1;
    expect!["the record at byte 40 is damaged"].assert_eq(&answer(&damaged));
    let other = study("replications.count = 5");
    assert_eq!(journal::read(&other, &bytes), Err(JournalError::Foreign));
}
