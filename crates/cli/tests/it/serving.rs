//! The program as a server: started, asked, killed.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// A server that is killed at the latest with the test.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// What it answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&self.body));
        })
    }

    /// The code of a refusal, with its status.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let code = self.json()["error"]["code"].as_str().unwrap().to_owned();
        (self.status, code)
    }
}

impl Serving {
    /// Starts `command`, which serves at some free port, and waits until it says where.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1);
        let address = address.and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("it does not serve: {line}"));
        Self {
            address: address.parse().unwrap(),
            child,
        }
    }

    /// Kills it as a machine that loses its power would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its folder in the system's list of processes.
    pub(crate) fn proc(&self, name: &str) -> std::path::PathBuf {
        Path::new("/proc")
            .join(self.child.id().to_string())
            .join(name)
    }

    /// The most memory that it has had so far, in bytes.
    pub(crate) fn peak_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
        kib.parse::<u64>().unwrap() * 1024
    }

    /// A connection over which a request has gone whose body is still to come.
    pub(crate) fn begin(&self, method: &str, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n",
            self.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// What comes back over a connection; `None` when nothing does.
    pub(crate) fn answer(mut stream: TcpStream) -> Option<Answer> {
        let mut bytes = Vec::new();
        // A server that dies resets the connection, with or without an answer before.
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let body = bytes.split_off(end + 4);
        let head = String::from_utf8(bytes).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Answer { status, body })
    }

    /// Sends a whole request; `None` when the server dies over it.
    pub(crate) fn try_send(
        &self,
        (method, path): (&str, &str),
        headers: &str,
        body: &[u8],
    ) -> Option<Answer> {
        let headers = format!(
            "connection: close\r\ncontent-length: {}\r\n{headers}",
            body.len()
        );
        let mut stream = self.begin(method, path, &headers);
        // Whoever is refused early has not sent everything.
        let _ = stream.write_all(body);
        Self::answer(stream)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.try_send(("GET", path), "", b"").unwrap()
    }

    /// Posts JSON, or nothing.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = "content-type: application/json\r\n";
        self.try_send(("POST", path), headers, text.as_bytes())
            .unwrap()
    }

    /// Sends a whole ledger, an Arrow file.
    pub(crate) fn try_ingest(&self, id: &str, ledger: &[u8]) -> Option<Answer> {
        let path = format!("/api/v1/simulation/ingest?run_id={id}");
        self.try_send(("POST", &path), ARROW, ledger)
    }

    pub(crate) fn ingest(&self, id: &str, ledger: &[u8]) -> Answer {
        self.try_ingest(id, ledger).unwrap()
    }
}

/// The header of a ledger.
pub(crate) const ARROW: &str = "content-type: application/vnd.apache.arrow.file\r\n";

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
