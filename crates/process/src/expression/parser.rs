//! From words to stack code in one pass: precedence climbing that emits as it reads.
//!
//! Precedence, loosest first: `or`, `and`, `not`, comparisons (which do not chain), `+ -`, `* / %`, sign. Nothing
//! is built in between, so hostile input costs no more memory than its own length; nesting is limited, and the
//! stack that the code needs is checked here so that evaluation need not.

use std::ops::Range;

use super::{
    Binary, ExpressionError, Names, Op, STACK_SLOTS, Unary,
    token::{Lexer, Token},
};
use crate::document::{listed, nearest};

/// How deep parentheses, signs and calls may nest.
const NESTING_LIMIT: usize = 64;

/// Words with a meaning of their own, which therefore cannot be attributes.
pub(super) const RESERVED: [&str; 24] = [
    "and", "or", "not", "if", "true", "false", "time", "class", "priority", "waited", "age",
    "queue", "busy", "agents", "min", "max", "abs", "floor", "ceil", "round", "sqrt", "exp", "ln",
    "pow",
];

const FUNCTIONS: [(&str, Unary); 7] = [
    ("abs", Unary::Abs),
    ("floor", Unary::Floor),
    ("ceil", Unary::Ceil),
    ("round", Unary::Round),
    ("sqrt", Unary::Sqrt),
    ("exp", Unary::Exp),
    ("ln", Unary::Ln),
];

/// Compiles `text` to stack code that leaves exactly one number.
pub(super) fn compile(text: &str, names: &Names<'_>) -> Result<Vec<Op>, ExpressionError> {
    let mut lexer = Lexer::new(text);
    let (token, range) = lexer.next()?;
    let mut parser = Parser {
        lexer,
        token,
        range,
        previous_end: 0,
        names,
        code: Vec::new(),
        depth: 0,
        nesting: 0,
    };
    if parser.token == Token::End {
        return Err(parser.unexpected("an expression such as `loops < 3`"));
    }
    parser.number_at(0)?;
    if parser.token != Token::End {
        return Err(parser.unexpected("an operator or the end"));
    }
    debug_assert_eq!(parser.depth, 1, "code leaves one value");
    Ok(parser.code)
}

/// What a piece of code leaves on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A number, usable everywhere.
    Number,
    /// The case's class, which can only be compared with a name.
    Class,
    /// The name of a class.
    ClassName,
}

/// A binary operator: how tightly it binds, and what it does.
struct Operator {
    level: u8,
    function: Binary,
}

