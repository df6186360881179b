//! The words of an expression, read one at a time from the left.
//!
//! Positions are byte offsets of the expression's text. What the words mean together is the parser's business.

use std::ops::Range;

use pluriverse_kernel::time::SimDuration;

use super::ExpressionError;

/// Operators and punctuation, longer before shorter.
const SYMBOLS: [&str; 15] = [
    "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", "=",
];

/// What people write who come from another language, and what it is called here.
const FOREIGN: [(&str, &str); 6] = [
    ("&&", "`and`"),
    ("||", "`or`"),
    ("**", "`pow(a, b)`"),
    ("^", "`pow(a, b)`"),
    ("!", "`not`"),
    ("?", "`if(c, a, b)`"),
];

/// One word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A number; durations are already in seconds.
    Number(f64),
    /// A name or a keyword.
    Name(&'t str),
    /// What stands between quotes.
    Text(&'t str),
    /// One of [`SYMBOLS`].
    Symbol(&'static str),
    /// Nothing is left.
    End,
}

/// Reads words from a text.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    position: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, position: 0 }
    }

    /// The next word and where it stands.
    pub(super) fn next(&mut self) -> Result<(Token<'t>, Range<usize>), ExpressionError> {
        let rest = self.rest().trim_start();
        self.position = self.text.len() - rest.len();
        let start = self.position;
        let Some(first) = rest.chars().next() else {
            return Ok((Token::End, start..start));
        };
        let (token, length) = match first {
            '0'..='9' | '.' => number(rest).map_err(|error| error.moved(start))?,
            '"' | '\'' => quoted(rest, first).map_err(|error| error.moved(start))?,
            first if first.is_alphabetic() || first == '_' => {
                let length = length_of(rest, |c| c.is_alphanumeric() || c == '_');
                (Token::Name(&rest[..length]), length)
            }
            first => symbol(rest, first).map_err(|error| error.moved(start))?,
        };
        self.position += length;
        Ok((token, start..self.position))
    }

    /// What stands before the next closing parenthesis, without the white space around it, as it was written;
    /// names there may hold what elsewhere would be an operator. The parenthesis is read too.
    pub(super) fn raw_argument(&mut self) -> Option<(&'t str, Range<usize>)> {
        let rest = self.rest();
        let end = rest.find(')')?;
        let raw = &rest[..end];
        let start = self.position + (raw.len() - raw.trim_start().len());
        self.position += end + 1;
        Some((raw.trim(), start..start + raw.trim().len()))
    }

    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }
}

impl ExpressionError {
    fn moved(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }
}

/// Bytes at the start of `text` whose characters all satisfy `accept`.
fn length_of(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}

fn number(text: &str) -> Result<(Token<'_>, usize), ExpressionError> {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    let mut length = length_of(text, is_digit);
    let exponent = &text[length..];
    if exponent.starts_with(['e', 'E']) {
        let sign = usize::from(exponent[1..].starts_with(['+', '-']));
        let digits = length_of(&exponent[1 + sign..], |c| c.is_ascii_digit());
        if digits > 0 {
            length += 1 + sign + digits;
        }
    }
    let unit = length_of(&text[length..], |c| {
        c.is_alphanumeric() || c == '_' || c == '.'
    });
    let word = &text[..length + unit];
    let failed = |message: String, expected: &str| ExpressionError {
        range: 0..word.len(),
        message,
        expected: expected.to_owned(),
    };
    let value = if unit == 0 {
        word.parse::<f64>()
            .map_err(|_| failed(format!("`{word}` is no number"), "a number such as `0.5`"))?
    } else {
        let duration: SimDuration = word.parse().map_err(|error| {
            failed(
                format!("`{word}` is no duration: {error}"),
                "a duration such as `1h30m`",
            )
        })?;
        duration.as_secs_f64()
    };
    if !value.is_finite() {
        return Err(failed(
            format!("`{word}` is too large"),
            "a number below 1.8e308",
        ));
    }
    Ok((Token::Number(value), word.len()))
}

fn quoted(text: &str, quote: char) -> Result<(Token<'_>, usize), ExpressionError> {
    match text[1..].find(quote) {
        Some(length) => Ok((Token::Text(&text[1..=length]), length + 2)),
        None => Err(ExpressionError {
            range: 0..text.len(),
            message: "a quoted name does not end".to_owned(),
            expected: format!("a closing {quote}"),
        }),
    }
}

fn symbol(text: &str, first: char) -> Result<(Token<'_>, usize), ExpressionError> {
    let foreign = FOREIGN
        .iter()
        .find(|(symbol, _)| text.starts_with(symbol) && !text.starts_with("!="));
    if let Some((symbol, here)) = foreign {
        return Err(ExpressionError {
            range: 0..symbol.len(),
            message: format!("`{symbol}` is no operator here"),
            expected: (*here).to_owned(),
        });
    }
    match SYMBOLS.iter().find(|symbol| text.starts_with(**symbol)) {
        Some(symbol) => Ok((Token::Symbol(symbol), symbol.len())),
        None => Err(ExpressionError {
            range: 0..first.len_utf8(),
            message: format!("`{}` means nothing in an expression", first.escape_debug()),
            expected: "a number, a name or an operator".to_owned(),
        }),
    }
}
