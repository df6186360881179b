//! Expressions that a scenario writes in text (`"loops < 3 and class == 'gold'"`), compiled once and evaluated
//! often.
//!
//! An expression is straight-line code for a small stack machine on `f64`: no branches, no allocation, no failure
//! at run time. Comparisons yield 1 or 0; whatever is neither zero nor NaN counts as true. Division by zero and
//! the like follow IEEE 754, and all transcendental functions go through `libm`, so that every host computes the
//! same bits. Deciding what a result means (a duration, a branch) is left to the caller.

use std::{fmt, ops::Range};

use serde::Serialize;

mod parser;
mod token;

/// How many intermediate values an expression may hold at once.
const STACK_SLOTS: usize = 32;

/// What the names in an expression stand for; the position in each list is the index that [`Environment`] gets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// Attributes of cases.
    pub attributes: &'a [String],
    /// Classes of cases.
    pub classes: &'a [String],
    /// Stations, for `queue(station)`.
    pub stations: &'a [String],
    /// Pools, for `busy(pool)` and `agents(pool)`.
    pub pools: &'a [String],
}

/// The values that an expression reads when it is evaluated for one case at one instant.
pub trait Environment {
    /// The case's attribute of this index.
    fn attribute(&self, index: usize) -> f64;
    /// Seconds since the origin.
    fn time_secs(&self) -> f64;
    /// Index of the case's class.
    fn class(&self) -> usize;
    /// The case's priority; larger is more urgent.
    fn priority(&self) -> f64;
    /// Seconds that the case has waited at the station where it is, or waited at the last one.
    fn waited_secs(&self) -> f64;
    /// Seconds since the case arrived in the world.
    fn age_secs(&self) -> f64;
    /// How many cases wait at the station of this index.
    fn queue_length(&self, station: usize) -> f64;
    /// How many agents of the pool of this index are busy.
    fn busy(&self, pool: usize) -> f64;
    /// How many agents of the pool of this index are on duty; infinite for a pool without limit.
    fn agents(&self, pool: usize) -> f64;
}

/// A compiled expression.
///
/// # Language
/// - Numbers (`3`, `0.5`, `1e-3`) and durations (`90s`, `1h30m`), which stand for their seconds; `true` is 1,
///   `false` is 0.
/// - `+ - * / %`, `== != < <= > >=`, `and`, `or`, `not`, parentheses. `%` takes the sign of the dividend.
/// - `if(condition, a, b)`, `min(a, b, …)`, `max(a, b, …)`, `pow(a, b)`, `abs`, `floor`, `ceil`, `round` (halves
///   away from zero), `sqrt`, `exp`, `ln`.
/// - Attributes by their names; `time`, `waited`, `age` in seconds; `priority`; `class == "gold"`;
///   `queue(station)`, `busy(pool)`, `agents(pool)`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expression {
    code: Box<[Op]>,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// Where, as a byte range of the expression's text.
    pub range: Range<usize>,
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// What was expected there; empty when the message says it all.
    pub expected: String,
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)?;
        if self.expected.is_empty() {
            Ok(())
        } else {
            write!(out, " (expected {})", self.expected)
        }
    }
}

impl std::error::Error for ExpressionError {}

/// One step of the stack machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Op {
    Number(f64),
    Attribute(u32),
    Time,
    Class,
    Priority,
    Waited,
    Age,
    QueueLength(u32),
    Busy(u32),
    Agents(u32),
    Unary(Unary),
    Binary(Binary),
    /// Pops the alternative, the consequence and the condition.
    Select,
}

/// A function of the topmost value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Unary {
    Negate,
    Not,
    Abs,
    Floor,
    Ceil,
    Round,
    Sqrt,
    Exp,
    Ln,
}

/// A function of the two topmost values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Min,
    Max,
    Power,
}

impl Expression {
    /// Compiles `text`.
    ///
    /// # Errors
    /// The first place where `text` leaves the language or names something that `names` does not hold; also a
    /// text that nests deeper than the machine's stack.
    pub fn parse(text: &str, names: &Names<'_>) -> Result<Self, ExpressionError> {
        parser::compile(text, names).map(|code| Self {
            code: code.into_boxed_slice(),
        })
    }

