//! What `cargo xtask bench server` measures of watchers: many WebSocket clients on one world of a real server, some of
//! them slow, one of them deaf. Prints its figures as JSON, and fails when watching has changed the world.
//!
//! The world plays a day of the contact centre in some seconds. Its ledger's hash at the end must be that of the same
//! world without watchers, run by the same server in one go.
#![allow(clippy::print_stdout, reason = "the measurement is what it prints")]

mod program;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::watch, task::JoinSet};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use program::Program;

const USAGE: &str = "\
usage: crowd PROGRAM CLIENTS SECONDS    so many watch a day that the server PROGRAM plays in about so many seconds
";

/// One client in so many reads slowly.
const SLOW_EVERY: usize = 20;
/// How long a slow client thinks after each message.
const SLOW_PAUSE: Duration = Duration::from_millis(200);
/// Handshakes at once; more would only wait in the server's queue.
const HANDSHAKES: usize = 64;
/// Files beside the connections that a process has open.
const OTHER_FILES: u64 = 256;
/// The day of the contact centre, until its doors close.
const DAY_SECS: f64 = 13.0 * 3600.0;
const SCENARIO: &str = "contact-centre.toml";
const SEED: u64 = 7;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [program, clients, secs] => {
            let clients = clients.parse()?;
            allow_files(clients)?;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(measure(program, clients, secs.parse()?))
        }
        // What `cargo bench` and `cargo test --benches` say: nothing that could be measured.
        [] | ["--bench"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => bail!("unknown measurement\n\n{USAGE}"),
    }
}

/// Lets this process, and the server that it starts, have a connection for each client.
fn allow_files(clients: usize) -> anyhow::Result<()> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let wanted = clients as u64 + OTHER_FILES;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    limit.current = Some(wanted);
    limit.maximum = limit.maximum.map(|maximum| maximum.max(wanted));
    setrlimit(Resource::Nofile, limit).with_context(|| {
        format!("{wanted} open files are needed: raise the hard limit (`ulimit -Hn`)")
    })
}

async fn measure(program: &str, clients: usize, secs: f64) -> anyhow::Result<()> {
    let server = Program::start(program)?;
    let scenario = server.get(&format!("/api/v1/scenarios/{SCENARIO}")).await?;
    let unwatched = make_world(&server, &scenario).await?;
    while server
        .post(&format!("{unwatched}/run"), Value::Null)
        .await?["progress"]
        != "finished"
    {}
    let expected = hash(&server, &unwatched).await?;

    let world = make_world(&server, &scenario).await?;
    let alone_bytes = server.resident_bytes("VmRSS")?;
    let crowd = watch_together(&server, &world, clients, DAY_SECS / secs).await?;
    let got = hash(&server, &world).await?;
    ensure!(
        got == expected,
        "{clients} watchers have changed the world: its hash is {got}, unwatched {expected}"
    );
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let figure = |name: &str, values: &[f64], unit: &str, target: &str| json!({"name": name, "values": values, "unit": unit, "target": target});
    let peak_bytes = server.resident_bytes("VmHWM")?;
    let figures = [
        figure(
            "memory of the server, at most",
            &[megabytes(peak_bytes)],
            "MB",
            "at most 200",
        ),
        figure(
            "before anybody watched",
            &[megabytes(alone_bytes)],
            "MB",
            "",
        ),
        figure(
            "frames to each client that reads",
            &crowd.rates,
            "a second",
            "",
        ),
        figure("processor time of the server", &[crowd.cores], "cores", ""),
    ];
    println!("{}", Value::from(figures.to_vec()));
    Ok(())
}

/// What became of all clients.
struct Crowd {
    /// Frames a second of each client that read as fast as it could.
    rates: Vec<f64>,
    /// Processor time of the server in the time that passed.
    cores: f64,
}

