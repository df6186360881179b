//! What the server has to say, told to Python's `logging`: the logger `pluriverse.server`, and `pluriverse.audit` for who
//! did what.
//!
//! A thread of its own takes lines there, so that no thread of the server waits for the interpreter. Lines that come
//! faster than Python takes them are lost, and counted. Spans are for traces, which Python has other ways to make.

use std::{
    fmt::{self, Write as _},
    iter,
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
};

use pyo3::{prelude::*, sync::PyOnceLock};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};

/// Lines that wait for Python at most.
const WAITING_LINES: usize = 4096;

struct Line {
    logger: &'static str,
    level: u8,
    text: String,
}

/// Begins to tell; once is enough for all servers of a process.
pub(super) fn tell_python() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let (sender, lines) = mpsc::sync_channel(WAITING_LINES);
        let begun = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || carry(&lines));
        // Without a thread the server works and says nothing.
        if begun.is_ok() {
            let teller = Teller {
                sender,
                lost: AtomicU64::new(0),
            };
            let _ = tracing::subscriber::set_global_default(teller);
        }
    });
}

/// Takes lines to Python until the interpreter ends.
fn carry(lines: &Receiver<Line>) {
    while let Ok(first) = lines.recv() {
        let all = iter::once(first).chain(lines.try_iter());
        let told = Python::try_attach(|py| {
            for line in all {
                if let Err(error) = line.tell(py) {
                    error.write_unraisable(py, None);
                }
            }
        });
        if told.is_none() {
            return;
        }
    }
}

impl Line {
    fn tell(self, py: Python<'_>) -> PyResult<()> {
        static GET_LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let get_logger = GET_LOGGER.import(py, "logging", "getLogger")?;
        let logger = get_logger.call1((self.logger,))?;
        // As an argument: a text with a percent sign in it is no format.
        logger.call_method1("log", (self.level, "%s", self.text))?;
        Ok(())
    }
}

/// Hands on what the server says.
struct Teller {
    sender: SyncSender<Line>,
    lost: AtomicU64,
}

impl Teller {
    fn say(&self, mut line: Line) {
        // Ordering: a count by itself.
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = write!(line.text, " ({lost} lines before this one were lost)");
        }
        if self.sender.try_send(line).is_err() {
            // Ordering: as above.
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
        }
    }
}

impl Subscriber for Teller {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && logger_of(metadata.target()).is_some()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        let Some(logger) = logger_of(event.metadata().target()) else {
            return;
        };
        let mut text = Text::default();
        event.record(&mut text);
        self.say(Line {
            logger,
            level: number_of(*event.metadata().level()),
            text: text.into_string(),
        });
    }

    fn new_span(&self, _attributes: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

/// The logger for what comes from here; `None` where it is nobody's of ours.
fn logger_of(target: &str) -> Option<&'static str> {
    match target {
        "audit" => Some("pluriverse.audit"),
        _ if target.starts_with("pluriverse") => Some("pluriverse.server"),
        _ => None,
    }
}

/// What Python calls a level.
fn number_of(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        _ => 10,
    }
}

/// A message, and what belongs to it as `key=value`.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn into_string(self) -> String {
        match (self.message.as_str(), self.fields.trim_start()) {
            (_, "") => self.message,
            ("", fields) => fields.to_owned(),
            (message, fields) => format!("{message}: {fields}"),
        }
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}
