//! Which crate stands in which ring, and that dependencies point inward only.
//!
//! The table is the one place that says so. A crate outside the table is a finding: whoever adds a crate
//! decides where it stands.

use std::collections::BTreeMap;

use super::Finding;
use crate::workspace::{self, DependencyKind, Package, Workspace};

/// What a crate may do, from the innermost ring outward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ring {
    /// Computes: no files, sockets, clock, environment, threads by default.
    Pure,
    /// Files, databases, network, threads; knows no front end.
    Shell,
    /// Wires everything together.
    Host,
    /// The engine for another language.
    Binding,
    /// The project's own tools; nothing is built on them.
    Tool,
}

const RINGS: &[(Ring, &[&str])] = &[
    (
        Ring::Pure,
        &[
            "pluriverse-kernel",
            "pluriverse-stats",
            "pluriverse-document",
            "pluriverse-process",
            "pluriverse-experiment",
            "pluriverse-swarm",
            "pluriverse-world",
            "pluriverse-paths",
            "pluriverse-combat",
            "pluriverse-audit",
            "pluriverse-campaign",
            "pluriverse-pipeline",
            "pluriverse-hive",
            "pluriverse-host",
            "pluriverse-report",
        ],
    ),
    (
        Ring::Shell,
        &[
            "pluriverse-store",
            "pluriverse-archive",
            "pluriverse-components",
            "pluriverse-files",
            "pluriverse-fleet",
        ],
    ),
    (Ring::Host, &["pluriverse-server", "pluriverse-cli"]),
    (Ring::Binding, &["pluriverse-python", "pluriverse-wasm"]),
    (Ring::Tool, &["xtask"]),
];

/// A binding that has a host in it, and which (docs/decisions/0011-the-server-in-python.md).
const EMBEDS: (&str, &str) = ("pluriverse-python", "pluriverse-server");

/// Crates that do I/O, know terminals, read clocks, start threads or draw from a global source: not for the pure ring, not
/// even at the end of a chain of dependencies.
const IMPURE: &[&str] = &[
    "async-std",
    "chrono",
    "codespan-reporting",
    "crossbeam-channel",
    "getrandom",
    "hyper",
    "memmap2",
    "mio",
    "num_cpus",
    "rayon",
    "rayon-core",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "sqlx",
    "tempfile",
    "time",
    "tokio",
    "wasm-bindgen",
    "wasmtime",
];

/// Front ends: not for the pure ring and not for shells.
const FRONT_ENDS: &[&str] = &["axum", "clap", "indicatif", "pyo3", "tonic", "wasm-bindgen"];

/// The kernel stays small: this many crates from outside at most.
const KERNEL: &str = "pluriverse-kernel";
const KERNEL_DEPENDENCIES_MAX: usize = 5;

impl Ring {
    fn of(package: &str) -> Option<Self> {
        RINGS
            .iter()
            .find(|(_, names)| names.contains(&package))
            .map(|(ring, _)| *ring)
    }

    fn may_depend_on(self, other: Self) -> bool {
        match self {
            Self::Pure => other == Self::Pure,
            Self::Shell | Self::Host => other <= self,
            Self::Binding => other <= Self::Shell,
            Self::Tool => other != Self::Tool,
        }
    }

    fn forbidden_outside(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Pure => &[IMPURE, FRONT_ENDS],
            Self::Shell => &[FRONT_ENDS],
            Self::Host | Self::Binding | Self::Tool => &[],
        }
    }

    fn forbids(self, outside: &str) -> bool {
        self.forbidden_outside()
            .iter()
            .any(|names| names.contains(&outside))
    }
}

/// Names of the packages of the pure ring that exist.
pub(crate) fn pure_packages(workspace: &Workspace) -> impl Iterator<Item = &str> {
    let names = workspace
        .packages
        .iter()
        .map(|package| package.name.as_str());
    names.filter(|name| Ring::of(name) == Some(Ring::Pure))
}

