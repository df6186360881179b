//! What people tell a world, by names: from words to an input, and why it takes no notice.

use std::fmt;

use pluriverse_kernel::{
    ledger::{Dictionary, NONE},
    world::{Input, InputError},
};

use crate::scenario::nearest;

/// Something that takes part in what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// By its number in the ledger.
    Number(u32),
    /// By what it is called: `desk`, `nurses#2`, `case 17`.
    Name(String),
}

/// Something that somebody says to a world.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The name of the kind of event that it is.
    pub kind: String,
    /// Whom it is about.
    pub subject: Option<Party>,
    /// What else it is about.
    pub object: Option<Party>,
    /// How much.
    pub value: f64,
}

/// Why a statement is none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatementError {
    /// The dictionary has no such kind.
    UnknownKind {
        /// The name.
        kind: String,
        /// All kinds.
        known: Vec<String>,
    },
    /// The kind has nothing in that place.
    Unused {
        /// The kind.
        kind: String,
        /// `subject` or `object`.
        field: &'static str,
    },
    /// Nothing is called so.
    UnknownName {
        /// The name.
        name: String,
        /// What it should name: `pool`.
        noun: String,
        /// All names of these.
        known: Vec<String>,
    },
}

impl fmt::Display for StatementError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What comes nearest to it is another word.
            Self::UnknownKind { kind, .. } if kind == "staff" => out.write_str(
                "this world takes no `staff`: its scenario has no `run.staffing` = \"outside\"",
            ),
            Self::UnknownKind { kind, known } => {
                write!(out, "this world has no kind of event `{kind}`; ")?;
                advise(out, kind, known)
            }
            Self::Unused { kind, field } => write!(out, "`{kind}` has no {field}"),
            Self::UnknownName { name, noun, known } => {
                write!(out, "there is no {noun} `{name}`; ")?;
                advise(out, name, known)
            }
        }
    }
}

impl std::error::Error for StatementError {}

fn advise(out: &mut fmt::Formatter<'_>, name: &str, known: &[String]) -> fmt::Result {
    match nearest(name, known.iter().cloned()) {
        Some(meant) => write!(out, "did you mean `{meant}`?"),
        None => write!(out, "there are: {}", known.join(", ")),
    }
}

impl Statement {
    /// The input that it is, for a world with this dictionary.
    ///
    /// # Errors
    /// What is not known there.
    pub fn resolve(&self, dictionary: &Dictionary) -> Result<Input, StatementError> {
        let kind = dictionary
            .kind(&self.kind)
            .ok_or_else(|| StatementError::UnknownKind {
                kind: self.kind.clone(),
                known: dictionary
                    .kinds
                    .iter()
                    .map(|kind| kind.name.clone())
                    .collect(),
            })?;
        let info = &dictionary.kinds[usize::from(kind)];
        Ok(Input {
            kind,
            subject: self.number(dictionary, ("subject", info.subject), self.subject.as_ref())?,
            object: self.number(dictionary, ("object", info.object), self.object.as_ref())?,
            value: self.value,
            payload: Vec::new(),
        })
    }

    fn number(
        &self,
        dictionary: &Dictionary,
        (field, noun): (&'static str, Option<u16>),
        party: Option<&Party>,
    ) -> Result<u32, StatementError> {
        let Some(party) = party else {
            return Ok(NONE);
        };
        let noun = noun.and_then(|noun| dictionary.nouns.get(usize::from(noun)));
        let noun = noun.ok_or_else(|| StatementError::Unused {
            kind: self.kind.clone(),
            field,
        })?;
        match party {
            Party::Number(number) => Ok(*number),
            Party::Name(name) => noun
                .number_of(name)
                .ok_or_else(|| StatementError::UnknownName {
                    name: name.clone(),
                    noun: noun.name.clone(),
                    known: noun.labels.iter().map(|label| label.name.clone()).collect(),
                }),
        }
    }
}

/// The kinds of events that only come from outside.
const INPUT_KINDS: [&str; 2] = ["done", "staff"];

/// Whether a row of this kind came from outside.
#[must_use]
pub fn is_input(dictionary: &Dictionary, kind: u16) -> bool {
    let kind = dictionary.kinds.get(usize::from(kind));
    kind.is_some_and(|kind| INPUT_KINDS.contains(&kind.name.as_str()))
}

/// Why a world with this dictionary takes no notice of an input, with the kind's name, and with what is left out called so.
#[must_use]
pub fn refusal(error: &InputError, dictionary: &Dictionary) -> String {
    match error {
        InputError::Unknown { kind } => {
            let kind = dictionary.kinds.get(usize::from(*kind));
            kind.map_or_else(
                || error.to_string(),
                |kind| format!("this world takes no input of kind `{}`", kind.name),
            )
        }
        InputError::OutOfRange {
            field,
            got,
            expected,
        } if *got == f64::from(NONE) => {
            format!("the input has no `{field}`, expected {expected}")
        }
        _ => error.to_string(),
    }
}
