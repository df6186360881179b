//! What library code of the pure ring must not name: clocks, files, the environment, threads, maps whose
//! order differs from run to run, and floating-point functions whose last bit differs from target to target.
//!
//! Goes by names, since there are no types here: a method called `exp` is taken for `f64::exp`. Code compiled
//! for tests only is free, and threads are allowed under `#[cfg(feature = "threads")]`.

use std::collections::BTreeSet;

use super::Finding;
use super::rings;
use super::source::{CFG_TEST, RustFile, Word, named_paths};

/// Paths by their segments in a row, and what to do instead.
const PATHS: &[(&[&str], &str)] = &[
    (
        &["HashMap"],
        "its order differs from run to run; use a BTreeMap, or a Vec by dense id",
    ),
    (
        &["HashSet"],
        "its order differs from run to run; use a BTreeSet, or a Vec by dense id",
    ),
    (&["RandomState"], "it is seeded from the machine"),
    (&["DefaultHasher"], "its function is not fixed; use xxh3"),
    (&["Instant"], "time is an argument"),
    (&["SystemTime"], "time is an argument"),
    (&["std", "env"], "settings are arguments"),
    (&["std", "fs"], "files belong to the shells"),
    (&["std", "net"], "sockets belong to the shells"),
    (&["std", "process"], "processes belong to the hosts"),
    (&["stdin"], "terminals belong to the hosts"),
    (&["stdout"], "terminals belong to the hosts"),
    (&["stderr"], "terminals belong to the hosts"),
    (
        &["async"],
        "the pure ring is sans-IO: `handle_*` and `poll_*`",
    ),
    (
        &["await"],
        "the pure ring is sans-IO: `handle_*` and `poll_*`",
    ),
];

const THREAD_PATHS: &[(&[&str], &str)] = &[(
    &["std", "thread"],
    "threads only under `#[cfg(feature = \"threads\")]`",
)];

/// Methods and associated functions of `f64` and `f32` that `std` leaves to the platform, and the square root,
/// which is called like the rest.
const FLOAT_FUNCTIONS: &[&str] = &[
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "exp",
    "exp2", "exp_m1", "hypot", "ln", "ln_1p", "ln_gamma", "log10", "log2", "powf", "powi", "sin",
    "sin_cos", "sinh", "sqrt", "tan", "tanh",
];

/// What code stands under that may use threads.
const CFG_THREADS: &[&str] = &["cfg", "(", "feature", "=", "\"threads\"", ")"];

/// Checks the files of the pure ring among `files`.
pub(super) fn check(files: &[RustFile<'_>]) -> Vec<Finding> {
    let declared_under = |attribute| -> BTreeSet<String> {
        files
            .iter()
            .flat_map(|file| file.modules_under(attribute))
            .collect()
    };
    let for_tests = declared_under(CFG_TEST);
    let for_threads = declared_under(CFG_THREADS);
    let shipped = files.iter().filter(|file| {
        rings::is_pure_source(&file.file.path) && !for_tests.contains(&file.file.path)
    });
    shipped
        .flat_map(|file| {
            let mut findings = check_file(file);
            if !for_threads.contains(&file.file.path) {
                findings.extend(find_paths(
                    file,
                    &file.shipped_without(&[CFG_THREADS]),
                    THREAD_PATHS,
                ));
            }
            findings
        })
        .collect()
}

fn check_file(file: &RustFile<'_>) -> Vec<Finding> {
    let mut findings = find_paths(file, &file.shipped, PATHS);
    findings.extend(find_float_functions(file));
    findings
}

fn find_paths(file: &RustFile<'_>, words: &[Word], banned: &[(&[&str], &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for named in named_paths(words) {
        for (segments, instead) in banned {
            if named
                .segments
                .windows(segments.len())
                .any(|window| window == *segments)
            {
                let message = format!(
                    "`{}` in the pure ring: {instead}",
                    named.segments.join("::")
                );
                findings.push(Finding::new(&file.file.path, named.line, message));
            }
        }
    }
    findings
}

