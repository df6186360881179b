//! The scenarios that come with the project, and recorded logs where they are at hand.

use std::{fs, path::PathBuf};

use pluriverse_kernel::scenario::{Draft, FileSource};
use pluriverse_process::reader::read;

use super::render_all;

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder that a scenario lies in.
struct Folder(PathBuf);

impl FileSource for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| format!("`{path}`: {error}"))
    }
}

#[test]
fn every_scenario_reads_without_a_word() {
    let folder = workspace().join("scenarios");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let mut count = 0;
    for name in names {
        let text = fs::read_to_string(folder.join(&name)).unwrap();
        if !text.contains("kind = \"process\"") {
            continue;
        }
        assert!(text.starts_with("# "), "{name} opens with what it is about");
        let files = Folder(folder.clone());
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
        count += 1;
    }
    assert!(count >= 2, "there are scenarios");
}
