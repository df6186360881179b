//! A real PostgreSQL server for the tests: in a temporary folder, on a free port, gone when the tests are.
//!
//! A shell keeps it and stops it when its standard input ends, which happens however this process ends.
#![allow(dead_code, reason = "tests and bench need different parts of it")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::OnceLock,
};

use postgres::{Client, NoTls};

/// Makes a cluster, starts it, says `done` and its folder, and then does what it is told, until nobody tells.
const KEEPER: &str = r#"
set -e
bin=$1 port=$2 settings=$3
folder=$(mktemp -d)
cd "$folder"
trap 'cd /; rm -rf "$folder"' EXIT
quiet() { "$@" >>"$folder/log" 2>&1 </dev/null || { cat "$folder/log" >&2; exit 1; }; }
start() {
  quiet "$bin/pg_ctl" start --wait --pgdata="$folder/cluster" --log="$folder/server.log" \
    --options="-p $port -k $folder -c listen_addresses=127.0.0.1 $settings"
}
stop() { quiet "$bin/pg_ctl" stop --wait --mode=fast --pgdata="$folder/cluster"; }
# All processes of the server, the one that makes new ones first: stopped so, it makes none meanwhile.
signal() {
  read -r first <"$folder/cluster/postmaster.pid"
  kill "$1" "$first"
  for stat in /proc/[0-9]*/stat; do
    set -- "$1" $(cat "$stat" 2>/dev/null || true)
    if [ "${5:-}" = "$first" ]; then kill "$1" "$2"; fi
  done
}
freeze() { signal -STOP; }
thaw() { signal -CONT; }
quiet "$bin/initdb" --pgdata="$folder/cluster" --username=tests --auth=trust --encoding=UTF8 --no-locale --no-sync
start
echo done
while read -r word; do
  "$word"
  echo done
done
thaw 2>/dev/null || true
quiet "$bin/pg_ctl" stop --mode=immediate --pgdata="$folder/cluster" || true
"#;

/// A running server.
pub(crate) struct Server {
    port: u16,
    keeper: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server for tests, which does not wait for the disk.
    pub(crate) fn start() -> Self {
        Self::with("-c fsync=off")
    }

    /// Starts a server with the usual settings, for measurements.
    pub(crate) fn durable() -> Self {
        Self::with("")
    }

    fn with(settings: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        // The server refuses to run as root.
        let is_root = std::fs::metadata("/proc/self")
            .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let mut command = if is_root {
            let mut command = Command::new("setpriv");
            command.args([
                "--reuid=postgres",
                "--regid=postgres",
                "--init-groups",
                "sh",
            ]);
            command
        } else {
            Command::new("sh")
        };
        let mut keeper = command
            .args(["-c", KEEPER, "keeper"])
            .arg(programs())
            .arg(port.to_string())
            .arg(settings)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = keeper.stdin.take().unwrap();
        let answers = BufReader::new(keeper.stdout.take().unwrap());
        let mut server = Self {
            port,
            keeper,
            orders,
            answers,
        };
        server.wait();
        server
    }

    /// The address of a database on it.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://tests@127.0.0.1:{}/{database}", self.port)
    }

    /// Does what the keeper calls by this word: `stop`, `start`, `freeze`, `thaw`.
    pub(crate) fn order(&mut self, word: &str) {
        writeln!(self.orders, "{word}").unwrap();
        self.wait();
    }

    fn wait(&mut self) {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(
            answer.trim(),
            "done",
            "the PostgreSQL server does not start or stop"
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It stops the server when nobody tells it anything any more; whether it was told in vain is of no interest.
        let _ = writeln!(self.orders, "exit");
        let _ = self.keeper.wait();
    }
}

/// The newest server programs of Debian's packages, or those on the path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let debian = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<_> = debian
        .chain(std::env::split_paths(&path))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort_by_key(|folder| version(folder));
    found.pop().unwrap_or_else(|| {
        panic!(
            "PostgreSQL is not installed: `cargo xtask test` installs Debian's package `postgresql`"
        )
    })
}

/// The number in a path like `/usr/lib/postgresql/15/bin`, 0 where there is none.
fn version(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name);
    name.and_then(|name| name.to_str()?.parse().ok())
        .unwrap_or(0)
}

/// Makes an empty database on the server that all tests share, and returns its address. The server stops when this
/// process ends.
pub(crate) fn make_database(name: &str) -> String {
    let mut client = Client::connect(&shared().url("postgres"), NoTls).unwrap();
    client
        .batch_execute(&format!("CREATE DATABASE \"{name}\""))
        .unwrap();
    address_of(name)
}

/// The address of a database on the server that all tests share.
pub(crate) fn address_of(name: &str) -> String {
    shared().url(name)
}

fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}
