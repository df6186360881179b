//! Ledgers from elsewhere: whole in one request, or declared and sent in chunks.
//!
//! A ledger counts only when its rows have the hash that it says; until then nothing of it is seen.

use axum::{
    Json,
    body::Body as Stream,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::BodyExt as _;
use pluriverse_archive::{
    Archive, ArchiveError, ChunkOutcome, Declaration, Ingested, Packing, RunId, Source, Spool,
    UploadStatus,
};
use pluriverse_store::Format;
use serde::{Deserialize, Serialize};
use tracing::{Instrument as _, Span};
use utoipa::{IntoParams, ToSchema};

use super::runs::run_id;
use crate::{
    app::App,
    extract::{Parameters, Raw, Segments},
    observe,
    problem::Problem,
    runs,
};

/// What the ledger is to become.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct IngestQuery {
    /// The run that it belongs to; without it, a new one.
    #[param(value_type = Option<super::sent_schema::RunName>)]
    run_id: Option<String>,
    /// Where it was made: `browser` (if nothing is said), `cli` or `server`.
    #[param(value_type = Option<super::sent_schema::SourceName>, inline)]
    source: Option<String>,
}

/// Where a ledger that comes in chunks was made.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SourceQuery {
    /// `browser` (if nothing is said), `cli` or `server`.
    #[param(value_type = Option<super::sent_schema::SourceName>, inline)]
    source: Option<String>,
}

/// What a chunk became.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChunkTaken {
    /// `stored`, or `already_there`.
    #[schema(value_type = String)]
    outcome: ChunkOutcome,
}

fn source(text: Option<&str>) -> Result<Source, Problem> {
    text.map_or(Ok(Source::Browser), str::parse)
        .map_err(|error| Problem::from_archive(&error))
}

/// What the headers say of a ledger: its format, and how it is packed.
fn form(headers: &HeaderMap) -> Result<(Format, Packing), Problem> {
    let text = |name| {
        headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or("?"))
    };
    let content_type = text(header::CONTENT_TYPE)
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    let unknown = |code, message: String, help: &str| {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message).help(help)
    };
    let format = match content_type.to_ascii_lowercase().as_str() {
        "application/vnd.apache.arrow.file" => Format::ArrowIpc,
        "application/vnd.apache.parquet" => Format::Parquet,
        "application/x-ndjson" => Format::Ndjson,
        other => {
            let help = "send `application/vnd.apache.arrow.file`, `application/vnd.apache.parquet` or \
                        `application/x-ndjson`";
            return Err(unknown(
                "unknown_format",
                format!("the content type is `{other}`"),
                help,
            ));
        }
    };
    let packing = text(header::CONTENT_ENCODING)
        .parse()
        .map_err(|error: ArchiveError| {
            unknown(
                "unknown_encoding",
                error.to_string(),
                "send it plain, or packed by gzip or zstd",
            )
        })?;
    Ok((format, packing))
}

/// Takes a whole ledger; bringing the same again changes nothing.
#[utoipa::path(
    post,
    path = "/simulation/ingest",
    tag = "ingest",
    params(IngestQuery),
    request_body(
        description = "A ledger, as `pluriverse run --ledger` writes it; may be packed (Content-Encoding gzip or zstd)",
        content(
            (super::sent_schema::Octets = "application/vnd.apache.arrow.file"),
            (super::sent_schema::Octets = "application/vnd.apache.parquet"),
            (String = "application/x-ndjson"),
        ),
    ),
    responses((status = OK, body = super::archive_schema::Ingested)),
)]
pub(super) async fn whole(
    State(app): State<App>,
    Parameters(query): Parameters<IngestQuery>,
    headers: HeaderMap,
    body: Stream,
) -> Result<Json<Ingested>, Problem> {
    let (format, packing) = form(&headers)?;
    let source = source(query.source.as_deref())?;
    let id = query
        .run_id
        .as_deref()
        .map_or_else(|| Ok(RunId::fresh()), run_id)?;
    let limit = app.settings.limits.upload_bytes;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > limit) {
        return Err(Problem::too_large(format!(
            "the upload has more than the {limit} bytes that this server takes"
        ))
        .help("start the server with a higher --upload-bytes"));
    }
    let span = observe::ingest(id.as_str());
    let folder = app.scratch()?;
    let spool = Spool::begin(Some(folder.path()), format, packing, limit);
    let spool = spool.map_err(|error| Problem::from_archive(&error))?;
    let spool = receive(&app, body, spool).instrument(span.clone()).await;
    let spool = match spool {
        Ok(spool) => spool,
        Err(problem) => return answer(&app, &span, Err(problem)),
    };
    let keep = move |archive: &Archive| {
        let stored = archive.ingest(&id, source, spool.finish()?.ledger());
        drop(folder);
        stored
    };
    keep_on(app, span, keep).await
}

/// Lets the archive take what is all here, and answers: also when whoever sent it has gone meanwhile.
async fn keep_on(
    app: App,
    span: Span,
    keep: impl FnOnce(&Archive) -> Result<Ingested, ArchiveError> + Send + 'static,
) -> Result<Json<Ingested>, Problem> {
    let kept = tokio::spawn(async move {
        let stored = app.archive(keep).instrument(span.clone()).await;
        answer(&app, &span, stored)
    });
    let kept = kept.await;
    kept.map_err(|error| Problem::internal("the ledger cannot be taken", &error))?
}

