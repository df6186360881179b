//! The scenarios that come with the project, and recorded logs where they are at hand.

use std::{fs, path::PathBuf};

use expect_test::expect;
use pluriverse_kernel::scenario::{Draft, FileSource};
use pluriverse_process::{
    reader::read,
    spec::{Arrivals, TraceCase},
};

use super::render_all;

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder that a scenario lies in.
pub(crate) struct Folder(PathBuf);

impl FileSource for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| format!("`{path}`: {error}"))
    }
}

/// Names and texts of the process scenarios that come with the project.
pub(crate) fn scenario_texts() -> Vec<(String, String)> {
    let folder = workspace().join("scenarios");
    let names = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    names.sort();
    let texts = names.into_iter().map(|name| {
        let text = fs::read_to_string(folder.join(&name)).unwrap();
        (name, text)
    });
    texts
        .filter(|(_, text)| text.contains("kind = \"process\""))
        .collect()
}

#[test]
fn every_scenario_reads_without_a_word() {
    let files = Folder(workspace().join("scenarios"));
    let texts = scenario_texts();
    assert!(texts.len() >= 10, "there are scenarios");
    for (name, text) in texts {
        assert!(text.starts_with("# "), "{name} opens with what it is about");
        let draft = Draft {
            file: &name,
            text: &text,
            overrides: &[],
            files: &files,
        };
        match read(draft) {
            Ok((spec, findings)) => {
                assert!(findings.is_empty(), "{}", render_all(&findings, &text));
                assert!(!spec.title.is_empty(), "{name} has a title");
            }
            Err(findings) => panic!("{}", render_all(&findings, &text)),
        }
    }
}

/// The folder of a real log of 5,443 rows, `insurance_claims.csv`, where the project's data is at hand.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn recorded_logs() -> Option<Folder> {
    let folder = workspace().join("../shared/data/process/logs");
    if !folder.join("insurance_claims.csv").exists() {
        println!("skipped: {} has no insurance_claims.csv", folder.display());
        return None;
    }
    Some(Folder(folder))
}

#[test]
fn a_recorded_log_reads_as_a_trace() {
    let Some(folder) = recorded_logs() else {
        return;
    };
    let text = r#"
        kind = "process"
        title = "Insurance claims as recorded"
        [sources.claims.arrivals.trace]
        file = "insurance_claims.csv"
        time = "start_time"
        case = "case_id"
        class = "activity"
        attributes = { first_step = { start = "start_time", end = "end_time" }, delay = "extraneous_delay" }
        [stations.intake]
        agents = "unlimited"
        service = { attribute = "first_step" }
    "#;
    let draft = Draft {
        file: "claims.toml",
        text,
        overrides: &[],
        files: &folder,
    };
    let (spec, findings) =
        read(draft).unwrap_or_else(|findings| panic!("{}", render_all(&findings, text)));
    assert!(findings.is_empty(), "{}", render_all(&findings, text));
    let Arrivals::Trace(cases) = &spec.sources[0].arrivals else {
        panic!("a trace")
    };
    let names: Vec<_> = spec
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .collect();
    let shown = |case: &TraceCase| {
        let attributes: Vec<f64> = case.attributes.iter().map(|(_, value)| *value).collect();
        format!("{} {:?} {attributes:?}", case.at, case.class)
    };
    let summary = format!(
        "{} cases of {names:?}\nfirst {}\nlast {}\nuntil {}\n",
        cases.len(),
        shown(&cases[0]),
        shown(&cases[cases.len() - 1]),
        spec.run.until,
    );
    expect![[r#"
        1000 cases of ["Check if customer has all required information"]
        first 0s Some(0) [61.72, 0.0]
        last 4h57m50s360ms Some(0) [64.13, 0.0]
        until 5h
    "#]]
    .assert_eq(&summary);
}
