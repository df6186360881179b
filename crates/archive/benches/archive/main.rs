//! What `cargo xtask bench server` measures of archives: one measurement a call, printed as a line of JSON.
//!
//! The ledger is that of one M/M/1 queue, five rows a customer, in an Arrow file that is made before anything is
//! measured. PostgreSQL is a server of the call's own with its usual settings, whose processor time is not counted.
#![allow(clippy::print_stdout, reason = "the measurement is what it prints")]
#![allow(
    clippy::unwrap_used,
    reason = "the server of the tests, which fail in that way, is used here too"
)]

#[path = "../../tests/it/server.rs"]
mod server;
#[path = "../../../../benches/stopwatch.rs"]
mod stopwatch;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use pluriverse_archive::{
    Archive, ChunkHash, Declaration, Location, Options, RunId, Source, chunk_bytes,
};
use pluriverse_kernel::{
    ledger::Ledger,
    scenario::{NoFiles, RunKey},
    world::Progress,
};
use pluriverse_store::{Format, Provenance, create, open};

use server::Server;
use stopwatch::Stopwatch;

const USAGE: &str = "\
usage: archive ingest sqlite|postgres CUSTOMERS   a whole ledger into an empty database
       archive upload sqlite|postgres CUSTOMERS   the same in chunks, with the commit
       archive read sqlite|postgres CUSTOMERS     the same out again
";

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [task, database, customers] => measure(task, database, customers.parse()?),
        // What `cargo bench` and `cargo test --benches` say: nothing that could be measured.
        [] | ["--bench"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => bail!("unknown measurement\n\n{USAGE}"),
    }
}

fn measure(task: &str, database: &str, customers: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ledger = record(folder.path(), customers)?;
    let server = match database {
        "sqlite" => None,
        "postgres" => Some(Server::durable()),
        _ => bail!("unknown database\n\n{USAGE}"),
    };
    let address = server.as_ref().map_or_else(
        || folder.path().join("runs.sqlite").display().to_string(),
        |server| server.url("postgres"),
    );
    let archive = Archive::open(Location::parse(&address)?, Options::default())?;
    let run: RunId = "run".parse()?;
    let ingest = || archive.ingest(&run, Source::Cli, &mut open(&ledger)?);
    match task {
        "ingest" => {
            let stopwatch = Stopwatch::start();
            let rows = ingest()?.rows;
            stopwatch.print(rows, "{}");
        }
        "upload" => {
            let stopwatch = Stopwatch::start();
            let rows = upload(&archive, &run, &ledger)?;
            stopwatch.print(rows, "{}");
        }
        "read" => {
            ingest()?;
            let stopwatch = Stopwatch::start();
            let mut stored = archive.ledger(&run)?;
            while stored.next_chunk()?.is_some() {}
            stopwatch.print(stored.closing().rows, "{}");
        }
        _ => bail!("unknown measurement\n\n{USAGE}"),
    }
    // Whoever is fast and wrong fails: the figures are those of the queue, computed from the stored rows.
    let stations = archive.stations(&run)?;
    let [barber] = &stations[..] else {
        bail!("expected one station, got {stations:?}");
    };
    ensure!(
        (barber.arrivals, barber.served) == (customers, customers),
        "expected {customers} customers, got {barber:?}"
    );
    Ok(())
}

/// The ledger of one M/M/1 queue, from the first to the last of so many customers, in an Arrow file.
fn record(folder: &Path, customers: u64) -> anyhow::Result<PathBuf> {
    let file = "scenarios/mm1.toml";
    let overrides = [
        ("sources.people.limit", customers.to_string()),
        // Time for half as many again as arrive on average, so that all of them do.
        ("run.until", format!("\"{}m\"", customers * 5 / 3)),
        ("run.at_end", "\"drain\"".to_owned()),
        ("run.warm_up", "\"0s\"".to_owned()),
    ];
    let provenance = Provenance {
        kind: "process".to_owned(),
        scenario_file: file.to_owned(),
        scenario_text: std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?,
        overrides: overrides
            .map(|(key, value)| (key.to_owned(), value))
            .to_vec(),
        seed: 1,
        ..Provenance::default()
    };
    let Ok((scenario, _)) = pluriverse_host::scenario::read(provenance.draft(&NoFiles)) else {
        bail!("{file} has errors: `pluriverse check {file}` tells which");
    };
    let path = folder.join("ledger.arrow");
    let key = RunKey {
        seed: 1,
        replication: 0,
    };
    let sink = create(&path, Format::ArrowIpc, provenance)?;
    let mut world = scenario.world(key, Ledger::to_sink(sink));
    while world.run(u64::MAX)? == Progress::More {}
    world.finish_ledger()?;
    Ok(path)
}

fn upload(archive: &Archive, run: &RunId, ledger: &Path) -> anyhow::Result<u64> {
    let mut stored = open(ledger)?;
    let declaration = Declaration {
        provenance: stored.provenance().clone(),
        dictionary: stored.dictionary().clone(),
        closing: stored
            .seal()
            .context("the ledger has no end")?
            .closing
            .clone(),
    };
    archive.begin_upload(run, Source::Cli, &declaration)?;
    let mut number = 0;
    while let Some(chunk) = stored.next_chunk()? {
        archive.put_chunk(run, number, ChunkHash(chunk.hash()), &chunk_bytes(chunk))?;
        number += 1;
    }
    Ok(archive.commit_upload(run)?.rows)
}