const OR: u8 = 0;
const AND: u8 = 1;
const NOT: u8 = 2;
const COMPARISON: u8 = 3;
const SUM: u8 = 4;
const PRODUCT: u8 = 5;

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// The next word, not yet used.
    token: Token<'t>,
    range: Range<usize>,
    /// Where the last used word ends.
    previous_end: usize,
    names: &'t Names<'t>,
    code: Vec<Op>,
    /// Values on the stack after `code`.
    depth: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    /// Reads operators of at least `level` and emits code that leaves a number.
    fn number_at(&mut self, level: u8) -> Result<(), ExpressionError> {
        let start = self.range.start;
        let kind = self.expression(level)?;
        self.require_number(kind, start)
    }

    fn require_number(&self, kind: Kind, start: usize) -> Result<(), ExpressionError> {
        let message = match kind {
            Kind::Number => return Ok(()),
            Kind::Class => "`class` is no number",
            Kind::ClassName => "a quoted name is no number",
        };
        Err(ExpressionError {
            range: start..self.previous_end,
            message: message.to_owned(),
            expected: format!("a comparison such as `class == \"{}\"`", self.some_class()),
        })
    }

    fn expression(&mut self, level: u8) -> Result<Kind, ExpressionError> {
        let start = self.range.start;
        self.nesting += 1;
        if self.nesting > NESTING_LIMIT {
            return Err(self.too_deep());
        }
        let mut kind = self.operand(level)?;
        while let Some(operator) = self.operator().filter(|operator| operator.level >= level) {
            self.bump()?;
            if operator.level == COMPARISON {
                let right_start = self.range.start;
                let right = self.expression(SUM)?;
                self.check_comparison(operator.function, (kind, start), (right, right_start))?;
                if self.operator().is_some_and(|next| next.level == COMPARISON) {
                    return Err(self.unexpected("`and` between two comparisons"));
                }
            } else {
                self.require_number(kind, start)?;
                self.number_at(operator.level + 1)?;
            }
            self.emit(Op::Binary(operator.function))?;
            kind = Kind::Number;
        }
        self.nesting -= 1;
        Ok(kind)
    }

    /// Reads what stands before the first binary operator: `not`, a sign, or a primary.
    fn operand(&mut self, level: u8) -> Result<Kind, ExpressionError> {
        if self.token == Token::Name("not") {
            if level > NOT {
                return Err(self.unexpected("parentheses around `not …`"));
            }
            self.bump()?;
            self.number_at(NOT)?;
            self.emit(Op::Unary(Unary::Not))?;
            return Ok(Kind::Number);
        }
        if self.token == Token::Symbol("-") {
            self.bump()?;
            self.number_at(PRODUCT + 1)?;
            self.emit(Op::Unary(Unary::Negate))?;
            return Ok(Kind::Number);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Kind, ExpressionError> {
        match self.token.clone() {
            Token::Number(value) => self.leaf(Op::Number(value)),
            Token::Text(name) => {
                let index = self.index_of("class", name, self.range.clone(), self.names.classes)?;
                self.leaf(Op::Number(f64::from(index)))?;
                Ok(Kind::ClassName)
            }
            Token::Symbol("(") => {
                self.bump()?;
                let kind = self.expression(OR)?;
                self.close("`)`")?;
                Ok(kind)
            }
            Token::Name(name) => self.named(name),
            Token::Symbol(_) | Token::End => Err(self.unexpected("a number, a name or `(`")),
        }
    }

    fn named(&mut self, name: &'t str) -> Result<Kind, ExpressionError> {
        let range = self.range.clone();
        if let Some(index) = self
            .names
            .attributes
            .iter()
            .position(|attribute| attribute == name)
        {
            let index = u32::try_from(index).expect("attributes are counted in 32 bits");
            return self.leaf(Op::Attribute(index));
        }
        if let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
            self.open(name)?;
            self.number_at(OR)?;
            self.close("`)`: this function takes one argument")?;
            self.emit(Op::Unary(*function))?;
            return Ok(Kind::Number);
        }
        match name {
            "time" => self.leaf(Op::Time),
            "priority" => self.leaf(Op::Priority),
            "waited" => self.leaf(Op::Waited),
            "age" => self.leaf(Op::Age),
            "true" => self.leaf(Op::Number(1.0)),
            "false" => self.leaf(Op::Number(0.0)),
            "class" => {
                self.leaf(Op::Class)?;
                Ok(Kind::Class)
            }
            "queue" => self.looked_up(("station", self.names.stations), Op::QueueLength),
            "busy" => self.looked_up(("pool", self.names.pools), Op::Busy),
            "agents" => self.looked_up(("pool", self.names.pools), Op::Agents),
            "if" => self.select(),
            "min" => self.folded(name, Binary::Min),
            "max" => self.folded(name, Binary::Max),
            "pow" => self.power(),
            "and" | "or" | "not" => Err(self.unexpected("a number, a name or `(`")),
            _ => Err(self.unknown(name, range)),
        }
    }

    /// `queue(station)` and its like.
    fn looked_up(
        &mut self,
        (what, names): (&str, &'t [String]),
        op: fn(u32) -> Op,
    ) -> Result<Kind, ExpressionError> {
        self.bump()?;
        if self.token != Token::Symbol("(") {
            return Err(self.unexpected(&format!("`(` and the name of a {what}")));
        }
        let Some((raw, range)) = self.lexer.raw_argument() else {
            return Err(self.unexpected(&format!("the name of a {what} and `)`")));
        };
        let bare = raw.trim_matches(['"', '\'']);
        self.range.end = range.end + 1;
        let index = self.index_of(what, bare, range, names)?;
        self.leaf(op(index))
    }

    fn select(&mut self) -> Result<Kind, ExpressionError> {
        self.open("if")?;
        self.number_at(OR)?;
        self.comma()?;
        self.number_at(OR)?;
        self.comma()?;
        self.number_at(OR)?;
        self.close("`)`: `if` takes a condition and two values")?;
        self.emit(Op::Select)?;
        Ok(Kind::Number)
    }

    fn power(&mut self) -> Result<Kind, ExpressionError> {
        self.open("pow")?;
        self.number_at(OR)?;
        self.comma()?;
        self.number_at(OR)?;
        self.close("`)`: `pow` takes two arguments")?;
        self.emit(Op::Binary(Binary::Power))?;
        Ok(Kind::Number)
    }

    /// `min` and `max` of two or more.
    fn folded(&mut self, name: &str, function: Binary) -> Result<Kind, ExpressionError> {
        self.open(name)?;
        self.number_at(OR)?;
        self.comma()?;
        self.number_at(OR)?;
        self.emit(Op::Binary(function))?;
        while self.token == Token::Symbol(",") {
            self.bump()?;
            self.number_at(OR)?;
            self.emit(Op::Binary(function))?;
        }
        self.close("`,` or `)`")?;
        Ok(Kind::Number)
    }

    /// The binary operator that comes next.
    fn operator(&self) -> Option<Operator> {
        let (level, function) = match self.token {
            Token::Name("or") => (OR, Binary::Or),
            Token::Name("and") => (AND, Binary::And),
            Token::Symbol(symbol) => match symbol {
                "==" => (COMPARISON, Binary::Equal),
                "!=" => (COMPARISON, Binary::NotEqual),
                "<" => (COMPARISON, Binary::Less),
                "<=" => (COMPARISON, Binary::LessOrEqual),
                ">" => (COMPARISON, Binary::Greater),
                ">=" => (COMPARISON, Binary::GreaterOrEqual),
                "+" => (SUM, Binary::Add),
                "-" => (SUM, Binary::Subtract),
                "*" => (PRODUCT, Binary::Multiply),
                "/" => (PRODUCT, Binary::Divide),
                "%" => (PRODUCT, Binary::Remainder),
                _ => return None,
            },
            _ => return None,
        };
        Some(Operator { level, function })
    }

    /// Classes are compared with names by equality, numbers with numbers by anything.
    fn check_comparison(
        &self,
        function: Binary,
        (left, left_start): (Kind, usize),
        (right, right_start): (Kind, usize),
    ) -> Result<(), ExpressionError> {
        if (left, right) == (Kind::Class, Kind::ClassName)
            || (left, right) == (Kind::ClassName, Kind::Class)
        {
            if matches!(function, Binary::Equal | Binary::NotEqual) {
                return Ok(());
            }
            return Err(ExpressionError {
                range: left_start..self.previous_end,
                message: "classes have no order".to_owned(),
                expected: "`==` or `!=`".to_owned(),
            });
        }
        if left == Kind::Class {
            return self.require_number(left, left_start);
        }
        self.require_number(right, right_start)?;
        self.require_number(left, left_start)
    }

    fn leaf(&mut self, op: Op) -> Result<Kind, ExpressionError> {
        self.emit(op)?;
        self.bump()?;
        Ok(Kind::Number)
    }

    fn emit(&mut self, op: Op) -> Result<(), ExpressionError> {
        self.depth = self.depth - op.operand_count() + 1;
        if self.depth > STACK_SLOTS {
            return Err(self.too_deep());
        }
        self.code.push(op);
        Ok(())
    }

    fn bump(&mut self) -> Result<(), ExpressionError> {
        self.previous_end = self.range.end;
        (self.token, self.range) = self.lexer.next()?;
        Ok(())
    }

    /// Reads a function's name and its opening parenthesis.
    fn open(&mut self, function: &str) -> Result<(), ExpressionError> {
        self.bump()?;
        if self.token != Token::Symbol("(") {
            return Err(self.unexpected(&format!("`(` after `{function}`")));
        }
        self.bump()
    }

    fn comma(&mut self) -> Result<(), ExpressionError> {
        if self.token != Token::Symbol(",") {
            return Err(self.unexpected("`,` and another argument"));
        }
        self.bump()
    }

    fn close(&mut self, expected: &str) -> Result<(), ExpressionError> {
        if self.token != Token::Symbol(")") {
            return Err(self.unexpected(expected));
        }
        self.bump()
    }

    fn index_of(
        &self,
        what: &str,
        name: &str,
        range: Range<usize>,
        names: &[String],
    ) -> Result<u32, ExpressionError> {
        match names.iter().position(|known| known == name) {
            Some(index) => Ok(u32::try_from(index).expect("names are counted in 32 bits")),
            None => Err(ExpressionError {
                range,
                message: format!("there is no {what} `{name}`"),
                expected: one_of(name, names.iter().map(String::as_str)),
            }),
        }
    }

    fn unknown(&self, name: &str, range: Range<usize>) -> ExpressionError {
        let known = self
            .names
            .attributes
            .iter()
            .map(String::as_str)
            .chain(RESERVED);
        let is_class = self.names.classes.iter().any(|class| class == name);
        let expected = match nearest(name, known) {
            _ if is_class => format!("`\"{name}\"` in quotes"),
            Some(near) => format!("`{near}`"),
            None if self.names.attributes.is_empty() => {
                "a number or one of the built-in names".to_owned()
            }
            None => one_of(name, self.names.attributes.iter().map(String::as_str)),
        };
        ExpressionError {
            range,
            message: format!("`{name}` is not known here"),
            expected,
        }
    }

    fn unexpected(&self, expected: &str) -> ExpressionError {
        let message = match &self.token {
            Token::End => "the expression ends too soon".to_owned(),
            Token::Symbol("=") => "`=` sets nothing here".to_owned(),
            Token::Symbol(symbol) => format!("`{symbol}` does not fit here"),
            Token::Name(name) => format!("`{name}` does not fit here"),
            Token::Text(text) => format!("`\"{text}\"` does not fit here"),
            Token::Number(value) => format!("`{value}` does not fit here"),
        };
        let expected = if self.token == Token::Symbol("=") {
            "`==` to compare"
        } else {
            expected
        };
        ExpressionError {
            range: self.range.clone(),
            message,
            expected: expected.to_owned(),
        }
    }

    fn too_deep(&self) -> ExpressionError {
        ExpressionError {
            range: self.range.clone(),
            message: "the expression is nested too deeply".to_owned(),
            expected: format!(
                "at most {NESTING_LIMIT} levels and {STACK_SLOTS} intermediate values"
            ),
        }
    }

    fn some_class(&self) -> &str {
        self.names.classes.first().map_or("gold", String::as_str)
    }
}

/// Says which names there are: the nearest, or a few.
fn one_of<'n>(name: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("`{near}`"),
        None => listed(known, "or"),
    }
}
