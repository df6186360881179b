//! What a world has shown: a bounded ring of messages that any number of watchers read at their own pace.
//!
//! The world appends and never waits. A watcher holds nothing but the number of the message that it wants next, so
//! a thousand of them cost no more than their sockets; one that falls behind the ring is told how many messages it
//! has missed, and one that comes back asks for the number where it left off.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::extract::ws::Utf8Bytes;
use pluriverse_host::{document::Frame, session::Feed};
use tokio::sync::watch;

use super::{End, Playing};
use crate::problem::ErrorDocument;

/// Rows of the ledger that a message carries at most.
pub(crate) const FEED_ROWS: usize = 512;
/// Messages that are kept for those who are slow or come back.
const RING_MESSAGES: usize = 1024;
/// Bytes that are kept for them.
const RING_BYTES: usize = 4 << 20;

/// A message to all watchers.
pub(crate) struct Message {
    /// The whole of it, as JSON.
    text: Utf8Bytes,
    /// The part of the text up to the feed.
    head: Range<usize>,
    /// What the text tells in its feed.
    feed: Feed,
}

/// What a watcher finds.
pub(crate) enum Reading {
    /// The message that it wanted.
    Message(u64, Arc<Message>),
    /// That one is gone: so many are missed, the one of this number is next.
    Gap {
        /// Messages that are gone.
        missed: u64,
        /// Number of the next.
        next: u64,
    },
    /// Nothing more yet.
    Nothing,
    /// Nothing more ever.
    Ended(End),
}

/// What a world shows.
pub(crate) struct Hub {
    ring: Mutex<Ring>,
    /// Changes with every message.
    news: watch::Sender<u64>,
    watchers: AtomicUsize,
}

struct Ring {
    messages: VecDeque<Arc<Message>>,
    /// Number of the first message in the ring.
    first: u64,
    bytes: usize,
    end: Option<End>,
}