/// Lets a world play to its end while so many watch it.
async fn watch_together(
    server: &Program,
    world: &str,
    clients: usize,
    speed: f64,
) -> anyhow::Result<Crowd> {
    let (sockets, deaf) = connect(server, world, clients).await?;
    let (ending, ended) = watch::channel(false);
    let mut watching = JoinSet::new();
    for (number, socket) in sockets.into_iter().enumerate() {
        let pause = number.is_multiple_of(SLOW_EVERY).then_some(SLOW_PAUSE);
        watching.spawn(read(socket, pause, ended.clone()));
    }
    let (cpu, began) = (server.cpu()?, Instant::now());
    server
        .post(&format!("{world}/play"), json!({ "speed": speed }))
        .await?;
    let mut rates = Vec::new();
    let fast = clients - clients.div_ceil(SLOW_EVERY);
    while let Some(seen) = watching.join_next().await {
        let seen = seen??;
        if seen.is_slow {
            continue;
        }
        ensure!(
            seen.has_seen_the_end,
            "a client was let go after {} frames",
            seen.frames
        );
        rates.push(seen.frames as f64 / seen.took.as_secs_f64());
        if rates.len() == fast {
            // The slow ones need not read what has piled up.
            ending.send_replace(true);
        }
    }
    let cpu = server.cpu()? - cpu;
    drop(deaf);
    Ok(Crowd {
        rates,
        cores: cpu.as_secs_f64() / began.elapsed().as_secs_f64(),
    })
}

async fn make_world(server: &Program, scenario: &Value) -> anyhow::Result<String> {
    let body = json!({"scenario": scenario, "seed": SEED});
    let made = server.post("/api/v1/worlds", body).await?;
    let id = made["id"]
        .as_str()
        .with_context(|| format!("no world was made: {made}"))?;
    Ok(format!("/api/v1/worlds/{id}"))
}

async fn hash(server: &Program, world: &str) -> anyhow::Result<String> {
    loop {
        let seen = server.get(world).await?;
        if seen["frame"]["phase"] == "finished" {
            break;
        }
    }
    let results = server.get(&format!("{world}/results")).await?;
    let hash = results["ledger_hash"].as_str();
    Ok(hash.context("the world has no hash")?.to_owned())
}

/// So many clients that read, and one that does not.
async fn connect(
    server: &Program,
    world: &str,
    clients: usize,
) -> anyhow::Result<(Vec<Socket>, Socket)> {
    let address = format!("ws://{}{world}/events", server.address);
    let open = async || anyhow::Ok(connect_async(&address).await?.0);
    let opening = futures_util::stream::iter((0..clients).map(|_| open()));
    let mut opening = opening.buffer_unordered(HANDSHAKES);
    let mut sockets = Vec::new();
    while let Some(socket) = opening.next().await {
        sockets.push(socket?);
    }
    Ok((sockets, open().await?))
}

/// What a client has seen.
struct Seen {
    frames: u64,
    took: Duration,
    is_slow: bool,
    has_seen_the_end: bool,
}

/// Reads until the world has finished, or nobody waits for this client any more.
async fn read(
    mut socket: Socket,
    pause: Option<Duration>,
    mut ended: watch::Receiver<bool>,
) -> anyhow::Result<Seen> {
    let mut seen = Seen {
        frames: 0,
        took: Duration::ZERO,
        is_slow: pause.is_some(),
        has_seen_the_end: false,
    };
    let mut began = None;
    loop {
        let message = tokio::select! {
            message = socket.next() => message,
            _ = ended.wait_for(|is_ended| *is_ended), if seen.is_slow => break,
        };
        let Some(Message::Text(text)) = message.transpose()? else {
            continue;
        };
        if text.contains("\"type\":\"frame\"") {
            // The first shows the world before it moves.
            let began = *began.get_or_insert_with(Instant::now);
            seen.frames += 1;
            seen.took = began.elapsed();
        }
        if text.contains("\"phase\":\"finished\"") {
            seen.has_seen_the_end = true;
            break;
        }
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }
    Ok(seen)
}

/// Where a server listens that says so in this line.
fn address_in(line: &str) -> anyhow::Result<SocketAddr> {
    let rest = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    Ok(rest
        .with_context(|| format!("it does not serve: {line}"))?
        .parse()?)
}
