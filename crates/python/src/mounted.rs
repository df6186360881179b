//! The server as a part of a Python program: `pluriverse.fastapi` forwards to it what a web framework has let through.
//!
//! Nothing is answered here: an [`Exchange`] is one request and its answer, a [`Socket`] one WebSocket, each on a
//! connection in memory to the server that `pluriverse serve` runs. What it says goes to Python's `logging`. Python's threads never wait for the server's, nor
//! the server's for Python's; what takes time is a future of asyncio, and buffers are bounded each way.

use std::{
    net::IpAddr,
    path::PathBuf,
    process,
    sync::{Mutex, PoisonError},
};

use pluriverse_server::{Build, Mounted, Settings, StartError as Refusal, Visitor};
use pyo3::{
    create_exception,
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
    types::PyDict,
};
use tokio::runtime::Handle;

mod exchange;
mod limits;
mod log;
mod promise;
mod socket;

use exchange::{Exchange, Head};
use promise::Courier;
use socket::Socket;

create_exception!(
    pluriverse._native,
    StartError,
    PyRuntimeError,
    "Why a server does not start."
);

/// Adds what `pluriverse.fastapi` is built on.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("StartError", module.py().get_type::<StartError>())?;
    module.add_function(wrap_pyfunction!(server_openapi, module)?)?;
    module.add_class::<MountedServer>()?;
    module.add_class::<Exchange>()?;
    module.add_class::<Socket>()
}

/// The OpenAPI document of what a server answers, as JSON.
#[pyfunction]
fn server_openapi() -> PyResult<String> {
    let document = pluriverse_server::openapi().to_json();
    document.map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// What forwarding needs of the server.
#[derive(Clone)]
struct Line {
    runtime: Handle,
    courier: Courier,
}

/// A server on a data folder.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct MountedServer {
    /// `None` once it has stopped.
    running: Mutex<Option<Mounted>>,
    line: Line,
    /// The process that its threads are in.
    process: u32,
}

/// From where somebody comes, and who it is.
type Guest = (String, u16, String);

#[pymethods]
impl MountedServer {
    /// Starts a server; blocks until its database has answered.
    #[new]
    fn new(
        py: Python<'_>,
        data_dir: PathBuf,
        database: Option<String>,
        origins: Vec<String>,
        limits: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let mut settings = Settings::new(([127, 0, 0, 1], 0).into(), &data_dir);
        settings.database = database;
        settings.keep_runs = limits::keep_runs(limits)?;
        settings.keep_latest = limits::keep_latest(limits)?;
        settings.limits = limits::read(limits)?;
        settings.build = Build {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Build::default()
        };
        for origin in origins {
            let named = origin
                .parse()
                .map_err(|error| PyValueError::new_err(format!("origin `{origin}`: {error}")))?;
            settings.cors.push(named);
        }
        log::tell_python();
        let courier = Courier::start().map_err(|error| not_started(&Refusal::Thread(error)))?;
        let mounted = py
            .detach(|| Mounted::start(settings))
            .map_err(|error| not_started(&error))?;
        let line = Line {
            runtime: mounted.runtime().clone(),
            courier,
        };
        Ok(Self {
            running: Mutex::new(Some(mounted)),
            line,
            process: process::id(),
        })
    }

    /// Begins a request without a body.
    fn ask(&self, head: Head, guest: Guest) -> PyResult<Exchange> {
        Exchange::begin(
            self.line.clone(),
            self.connect(guest)?,
            exchange::forwarded(head),
            None,
        )
    }

    /// Begins a request whose body is sent piece by piece.
    fn upload(&self, head: Head, guest: Guest) -> PyResult<Exchange> {
        let body = Some(exchange::upload());
        let head = exchange::forwarded(head);
        Exchange::begin(self.line.clone(), self.connect(guest)?, head, body)
    }

    /// Begins a request for a WebSocket.
    fn open(&self, head: Head, guest: Guest) -> PyResult<Exchange> {
        let head = socket::upgrading(head);
        Exchange::begin(self.line.clone(), self.connect(guest)?, head, None)
    }

    /// Stops: blocks until what was accepted is done; stopping again does nothing.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        self.check_process()?;
        let running = self.running();
        py.detach(|| drop(running));
        Ok(())
    }
}

impl MountedServer {
    fn connect(&self, (host, port, name): Guest) -> PyResult<tokio::io::DuplexStream> {
        self.check_process()?;
        // Sockets of the file system have no address, and their names are none.
        let ip = host.parse().unwrap_or(IpAddr::from([0, 0, 0, 0]));
        let visitor = Visitor {
            address: (ip, port).into(),
            name,
        };
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running
            .as_ref()
            .map(|mounted| mounted.connect(visitor))
            .ok_or_else(promise::stopped)
    }

    /// Takes the server out.
    fn running(&self) -> Option<Mounted> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.take()
    }

    /// Threads do not follow into a process that is forked.
    fn check_process(&self) -> PyResult<()> {
        let (started, own) = (self.process, process::id());
        if started == own {
            return Ok(());
        }
        Err(PyRuntimeError::new_err(format!(
            "this server was started in process {started} and is not in process {own}, which was forked from it: start \
             one there, on a data folder of its own, or ask the one that runs"
        )))
    }
}

impl Drop for MountedServer {
    fn drop(&mut self) {
        let Some(running) = self.running() else {
            return;
        };
        if self.check_process().is_err() {
            // Its threads are not here, and its lock is the other process's.
            std::mem::forget(running);
            return;
        }
        // Stopping takes time, which nobody waits for who only collects garbage. Without a thread it stops here.
        let _ = std::thread::Builder::new().spawn(move || drop(running));
    }
}

fn not_started(error: &Refusal) -> PyErr {
    let help = match error {
        Refusal::InUse { .. } => {
            ": one process at a time serves from a folder. Let the program run in one process (one worker), or give \
             each a `data_dir` and a database of its own"
        }
        _ => "",
    };
    StartError::new_err(format!("{error}{help}"))
}
