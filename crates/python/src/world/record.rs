//! What a world keeps of its ledger, and the ledger so far.

use pluriverse_host::{
    retrace::{Reach, RetraceError, retrace},
    session::Session,
};
use pluriverse_kernel::{
    ledger::{Closing, Ledger as Record},
    world::Phase,
};
use pluriverse_store::{Provenance, Seal, TableBuilder, TableSink};
use pyo3::prelude::*;

use crate::{fault::Fault, ledger::Ledger, names::Names, rows::Rows, scenario::Held};

/// How much of its ledger a world keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    /// Every row.
    All,
    /// The last ones; the others are made again when they are wanted.
    Latest,
}

impl Keeping {
    pub(super) fn record(self) -> Record {
        match self {
            Self::All => Record::in_memory(),
            Self::Latest => Record::hashed(),
        }
    }
}

/// The ledger of `session` so far.
pub(super) fn so_far(
    held: &Held,
    session: &mut Session,
    names: Names,
) -> Result<(Ledger, Rows), Fault> {
    let world = session.world();
    let record = world.ledger();
    let Some(hash) = record.hash() else {
        return Err(Fault::Ledger("this world records nothing".to_owned()));
    };
    let rows = record.rows();
    let inputs = world.past_inputs().unwrap_or_default().to_vec();
    let cut = match world.phase() {
        Phase::Finished => None,
        Phase::Failed => Some("the run failed".to_owned()),
        _ => Some(format!("the ledger was taken at {}", world.now())),
    };
    let batch = if record.first_kept_row() > 0 {
        let (sink, made) = TableSink::new();
        let mut raised = None;
        let goes_on = || {
            let heard = Python::attach(|py| py.check_signals());
            raised = heard.err();
            raised.is_none()
        };
        let reach = Reach::of(session);
        let again = retrace(&**session.scenario(), reach, Box::new(sink), goes_on);
        match (again, raised) {
            (Err(RetraceError::Stopped), Some(error)) => return Err(error.into()),
            (Err(error), _) => return Err(Fault::Ledger(error.to_string())),
            (Ok(()), _) => made.take(),
        }
    } else {
        let mut table = TableBuilder::with_capacity(usize::try_from(rows).unwrap_or(0));
        for chunk in record.chunks() {
            table.extend(chunk);
        }
        table.finish()
    };
    let ledger = Ledger {
        seal: Seal {
            closing: Closing { rows, hash },
            cut,
        },
        provenance: Provenance {
            inputs,
            ..held.provenance(session.world().key())
        },
    };
    Ok((ledger, Rows::from_first(batch, names)))
}
