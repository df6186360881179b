//! What the numbers in a ledger mean: names of kinds, and of the things that subjects and objects number.

use serde::{Deserialize, Serialize};

/// Names for a ledger's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dictionary {
    /// What can happen; a row's `kind` is an index here.
    pub kinds: Vec<EventKind>,
    /// The sorts of things that subjects and objects are.
    pub nouns: Vec<Noun>,
}

/// One kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventKind {
    /// Its name, a verb: `arrive`.
    pub name: String,
    /// What its subjects are: an index into the nouns, `None` when unused.
    pub subject: Option<u16>,
    /// What its objects are.
    pub object: Option<u16>,
    /// What its value means, with the unit: `wait [s]`; empty when unused.
    pub value: String,
}

/// A sort of thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noun {
    /// Its name: `station`.
    pub name: String,
    /// Names of ranges of its numbers, ascending; a number in none is called by noun and number.
    pub labels: Vec<Label>,
}

/// The name of a range of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// First number of the range.
    pub first: u32,
    /// How many numbers it spans; one that is named alone spans 1.
    pub count: u32,
    /// Its name.
    pub name: String,
}

impl Noun {
    /// A noun whose numbers 0, 1, … carry these names.
    pub fn named<S: Into<String>>(name: &str, names: impl IntoIterator<Item = S>) -> Self {
        let labels = (0..).zip(names).map(|(first, name)| Label {
            first,
            count: 1,
            name: name.into(),
        });
        Self {
            name: name.to_owned(),
            labels: labels.collect(),
        }
    }

    /// What the thing of this number is called: `desk`, `nurses#2`, `case 17`.
    #[must_use]
    pub fn name_of(&self, number: u32) -> String {
        let place = self.labels.partition_point(|label| label.first <= number);
        match place.checked_sub(1).map(|index| &self.labels[index]) {
            Some(label) if label.count == 1 && label.first == number => label.name.clone(),
            Some(label) if number - label.first < label.count => {
                format!("{}#{}", label.name, number - label.first + 1)
            }
            _ => format!("{} {number}", self.name),
        }
    }

    /// The number of what is called so by [`name_of`](Self::name_of).
    #[must_use]
    pub fn number_of(&self, name: &str) -> Option<u32> {
        if let Some(label) = self
            .labels
            .iter()
            .find(|label| label.count == 1 && label.name == name)
        {
            return Some(label.first);
        }
        let of_range = name.rsplit_once('#').and_then(|(range, place)| {
            let label = self.labels.iter().find(|label| label.name == range)?;
            label
                .first
                .checked_add(place.parse::<u32>().ok()?.checked_sub(1)?)
        });
        let plain = name
            .strip_prefix(&self.name)
            .and_then(|rest| rest.trim_start().parse().ok());
        let named = [of_range, plain].into_iter().flatten();
        named
            .into_iter()
            .find(|number| self.name_of(*number) == name)
    }
}

impl Dictionary {
    /// A dictionary of kinds of these names, in order, that says nothing of subjects, objects and values.
    pub fn of_kinds<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let kinds = names.into_iter().map(|name| EventKind {
            name: name.into(),
            subject: None,
            object: None,
            value: String::new(),
        });
        Self {
            kinds: kinds.collect(),
            nouns: Vec::new(),
        }
    }

    /// A hash over everything in it.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let bytes = postcard::to_allocvec(self)
            .expect("a dictionary of strings and numbers always encodes");
        *blake3::hash(&bytes).as_bytes()
    }

    /// The index of the kind of this name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<u16> {
        let index = self.kinds.iter().position(|kind| kind.name == name)?;
        u16::try_from(index).ok()
    }
}
