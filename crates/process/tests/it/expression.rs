//! Expressions: a tree-walking reference against the compiled code, the language's corners, and bad input.
#![allow(
    clippy::too_many_lines,
    reason = "tables and snapshots are as long as what they show"
)]

use expect_test::{Expect, expect};
use pluriverse_process::expression::{Environment, Expression, Names};
use proptest::prelude::*;

const ATTRIBUTES: [&str; 3] = ["amount", "loops", "größe"];
const CLASSES: [&str; 2] = ["gold", "silver"];
const STATIONS: [&str; 2] = ["desk", "back-office"];
const POOLS: [&str; 1] = ["nurses"];

/// A case whose every value is another number.
struct Fixed {
    attributes: [f64; 3],
    class: usize,
}

impl Environment for Fixed {
    fn attribute(&self, index: usize) -> f64 {
        self.attributes[index]
    }
    fn time_secs(&self) -> f64 {
        3600.0
    }
    fn class(&self) -> usize {
        self.class
    }
    fn priority(&self) -> f64 {
        7.0
    }
    fn waited_secs(&self) -> f64 {
        12.5
    }
    fn age_secs(&self) -> f64 {
        40.0
    }
    fn queue_length(&self, station: usize) -> f64 {
        [3.0, 11.0][station]
    }
    fn busy(&self, pool: usize) -> f64 {
        [4.0][pool]
    }
    fn agents(&self, pool: usize) -> f64 {
        [5.0][pool]
    }
}

const CASE: Fixed = Fixed {
    attributes: [250.0, 2.0, -1.5],
    class: 1,
};

fn parse(text: &str) -> Result<Expression, pluriverse_process::expression::ExpressionError> {
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    let (attributes, classes) = (owned(&ATTRIBUTES), owned(&CLASSES));
    let (stations, pools) = (owned(&STATIONS), owned(&POOLS));
    let names = Names {
        attributes: &attributes,
        classes: &classes,
        stations: &stations,
        pools: &pools,
    };
    Expression::parse(text, &names)
}

fn value(text: &str) -> f64 {
    parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .eval(&CASE)
}

#[test]
fn values_are_what_the_language_says() {
    let cases = [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 4 - 3", 3.0),
        ("2 / 4 / 2", 0.25),
        ("-2 * -3", 6.0),
        ("- -3", 3.0),
        ("7 % 3", 1.0),
        ("-7 % 3", -1.0),
        ("1e3 + .5", 1000.5),
        ("1h30m", 5400.0),
        ("waited > 10s", 1.0),
        ("250ms * 4", 1.0),
        ("amount / 100", 2.5),
        ("größe", -1.5),
        ("loops + 1 == 3", 1.0),
        ("1 < 2 and 2 < 1 or 3 >= 3", 1.0),
        ("not 1 == 2", 1.0),
        ("not not 5", 1.0),
        ("true and not false", 1.0),
        ("if(loops < 3, 10, 20)", 10.0),
        ("if(loops >= 3, 10, if(priority == 7, 20, 30))", 20.0),
        ("min(5, 3, 4)", 3.0),
        ("max(5, 3, 9, 4)", 9.0),
        ("abs(-4) + floor(1.9) + ceil(1.1) + round(2.5)", 10.0),
        ("sqrt(16) + exp(0) + ln(1) + pow(2, 10)", 1029.0),
        ("time", 3600.0),
        ("age - waited", 27.5),
        ("class == \"silver\"", 1.0),
        ("'gold' == class", 0.0),
        ("class != 'gold' and loops < 3", 1.0),
        ("queue(desk) + queue(back-office)", 14.0),
        ("queue( \"back-office\" )", 11.0),
        ("busy(nurses) / agents(nurses)", 0.8),
        ("1 / 0", f64::INFINITY),
    ];
    for (text, expected) in cases {
        assert_eq!(value(text).to_bits(), f64::to_bits(expected), "{text}");
    }
    assert!(value("0 / 0").is_nan());
    assert_eq!(
        value("if(0 / 0, 1, 2)"),
        2.0,
        "what is no number is not true"
    );
    assert_eq!(value("sqrt(-1) or 0"), 0.0);
}

