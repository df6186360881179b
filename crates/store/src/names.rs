//! What the numbers of a row are called, for the formats that people read.

use pluriverse_kernel::ledger::{Dictionary, EventKind, NONE};

/// Looks names up in a dictionary; whatever is in none has no name.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a>(pub(crate) &'a Dictionary);

impl<'a> Names<'a> {
    pub(crate) fn kind(self, kind: u16) -> Option<&'a str> {
        self.about(kind).map(|info| info.name.as_str())
    }

    pub(crate) fn subject(self, kind: u16, number: u32) -> Option<String> {
        self.noun(self.about(kind)?.subject, number)
    }

    pub(crate) fn object(self, kind: u16, number: u32) -> Option<String> {
        self.noun(self.about(kind)?.object, number)
    }

    fn about(self, kind: u16) -> Option<&'a EventKind> {
        self.0.kinds.get(usize::from(kind))
    }

    fn noun(self, noun: Option<u16>, number: u32) -> Option<String> {
        let noun = self.0.nouns.get(usize::from(noun?))?;
        (number != NONE).then(|| noun.name_of(number))
    }
}
