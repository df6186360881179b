//! Watching a world: its frames and events as they happen, over a WebSocket.
//!
//! Messages are numbered. A watcher that cannot keep up misses messages, is told how many, and goes on with the
//! oldest that is still there; one that comes back asks for the number where it left off. What it sends is ignored.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    response::Response,
};
use pluriverse_host::{document::Frame, session::Feed};
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval, timeout};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    extract::{Parameters, Segments},
    problem::{ErrorDocument, Problem},
    world::{End, FEED_ROWS, Playing, Reading, WorldHandle},
};

/// The protocol that a watcher may name beside the one that carries its token, so that one can be agreed on.
const PROTOCOL: &str = "pluriverse";
/// Bytes that a watcher may send in one message.
const INCOMING_BYTES: usize = 4096;
/// Buffer of one connection, each way: what is shown is shared by all of them.
const BUFFER_BYTES: usize = 4096;
/// How often a connection is asked whether it is still there before the server's patience ends.
const PINGS: u32 = 3;

/// Where to begin.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WatchQuery {
    /// Number of the first message wanted, which is one more than that of the last received; without it, the latest.
    #[param(maximum = 18_446_744_073_709_551_615_u64)]
    from: Option<u64>,
    /// Rows of the ledger in a message, at most; never more than 512.
    #[param(maximum = 18_446_744_073_709_551_615_u64)]
    limit: Option<usize>,
}

/// A message.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "frames and errors are written by the hub, once for all watchers"
)]
pub(crate) enum WatchMessage {
    /// How the world stands.
    Frame {
        /// Number of the message.
        seq: u64,
        /// The state.
        frame: Frame,
        /// How it plays by itself, if it does.
        playing: Option<Playing>,
        /// What has happened since the last frame that the world has shown.
        feed: Feed,
    },
    /// Messages that are gone; the next one follows.
    Gap {
        /// How many.
        missed: u64,
    },
    /// Something went wrong while the world played by itself; it stands still now.
    Error {
        /// Number of the message.
        seq: u64,
        /// What.
        error: ErrorDocument,
    },
    /// The world has ended; nothing more follows.
    End {
        /// `world_ended`, or `world_panicked` after a defect.
        code: &'static str,
        /// Why.
        reason: String,
    },
}

/// The world's frames and events as they happen (a WebSocket).
///
/// Messages are JSON, see `WatchMessage`.
#[utoipa::path(
    get,
    path = "/worlds/{id}/events",
    tag = "worlds",
    params(("id" = String, Path, description = "The world"), WatchQuery),
    responses((status = SWITCHING_PROTOCOLS, description = "A WebSocket of `WatchMessage`s")),
)]
pub(super) async fn watch(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Parameters(query): Parameters<WatchQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let world = app.worlds.find(&id)?;
    let upgrade = upgrade.map_err(|rejection| {
        Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "no_websocket",
            rejection.body_text(),
        )
        .help("open it as a WebSocket")
    })?;
    let seat = Seat::take(&app)?;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(INCOMING_BYTES)
        .max_frame_size(INCOMING_BYTES);
    Ok(upgrade.on_upgrade(async move |socket| {
        let watcher = Watcher {
            next: world.hub.begin(query.from),
            limit: query.limit.unwrap_or(FEED_ROWS).min(FEED_ROWS),
            patience: seat.0.settings.limits.patience,
            socket,
            world,
            seat,
        };
        watcher.run().await;
    }))
}

/// One of the connections that the server grants.
struct Seat(App);

impl Seat {
    fn take(app: &App) -> Result<Self, Problem> {
        let limit = app.settings.limits.watchers;
        // Ordering: the number publishes no data.
        let taken = app.watchers.fetch_add(1, Ordering::Relaxed);
        let seat = Self(Arc::clone(app));
        if taken >= limit {
            drop(seat);
            let message = format!("{limit} connections watch worlds, as many as this server takes");
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_watchers",
                message,
            ));
        }
        Ok(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Ordering: the number publishes no data.
        self.0.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that watches a world.
struct Watcher {
    socket: WebSocket,
    world: Arc<WorldHandle>,
    /// Number of the message that comes next.
    next: u64,
    limit: usize,
    seat: Seat,
    /// How long a message may take to leave, and how long it may say nothing at all.
    patience: Duration,
}

/// The connection is over.
struct Gone;

impl Watcher {
    async fn run(mut self) {
        let _watching = self.world.hub.watch();
        let mut news = self.world.hub.listen();
        let mut pings = interval(self.patience / PINGS);
        // Those that it had no time for need not be made up for.
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = 0;
        self.world.show();
        loop {
            if self.send_all().await.is_err() {
                break;
            }
            tokio::select! {
                heard = news.changed() => if heard.is_err() { break },
                received = self.socket.recv() => match received {
                    None | Some(Err(_) | Ok(Message::Close(_))) => break,
                    Some(Ok(_)) => unanswered = 0,
                },
                _ = pings.tick() => {
                    if unanswered == PINGS || self.send(Message::Ping(Default::default())).await.is_err() {
                        break;
                    }
                    unanswered += 1;
                }
            }
        }
        self.world.touch();
    }

    /// Sends everything that there is.
    async fn send_all(&mut self) -> Result<(), Gone> {
        let app = Arc::clone(&self.seat.0);
        let counters = &app.metrics.watchers;
        loop {
            match self.world.hub.read(self.next) {
                Reading::Message(seq, message) => {
                    self.next = seq + 1;
                    self.send(Message::Text(message.text(self.limit))).await?;
                    if message.is_frame() {
                        counters.frames.inc();
                    }
                }
                Reading::Gap { missed, next } => {
                    self.next = next;
                    counters.gaps.inc();
                    counters.missed.inc_by(missed);
                    self.send(text(&WatchMessage::Gap { missed })).await?;
                }
                Reading::Nothing => return Ok(()),
                Reading::Ended(end) => return self.close(end).await,
            }
        }
    }

    async fn close(&mut self, end: End) -> Result<(), Gone> {
        let message = WatchMessage::End {
            code: end.code,
            reason: end.message,
        };
        self.send(text(&message)).await?;
        let frame = CloseFrame {
            code: close_code::NORMAL,
            reason: end.code.into(),
        };
        self.send(Message::Close(Some(frame))).await?;
        Err(Gone)
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(self.patience, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

fn text(message: &WatchMessage) -> Message {
    let text =
        serde_json::to_string(message).expect("numbers and texts under text keys always encode");
    Message::Text(text.into())
}
