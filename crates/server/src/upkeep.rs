//! What the server does by itself from time to time: looks how much memory is in use, whether its certificate was
//! renewed and whether its database is still its own, adds figures that are missing, and lets go of worlds that nobody
//! wants, of runs that are old enough, and of uploads that nobody goes on with.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use pluriverse_archive::{Archive, ArchiveError, Claim, Retention};
use tokio::time::MissedTickBehavior;

use crate::{
    app::App,
    runs,
    tls::{Renewal, Tls},
};

/// How often worlds that nobody wants are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);
/// How often it is looked how much memory is in use: a world takes up to a gigabyte or two a second.
const MEMORY_INTERVAL: Duration = Duration::from_millis(50);
/// How often old runs and uploads are looked for.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(3600);

/// How often it is looked whether the certificate was renewed.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(5);
/// How often it is looked whether the database is still this server's.
const CLAIM_INTERVAL: Duration = Duration::from_secs(5);
/// How often ledgers are looked for that have no figures yet.
const FIGURES_INTERVAL: Duration = Duration::from_secs(3600);

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
        let upload_idle = app.settings.limits.upload_idle;
        let retention = Retention {
            max_age: app.settings.keep_runs,
            max_runs: app.settings.keep_latest,
        };
        // What the archive refuses is in the log already; it is asked again in an hour.
        let _ = app
            .archive(move |archive| {
                discard_uploads(archive, upload_idle)?;
                expire_runs(archive, retention)
            })
            .await;
    }
}

/// Adds the figures of ledgers that were sent and have none, at once and then every hour.
pub(crate) async fn add_figures(app: App) {
    let mut ticks = tokio::time::interval(FIGURES_INTERVAL);
    loop {
        ticks.tick().await;
        if let Err(error) = runs::retell_all(&app).await {
            tracing::warn!(error, "ledgers that were sent have no figures yet");
        }
    }
}

/// Takes on a certificate that was renewed, for ever.
pub(crate) async fn renew(tls: Tls) {
    let mut ticks = tokio::time::interval(RENEWAL_INTERVAL);
    loop {
        ticks.tick().await;
        let tls = tls.clone();
        // A defect in it leaves the certificate as it is.
        let renewed = tokio::task::spawn_blocking(move || tls.renew()).await;
        match renewed {
            Ok(Renewal::Renewed) => tracing::info!("the certificate was renewed"),
            Ok(Renewal::Refused(error)) => {
                tracing::error!(%error, "the new certificate cannot be used, the old one still is");
            }
            Ok(Renewal::Unchanged) | Err(_) => {}
        }
    }
}

/// Holds the database for this server, for ever: a claim that was lost with its connection is taken again.
pub(crate) async fn hold(app: App, claim: Claim) {
    let claim = Arc::new(Mutex::new(claim));
    let mut ticks = tokio::time::interval(CLAIM_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let asked = Arc::clone(&claim);
        let renew = move || asked.lock().unwrap_or_else(PoisonError::into_inner).renew();
        let is_another = match tokio::task::spawn_blocking(renew).await {
            Ok(Ok(())) => false,
            Ok(Err(ArchiveError::Claimed { .. })) => true,
            // While it is away nobody knows.
            Ok(Err(_)) | Err(_) => continue,
        };
        // Ordering: the flag publishes no data.
        let was_another = app.is_ousted.swap(is_another, Ordering::Relaxed);
        if is_another && !was_another {
            tracing::error!("another server has taken the database while it was away");
        }
    }
}

fn expire_runs(archive: &Archive, retention: Retention) -> Result<(), ArchiveError> {
    for run in archive.expire(retention)? {
        tracing::info!(target: "audit", %run, "a run that was kept long enough is gone");
    }
    Ok(())
}

fn discard_uploads(archive: &Archive, untouched: Duration) -> Result<(), ArchiveError> {
    for run in archive.discard_stale_uploads(untouched)? {
        tracing::info!(%run, "an upload that nobody went on with is gone");
    }
    Ok(())
}
