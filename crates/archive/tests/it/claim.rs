//! Of all who claim a database, one has it.

use pluriverse_archive::ArchiveError;

use crate::databases::{Database, on_both};

fn assert_claimed(got: Result<impl Sized, ArchiveError>) {
    let error = got.err().unwrap();
    assert!(matches!(error, ArchiveError::Claimed { .. }), "{error:?}");
}

#[test]
fn a_database_is_claimed_once_at_a_time() {
    on_both(|database| {
        let (one, other) = (database.open(), database.open());
        let claim = one.claim().unwrap();
        assert_claimed(other.claim());
        assert_claimed(one.claim());
        // Whoever claims nothing may use it all the same.
        other.check().unwrap();
        drop(claim);
        other.claim().unwrap();
    });
}

#[test]
fn a_claim_that_was_lost_with_its_connection_is_taken_again_unless_another_has_it() {
    let database = Database::postgres();
    let (one, other) = (database.open(), database.open());
    let mut claim = one.claim().unwrap();
    let end_all = || {
        let ended = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                     WHERE datname = current_database() AND application_name = 'pluriverse'";
        assert!(database.number(ended) > 0);
    };
    end_all();
    claim.renew().unwrap();
    assert_claimed(other.claim());

    end_all();
    let others = other.claim().unwrap();
    assert_claimed(claim.renew());
    drop(others);
    claim.renew().unwrap();
}
