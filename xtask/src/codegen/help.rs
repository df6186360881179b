//! The command-line reference: the help pages of a command and of all its subcommands, as one document.
//!
//! Subcommands are found in the pages themselves, under `Commands:`, so that a new one needs nothing here.

use std::fmt::Write as _;

const OPENING: &str = "\
# `pluriverse`: the command line

Made by `cargo xtask codegen` from the help pages of the program.
";

/// Writes the document; `read` returns what the program prints when called with the arguments given.
///
/// # Errors
/// When `read` fails.
pub(super) fn document(read: impl Fn(&[&str]) -> anyhow::Result<String>) -> anyhow::Result<String> {
    let mut out = OPENING.to_owned();
    // Depth first: a subcommand's page follows its parent's.
    let mut open = vec![Vec::<String>::new()];
    while let Some(command) = open.pop() {
        let mut args: Vec<&str> = command.iter().map(String::as_str).collect();
        args.push("--help");
        let page = read(&args)?;
        let title = std::iter::once("pluriverse").chain(command.iter().map(String::as_str));
        let title = title.collect::<Vec<_>>().join(" ");
        writeln!(out, "\n## `{title}`\n\n```text").expect("a String takes every write");
        for line in page.trim_end().lines() {
            writeln!(out, "{}", line.trim_end()).expect("a String takes every write");
        }
        out.push_str("```\n");
        let below = subcommands(&page).into_iter().rev();
        open.extend(below.map(|name| command.iter().cloned().chain([name.to_owned()]).collect()));
    }
    Ok(out)
}

/// Names under `Commands:`, without `help`, which only repeats the others.
fn subcommands(page: &str) -> Vec<&str> {
    let after = page.lines().skip_while(|line| *line != "Commands:").skip(1);
    let section = after.take_while(|line| line.is_empty() || line.starts_with("  "));
    // An indent of two is a name; deeper lines go on describing the one before.
    let entries = section.filter_map(|line| {
        line.strip_prefix("  ")
            .filter(|entry| !entry.starts_with(' '))
    });
    entries
        .filter_map(|entry| entry.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn the_pages_of_all_subcommands_follow_their_parents() {
        let read = |args: &[&str]| {
            Ok(match args {
                ["--help"] => {
                    "Worlds.\n\nCommands:\n  hive  Runs\n        elsewhere\n  run   Runs   \n  help  Helps\n\nOptions:\n  -h\n"
                }
                ["hive", "--help"] => "Runs elsewhere.\n\nCommands:\n  join\n",
                ["hive", "join", "--help"] => "Joins.\n",
                ["run", "--help"] => "Runs.\n",
                other => panic!("no page for {other:?}"),
            }
            .to_owned())
        };
        expect![[r#"
            # `pluriverse`: the command line

            Made by `cargo xtask codegen` from the help pages of the program.

            ## `pluriverse`

            ```text
            Worlds.

            Commands:
              hive  Runs
                    elsewhere
              run   Runs
              help  Helps

            Options:
              -h
            ```

            ## `pluriverse hive`

            ```text
            Runs elsewhere.

            Commands:
              join
            ```

            ## `pluriverse hive join`

            ```text
            Joins.
            ```

            ## `pluriverse run`

            ```text
            Runs.
            ```
        "#]]
        .assert_eq(&document(read).unwrap());
    }
}
