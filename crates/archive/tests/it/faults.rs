//! Databases that are gone, locked, full, newer, damaged, or none: a clear answer, and everything as it was.

use std::time::Duration;

use expect_test::expect;
use pluriverse_archive::{
    Archive, ArchiveError, ChunkHash, Filter, Location, Options, Page, RunId, Source, chunk_bytes,
};

use crate::{
    databases::{Database, on_both},
    ingest::table,
    ledgers::{assert_rows, pieces, stored},
    server::Server,
};

fn id(name: &str) -> RunId {
    name.parse().unwrap()
}

fn impatient() -> Options {
    Options {
        lock_wait: Duration::from_millis(50),
        ..Options::default()
    }
}

fn open_error(address: &str) -> ArchiveError {
    let location = Location::parse(address);
    location
        .and_then(|location| Archive::open(location, Options::default()))
        .unwrap_err()
}

#[test]
fn addresses_that_are_none_are_told_without_their_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let addresses = [
        "",
        "mysql://me:secret@here/runs",
        "postgres://me:secret@",
        "postgres://me:secret@here:port/runs",
        "postgres://me:sec/ret@here/runs?typo=1",
        "postgres://me:sec?ret@here/runs?typo=1",
        "postgres://me:sec@ret@here/runs",
        "postgres://here/runs?password=secret&typo=1",
        "postgres://me:secret@here/runs?sslmode=require",
    ];
    let answers: Vec<_> = addresses
        .iter()
        .map(|address| open_error(address).to_string())
        .collect();
    for part in ["sec", "ret"] {
        assert!(!answers.concat().contains(part), "{part}: {answers:?}");
    }
    expect![[r#"
        `` is no place for runs: it names no file
        `mysql://here/runs` is no place for runs: `mysql` is no database that is known here
        `postgres://` is no place for runs: it names no host
        `postgres://here:port/runs` is no place for runs: invalid connection string: invalid value for option `port`
        `postgres://here/runs` is no place for runs: invalid connection string: unknown option `typo`
        `postgres://…` is no place for runs: invalid connection string: unknown option `typo`
        `postgres://here/runs` is no place for runs: in a user's name or password, `@` is written `%40`
        `postgres://here/runs` is no place for runs: invalid connection string: unknown option `typo`
        `postgres://here:5432/runs` is no place for runs: it asks for TLS, which is not spoken here: reach it through a tunnel (ssh -L 5432:localhost:5432 HOST) and leave `sslmode` out"#]].assert_eq(&answers.join("\n"));
    let answer = open_error(folder.path().to_str().unwrap());
    assert!(matches!(answer, ArchiveError::Location { .. }), "{answer}");
}

#[test]
fn databases_that_cannot_be_reached_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such/folder/runs.sqlite");
    let postgres = Database::postgres();
    let (server, _) = postgres.address.rsplit_once('/').unwrap();
    let addresses = [
        missing.to_str().unwrap().to_owned(),
        // Port 1 is nobody's.
        "postgres://me@127.0.0.1:1/runs".to_owned(),
        format!("{server}/nowhere"),
        format!("{}/nowhere", server.replace("tests@", "nobody@")),
    ];
    for address in addresses {
        let answer = open_error(&address);
        assert!(
            matches!(answer, ArchiveError::Unavailable { .. }),
            "{address}: {answer:?}"
        );
        assert!(!answer.help().is_empty());
    }
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("letter.txt");
    std::fs::write(&text, "Dear reader,\n".repeat(100)).unwrap();
    let answer = open_error(text.to_str().unwrap());
    assert!(matches!(answer, ArchiveError::Foreign { .. }), "{answer:?}");
    assert_eq!(std::fs::read(&text).unwrap().len(), 1300);

    let other = Database::sqlite();
    other.batch("CREATE TABLE songs (title TEXT)");
    let answer = open_error(&other.address);
    assert!(matches!(answer, ArchiveError::Foreign { .. }), "{answer:?}");
    assert_eq!(other.number("SELECT COUNT(*) FROM sqlite_schema"), 1);
}

