//! What the server does by itself from time to time: looks how much memory is in use, and lets go of worlds that
//! nobody wants, of runs that are old enough, and of uploads that nobody goes on with.

use std::time::{Duration, Instant};

use pluriverse_archive::{Archive, Retention};

use crate::app::App;

/// How often worlds that nobody wants are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);
/// How often it is looked how much memory is in use: a world takes up to a gigabyte or two a second.
const MEMORY_INTERVAL: Duration = Duration::from_millis(50);
/// How often old runs and uploads are looked for.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(3600);

/// Looks how much memory is in use, for ever.
pub(crate) async fn look_at_memory(app: App) {
    let mut ticks = tokio::time::interval(MEMORY_INTERVAL);
    loop {
        ticks.tick().await;
        app.memory.look();
    }
}

/// Lets go of worlds, for ever.
pub(crate) async fn sweep(app: App) {
    let mut ticks = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        ticks.tick().await;
        app.worlds.sweep(Instant::now());
    }
}

/// Lets go of runs and uploads, at once and then every hour.
pub(crate) async fn expire(app: App) {
    let mut ticks = tokio::time::interval(EXPIRY_INTERVAL);
    loop {
        ticks.tick().await;
        let (keep_runs, upload_idle) = (app.settings.keep_runs, app.settings.limits.upload_idle);
        // What the archive refuses is in the log already; it is asked again in an hour.
        let _ = app
            .archive(move |archive| {
                discard_uploads(archive, upload_idle)?;
                keep_runs.map_or(Ok(()), |age| expire_runs(archive, age))
            })
            .await;
    }
}

fn expire_runs(archive: &Archive, age: Duration) -> Result<(), pluriverse_archive::ArchiveError> {
    let retention = Retention {
        max_age: Some(age),
        max_runs: None,
    };
    for run in archive.expire(retention)? {
        tracing::info!(target: "audit", %run, "a run that was kept long enough is gone");
    }
    Ok(())
}

fn discard_uploads(
    archive: &Archive,
    untouched: Duration,
) -> Result<(), pluriverse_archive::ArchiveError> {
    for run in archive.discard_stale_uploads(untouched)? {
        tracing::info!(%run, "an upload that nobody went on with is gone");
    }
    Ok(())
}
