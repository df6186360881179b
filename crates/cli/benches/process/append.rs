//! Rows into a ledger, and nothing else.

use anyhow::bail;
use pluriverse_kernel::{
    ledger::{Chunk, Closing, Dictionary, Ledger, LedgerSink, Row, SinkError},
    time::SimTime,
};
use serde_json::json;

use crate::stopwatch::Stopwatch;

/// A sink that looks at nothing and keeps nothing.
struct Nowhere;

impl LedgerSink for Nowhere {
    fn write(&mut self, _dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        std::hint::black_box(chunk);
        Ok(())
    }

    fn finish(&mut self, _closing: &Closing) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Appends this many rows, each caused by the one before; the answer is the ledger's hash.
pub(crate) fn measure(target: &str, rows: u64) -> anyhow::Result<()> {
    let mut ledger = match target {
        "hashed" => Ledger::hashed(),
        "sink" => Ledger::to_sink(Box::new(Nowhere)),
        _ => bail!("no ledger is called `{target}`"),
    };
    let stopwatch = Stopwatch::start();
    let mut cause = 0;
    for number in 0..u32::try_from(rows)? {
        cause = ledger.append(Row {
            time: SimTime::from_nanos(i64::from(number) * 1_000),
            kind: 1,
            subject: number,
            object: number & 7,
            value: f64::from(number),
            cause,
        });
    }
    ledger.finish()?;
    let hash = ledger.hash().map(|hash| hash.to_string());
    stopwatch.print(ledger.rows(), &json!({ "hash": hash }).to_string());
    Ok(())
}