impl Message {
    /// A frame with what led to it, of a world that plays or stands.
    fn frame(seq: u64, frame: &Frame, playing: Option<Playing>, feed: Feed) -> Self {
        let (frame, playing) = (json(frame), json(&playing));
        let mut text =
            format!(r#"{{"seq":{seq},"type":"frame","frame":{frame},"playing":{playing},"feed":"#);
        let head = 0..text.len();
        let _ = write!(text, "{}}}", json(&feed));
        Self {
            text: text.into(),
            head,
            feed,
        }
    }

    /// Something that went wrong while the world played by itself.
    fn error(seq: u64, error: &ErrorDocument) -> Self {
        let text = format!(r#"{{"seq":{seq},"type":"error","error":{}}}"#, json(error));
        Self {
            head: 0..text.len(),
            text: text.into(),
            feed: Feed {
                events: Vec::new(),
                dropped: 0,
            },
        }
    }

    /// Whether it shows how the world stands.
    pub(crate) fn is_frame(&self) -> bool {
        self.head.end < self.text.as_str().len()
    }

    /// The message as JSON, with at most the latest `limit` rows.
    pub(crate) fn text(&self, limit: usize) -> Utf8Bytes {
        let left_out = self.feed.events.len().saturating_sub(limit);
        if left_out == 0 {
            return self.text.clone();
        }
        let feed = Feed {
            events: self.feed.events[left_out..].to_vec(),
            dropped: self.feed.dropped + left_out as u64,
        };
        let head = &self.text.as_str()[self.head.clone()];
        format!("{head}{}}}", json(&feed)).into()
    }
}

fn json(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("numbers and texts under text keys always encode")
}

impl Hub {
    pub(super) fn new() -> Self {
        Self {
            ring: Mutex::new(Ring {
                messages: VecDeque::new(),
                first: 1,
                bytes: 0,
                end: None,
            }),
            news: watch::Sender::new(0),
            watchers: AtomicUsize::new(0),
        }
    }

    /// Shows a frame to everyone.
    pub(super) fn publish(&self, frame: &Frame, playing: Option<Playing>, feed: Feed) {
        self.append(|seq| Message::frame(seq, frame, playing, feed));
    }

    /// Tells everyone what went wrong.
    pub(super) fn tell(&self, error: &ErrorDocument) {
        self.append(|seq| Message::error(seq, error));
    }

    fn append(&self, message: impl FnOnce(u64) -> Message) {
        let mut ring = self.ring();
        let seq = ring.next();
        let message = message(seq);
        ring.bytes += message.text.as_str().len();
        ring.messages.push_back(Arc::new(message));
        while ring.messages.len() > RING_MESSAGES
            || (ring.bytes > RING_BYTES && ring.messages.len() > 1)
        {
            if let Some(oldest) = ring.messages.pop_front() {
                ring.bytes -= oldest.text.as_str().len();
                ring.first += 1;
            }
        }
        drop(ring);
        self.news.send_replace(seq);
    }

    /// Tells everyone that nothing more will come.
    pub(super) fn end(&self, end: End) {
        let mut ring = self.ring();
        ring.end = Some(end);
        let next = ring.next();
        drop(ring);
        self.news.send_replace(next);
    }

    /// The message `wanted`, or what there is instead.
    pub(crate) fn read(&self, wanted: u64) -> Reading {
        let ring = self.ring();
        if wanted < ring.first {
            return Reading::Gap {
                missed: ring.first - wanted,
                next: ring.first,
            };
        }
        let message = usize::try_from(wanted - ring.first)
            .ok()
            .and_then(|index| ring.messages.get(index));
        match (message, &ring.end) {
            (Some(message), _) => Reading::Message(wanted, Arc::clone(message)),
            (None, Some(end)) => Reading::Ended(end.clone()),
            (None, None) => Reading::Nothing,
        }
    }

    /// Where a watcher begins who was there before and wants `from`, or who comes anew and wants the latest.
    pub(crate) fn begin(&self, from: Option<u64>) -> u64 {
        let ring = self.ring();
        let next = ring.next();
        match from {
            Some(from) => from.clamp(1, next),
            None => next.saturating_sub(1).max(ring.first),
        }
    }

    /// Hears of each new message.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// How many watch.
    pub(crate) fn watchers(&self) -> usize {
        // Ordering: the number publishes no data.
        self.watchers.load(Ordering::Relaxed)
    }

    /// Counts one more who watches, until the guard is dropped.
    pub(crate) fn watch(self: &Arc<Self>) -> Watching {
        // Ordering: the number publishes no data.
        self.watchers.fetch_add(1, Ordering::Relaxed);
        Watching(Arc::clone(self))
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// Number of the message that comes next.
    fn next(&self) -> u64 {
        self.first + self.messages.len() as u64
    }
}

/// Somebody watches.
pub(crate) struct Watching(Arc<Hub>);

impl Drop for Watching {
    fn drop(&mut self) {
        // Ordering: the number publishes no data.
        self.0.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use pluriverse_host::document::EventRow;

    use super::*;

    fn show(hub: &Hub, rows: u64) {
        let frame = Frame {
            now_seconds: 1.0,
            next_seconds: None,
            phase: "ready",
            events: rows,
            rows,
            tables: Vec::new(),
        };
        let events = (0..rows).map(|row| EventRow {
            row,
            time_seconds: 0.5,
            kind: 0,
            subject: None,
            object: None,
            value: None,
            cause: None,
        });
        hub.publish(
            &frame,
            None,
            Feed {
                events: events.collect(),
                dropped: 0,
            },
        );
    }

    #[test]
    fn whoever_falls_behind_the_ring_is_told_how_much_is_missed() {
        let hub = Hub::new();
        assert!(matches!(hub.read(hub.begin(None)), Reading::Nothing));
        let count = RING_MESSAGES as u64 + 10;
        for _ in 0..count {
            show(&hub, 0);
        }
        assert!(matches!(
            hub.read(1),
            Reading::Gap {
                missed: 10,
                next: 11
            }
        ));
        assert!(matches!(hub.read(11), Reading::Message(11, _)));
        assert_eq!(hub.begin(None), count);
        assert_eq!(hub.begin(Some(u64::MAX)), count + 1);
        hub.end(End {
            code: "deleted",
            message: String::new(),
        });
        assert!(matches!(hub.read(count), Reading::Message(..)));
        assert!(matches!(hub.read(count + 1), Reading::Ended(_)));
    }

    #[test]
    fn large_messages_shorten_the_ring() {
        let hub = Hub::new();
        for _ in 0..RING_MESSAGES {
            show(&hub, 400);
        }
        let ring = hub.ring();
        assert!(ring.bytes <= RING_BYTES && ring.messages.len() < RING_MESSAGES);
        assert_eq!(ring.next(), RING_MESSAGES as u64 + 1);
    }

    #[test]
    fn a_watcher_may_want_fewer_rows_than_there_are() {
        let hub = Hub::new();
        show(&hub, 3);
        let Reading::Message(_, message) = hub.read(1) else {
            panic!("the message is there");
        };
        let whole: serde_json::Value = serde_json::from_str(&message.text(9)).unwrap();
        assert_eq!(whole["feed"]["events"].as_array().unwrap().len(), 3);
        let last: serde_json::Value = serde_json::from_str(&message.text(1)).unwrap();
        assert_eq!(last["feed"]["events"][0]["row"], 2);
        assert_eq!(last["feed"]["dropped"], 2);
        assert_eq!(last["frame"], whole["frame"]);
    }
}