#[test]
fn a_newer_database_is_left_alone() {
    on_both(|database| {
        drop(database.open());
        let versions = if database.is_sqlite() {
            ""
        } else {
            "pluriverse."
        }
        .to_owned()
            + "pluriverse_versions";
        database.batch(&format!(
            "INSERT INTO {versions} (version, applied_at) VALUES (99, 0)"
        ));
        let answer = database.try_open(Options::default()).unwrap_err();
        assert!(
            matches!(
                answer,
                ArchiveError::Newer {
                    got: 99,
                    known: 2,
                    ..
                }
            ),
            "{answer:?}"
        );
    });
}

#[test]
fn two_programs_migrate_once() {
    on_both(|database| {
        let opened: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| database.open())).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(database.number(&table(database, "pluriverse_versions")), 2);
        drop(opened);
    });
}

#[test]
fn a_locked_database_is_told_and_works_again() {
    on_both(|database| {
        let archive = database.try_open(impatient()).unwrap();
        let refused = |archive: &Archive| {
            let answer = archive
                .ingest(&id("a"), Source::Cli, &mut stored(10))
                .unwrap_err();
            assert!(matches!(answer, ArchiveError::Locked { .. }), "{answer:?}");
        };
        if database.is_sqlite() {
            let other = rusqlite::Connection::open(&database.address).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            refused(&archive);
            // Readers are not in anybody's way.
            assert_eq!(
                archive
                    .runs(&Filter::default(), Page::default())
                    .unwrap()
                    .total,
                0
            );
            other.execute_batch("ROLLBACK").unwrap();
        } else {
            let mut other = database.client();
            other
                .batch_execute("BEGIN; LOCK TABLE runs IN SHARE MODE")
                .unwrap();
            refused(&archive);
            other.batch_execute("ROLLBACK").unwrap();
        }
        archive
            .ingest(&id("a"), Source::Cli, &mut stored(10))
            .unwrap();
    });
}

#[test]
fn a_full_database_keeps_what_it_has() {
    let sqlite = Database::sqlite();
    let archive = sqlite
        .try_open(Options {
            sqlite_limit_bytes: Some(1 << 20),
            ..Options::default()
        })
        .unwrap();
    check_full(&sqlite, &archive, || ());

    // A server whose disk is full says so by this code.
    let postgres = Database::postgres();
    let archive = postgres.open();
    check_full(&postgres, &archive, || {
        postgres.batch(
            "SET search_path TO pluriverse;
             CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
             CREATE TRIGGER full_disk BEFORE INSERT ON ledger_rows FOR EACH ROW WHEN (NEW.seq > 30000)
             EXECUTE FUNCTION full_disk()",
        );
    });
}

fn check_full(database: &Database, archive: &Archive, fill: impl Fn()) {
    archive
        .ingest(&id("small"), Source::Cli, &mut stored(5000))
        .unwrap();
    fill();
    let answer = archive
        .ingest(&id("large"), Source::Cli, &mut stored(50_000))
        .unwrap_err();
    assert!(matches!(answer, ArchiveError::Full { .. }), "{answer:?}");
    assert_eq!(database.number(&table(database, "ledger_rows")), 5000);
    assert_eq!(database.number(&table(database, "runs")), 1);
    assert_rows(&mut archive.ledger(&id("small")).unwrap(), 5000);
    archive
        .ingest(&id("other"), Source::Cli, &mut stored(100))
        .unwrap();
}