    /// The expression that is always `value`.
    #[must_use]
    pub fn number(value: f64) -> Self {
        Self {
            code: Box::new([Op::Number(value)]),
        }
    }

    /// The expression that reads the attribute of this index.
    ///
    /// # Panics
    /// When `index` does not fit in 32 bits.
    #[must_use]
    pub fn attribute(index: usize) -> Self {
        let index = u32::try_from(index).expect("attributes are counted in 32 bits");
        Self {
            code: Box::new([Op::Attribute(index)]),
        }
    }

    /// Whether `name` has a meaning of its own and therefore cannot be an attribute.
    #[must_use]
    pub fn is_reserved(name: &str) -> bool {
        parser::RESERVED.contains(&name)
    }

    /// The value when it is the same in every environment and was written as a number.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match *self.code {
            [Op::Number(value)] => Some(value),
            _ => None,
        }
    }

    /// The value for the case and the instant of `environment`.
    #[must_use]
    pub fn eval<E: Environment + ?Sized>(&self, environment: &E) -> f64 {
        let mut stack = Stack {
            slots: [0.0; STACK_SLOTS],
            length: 0,
        };
        for op in &self.code {
            let value = match *op {
                Op::Number(value) => value,
                Op::Attribute(index) => environment.attribute(index as usize),
                Op::Time => environment.time_secs(),
                Op::Class => environment.class() as f64,
                Op::Priority => environment.priority(),
                Op::Waited => environment.waited_secs(),
                Op::Age => environment.age_secs(),
                Op::QueueLength(station) => environment.queue_length(station as usize),
                Op::Busy(pool) => environment.busy(pool as usize),
                Op::Agents(pool) => environment.agents(pool as usize),
                Op::Unary(function) => function.apply(stack.pop()),
                Op::Binary(function) => {
                    let right = stack.pop();
                    function.apply(stack.pop(), right)
                }
                Op::Select => {
                    let (alternative, consequence) = (stack.pop(), stack.pop());
                    if is_true(stack.pop()) {
                        consequence
                    } else {
                        alternative
                    }
                }
            };
            stack.push(value);
        }
        stack.pop()
    }
}

/// The machine's memory; the compiler has checked that code stays within it.
struct Stack {
    slots: [f64; STACK_SLOTS],
    length: usize,
}

impl Stack {
    #[inline]
    fn push(&mut self, value: f64) {
        self.slots[self.length] = value;
        self.length += 1;
    }

    #[inline]
    fn pop(&mut self) -> f64 {
        self.length -= 1;
        self.slots[self.length]
    }
}

/// Whether a value counts as true.
#[inline]
#[must_use]
pub fn is_true(value: f64) -> bool {
    value != 0.0 && !value.is_nan()
}

impl Op {
    /// How many values the step takes from the stack; it always leaves one.
    fn operand_count(self) -> usize {
        match self {
            Self::Unary(_) => 1,
            Self::Binary(_) => 2,
            Self::Select => 3,
            _ => 0,
        }
    }
}

impl Unary {
    #[inline]
    fn apply(self, value: f64) -> f64 {
        match self {
            Self::Negate => -value,
            Self::Not => f64::from(u8::from(!is_true(value))),
            Self::Abs => libm::fabs(value),
            Self::Floor => libm::floor(value),
            Self::Ceil => libm::ceil(value),
            Self::Round => libm::round(value),
            Self::Sqrt => libm::sqrt(value),
            Self::Exp => libm::exp(value),
            Self::Ln => libm::log(value),
        }
    }
}

impl Binary {
    #[inline]
    fn apply(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| f64::from(u8::from(holds));
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Remainder => libm::fmod(left, right),
            Self::Equal => truth(left == right),
            Self::NotEqual => truth(left != right),
            Self::Less => truth(left < right),
            Self::LessOrEqual => truth(left <= right),
            Self::Greater => truth(left > right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::And => truth(is_true(left) && is_true(right)),
            Self::Or => truth(is_true(left) || is_true(right)),
            Self::Min => libm::fmin(left, right),
            Self::Max => libm::fmax(left, right),
            Self::Power => libm::pow(left, right),
        }
    }
}
