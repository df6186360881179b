//! What a file should look like, as static tables: keys, types, bounds, docs, defaults.
//!
//! A shape is said once and used twice, for the check of a file and for the JSON Schema that editors use, so that
//! the two cannot drift apart. What depends on several places at once (sums, names that refer to others) is left
//! to the reader.

use pluriverse_kernel::time::{ParseDurationError, SimDuration};

use super::listed;

/// What a value should look like.
#[derive(Debug)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A text that means something to the reader; `what` says what, for messages.
    Text {
        /// What it means.
        what: &'static str,
    },
    /// A whole number between two bounds, both included.
    Integer {
        /// The least.
        low: i64,
        /// The greatest.
        high: i64,
    },
    /// A finite number.
    Number(Bound),
    /// A duration such as `"1h30m"`.
    Duration(Bound),
    /// So many per unit of time, such as `"100/h"`; zero or more.
    Rate,
    /// A duration or a number, as the innermost [`Shape::In`] around it says.
    Quantity(Bound),
    /// One of some words.
    Choice(&'static [Choice]),
    /// A list with at least one element.
    List(&'static Shape),
    /// A table with fixed keys.
    Table(&'static TableShape),
    /// A table whose keys are names.
    Map(&'static MapShape),
    /// A table with exactly one key, which says what kind of thing it is; groups only serve to share keys.
    Variant(&'static [&'static Variants]),
    /// Whichever fits the value's type; between tables, the one that knows the most of its keys.
    OneOf(&'static [Shape]),
    /// What quantities are within a shape.
    In(Unit, &'static Shape),
    /// A shape with a name of its own in the schema; it may contain itself.
    Named(&'static Definition),
}

/// What a [`Shape::Quantity`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A duration.
    Duration,
    /// A plain number.
    Number,
}

/// Which values are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// All of them.
    Any,
    /// Zero or more.
    NotNegative,
    /// Above zero.
    Positive,
    /// From 0 to 1.
    Fraction,
}

/// A word and what it means.
#[derive(Debug)]
pub struct Choice {
    /// The word.
    pub word: &'static str,
    /// What it means, for the schema.
    pub doc: &'static str,
}

/// A table with fixed keys.
#[derive(Debug)]
pub struct TableShape {
    /// What the table is for.
    pub doc: &'static str,
    /// Its keys.
    pub fields: &'static [Field],
}

/// A table whose keys are names of one sort.
#[derive(Debug)]
pub struct MapShape {
    /// What a key names, for messages: "station".
    pub what: &'static str,
    /// What the table is for.
    pub doc: &'static str,
    /// What each value looks like.
    pub value: Shape,
    /// No more entries than this.
    pub limit: usize,
}

/// Keys of which a table has exactly one, with a name in the schema.
#[derive(Debug)]
pub struct Variants {
    /// Its name in the schema.
    pub name: &'static str,
    /// What it depends on.
    pub scope: Scope,
    /// The keys.
    pub fields: &'static [Field],
}

/// A shape with a name in the schema.
#[derive(Debug)]
pub struct Definition {
    /// Its name in the schema.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// What it depends on.
    pub scope: Scope,
    /// The shape.
    pub shape: Shape,
}

/// What a definition depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On nothing.
    Fixed,
    /// On the unit of quantities: it means something else for durations than for numbers.
    PerUnit,
}

/// A key of a table.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// What it is for: one sentence.
    pub doc: &'static str,
    /// Whether it has to be there.
    pub presence: Presence,
    /// Examples as JSON.
    pub examples: &'static [&'static str],
}

/// Whether a key has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It has to be there.
    Required,
    /// It may be left out.
    Optional,
    /// Optional, with this default as JSON.
    Default(&'static str),
}

/// Makes a [`Field`]: key, shape, doc, perhaps `examples:` as JSON. (Macros, since what a function is given cannot
/// refer to statics, and shapes refer to each other.)
#[macro_export]
macro_rules! required {
    ($key:expr, $shape:expr, $doc:expr $(, examples: $examples:expr)? $(,)?) => {
        $crate::field!($key, $shape, $doc, $crate::Presence::Required $(, $examples)?)
    };
}

/// As [`required!`], for a key that may be left out.
#[macro_export]
macro_rules! optional {
    ($key:expr, $shape:expr, $doc:expr $(, examples: $examples:expr)? $(,)?) => {
        $crate::field!($key, $shape, $doc, $crate::Presence::Optional $(, $examples)?)
    };
}

/// As [`optional!`], with the default as JSON.
#[macro_export]
macro_rules! with_default {
    ($key:expr, $shape:expr, $doc:expr, $default:expr $(,)?) => {
        $crate::field!($key, $shape, $doc, $crate::Presence::Default($default))
    };
}

/// What [`required!`], [`optional!`] and [`with_default!`] have in common.
#[macro_export]
macro_rules! field {
    ($key:expr, $shape:expr, $doc:expr, $presence:expr) => {
        $crate::field!($key, $shape, $doc, $presence, &[])
    };
    ($key:expr, $shape:expr, $doc:expr, $presence:expr, $examples:expr) => {
        $crate::Field {
            key: $key,
            shape: $shape,
            doc: $doc,
            presence: $presence,
            examples: $examples,
        }
    };
}

