//! What the numbers of a row are called, for the formats that people read.

use pluriverse_kernel::ledger::{Dictionary, KindInfo, NONE};

/// Looks names up in a dictionary; whatever is in none has no name.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a>(pub(crate) &'a Dictionary);

impl<'a> Names<'a> {
    pub(crate) fn kind(self, kind: u16) -> Option<&'a str> {
        self.info(kind).map(|info| info.name.as_str())
    }

    pub(crate) fn subject(self, kind: u16, number: u32) -> Option<String> {
        self.noun(self.info(kind)?.subject, number)
    }

    pub(crate) fn object(self, kind: u16, number: u32) -> Option<String> {
        self.noun(self.info(kind)?.object, number)
    }

    fn info(self, kind: u16) -> Option<&'a KindInfo> {
        self.0.kinds.get(usize::from(kind))
    }

    fn noun(self, noun: Option<u16>, number: u32) -> Option<String> {
        let noun = self.0.nouns.get(usize::from(noun?))?;
        (number != NONE).then(|| noun.name_of(number))
    }
}
