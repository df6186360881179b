//! From a text to a scenario, and what is said of one that is none.

use expect_test::expect;
use pluriverse_host::{document::Finding, scenario};
use pluriverse_kernel::scenario::{Draft, NoFiles};

fn findings(file: &str, text: &str) -> String {
    let draft = Draft {
        file,
        text,
        overrides: &[],
        files: &NoFiles,
    };
    let found = scenario::read(draft).err().unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|found| Finding::new(found, text))
        .collect();
    serde_json::to_string_pretty(&found).unwrap()
}

#[test]
fn a_misspelt_kind_is_shown_where_it_stands() {
    expect![[r#"
        [
          {
            "severity": "error",
            "message": "there is no kind `proces`",
            "expected": "`process`",
            "help": "did you mean `process`?",
            "place": {
              "line": 2,
              "column": 8,
              "start": 17,
              "end": 25
            }
          }
        ]"#]]
    .assert_eq(&findings("a.toml", "# A file.\nkind = \"proces\"\n"));
}

#[test]
fn json_is_read_as_json() {
    expect![[r#"
        [
          {
            "severity": "error",
            "message": "there is no kind `proces`",
            "expected": "`process`",
            "help": "did you mean `process`?",
            "place": {
              "line": 1,
              "column": 10,
              "start": 9,
              "end": 17
            }
          }
        ]"#]]
    .assert_eq(&findings("a.json", "{\"kind\": \"proces\"}"));
}

#[test]
fn what_is_no_table_says_so() {
    expect![[r#"
        [
          {
            "severity": "error",
            "message": "there is no kind ``",
            "expected": "`process`",
            "help": "",
            "place": {
              "line": 1,
              "column": 7,
              "start": 6,
              "end": 6
            }
          }
        ]"#]]
    .assert_eq(&findings("a.toml", "kind ="));
}

#[test]
fn an_empty_text_says_how_to_begin() {
    expect![[r#"
        [
          {
            "severity": "error",
            "message": "the file is empty",
            "expected": "a scenario",
            "help": "begin it with `kind = \"process\"`; there is `process`",
            "place": null
          }
        ]"#]]
    .assert_eq(&findings("a.toml", " \n"));
}