/// Whether a file is library code of the pure ring.
pub(super) fn is_pure_source(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("crates/") else {
        return false;
    };
    let mut parts = rest.splitn(3, '/');
    let (Some(folder), Some("src")) = (parts.next(), parts.next()) else {
        return false;
    };
    Ring::of(&format!("pluriverse-{folder}")) == Some(Ring::Pure)
}

/// Checks what the manifests declare.
pub(super) fn check_edges(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let manifest = format!("{}/Cargo.toml", package.folder);
    let Some(ring) = Ring::of(&package.name) else {
        let message = format!(
            "`{}` stands in no ring: place it in xtask/src/tidy/rings.rs",
            package.name
        );
        return vec![Finding::new(&manifest, None, message)];
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let name = &dependency.name;
        let problem = match Ring::of(name) {
            Some(other) if !ring.may_depend_on(other) && EMBEDS != (&*package.name, &**name) => {
                format!(
                    "{ring:?} crate depends on `{name}` of the {other:?} ring: arrows point inward"
                )
            }
            None if dependency.kind != DependencyKind::Dev && ring.forbids(name) => {
                format!("{ring:?} crate depends on `{name}`, which that ring must do without")
            }
            _ => continue,
        };
        findings.push(Finding::new(&manifest, None, problem));
    }
    let count = outside_count(package);
    if package.name == KERNEL && count > KERNEL_DEPENDENCIES_MAX {
        let message = format!(
            "the kernel has {count} dependencies from outside, {KERNEL_DEPENDENCIES_MAX} at most"
        );
        findings.push(Finding::new(&manifest, None, message));
    }
    findings
}

/// How many crates from outside a package ships on one target: those of all targets, and of the most that one
/// condition adds. Conditions are taken to exclude each other.
fn outside_count(package: &Package) -> usize {
    let shipped = package
        .dependencies
        .iter()
        .filter(|found| found.kind == DependencyKind::Normal && Ring::of(&found.name).is_none());
    let mut everywhere = 0;
    let mut by_target = BTreeMap::<&str, usize>::new();
    for found in shipped {
        match &found.target {
            None => everywhere += 1,
            Some(target) => *by_target.entry(target).or_default() += 1,
        }
    }
    everywhere + by_target.into_values().max().unwrap_or(0)
}

/// Checks what the crates of the pure ring reach through any chain of dependencies, as built for wasm32.
///
/// # Errors
/// When `cargo tree` fails.
pub(super) fn check_reach(workspace: &Workspace) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for name in pure_packages(workspace) {
        let mut command = workspace.cargo(&[
            "tree",
            "--locked",
            "--edges=normal",
            "--prefix=none",
            "--format={p}",
        ]);
        command.args(["--target", crate::setup::WASM_TARGET, "--package", name]);
        let reached = workspace::read(&mut command)?;
        findings.extend(check_reached(name, &reached));
    }
    Ok(findings)
}