#[test]
fn a_server_that_was_gone_is_found_again() {
    let mut server = Server::start();
    let location = Location::parse(&server.url("postgres")).unwrap();
    let archive = Archive::open(location, Options::default()).unwrap();
    let (declaration, chunks) = pieces(3 * 4096);
    let run = id("a");
    let put = |number: usize| {
        let chunk = &chunks[number];
        archive.put_chunk(
            &run,
            number as u64,
            ChunkHash(chunk.hash()),
            &chunk_bytes(chunk),
        )
    };
    archive
        .begin_upload(&run, Source::Browser, &declaration)
        .unwrap();
    put(0).unwrap();
    server.order("stop");
    for _ in 0..2 {
        let answer = put(1).unwrap_err();
        assert!(
            matches!(answer, ArchiveError::Unavailable { .. }),
            "{answer:?}"
        );
        assert!(archive.check().is_err());
    }
    server.order("start");
    archive.check().unwrap();
    put(2).unwrap();
    put(1).unwrap();
    archive.commit_upload(&run).unwrap();
    assert_rows(&mut archive.ledger(&run).unwrap(), 3 * 4096);

    // A connection that the server ends in the middle costs the call that it was for, and nothing else.
    let mut reading = archive.ledger(&run).unwrap();
    reading.next_chunk().unwrap();
    let mut other = postgres::Client::connect(&server.url("postgres"), postgres::NoTls).unwrap();
    other
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pluriverse'",
            &[],
        )
        .unwrap();
    let rest = std::iter::from_fn(|| reading.next_chunk().unwrap().map(|chunk| chunk.len()));
    assert_eq!(rest.collect::<Vec<_>>(), [4096, 4096]);
}

#[test]
fn a_server_that_gives_no_answer_holds_nobody() {
    let mut server = Server::start();
    let options = Options {
        lock_wait: Duration::from_secs(1),
        answer_wait: Duration::from_secs(2),
        connections: 2,
        ..Options::default()
    };
    let location = Location::parse(&server.url("postgres")).unwrap();
    let archive = Archive::open(location, options).unwrap();
    archive
        .ingest(&id("a"), Source::Cli, &mut stored(5000))
        .unwrap();
    let silent = |answer: Result<_, ArchiveError>| {
        let error = answer.unwrap_err();
        assert!(matches!(error, ArchiveError::Silent { .. }), "{error:?}");
    };

    // In the middle of a statement: of one that waits for what another session holds.
    let mut other = postgres::Client::connect(&server.url("postgres"), postgres::NoTls).unwrap();
    let mut holding = other.transaction().unwrap();
    holding
        .batch_execute("LOCK TABLE pluriverse.runs IN ACCESS EXCLUSIVE MODE")
        .unwrap();
    let waits = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted";
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| archive.run(&id("a")).map(drop));
        while holding.query_one(waits, &[]).unwrap().get::<_, i64>(0) == 0 {}
        server.order("freeze");
        silent(asking.join().unwrap());
    });
    // While one asks whether it answers again, others are told at once, however many they are.
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..20).map(|_| scope.spawn(|| archive.check())).collect();
        for asked in asking {
            silent(asked.join().unwrap());
        }
    });

    server.order("thaw");
    drop(holding);
    assert_rows(&mut archive.ledger(&id("a")).unwrap(), 5000);

    // Once it answers again, others need not wait for one who still waits for something else.
    let mut holding = other.transaction().unwrap();
    holding
        .batch_execute("LOCK TABLE pluriverse.uploads IN ACCESS EXCLUSIVE MODE")
        .unwrap();
    let patient = Options {
        lock_wait: Duration::from_secs(600),
        answer_wait: Duration::from_secs(2),
        ..Options::default()
    };
    let location = Location::parse(&server.url("postgres")).unwrap();
    let patient = Archive::open(location, patient).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| patient.upload(&id("a")).map(drop));
        while holding.query_one(waits, &[]).unwrap().get::<_, i64>(0) == 0 {}
        server.order("freeze");
        silent(patient.check());
        server.order("thaw");
        while patient.check().is_err() {}
        assert!(!waiting.is_finished());
        holding.rollback().unwrap();
        waiting.join().unwrap().unwrap();
    });
    archive
        .ingest(&id("b"), Source::Cli, &mut stored(5000))
        .unwrap();
}

#[test]
fn a_file_that_was_removed_is_begun_anew() {
    let database = Database::sqlite();
    let archive = database.open();
    archive
        .ingest(&id("a"), Source::Cli, &mut stored(10))
        .unwrap();
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", database.address));
    }
    assert_eq!(
        archive
            .runs(&Filter::default(), Page::default())
            .unwrap()
            .total,
        0
    );
    archive
        .ingest(&id("a"), Source::Cli, &mut stored(10))
        .unwrap();
}

