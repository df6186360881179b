//! Work left undone: `todo!`, `unimplemented!`, and the marks that people leave for later.

use super::Finding;
use super::source::RustFile;

const MACROS: &[&str] = &["todo", "unimplemented"];

/// Written in two parts so that this file does not find itself.
const MARKS: &[&str] = &[
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("XX", "X:"),
];

/// Checks one file.
pub(super) fn check(file: &RustFile<'_>) -> Vec<Finding> {
    let path = &file.file.path;
    let macros = file
        .words
        .windows(2)
        .filter(|window| MACROS.contains(&window[0].text.as_str()) && window[1].text == "!");
    let macros = macros.map(|window| {
        let name = &window[0].text;
        Finding::new(
            path,
            window[0].line,
            format!("`{name}!` is no code: finish it, or leave it out"),
        )
    });
    let marks = file
        .file
        .text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let mark = MARKS.iter().find(|mark| line.contains(**mark))?;
            Some(Finding::new(
                path,
                index + 1,
                format!("`{mark}`: do it, or write it down where it will be read"),
            ))
        });
    macros.chain(marks).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::{lines, tree::TextFile};
    use super::*;

    #[test]
    fn unfinished_work_is_found() {
        let text = format!(
            "fn a() {{ todo!() }}\nfn b() {{ std::unimplemented!(\"later\") }}\n// {} later\nlet todo = \"todo!\";",
            MARKS[0]
        );
        let file = TextFile {
            path: "a.rs".to_owned(),
            text,
        };
        let found = lines(&check(&RustFile::parse(&file).ok().unwrap()));
        expect![[r#"
            a.rs:1: `todo!` is no code: finish it, or leave it out
            a.rs:2: `unimplemented!` is no code: finish it, or leave it out
        "#]]
        .assert_eq(&found[..found.rfind("a.rs:3").unwrap()]);
        assert!(found.ends_with("write it down where it will be read\n"));
    }
}