fn find_float_functions(file: &RustFile<'_>) -> Vec<Finding> {
    let words = &file.shipped;
    let is_call = |window: &&[Word]| {
        let [before, name, after] = *window else {
            return false;
        };
        let is_method = before.text == "." && after.text == "(";
        FLOAT_FUNCTIONS.contains(&name.text.as_str()) && is_method
    };
    let is_path = |window: &&[Word]| {
        let [owner, separator, name] = *window else {
            return false;
        };
        let is_float = ["f64", "f32"].contains(&owner.text.as_str()) && separator.text == "::";
        is_float && FLOAT_FUNCTIONS.contains(&name.text.as_str())
    };
    let report = |word: &Word| {
        let name = &word.text;
        Finding::new(
            &file.file.path,
            word.line,
            format!("`{name}` of std differs between targets: call `libm`"),
        )
    };
    let calls = words
        .windows(3)
        .filter(is_call)
        .map(|window| report(&window[1]));
    let paths = words
        .windows(3)
        .filter(is_path)
        .map(|window| report(&window[2]));
    calls.chain(paths).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::{lines, tree::Tree};
    use super::*;

    fn check_files(files: &[(&str, &str)], expected: Expect) {
        let tree = Tree::of(files);
        let parsed: Vec<_> = tree
            .files
            .iter()
            .filter_map(|file| RustFile::parse(file).ok())
            .collect();
        assert_eq!(parsed.len(), files.len());
        expected.assert_eq(&lines(&check(&parsed)));
    }

    fn check_text(path: &str, text: &str, expected: Expect) {
        check_files(&[(path, text)], expected);
    }

    #[test]
    fn the_machine_is_not_named() {
        check_text(
            "crates/kernel/src/a.rs",
            "// HashMap\nuse std::{collections::HashMap, fs, time::Duration};\nlet t = std::time::Instant::now();\n\
             async fn f() {}\nlet text = \"std::env\";",
            expect![["
                crates/kernel/src/a.rs:2: `std::collections::HashMap` in the pure ring: its order differs from run to run; use a BTreeMap, or a Vec by dense id
                crates/kernel/src/a.rs:2: `std::fs` in the pure ring: files belong to the shells
                crates/kernel/src/a.rs:3: `std::time::Instant::now` in the pure ring: time is an argument
                crates/kernel/src/a.rs:4: `async` in the pure ring: the pure ring is sans-IO: `handle_*` and `poll_*`
            "]],
        );
    }

    #[test]
    fn floating_maths_goes_through_libm() {
        check_text(
            "crates/stats/src/a.rs",
            "let a = x.ln() + libm::log(x);\nlet b = f64::exp(x);\nlet c = self.exp;\nlet d = x.floor();",
            expect![["
                crates/stats/src/a.rs:1: `ln` of std differs between targets: call `libm`
                crates/stats/src/a.rs:2: `exp` of std differs between targets: call `libm`
            "]],
        );
    }

    #[test]
    fn threads_need_their_feature() {
        check_text(
            "crates/kernel/src/a.rs",
            "#[cfg(feature = \"threads\")]\nfn f() { std::thread::scope(g); }\nfn h() { std::thread::spawn(g); }",
            expect![[r#"
                crates/kernel/src/a.rs:3: `std::thread::spawn` in the pure ring: threads only under `#[cfg(feature = "threads")]`
            "#]],
        );
        check_files(
            &[
                ("crates/kernel/src/a.rs", "#[cfg(feature = \"threads\")]\nmod parallel;"),
                ("crates/kernel/src/a/parallel.rs", "use std::thread;\nuse std::fs;"),
            ],
            expect![["
                crates/kernel/src/a/parallel.rs:2: `std::fs` in the pure ring: files belong to the shells
            "]],
        );
    }

    #[test]
    fn tests_and_other_rings_are_free() {
        let text = "use std::fs;";
        check_text("crates/store/src/a.rs", text, expect![""]);
        check_text("crates/kernel/tests/it/a.rs", text, expect![""]);
        check_text(
            "crates/kernel/src/a.rs",
            "#[cfg(test)]\nmod tests { use std::fs; }",
            expect![""],
        );
    }
}