/// A backup that is moved over the file is what is read and written from then on.
#[cfg(unix)]
#[test]
fn a_file_that_was_replaced_is_the_one_that_counts() {
    let database = Database::sqlite();
    let archive = database.open();
    let backup = Database::sqlite();
    for (archive, name) in [(&archive, "lost"), (&backup.open(), "kept")] {
        archive
            .ingest(&id(name), Source::Cli, &mut stored(10))
            .unwrap();
    }
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", database.address));
    }
    std::fs::rename(&backup.address, &database.address).unwrap();
    archive
        .ingest(&id("new"), Source::Cli, &mut stored(10))
        .unwrap();
    for name in ["kept", "new"] {
        let rows = format!("SELECT COUNT(*) FROM runs WHERE id = '{name}'");
        assert_eq!(database.number(&rows), 1, "{name}");
        assert_rows(&mut archive.ledger(&id(name)).unwrap(), 10);
    }
    assert_eq!(database.number(&table(&database, "runs")), 2);
}

/// Writers take turns, and nobody waits for his any longer than for the database.
#[test]
fn a_turn_to_write_is_waited_for_as_long_as_a_lock() {
    let database = Database::sqlite();
    let archive = database.try_open(impatient()).unwrap();
    let other = rusqlite::Connection::open(&database.address).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writers = 12;
    let begin = std::sync::Barrier::new(writers);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|_| {
                scope.spawn(|| {
                    begin.wait();
                    archive.delete_run(&id("none")).unwrap_err()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, ArchiveError::Locked { .. })),
        "{answers:?}"
    );
    let is_of_turn = |answer: &ArchiveError| answer.to_string().contains("its other writers");
    assert!(answers.iter().any(is_of_turn), "{answers:?}");
    other.execute_batch("ROLLBACK").unwrap();
    archive
        .ingest(&id("a"), Source::Cli, &mut stored(10))
        .unwrap();
}

#[test]
fn rows_that_were_changed_in_the_database_are_noticed() {
    on_both(|database| {
        let archive = database.open();
        let schema = if database.is_sqlite() {
            ""
        } else {
            "pluriverse."
        };
        let changes = [
            format!("UPDATE {schema}ledger_rows SET value = 2 WHERE seq = 4500"),
            format!("DELETE FROM {schema}ledger_rows WHERE seq = 4999"),
        ];
        for (number, change) in changes.iter().enumerate() {
            let run = id(&format!("run-{number}"));
            archive
                .ingest(&run, Source::Cli, &mut stored(5000))
                .unwrap();
            database.batch(change);
            let mut ledger = archive.ledger(&run).unwrap();
            let answer = loop {
                match ledger.next_chunk() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("the change is not noticed"),
                    Err(error) => break error,
                }
            };
            assert!(matches!(answer, ArchiveError::Damaged { .. }), "{answer:?}");
        }
    });
}

#[test]
fn connections_are_few() {
    on_both(|database| {
        let archive = database
            .try_open(Options {
                connections: 2,
                ..Options::default()
            })
            .unwrap();
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let archive = archive.clone();
                scope.spawn(move || {
                    let run = id(&format!("run-{thread}"));
                    archive
                        .ingest(&run, Source::Cli, &mut stored(5000))
                        .unwrap();
                    assert_rows(&mut archive.ledger(&run).unwrap(), 5000);
                });
            }
        });
        assert_eq!(
            archive
                .runs(&Filter::default(), Page::default())
                .unwrap()
                .total,
            6
        );
    });
}

/// Whoever comes second with the same ledger waits for the first, and both are told that it is there.
#[test]
fn the_same_ledger_at_once_is_stored_once() {
    on_both(|database| {
        let archive = database.open();
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let ingest = || {
                scope.spawn(|| {
                    archive
                        .ingest(&id("a"), Source::Cli, &mut stored(20_000))
                        .unwrap()
                        .outcome
                })
            };
            let threads: Vec<_> = (0..3).map(|_| ingest()).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let stored = outcomes
            .iter()
            .filter(|outcome| **outcome == pluriverse_archive::IngestOutcome::Stored);
        assert_eq!(stored.count(), 1);
        assert_eq!(database.number(&table(database, "ledger_rows")), 20_000);
    });
}
