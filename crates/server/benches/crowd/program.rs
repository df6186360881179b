//! The server as a program of its own: started, asked, measured, and gone with whoever started it.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::address_in;

/// Ticks a second of the processor times in `/proc` (Linux, on every architecture that this runs on).
const TICKS: f64 = 100.0;

/// A running server.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    _folder: TempDir,
}

impl Program {
    /// Starts the program `path` at a free port, with a folder of its own.
    pub(crate) fn start(path: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut child = Command::new(path)
            .args(["serve", "--address", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {path}"))?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("its output is piped")?;
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(Self {
            address: address_in(&line)?,
            child,
            _folder: folder,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Request::get(path), String::new()).await
    }

    /// Posts JSON; `null` posts nothing.
    pub(crate) async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let request = Request::post(path).header("content-type", "application/json");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(request, body).await
    }

    async fn send(
        &self,
        request: hyper::http::request::Builder,
        body: String,
    ) -> anyhow::Result<Value> {
        let request = request.header("host", self.address.to_string());
        let request = request.body(Full::new(Bytes::from(body)))?;
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await?.to_bytes();
        driver.abort();
        ensure!(
            status.is_success(),
            "{status}: {}",
            String::from_utf8_lossy(&bytes)
        );
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn proc(&self, name: &str) -> anyhow::Result<String> {
        let path = Path::new("/proc")
            .join(self.child.id().to_string())
            .join(name);
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }

    /// Memory that it has in use (`VmRSS`), or has had at most (`VmHWM`).
    pub(crate) fn resident_bytes(&self, key: &str) -> anyhow::Result<u64> {
        let status = self.proc("status")?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kib
            .with_context(|| format!("no {key} in /proc"))?
            .parse::<u64>()?
            * 1024)
    }

    /// Processor time of all its threads so far. Source: proc(5), fields 14 and 15 of `stat`.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = self.proc("stat")?;
        // The second field is the program's name in parentheses, in which there may be spaces.
        let rest = stat
            .rsplit_once(") ")
            .context("no program's name in /proc")?
            .1;
        let ticks = rest.split(' ').skip(11).take(2).map(str::parse::<u32>);
        let ticks: u32 = ticks.sum::<Result<_, _>>()?;
        Ok(Duration::from_secs_f64(f64::from(ticks) / TICKS))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Whatever it says, it is over.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
