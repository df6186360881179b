//! Figures of process worlds, computed by the database from the rows of a ledger.
//!
//! They are over the whole ledger; a warm-up counts. The views that they come from are there for everybody:
//! `process_visits`, `process_stations`, `ledger_events`.

use serde::Serialize;

use crate::{archive::Archive, error::ArchiveError, run::RunId};

/// What came of one station.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StationFigures {
    /// Its name.
    pub station: String,
    /// Cases that came.
    pub arrivals: u64,
    /// Cases that were served.
    pub served: u64,
    /// Waits that came to an end, by a service or by giving up.
    pub waits: u64,
    /// Their mean in seconds.
    pub mean_wait_secs: Option<f64>,
    /// Cases that gave up.
    pub abandoned: u64,
    /// Which share of the waits they are.
    pub abandoned_share: Option<f64>,
    /// Cases that found no room.
    pub turned_away: u64,
    /// Mean time of service in seconds.
    pub mean_service_secs: Option<f64>,
}

impl Archive {
    /// The stations of the world whose ledger this run has, in their order; none when it has no stations.
    ///
    /// # Errors
    /// [`ArchiveError::NoRun`] and [`ArchiveError::NoLedger`] when there is no ledger.
    pub fn stations(&self, run: &RunId) -> Result<Vec<StationFigures>, ArchiveError> {
        let ledger = self.ledger(run)?.number();
        let rows = self.read(|connection| {
            connection.query(
                "SELECT COALESCE(name, CAST(station AS TEXT)), arrivals, served, waits, mean_wait_secs, \
                 abandoned, abandoned_share, turned_away, mean_service_secs \
                 FROM process_stations WHERE ledger = $1 ORDER BY station",
                &[ledger.into()],
            )
        })?;
        let figures = rows.into_iter().map(|mut row| {
            Ok(StationFigures {
                station: row.text()?,
                arrivals: row.bits()?,
                served: row.bits()?,
                waits: row.bits()?,
                mean_wait_secs: row.maybe_real()?,
                abandoned: row.bits()?,
                abandoned_share: row.maybe_real()?,
                turned_away: row.bits()?,
                mean_service_secs: row.maybe_real()?,
            })
        });
        figures.collect()
    }
}