#[test]
fn constants_are_told_apart() {
    assert_eq!(parse("3m").unwrap().as_number(), Some(180.0));
    assert_eq!(parse("loops").unwrap().as_number(), None);
    assert_eq!(parse("loops").unwrap(), Expression::attribute(1));
    assert_eq!(Expression::number(2.0).eval(&CASE), 2.0);
    assert!(Expression::is_reserved("class") && !Expression::is_reserved("loops"));
}

/// Each text with its error under the place that it points at.
fn check_errors(texts: &[&str], expected: &Expect) {
    let mut shown = String::new();
    for text in texts {
        let error = parse(text).expect_err(text);
        assert!(
            text.get(error.range.clone()).is_some(),
            "{:?} lies within {text:?}",
            error.range
        );
        let underline = "^".repeat(text[error.range.clone()].chars().count().max(1));
        let indent = " ".repeat(text[..error.range.start].chars().count());
        shown.push_str(&format!("{text}\n{indent}{underline} {error}\n"));
    }
    expected.assert_eq(&shown);
}

#[test]
fn mistakes_are_answered_where_they_were_made() {
    check_errors(
        &[
            "",
            "1 +",
            "lops < 3",
            "frobnicate",
            "loops = 3",
            "a < b",
            "1 < loops < 3",
            "loops < 3 && amount > 4",
            "!loops",
            "2 ^ 3",
            "class == \"bronze\"",
            "class == \"glod\"",
            "class < \"gold\"",
            "class + 1",
            "class",
            "\"gold\"",
            "class == gold",
            "class == 'gold",
            "queue(desc)",
            "queue",
            "queue(desk",
            "busy(desk)",
            "if(loops, 1)",
            "min(1)",
            "sqrt(1, 2)",
            "(1 + 2",
            "1 2",
            "5 parsecs",
            "5parsecs",
            "1.2.3",
            "1e999",
            "größe € 3",
        ],
        &expect![[r#"

            ^ the expression ends too soon (expected an expression such as `loops < 3`)
            1 +
               ^ the expression ends too soon (expected a number, a name or `(`)
            lops < 3
            ^^^^ `lops` is not known here (expected `loops`)
            frobnicate
            ^^^^^^^^^^ `frobnicate` is not known here (expected `amount`, `loops` or `größe`)
            loops = 3
                  ^ `=` sets nothing here (expected `==` to compare)
            a < b
            ^ `a` is not known here (expected `amount`, `loops` or `größe`)
            1 < loops < 3
                      ^ `<` does not fit here (expected `and` between two comparisons)
            loops < 3 && amount > 4
                      ^^ `&&` is no operator here (expected `and`)
            !loops
            ^ `!` is no operator here (expected `not`)
            2 ^ 3
              ^ `^` is no operator here (expected `pow(a, b)`)
            class == "bronze"
                     ^^^^^^^^ there is no class `bronze` (expected `gold` or `silver`)
            class == "glod"
                     ^^^^^^ there is no class `glod` (expected `gold`)
            class < "gold"
            ^^^^^^^^^^^^^^ classes have no order (expected `==` or `!=`)
            class + 1
            ^^^^^^^ `class` is no number (expected a comparison such as `class == "gold"`)
            class
            ^^^^^ `class` is no number (expected a comparison such as `class == "gold"`)
            "gold"
            ^^^^^^ a quoted name is no number (expected a comparison such as `class == "gold"`)
            class == gold
                     ^^^^ `gold` is not known here (expected `"gold"` in quotes)
            class == 'gold
                     ^^^^^ a quoted name does not end (expected a closing ')
            queue(desc)
                  ^^^^ there is no station `desc` (expected `desk`)
            queue
                 ^ the expression ends too soon (expected `(` and the name of a station)
            queue(desk
                 ^ `(` does not fit here (expected the name of a station and `)`)
            busy(desk)
                 ^^^^ there is no pool `desk` (expected `nurses`)
            if(loops, 1)
                       ^ `)` does not fit here (expected `,` and another argument)
            min(1)
                 ^ `)` does not fit here (expected `,` and another argument)
            sqrt(1, 2)
                  ^ `,` does not fit here (expected `)`: this function takes one argument)
            (1 + 2
                  ^ the expression ends too soon (expected `)`)
            1 2
              ^ `2` does not fit here (expected an operator or the end)
            5 parsecs
              ^^^^^^^ `parsecs` does not fit here (expected an operator or the end)
            5parsecs
            ^^^^^^^^ `5parsecs` is no duration: `parsecs` is no unit of time (w, d, h, m, s, ms, us or ns) (expected a duration such as `1h30m`)
            1.2.3
            ^^^^^ `1.2.3` is no number (expected a number such as `0.5`)
            1e999
            ^^^^^ `1e999` is too large (expected a number below 1.8e308)
            größe € 3
                  ^ `€` means nothing in an expression (expected a number, a name or an operator)
        "#]],
    );
}

#[test]
fn hostile_nesting_is_refused() {
    for (open, close) in [
        ("(", ")"),
        ("-", ""),
        ("abs(", ")"),
        ("not ", ""),
        ("if(1, 2, ", ")"),
        ("1 + (", ")"),
    ] {
        let text = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let error = parse(&text).expect_err("nobody nests so deep");
        assert_eq!(error.message, "the expression is nested too deeply");
    }
    let long = format!("1{}", " + 1".repeat(100_000));
    assert_eq!(value(&long), 100_001.0, "length is no nesting");
}

/// The reference: a tree, walked.
#[derive(Clone, Debug)]
enum Tree {
    Number(f64),
    Attribute(usize),
    Time,
    Queue(usize),
    Gold,
    Unary(&'static str, Box<Tree>),
    Binary(&'static str, Box<Tree>, Box<Tree>),
    Call(&'static str, Box<Tree>, Box<Tree>),
    If(Box<Tree>, Box<Tree>, Box<Tree>),
}

impl Tree {
    fn text(&self) -> String {
        match self {
            Self::Number(value) => format!("{value}"),
            Self::Attribute(index) => ATTRIBUTES[*index].to_owned(),
            Self::Time => "time".to_owned(),
            Self::Queue(index) => format!("queue({})", STATIONS[*index]),
            Self::Gold => "(class == 'gold')".to_owned(),
            Self::Unary(name @ ("-" | "not"), tree) => format!("({name} {})", tree.text()),
            Self::Unary(name, tree) => format!("{name}({})", tree.text()),
            Self::Binary(name, left, right) => format!("({} {name} {})", left.text(), right.text()),
            Self::Call(name, left, right) => format!("{name}({}, {})", left.text(), right.text()),
            Self::If(condition, yes, no) => {
                format!("if({}, {}, {})", condition.text(), yes.text(), no.text())
            }
        }
    }

    fn value(&self, case: &Fixed) -> f64 {
        let holds = |value: f64| !(value == 0.0 || value.is_nan());
        let truth = |value: bool| if value { 1.0 } else { 0.0 };
        match self {
            Self::Number(value) => *value,
            Self::Attribute(index) => case.attribute(*index),
            Self::Time => case.time_secs(),
            Self::Queue(index) => case.queue_length(*index),
            Self::Gold => truth(case.class == 0),
            Self::Unary(name, tree) => {
                let value = tree.value(case);
                match *name {
                    "-" => -value,
                    "not" => truth(!holds(value)),
                    "abs" => value.abs(),
                    "floor" => value.floor(),
                    "ceil" => value.ceil(),
                    "round" => value.round(),
                    "sqrt" => value.sqrt(),
                    "exp" => libm::exp(value),
                    _ => libm::log(value),
                }
            }
            Self::Binary(name, left, right) | Self::Call(name, left, right) => {
                let (left, right) = (left.value(case), right.value(case));
                match *name {
                    "+" => left + right,
                    "-" => left - right,
                    "*" => left * right,
                    "/" => left / right,
                    "%" => left % right,
                    "==" => truth(left == right),
                    "!=" => truth(left != right),
                    "<" => truth(left < right),
                    "<=" => truth(left <= right),
                    ">" => truth(left > right),
                    ">=" => truth(left >= right),
                    "and" => truth(holds(left) && holds(right)),
                    "or" => truth(holds(left) || holds(right)),
                    "min" => left.min(right),
                    "max" => left.max(right),
                    _ => libm::pow(left, right),
                }
            }
            Self::If(condition, yes, no) => {
                if holds(condition.value(case)) {
                    yes.value(case)
                } else {
                    no.value(case)
                }
            }
        }
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        (0.0..1e6_f64).prop_map(Tree::Number),
        (0..5_i32).prop_map(|value| Tree::Number(f64::from(value))),
        (0..ATTRIBUTES.len()).prop_map(Tree::Attribute),
        Just(Tree::Time),
        (0..STATIONS.len()).prop_map(Tree::Queue),
        Just(Tree::Gold),
    ];
    const UNARY: [&str; 9] = [
        "-", "not", "abs", "floor", "ceil", "round", "sqrt", "exp", "ln",
    ];
    const BINARY: [&str; 13] = [
        "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or",
    ];
    leaf.prop_recursive(6, 60, 3, |inner| {
        let boxed = inner.prop_map(Box::new);
        prop_oneof![
            (prop::sample::select(&UNARY[..]), boxed.clone())
                .prop_map(|(name, tree)| Tree::Unary(name, tree)),
            (
                prop::sample::select(&BINARY[..]),
                boxed.clone(),
                boxed.clone()
            )
                .prop_map(|(name, left, right)| Tree::Binary(name, left, right)),
            (
                prop::sample::select(vec!["min", "max", "pow"]),
                boxed.clone(),
                boxed.clone()
            )
                .prop_map(|(name, left, right)| Tree::Call(name, left, right)),
            (boxed.clone(), boxed.clone(), boxed)
                .prop_map(|(condition, yes, no)| Tree::If(condition, yes, no)),
        ]
    })
}

proptest! {
    #[test]
    fn compiled_code_agrees_with_the_tree(tree in tree(), attributes in prop::array::uniform3(-1e3..1e3_f64), class in 0..2_usize) {
        let case = Fixed { attributes, class };
        let text = tree.text();
        let compiled = parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?.eval(&case);
        let walked = tree.value(&case);
        // Signs of zeros and of NaNs are left open by `min` and `max`.
        prop_assert!(compiled == walked || (compiled.is_nan() && walked.is_nan()), "{text}: {compiled} and {walked}");
    }

    #[test]
    fn no_text_is_a_panic(text in "[-0-9a-z .+*/%()<>=!,\"'&|^?_eé]{0,60}") {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.range).is_some());
        }
    }

    #[test]
    fn no_words_are_a_panic(words in prop::collection::vec(prop::sample::select(vec![
        "1", "2.5", "5m", "loops", "amount", "time", "class", "'gold'", "==", "<", "+", "-", "*", "(", ")", ",",
        "and", "or", "not", "if", "min", "abs", "queue", "queue(desk)", "busy(",
    ]), 0..16)) {
        let text = words.join(" ");
        match parse(&text) {
            Ok(expression) => { let _: f64 = expression.eval(&CASE); }
            Err(error) => prop_assert!(text.get(error.range).is_some()),
        }
    }
}