impl Bound {
    /// What is wrong with `value`, if anything: the rest of a sentence that starts with the key.
    pub fn violation(self, value: f64) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::NotNegative => (value < 0.0).then_some("is negative"),
            Self::Positive if value == 0.0 => Some("is zero"),
            Self::Positive => (value < 0.0).then_some("is negative"),
            Self::Fraction => (!(0.0..=1.0).contains(&value)).then_some("is not between 0 and 1"),
        }
    }

    /// The bound of a quantity where it is a duration: no case waits less than no time.
    pub fn of_durations(self) -> Self {
        if self == Self::Any {
            Self::NotNegative
        } else {
            self
        }
    }

    /// The bound in words, to stand after "a number" or "a duration".
    pub fn words(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::NotNegative => " of zero or more",
            Self::Positive => " above zero",
            Self::Fraction => " from 0 to 1",
        }
    }
}

impl Shape {
    /// What the shape is, for "expected …".
    pub fn words(&self, unit: Unit) -> String {
        match self {
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Text { what } => (*what).to_owned(),
            Self::Integer {
                low,
                high: i64::MAX,
            } => format!("a whole number of {} or more", grouped(*low)),
            Self::Integer { low, high } => format!(
                "a whole number from {} to {}",
                grouped(*low),
                grouped(*high)
            ),
            Self::Number(bound) => format!("a number{}", bound.words()),
            Self::Duration(bound) => {
                format!("a duration{}, such as \"90s\" or \"1h30m\"", bound.words())
            }
            Self::Rate => "a rate such as \"100/h\" or \"2.5/s\"".to_owned(),
            Self::Quantity(bound) => match unit {
                Unit::Duration => Self::Duration(bound.of_durations()).words(unit),
                Unit::Number => Self::Number(*bound).words(unit),
            },
            Self::Choice(choices) => listed(choices.iter().map(|choice| choice.word), "or"),
            Self::List(_) => "a list".to_owned(),
            Self::Table(table) => table_words(table.fields),
            Self::Map(map) => format!("a table of {}s by name", map.what),
            Self::Variant(groups) => {
                format!(
                    "a table with one of {}",
                    keys_in_short(groups.iter().flat_map(|group| group.fields))
                )
            }
            Self::OneOf(shapes) => {
                let words: Vec<String> = shapes.iter().map(|shape| shape.words(unit)).collect();
                words.join(", or ")
            }
            Self::In(unit, shape) => shape.words(*unit),
            Self::Named(definition) => definition.shape.words(unit),
        }
    }
}

/// A whole number with commas between thousands.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

fn table_words(fields: &'static [Field]) -> String {
    let is_required = |field: &&Field| field.presence == Presence::Required;
    let required = fields.iter().filter(is_required).map(|field| field.key);
    if required.clone().count() == 0 {
        return format!(
            "a table with {}",
            listed(fields.iter().map(|field| field.key), "or")
        );
    }
    format!("a table with {}", listed(required, "and"))
}

fn keys_in_short(fields: impl Iterator<Item = &'static Field> + Clone) -> String {
    const SHOWN: usize = 3;
    let count = fields.clone().count();
    if count <= SHOWN + 2 {
        return listed(fields.map(|field| field.key), "or");
    }
    let shown: Vec<String> = fields
        .take(SHOWN)
        .map(|field| format!("`{}`", field.key))
        .collect();
    format!("{} and {} others", shown.join(", "), count - SHOWN)
}

/// Units after the slash of a rate; the first of a kind is the one in which durations are written.
const RATE_UNITS: [(&str, &[&str]); 8] = [
    ("w", &["w", "week"]),
    ("d", &["d", "day"]),
    ("h", &["h", "hour"]),
    ("m", &["m", "min", "minute"]),
    ("s", &["s", "sec", "second"]),
    ("ms", &["ms"]),
    ("us", &["us", "µs"]),
    ("ns", &["ns"]),
];

/// The pattern of a duration for JSON Schema; what [`SimDuration`] reads, less the range.
pub(super) const DURATION_PATTERN: &str =
    r"^\s*-?(\s*([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)\s*(w|d|h|m|s|ms|us|µs|μs|ns))+\s*$";

/// The pattern of a rate for JSON Schema.
pub(super) const RATE_PATTERN: &str = r"^\s*\+?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][+-]?[0-9]+)?\s*/\s*(w|week|d|day|h|hour|m|min|minute|s|sec|second|ms|us|µs|ns)\s*$";

/// How many per nanosecond a rate such as `100/h` means, as numerator and nanoseconds; what is wrong otherwise.
pub fn rate_per_nano(text: &str) -> Result<(f64, f64), RateError> {
    let Some((number, unit)) = text.split_once('/') else {
        return Err(RateError::UnitMissing);
    };
    let unit = unit.trim();
    let number: String = number.trim().chars().filter(|c| *c != '_').collect();
    // `inf` and `nan` are numbers to `parse`, and not here.
    let is_spelled = number
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    let count = number
        .parse::<f64>()
        .ok()
        .filter(|count| is_spelled && count.is_finite());
    let count = count.ok_or(RateError::NotANumber)?;
    if count < 0.0 {
        return Err(RateError::Negative);
    }
    let found = RATE_UNITS
        .iter()
        .find(|(_, spellings)| spellings.contains(&unit));
    let Some((short, _)) = found else {
        return Err(RateError::UnitUnknown {
            got: unit.to_owned(),
        });
    };
    let nanos: Result<SimDuration, ParseDurationError> = format!("1{short}").parse();
    let nanos = nanos
        .expect("every unit of a rate is a unit of durations")
        .nanos();
    Ok((count, nanos as f64))
}

/// Why a text is no rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateError {
    /// There is no slash with a unit after it.
    UnitMissing,
    /// What is before the slash is no number.
    NotANumber,
    /// The number is below zero.
    Negative,
    /// No unit of time is spelled like this.
    UnitUnknown {
        /// What stands after the slash.
        got: String,
    },
}
