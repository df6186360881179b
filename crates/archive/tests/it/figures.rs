//! Figures by SQL against those of the world itself.

use pluriverse_archive::Source;
use pluriverse_kernel::{
    ledger::Ledger,
    replicate::Outcome,
    scenario::{NoFiles, RunKey},
    world::Progress,
};
use pluriverse_store::{Format, LedgerWriter, Plan, Provenance};

use crate::{databases::on_both, ledgers::read};

const CONTACT_CENTRE: &str = include_str!("../../../../scenarios/contact-centre.toml");

/// A day of the contact centre: its ledger as a file, and what the world says of it.
fn day() -> (Vec<u8>, Outcome) {
    let provenance = Provenance {
        kind: "process".to_owned(),
        scenario_file: "contact-centre.toml".to_owned(),
        scenario_text: CONTACT_CENTRE.to_owned(),
        seed: 1,
        ..Provenance::default()
    };
    let (scenario, _) = pluriverse_host::scenario::read(provenance.draft(&NoFiles))
        .ok()
        .unwrap();
    let (writer, file) =
        LedgerWriter::to_memory(u64::MAX, Plan::new(Format::Parquet, provenance)).unwrap();
    let key = RunKey {
        seed: 1,
        replication: 0,
    };
    let mut world = scenario.world(key, Ledger::to_sink(Box::new(writer)));
    while world.run(u64::MAX).unwrap() == Progress::More {}
    world.finish_ledger().unwrap();
    (file.bytes(), Outcome::of(&*world))
}

#[test]
fn sql_and_report_say_the_same() {
    let (file, outcome) = day();
    let told = |name: &str| outcome.estimate(&format!("agents.{name}")).unwrap().mean;
    on_both(|database| {
        let archive = database.open();
        let run = "day".parse().unwrap();
        archive
            .ingest(&run, Source::Browser, &mut read(&file, Format::Parquet))
            .unwrap();
        let stations = archive.stations(&run).unwrap();
        assert_eq!(stations.len(), 1);
        let agents = &stations[0];
        assert_eq!(agents.station, "agents");
        assert_eq!(agents.arrivals as f64, told("arrivals"));
        assert_eq!(agents.abandoned_share.unwrap(), told("abandoned"));
        assert_eq!(agents.waits, agents.served + agents.abandoned);
        // The report adds up nanoseconds, SQL their quotients by 10⁹ as floats: a sum of n of them is off by at
        // most n roundings.
        let (mean, expected) = (agents.mean_wait_secs.unwrap(), told("wait"));
        let bound = expected * f64::EPSILON * agents.waits as f64;
        assert!(
            (mean - expected).abs() <= bound,
            "{mean} s, expected {expected} s"
        );
        let abandoned = format!(
            "{} WHERE kind = 'abandon' AND object_name = 'agents'",
            crate::ingest::table(database, "ledger_events")
        );
        assert_eq!(database.number(&abandoned), agents.abandoned.cast_signed());
    });
}

/// The queries that people are told of, as they stand in the document.
fn documented() -> Vec<&'static str> {
    const DOCUMENT: &str = include_str!("../../../../docs/runs-in-sql.md");
    let blocks = DOCUMENT.split("```sql\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

#[test]
fn documented_queries_answer_alike() {
    let (file, _) = day();
    let answers = std::cell::RefCell::new(Vec::new());
    on_both(|database| {
        let archive = database.open();
        let run = "day".parse().unwrap();
        archive
            .ingest(&run, Source::Browser, &mut read(&file, Format::Parquet))
            .unwrap();
        let counts = documented().into_iter().map(|query| {
            let schema = if database.is_sqlite() {
                ""
            } else {
                "SET search_path TO pluriverse;"
            };
            database.batch(&format!("{schema} CREATE TABLE answer AS {query}"));
            let count = database.number(&crate::ingest::table(database, "answer"));
            database.batch(&format!("{schema} DROP TABLE answer"));
            count
        });
        answers.borrow_mut().push(counts.collect::<Vec<_>>());
    });
    let answers = answers.into_inner();
    assert_eq!(answers[0], answers[1]);
    // One station; calls came in each of thirteen hours; twenty rows; at least an arrival led to the last.
    let [stations, hours, rows, causes] = answers[0][..] else {
        panic!("{answers:?}");
    };
    assert_eq!((stations, hours, rows), (1, 13, 20));
    assert!(causes > 1);
}