/// Counts what a ledger became, and tells it.
fn answer(
    app: &App,
    span: &Span,
    stored: Result<Ingested, Problem>,
) -> Result<Json<Ingested>, Problem> {
    let stored = app.metrics.ingest(stored)?;
    span.record("rows", stored.rows);
    runs::retell(app, stored.run.clone());
    Ok(Json(stored))
}

/// Writes what comes into the spool, piece by piece: who sends slowly holds no thread meanwhile.
async fn receive(app: &App, body: Stream, spool: Spool) -> Result<Spool, Problem> {
    let (mut body, mut spool) = (body, spool);
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| Problem::bad_request("broken_off", "the upload broke off"))?;
        if let Ok(bytes) = frame.into_data() {
            app.metrics.received(bytes.len());
            spool = app
                .archive(move |_| {
                    let mut spool = spool;
                    spool.write(&bytes)?;
                    Ok(spool)
                })
                .await?;
        }
    }
    Ok(spool)
}

/// Declares a ledger that will come in chunks; declaring the same again tells how far it is.
#[utoipa::path(
    post,
    path = "/simulation/ingest/{run_id}",
    tag = "ingest",
    params(("run_id" = super::sent_schema::RunName, Path, description = "The run"), SourceQuery),
    request_body(
        content = serde_json::Value,
        content_type = "application/json",
        description = "`provenance` and `dictionary` as in a stored ledger's header, `rows`, `hash`, `chunks`",
    ),
    responses((status = OK, body = super::archive_schema::UploadStatus)),
)]
pub(super) async fn declare(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Parameters(query): Parameters<SourceQuery>,
    Raw(body): Raw,
) -> Result<Json<UploadStatus>, Problem> {
    let id = run_id(&id)?;
    let source = source(query.source.as_deref())?;
    let text = std::str::from_utf8(&body)
        .map_err(|_| Problem::bad_request("bad_json", "the declaration is no text"))?;
    let declaration =
        Declaration::from_json(text).map_err(|error| Problem::from_archive(&error))?;
    if declaration.bytes() > app.settings.limits.upload_bytes {
        let message = format!("the ledger would have {} bytes", declaration.bytes());
        return Err(
            Problem::too_large(message).help("start the server with a higher --upload-bytes")
        );
    }
    app.archive(move |archive| archive.begin_upload(&id, source, &declaration))
        .await
        .map(Json)
}

/// Which chunks of a ledger are there.
#[utoipa::path(
    get,
    path = "/simulation/ingest/{run_id}",
    tag = "ingest",
    params(("run_id" = super::sent_schema::RunName, Path, description = "The run")),
    responses((status = OK, body = super::archive_schema::UploadStatus)),
)]
pub(super) async fn status(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<Json<UploadStatus>, Problem> {
    let id = run_id(&id)?;
    app.archive(move |archive| archive.upload(&id))
        .await
        .map(Json)
}

/// Takes a chunk, in any order; sending it again changes nothing.
///
/// The bytes are the columns time i64, kind u16, subject u32, object u32, value f64 and cause u64, little-endian, one
/// after the other, of 4,096 rows, fewer in the last chunk.
#[utoipa::path(
    put,
    path = "/simulation/ingest/{run_id}/chunks/{chunk}",
    tag = "ingest",
    params(
        ("run_id" = super::sent_schema::RunName, Path, description = "The run"),
        ("chunk" = u64, Path, maximum = 18_446_744_073_709_551_615_u64, description = "The chunk's number, from 0"),
        ("x-chunk-hash" = String, Header, pattern = "^[0-9a-fA-F]{16}$", description = "xxh3 of the bytes, 16 hexadecimal digits"),
    ),
    request_body(content = super::sent_schema::Octets, content_type = "application/octet-stream", description = "The rows"),
    responses((status = OK, body = ChunkTaken)),
)]
pub(super) async fn chunk(
    State(app): State<App>,
    Segments((id, number)): Segments<(String, u64)>,
    headers: HeaderMap,
    Raw(bytes): Raw,
) -> Result<Json<ChunkTaken>, Problem> {
    let id = run_id(&id)?;
    let hash = headers
        .get("x-chunk-hash")
        .and_then(|value| value.to_str().ok());
    let hash = hash
        .ok_or_else(|| {
            Problem::bad_request("no_chunk_hash", "the header `x-chunk-hash` is missing")
        })?
        .parse()
        .map_err(|error| Problem::from_archive(&error))?;
    app.metrics.received(bytes.len());
    let outcome = app
        .archive(move |archive| archive.put_chunk(&id, number, hash, &bytes))
        .await?;
    Ok(Json(ChunkTaken { outcome }))
}

/// Stores a ledger whose chunks are all there, if together they have the hash that was declared.
#[utoipa::path(
    post,
    path = "/simulation/ingest/{run_id}/commit",
    tag = "ingest",
    params(("run_id" = super::sent_schema::RunName, Path, description = "The run")),
    responses((status = OK, body = super::archive_schema::Ingested)),
)]
pub(super) async fn commit(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<Json<Ingested>, Problem> {
    let id = run_id(&id)?;
    let span = observe::ingest(id.as_str());
    keep_on(app, span, move |archive| archive.commit_upload(&id)).await
}

/// Forgets the chunks of a ledger that is not stored yet.
#[utoipa::path(
    delete,
    path = "/simulation/ingest/{run_id}",
    tag = "ingest",
    params(("run_id" = super::sent_schema::RunName, Path, description = "The run")),
    responses((status = NO_CONTENT, description = "They are forgotten")),
)]
pub(super) async fn discard(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<StatusCode, Problem> {
    let id = run_id(&id)?;
    app.archive(move |archive| archive.discard_upload(&id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