fn check_reached(name: &str, reached: &str) -> Vec<Finding> {
    let mut crates: Vec<_> = reached
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    crates.sort_unstable();
    crates.dedup();
    let bad = crates.into_iter().filter(|found| Ring::Pure.forbids(found));
    bad.map(|found| {
        let manifest = format!(
            "crates/{}/Cargo.toml",
            name.trim_start_matches("pluriverse-")
        );
        let message = format!("reaches `{found}` (`cargo tree -p {name} -i {found}` shows how)");
        Finding::new(&manifest, None, message)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::lines;
    use super::*;
    use crate::workspace::Dependency;

    fn check(name: &str, dependencies: &[(&str, DependencyKind)], expected: Expect) {
        let dependency = |&(name, kind): &(&str, DependencyKind)| Dependency {
            name: name.to_owned(),
            kind,
            target: None,
        };
        let package = Package {
            name: name.to_owned(),
            folder: "crates/it".to_owned(),
            dependencies: dependencies.iter().map(dependency).collect(),
        };
        expected.assert_eq(&lines(&check_edges(&[package])));
    }

    #[test]
    fn an_arrow_that_points_outward_is_found_in_every_table() {
        check(
            "pluriverse-process",
            &[("pluriverse-kernel", DependencyKind::Normal), ("pluriverse-store", DependencyKind::Dev)],
            expect![["
                crates/it/Cargo.toml: Pure crate depends on `pluriverse-store` of the Shell ring: arrows point inward
            "]],
        );
        check(
            "pluriverse-wasm",
            &[("pluriverse-cli", DependencyKind::Normal)],
            expect![["
                crates/it/Cargo.toml: Binding crate depends on `pluriverse-cli` of the Host ring: arrows point inward
            "]],
        );
        check(
            "pluriverse-cli",
            &[("pluriverse-store", DependencyKind::Normal)],
            expect![""],
        );
        check(
            "pluriverse-python",
            &[
                ("pluriverse-server", DependencyKind::Normal),
                ("pluriverse-cli", DependencyKind::Normal),
            ],
            expect![["
                crates/it/Cargo.toml: Binding crate depends on `pluriverse-cli` of the Host ring: arrows point inward
            "]],
        );
        check(
            "pluriverse-wasm",
            &[("pluriverse-server", DependencyKind::Normal)],
            expect![["
                crates/it/Cargo.toml: Binding crate depends on `pluriverse-server` of the Host ring: arrows point inward
            "]],
        );
    }

    #[test]
    fn a_ring_does_without_what_it_must_not_know() {
        check(
            "pluriverse-store",
            &[
                ("clap", DependencyKind::Normal),
                ("tokio", DependencyKind::Normal),
            ],
            expect![["
                crates/it/Cargo.toml: Shell crate depends on `clap`, which that ring must do without
            "]],
        );
        check(
            "pluriverse-stats",
            &[
                ("rayon", DependencyKind::Normal),
                ("tempfile", DependencyKind::Dev),
            ],
            expect![["
                crates/it/Cargo.toml: Pure crate depends on `rayon`, which that ring must do without
            "]],
        );
    }

    #[test]
    fn a_crate_without_a_ring_is_found() {
        check(
            "pluriverse-weather",
            &[],
            expect![["
                crates/it/Cargo.toml: `pluriverse-weather` stands in no ring: place it in xtask/src/tidy/rings.rs
            "]],
        );
    }

    #[test]
    fn the_kernel_stays_small() {
        let six = ["a", "b", "c", "d", "e", "f"].map(|name| (name, DependencyKind::Normal));
        check(KERNEL, &six[..5], expect![""]);
        check(
            KERNEL,
            &six,
            expect![["
                crates/it/Cargo.toml: the kernel has 6 dependencies from outside, 5 at most
            "]],
        );
    }

    #[test]
    fn what_stands_in_for_another_on_some_target_counts_once() {
        let of = |target: Option<&str>| Dependency {
            name: "outside".to_owned(),
            kind: DependencyKind::Normal,
            target: target.map(str::to_owned),
        };
        let package = Package {
            name: KERNEL.to_owned(),
            folder: "crates/it".to_owned(),
            dependencies: [None, Some("wasm"), Some("not wasm"), Some("not wasm")]
                .map(of)
                .into(),
        };
        assert_eq!(outside_count(&package), 3);
    }

    #[test]
    fn an_impure_crate_is_found_at_the_end_of_a_chain() {
        let reached =
            "pluriverse-stats v0.1.0 (/x)\nlibm v0.2.0\ngetrandom v0.3.0\ngetrandom v0.3.0 (*)\n";
        expect![["
            crates/stats/Cargo.toml: reaches `getrandom` (`cargo tree -p pluriverse-stats -i getrandom` shows how)
        "]]
        .assert_eq(&lines(&check_reached("pluriverse-stats", reached)));
    }

    #[test]
    fn pure_sources_are_known_by_their_folder() {
        assert!(is_pure_source("crates/kernel/src/time.rs"));
        assert!(!is_pure_source("crates/kernel/tests/it/main.rs"));
        assert!(!is_pure_source("crates/store/src/lib.rs"));
        assert!(!is_pure_source("xtask/src/main.rs"));
    }
}
