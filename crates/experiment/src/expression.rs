//! Arithmetic over figures and factors: `system.cost + 30 * agents`.
//!
//! Numbers, names, `+ - * /`, a sign, brackets. Of several known names that fit, the longest is meant, so that names may
//! have hyphens and spaces. A division by zero is no number, which the caller hears of.

use std::ops::Range;

/// No deeper brackets than this.
const NESTING_LIMIT: usize = 64;

/// An expression whose names are indices.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// In reverse Polish order.
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Number(f64),
    Name(usize),
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong.
    pub message: String,
    /// What was expected there; may be empty.
    pub expected: String,
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// Whether there is a word there that is no known name.
    pub is_name: bool,
}

impl Expression {
    /// Reads an expression in which these names may occur.
    ///
    /// # Errors
    /// The first place where it is none.
    pub fn parse(text: &str, names: &[String]) -> Result<Self, ExpressionError> {
        let mut parser = Parser {
            text,
            names,
            at: 0,
            depth: 0,
            steps: Vec::new(),
        };
        parser.sum()?;
        parser.skip_space();
        if parser.at < text.len() {
            return Err(parser.unexpected("an operator or the end"));
        }
        Ok(Self {
            steps: parser.steps,
        })
    }

    /// The value where `value_of` says what a name's index means; `None` where one means nothing, or the value is no
    /// finite number.
    pub fn value(&self, mut value_of: impl FnMut(usize) -> Option<f64>) -> Option<f64> {
        let mut stack: Vec<f64> = Vec::new();
        for step in &self.steps {
            let value = match step {
                Step::Number(number) => *number,
                Step::Name(index) => value_of(*index)?,
                Step::Negate => -stack.pop()?,
                binary => {
                    let (right, left) = (stack.pop()?, stack.pop()?);
                    match binary {
                        Step::Add => left + right,
                        Step::Subtract => left - right,
                        Step::Multiply => left * right,
                        _ => left / right,
                    }
                }
            };
            stack.push(value);
        }
        stack.pop().filter(|value| value.is_finite())
    }

    /// Indices of the names that occur.
    pub fn names(&self) -> impl Iterator<Item = usize> {
        self.steps.iter().filter_map(|step| match step {
            Step::Name(index) => Some(*index),
            _ => None,
        })
    }
}

struct Parser<'t> {
    text: &'t str,
    names: &'t [String],
    at: usize,
    depth: usize,
    steps: Vec<Step>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes one of these characters, if it is next.
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        self.skip_space();
        let next = self.rest().chars().next().filter(|c| wanted.contains(c))?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn sum(&mut self) -> Result<(), ExpressionError> {
        self.product()?;
        while let Some(operator) = self.take(&['+', '-']) {
            self.product()?;
            self.steps.push(match operator {
                '+' => Step::Add,
                _ => Step::Subtract,
            });
        }
        Ok(())
    }

    fn product(&mut self) -> Result<(), ExpressionError> {
        self.factor()?;
        while let Some(operator) = self.take(&['*', '/']) {
            self.factor()?;
            self.steps.push(match operator {
                '*' => Step::Multiply,
                _ => Step::Divide,
            });
        }
        Ok(())
    }

    fn factor(&mut self) -> Result<(), ExpressionError> {
        let start = self.at;
        self.depth += 1;
        if self.depth > NESTING_LIMIT {
            return Err(ExpressionError {
                message: format!(
                    "there are more than {NESTING_LIMIT} brackets and signs around this"
                ),
                expected: "a flatter expression".to_owned(),
                range: start..self.text.len(),
                is_name: false,
            });
        }
        if self.take(&['-']).is_some() {
            self.factor()?;
            self.steps.push(Step::Negate);
        } else if self.take(&['(']).is_some() {
            self.sum()?;
            if self.take(&[')']).is_none() {
                return Err(self.unexpected("`)`"));
            }
        } else {
            self.operand()?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn operand(&mut self) -> Result<(), ExpressionError> {
        self.skip_space();
        let rest = self.rest();
        let fits = |name: &&String| {
            let after = rest.strip_prefix(name.as_str())?.chars().next();
            let is_whole = after.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == '.'));
            is_whole.then_some(name.len())
        };
        let known = self.names.iter().enumerate();
        let longest = known
            .filter(|(_, name)| !name.is_empty() && fits(name).is_some())
            .max_by_key(|(_, name)| name.len());
        if let Some((index, name)) = longest {
            self.at += name.len();
            self.steps.push(Step::Name(index));
            return Ok(());
        }
        if !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Err(self.unexpected("a number, a name or `(`"));
        }
        let length = number_length(rest);
        let Some(number) = rest[..length]
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
        else {
            return Err(self.unexpected("a number"));
        };
        self.at += length;
        self.steps.push(Step::Number(number));
        Ok(())
    }

    fn unexpected(&mut self, expected: &str) -> ExpressionError {
        self.skip_space();
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        let word = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let is_name = rest.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let length = word.max(first);
        let message = match &rest[..length] {
            "" => "the expression ends too early".to_owned(),
            word if is_name => format!("there is no figure or factor `{word}`"),
            word => format!("`{word}` does not belong there"),
        };
        ExpressionError {
            message,
            expected: if is_name {
                String::new()
            } else {
                expected.to_owned()
            },
            range: self.at..self.at + length,
            is_name,
        }
    }
}

/// Bytes of the number at the beginning of `text`.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'_');
        from + bytes[from..]
            .iter()
            .take_while(|byte| is_part(byte))
            .count()
    };
    let end = digits(0);
    if !matches!(bytes.get(end), Some(b'e' | b'E')) {
        return end;
    }
    let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
    let exponent = digits(end + 1 + sign);
    if exponent > end + 1 + sign {
        exponent
    } else {
        end
    }
}
