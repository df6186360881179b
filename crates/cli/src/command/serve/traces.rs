//! Traces of what the server does, to an OpenTelemetry collector: OTLP over HTTP, in protobuf, without TLS.
//!
//! Spans are collected and sent by a thread of the SDK's own, which blocks; when the collector cannot be reached
//! they are lost, and the log says so. Headers and resource attributes come from the usual variables
//! (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_RESOURCE_ATTRIBUTES`).

use std::{pin::Pin, time::Duration};

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracer, SdkTracerProvider},
};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::version::VERSION;

/// Where a collector takes traces, below its address (OTLP specification, "OTLP/HTTP Request").
const PATH: &str = "/v1/traces";
/// How long a collector may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a collector's answer that are read, as the SDK's own clients do.
const ANSWER_BYTES: u64 = 4 << 20;

/// Traces that are sent from now on, until this is dropped; what is left then is sent, too.
pub(super) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Sends to the collector at this address.
    ///
    /// # Errors
    /// When the address cannot be one.
    pub(super) fn to(url: &str) -> Result<Self, String> {
        let endpoint = format!("{}{PATH}", url.trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new())
            .with_endpoint(endpoint)
            .with_timeout(TIMEOUT)
            .build()
            .map_err(|error| error.to_string())?;
        let resource = Resource::builder()
            .with_service_name("pluriverse")
            .with_attribute(KeyValue::new("service.version", VERSION))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self { provider })
    }

    /// What takes the program's spans.
    pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer().with_tracer(self.provider.tracer("pluriverse"))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces are lost");
        }
    }
}

/// Sends and waits; for threads that may.
#[derive(Debug)]
struct Client(ureq::Agent);

impl Client {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .build();
        Self(config.into())
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let response = self.0.run(request.map(Vec::from))?;
        let (parts, mut body) = response.into_parts();
        let answer = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(parts, answer.into()))
    }
}

/// The answer of [`HttpClient::send_bytes`].
type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Client {
    fn send_bytes<'client, 'sent>(&'client self, request: Request<Bytes>) -> Sent<'sent>
    where
        'client: 'sent,
        Self: 'sent,
    {
        Box::pin(async move { self.send(request) })
    }
}

/// Reads the address of a collector.
pub(super) fn collector(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").ok_or_else(|| {
        if text.starts_with("https://") {
            "traces are sent without TLS: name a collector on this machine, which may send them on"
                .to_owned()
        } else {
            "expected a collector's address, for example http://127.0.0.1:4318".to_owned()
        }
    })?;
    if rest.is_empty() || rest.starts_with('/') {
        return Err("expected a host after `http://`".to_owned());
    }
    Ok(text.to_owned())
}
