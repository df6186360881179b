//! The ledger of a world as a file, in any of the store's formats.
//!
//! It is written to a file in a temporary folder, which is gone once the answer is sent. The world stands still
//! while its rows are handed over.

use std::{
    fs::File,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use pluriverse_host::session::Session;
use pluriverse_kernel::{
    ledger::{Closing, LedgerSink, SinkError},
    world::Phase,
};
use pluriverse_store::{Format, LedgerWriter, Plan, StoreError};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    extract::{Parameters, Segments},
    problem::Problem,
};

/// What the file is to be.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LedgerQuery {
    /// Its format.
    #[serde(default)]
    #[param(inline)]
    pub(super) format: FormatName,
}

/// A format of ledgers.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FormatName {
    /// Apache Parquet.
    #[default]
    Parquet,
    /// An Arrow IPC file.
    Arrow,
    /// One JSON object a line.
    Ndjson,
    /// Rows alone, for spreadsheets.
    Csv,
}

impl FormatName {
    pub(super) fn format(self) -> Format {
        match self {
            Self::Parquet => Format::Parquet,
            Self::Arrow => Format::ArrowIpc,
            Self::Ndjson => Format::Ndjson,
            Self::Csv => Format::Csv,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.file",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// The ledger so far; of a world that has not ended it says so itself.
#[utoipa::path(
    get,
    path = "/worlds/{id}/ledger",
    tag = "worlds",
    params(("id" = String, Path, description = "The world"), LedgerQuery),
    responses((
        status = OK,
        description = "The file",
        content(
            ([u8] = "application/vnd.apache.parquet"),
            ([u8] = "application/vnd.apache.arrow.file"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
        ),
    )),
)]
pub(super) async fn download(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Parameters(query): Parameters<LedgerQuery>,
) -> Result<Response, Problem> {
    let world = app.worlds.find(&id)?;
    if !world.keeps_ledger {
        return Err(Problem::conflict(
            "ledger_not_kept",
            "this world's rows are hashed and let go",
        )
        .help("make a world with `keep_ledger: true`"));
    }
    let format = query.format.format();
    let folder = app.scratch()?;
    let path = folder
        .path()
        .join(format!("ledger.{}", format.extensions()[0]));
    let loaded = world.loaded.clone();
    let build = app.settings.build.clone();
    let target = path.clone();
    world
        .ask(move |session| {
            let key = session.world().key();
            let provenance = loaded.source.provenance(&build, &*loaded.scenario, key);
            write(session, &target, Plan::new(format, provenance))
        })
        .await??;
    send(&path, folder, query.format, &id)
}

/// Writes the rows of a session's ledger into a file.
fn write(session: &Session, path: &Path, plan: Plan) -> Result<(), Problem> {
    let world = session.world();
    let ledger = world.ledger();
    if ledger.first_kept_row() > 0 {
        let message = format!(
            "the rows before {} were recorded by another world",
            ledger.first_kept_row()
        );
        return Err(Problem::conflict("ledger_begins_elsewhere", message)
            .help("download the ledger of the world that this one was branched or restored from"));
    }
    let hash = ledger
        .hash()
        .ok_or_else(|| Problem::conflict("ledger_not_kept", "nothing is recorded"))?;
    let mut writer = LedgerWriter::to_path(path, plan).map_err(|error| refused(&error))?;
    let written = ledger
        .chunks()
        .try_for_each(|chunk| writer.write(ledger.dictionary(), chunk))
        .and_then(|()| match world.phase() {
            Phase::Finished => writer.finish(&Closing {
                rows: ledger.rows(),
                hash,
            }),
            _ => writer.finish_cut("it was downloaded before the world had ended"),
        });
    written.map_err(|error| no_room(&error))
}

fn refused(error: &StoreError) -> Problem {
    Problem::internal("the ledger's file cannot be begun", error)
}

fn no_room(error: &SinkError) -> Problem {
    tracing::error!(%error, "a ledger cannot be written");
    Problem::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "no_room",
        "the server has no room for the ledger's file",
    )
    .help("make room in the server's data folder, or ask for `parquet`, the smallest format")
}

/// A file that is read, and the folder that it lies in.
struct Held {
    file: tokio::fs::File,
    _folder: TempDir,
}

impl AsyncRead for Held {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.file).poll_read(context, buffer)
    }
}

/// Streams the file; its folder goes when the stream does.
pub(super) fn send(
    path: &Path,
    folder: TempDir,
    format: FormatName,
    id: &str,
) -> Result<Response, Problem> {
    let lost = |error: &std::io::Error| Problem::internal("the ledger's file is gone", error);
    let file = File::open(path).map_err(|error| lost(&error))?;
    let length = file.metadata().map_err(|error| lost(&error))?.len();
    let reader = Held {
        file: tokio::fs::File::from_std(file),
        _folder: folder,
    };
    let name = path.extension().unwrap_or_default().to_string_lossy();
    let headers = [
        (header::CONTENT_TYPE, format.content_type().to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}.{name}\""),
        ),
    ];
    let body = Body::from_stream(ReaderStream::with_capacity(reader, 1 << 16));
    Ok((headers, body).into_response())
}
