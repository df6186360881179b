//! `pluriverse serve`: worlds over HTTP and WebSocket, and the web app, until Ctrl-C.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use pluriverse_kernel::time::SimDuration;
use pluriverse_server::{Build, Limits, Origin, SPANS, Settings, StartError, TlsFiles, Trust};

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    args,
    failure::{Failure, finding},
    output,
    version::{REVISION, VERSION},
};

mod traces;

use traces::Traces;

const AFTER_HELP: &str = "\
Examples:
  pluriverse serve                              open the address that it prints
  pluriverse serve --address 127.0.0.1:0        on any free port
  pluriverse token new --scope run              what other addresses than this machine's own take

What happens is logged to standard error; PLURIVERSE_LOG says how much (error, warn, info, debug).";

/// Where the server listens when nobody says otherwise.
pub(super) const ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7878);

/// Flags of `serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "IP:PORT", default_value_t = ADDRESS)]
    address: SocketAddr,
    /// Folder of everything that the server keeps [default: pluriverse in the user's data folder]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Where runs and ledgers are kept: postgres://USER:PASSWORD@HOST/DATABASE, or a SQLite file [default: in the folder]
    #[arg(long, value_name = "DATABASE")]
    db: Option<String>,
    /// Ask for a token on a loopback address too
    #[arg(long)]
    require_token: bool,
    /// Speak TLS with this certificate and those that lead to its root; PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key; PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Let pages of this origin use the server, for example https://desk.example; may be given again
    #[arg(long, value_name = "ORIGIN")]
    cors: Vec<Origin>,
    /// How long runs are kept that have ended [default: for ever]
    #[arg(long, value_name = "DURATION", value_parser = args::positive_duration)]
    keep_runs: Option<SimDuration>,
    /// How many of the latest runs are kept that have ended [default: all]
    #[arg(long, value_name = "COUNT", value_parser = args::positive_count)]
    keep_latest: Option<u64>,
    /// Send traces to the OpenTelemetry collector at this address, for example http://127.0.0.1:4318
    #[arg(long, value_name = "URL", value_parser = traces::collector)]
    otlp: Option<String>,
    /// Worlds at the same time, at most
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().worlds as u64, value_parser = args::positive_count)]
    worlds: u64,
    /// Bytes of memory that the server may use; beyond, worlds and runs go no further [default: three quarters of the machine's]
    #[arg(long, value_name = "COUNT")]
    memory_bytes: Option<u64>,
    /// How long a world stays that nobody uses
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = args::positive_duration)]
    world_idle: SimDuration,
    /// Bytes of a ledger that is sent
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().upload_bytes)]
    upload_bytes: u64,
    /// Wall time that a run may take
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = args::positive_duration)]
    run_time: SimDuration,
    /// Threads that a run may take
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = args::threads)]
    run_threads: usize,
    /// Wall time that one call may take to move a world
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = args::positive_duration)]
    call_time: SimDuration,
}

pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let traces = args.otlp.as_deref().map(Traces::to).transpose();
    let traces = traces
        .map_err(|error| Failure::input(finding(format!("no traces can be sent: {error}"))))?;
    log(traces.as_ref())?;
    let settings = Settings {
        address: args.address,
        data_dir: data_dir(args.data_dir.as_deref())?,
        database: args.db.clone(),
        trust: if args.require_token {
            Trust::Nobody
        } else {
            Trust::Loopback
        },
        tls: args
            .tls_cert
            .clone()
            .zip(args.tls_key.clone())
            .map(|(certificate, key)| TlsFiles { certificate, key }),
        cors: args.cors.clone(),
        keep_runs: args.keep_runs.map(wall),
        keep_latest: args.keep_latest,
        limits: Limits {
            worlds: usize::try_from(args.worlds).unwrap_or(usize::MAX),
            memory_bytes: args.memory_bytes.unwrap_or(Limits::default().memory_bytes),
            world_idle: wall(args.world_idle),
            call: wall(args.call_time),
            upload_bytes: args.upload_bytes,
            run: wall(args.run_time),
            run_threads: args.run_threads,
            ..Limits::default()
        },
        build: Build {
            version: VERSION.to_owned(),
            revision: REVISION.to_owned(),
        },
    };
    let scheme = if settings.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let tell = |address: SocketAddr| {
        // Nobody reads a closed standard output, and the server serves all the same.
        let _ = output::print(&format!(
            "Pluriverse is at {scheme}://{address}/ (Ctrl-C stops it)\n"
        ));
    };
    pluriverse_server::serve(settings, tell).map_err(|error| refused(&error))
}

/// Sends the log to standard error, as much of it as `PLURIVERSE_LOG` says, and spans to where traces go.
fn log(traces: Option<&Traces>) -> Result<(), Failure> {
    let wanted = std::env::var("PLURIVERSE_LOG").unwrap_or_else(|_| "info".to_owned());
    let filter: Targets = wanted.parse().map_err(|error| {
        let found = finding(format!("PLURIVERSE_LOG is `{wanted}`: {error}"));
        Failure::input(
            found
                .help("name a level, such as `warn`, or levels of parts, such as `info,audit=off`"),
        )
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(output::error_takes_colours());
    tracing_subscriber::registry()
        .with(lines.with_filter(filter.with_target(SPANS, LevelFilter::OFF)))
        .with(traces.map(|traces| {
            let spans = Targets::new().with_target(SPANS, LevelFilter::INFO);
            traces.layer().with_filter(spans)
        }))
        .init();
    Ok(())
}

fn wall(span: SimDuration) -> Duration {
    Duration::from_nanos(u64::try_from(span.nanos()).unwrap_or(0))
}

/// The folder that the user named, or the usual one.
pub(super) fn data_dir(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(folder) = named {
        return Ok(folder.to_owned());
    }
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = from("XDG_DATA_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".local/share")))
        .or_else(|| from("LOCALAPPDATA"));
    let folder = folder.map(|folder| folder.join("pluriverse"));
    folder.ok_or_else(|| {
        Failure::input(
            finding("there is no home folder to keep things in").help("name one with --data-dir"),
        )
    })
}

fn refused(error: &StartError) -> Failure {
    let found = finding(error.to_string());
    match error {
        StartError::Bind { .. } => Failure::input(
            found.help("name another with --address, for example 127.0.0.1:0 for any free port"),
        ),
        StartError::NeedsToken { .. } => {
            Failure::input(found.help("make one: `pluriverse token new --scope run`"))
        }
        StartError::Archive(error) => {
            let help = error.help();
            Failure::input(found.help(help))
        }
        StartError::Tokens(_) => Failure::input(found.help("mend or remove the file")),
        StartError::Tls(_) => Failure::input(found.help(
            "name both files as PEM: the certificate with those that lead to its root, and its key",
        )),
        StartError::Audit { .. } => {
            Failure::input(found.help("name a folder that can be written with --data-dir"))
        }
        _ => Failure::run(found),
    }
}
