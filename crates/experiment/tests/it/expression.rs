//! Objectives: arithmetic over names that may look like arithmetic themselves.

use expect_test::{Expect, expect};
use pluriverse_experiment::Expression;

fn check(texts: &[&str], expected: Expect) {
    let names = ["desk.wait", "front-desk.wait", "front", "cost"].map(str::to_owned);
    let lines = texts.iter().map(|text| {
        let shown = match Expression::parse(text, &names) {
            Ok(expression) => {
                let value = expression.value(|name| [Some(2.0), Some(3.0), Some(5.0), None][name]);
                value.map_or("nothing".to_owned(), |value| value.to_string())
            }
            Err(error) => format!(
                "{}, expected {:?} at {:?}",
                error.message, error.expected, error.range
            ),
        };
        format!("{text}: {shown}\n")
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn values() {
    check(
        &[
            "desk.wait",
            "2 * desk.wait + front-desk.wait",
            "front - desk.wait",
            "-(front - 1e1) / 2",
            "1 - 2 - 3",
            "8 / 2 / 2",
            "1 / 0",
            "cost + 1",
        ],
        expect![[r#"
            desk.wait: 2
            2 * desk.wait + front-desk.wait: 7
            front - desk.wait: 3
            -(front - 1e1) / 2: 2.5
            1 - 2 - 3: -4
            8 / 2 / 2: 2
            1 / 0: nothing
            cost + 1: nothing
        "#]],
    );
}

#[test]
fn mistakes() {
    check(
        &[
            "", "desk.wai", "1 +", "(1", "1 2", "1 % 2", "1e999", "ä + 1",
        ],
        expect![[r#"
            : the expression ends too early, expected "a number, a name or `(`" at 0..0
            desk.wai: there is no figure or factor `desk.wai`, expected "" at 0..8
            1 +: the expression ends too early, expected "a number, a name or `(`" at 3..3
            (1: the expression ends too early, expected "`)`" at 2..2
            1 2: `2` does not belong there, expected "an operator or the end" at 2..3
            1 % 2: `%` does not belong there, expected "an operator or the end" at 2..3
            1e999: `1e999` does not belong there, expected "a number" at 0..5
            ä + 1: there is no figure or factor `ä`, expected "" at 0..2
        "#]],
    );
}

#[test]
fn deep_nesting_is_refused() {
    let text = "(".repeat(100_000);
    let error = Expression::parse(&text, &[]).unwrap_err();
    assert_eq!(error.expected, "a flatter expression");
}
