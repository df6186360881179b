//! The ledger of a world as a file, in any of the store's formats.
//!
//! The rows are made again by a second world, whose hash shows that they are the same: the first one goes on
//! meanwhile, and need not keep them. They are written to a file in a temporary folder, which is gone once the answer
//! is sent.

use std::{
    fs::File,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use pluriverse_host::retrace::{Reach, RetraceError, retrace};
use pluriverse_kernel::{
    ledger::{Chunk, Closing, Dictionary, LedgerSink, SinkError},
    world::Phase,
};
use pluriverse_store::{Format, LedgerWriter, Plan, Provenance};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::{App, LedgerFile},
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
            (super::sent_schema::Octets = "application/vnd.apache.parquet"),
            (super::sent_schema::Octets = "application/vnd.apache.arrow.file"),
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
    let reach = world.ask(|session| Reach::of(session)).await?;
    let file = app.ledger_file(query.format.format())?;
    let provenance = Provenance {
        inputs: reach.inputs.clone().unwrap_or_default(),
        ..world.loaded.provenance(&app.settings.build, reach.key)
    };
    let plan = Plan::new(query.format.format(), provenance);
    let writer =
        LedgerWriter::to_path(&file.path, plan).map_err(|error| Problem::no_room(&error))?;
    let sink = DownloadSink {
        writer,
        is_cut: reach.phase != Phase::Finished,
    };
    let scenario = Arc::clone(&world.loaded.scenario);
    let limit = app.settings.limits.call;
    let failed =
        |error: &dyn std::fmt::Display| Problem::internal("the rows cannot be made again", error);
    let turn = app.retracings.acquire().await;
    let _turn = turn.map_err(|error| failed(&error))?;
    let memory = Arc::clone(&app.memory);
    // Closed when the client has gone, and this future with it.
    let (waiting, _waits) = tokio::sync::oneshot::channel::<()>();
    let made = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        let goes_on = || began.elapsed() < limit && !memory.is_full() && !waiting.is_closed();
        retrace(&*scenario, reach, Box::new(sink), goes_on)
    });
    if let Err(error) = made.await.map_err(|error| failed(&error))? {
        app.memory.check()?;
        return Err(refused(&error, limit));
    }
    send(file, query.format, &id)
}

/// A file of rows that may end before their world does.
struct DownloadSink {
    writer: LedgerWriter,
    is_cut: bool,
}

impl LedgerSink for DownloadSink {
    fn write(&mut self, dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        self.writer.write(dictionary, chunk)
    }

    fn finish(&mut self, closing: &Closing) -> Result<(), SinkError> {
        if self.is_cut {
            let reason = "it was downloaded before the world had ended";
            return self.writer.finish_cut(reason);
        }
        self.writer.finish(closing)
    }
}

fn refused(error: &RetraceError, limit: Duration) -> Problem {
    match error {
        RetraceError::Sink(error) => Problem::no_room(error),
        RetraceError::Stopped => {
            let limit = limit.as_secs_f64();
            let message = format!("it takes longer than {limit} s to make the rows again");
            Problem::conflict("ledger_too_long", message)
                .help("have the same scenario run by `POST /runs`, whose ledger is kept")
        }
        RetraceError::Outside { .. } => Problem::conflict("ledger_from_outside", error.to_string()),
        RetraceError::Differs { .. } => Problem::internal("the ledger cannot be made", error),
    }
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
pub(super) fn send(ledger: LedgerFile, format: FormatName, id: &str) -> Result<Response, Problem> {
    let LedgerFile { path, folder } = ledger;
    let lost = |error: &std::io::Error| Problem::internal("the ledger's file is gone", error);
    let file = File::open(&path).map_err(|error| lost(&error))?;
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
