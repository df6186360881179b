//! The one world of an instance: moved, looked at, saved, and its ledger as Arrow.

use std::sync::Arc;

use pluriverse_host::{
    document::Results,
    retrace::{Reach, retrace},
    scenario::{GivenFiles, nearest},
    session::{Session, WINDOW_ROWS},
};
use pluriverse_kernel::{
    ledger::{Closing, Cursor, KindSet, LedgerSink},
    time::SimTime,
    world::{Phase, Progress, RunError},
};
use pluriverse_store::{ArrowSink, Provenance};

use crate::{exchange::json, fault::Fault, request::Request};

/// A world with those who listen to it.
pub(crate) struct Inhabited {
    session: Session,
    provenance: Provenance,
    feeds: Vec<Option<Cursor>>,
}

impl Inhabited {
    /// A new world.
    ///
    /// # Errors
    /// When the scenario is none.
    pub(crate) fn open(request: &Request, files: &GivenFiles) -> Result<Self, Fault> {
        let loaded = request.load(files)?;
        Ok(Self {
            session: Session::new(Arc::from(loaded.scenario), loaded.key, request.ledger()),
            provenance: loaded.provenance,
            feeds: Vec::new(),
        })
    }

    pub(crate) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    pub(crate) fn results(&self) -> Vec<u8> {
        let outcome = self.session.outcome();
        let seed = self.session.world().key().seed;
        json(&Results::new(&**self.session.scenario(), seed, &outcome))
    }

    /// Opens a feed of the kinds of these names, or of all, and tells its number.
    ///
    /// # Errors
    /// When there is no kind of such a name.
    pub(crate) fn subscribe(&mut self, words: &[u8]) -> Result<usize, Fault> {
        let names: Option<Vec<String>> =
            serde_json::from_slice(words).map_err(|error| Fault::usage(error.to_string()))?;
        let kinds = match names {
            None => KindSet::All,
            Some(names) => {
                let kinds = names.iter().map(|name| self.kind(name));
                KindSet::only(kinds.collect::<Result<_, _>>()?)
            }
        };
        let cursor = self.session.subscribe(kinds);
        let free = self.feeds.iter().position(Option::is_none);
        let number = free.unwrap_or(self.feeds.len());
        if free.is_none() {
            self.feeds.push(None);
        }
        self.feeds[number] = Some(cursor);
        Ok(number)
    }

    fn kind(&self, name: &str) -> Result<u16, Fault> {
        let kinds = &self.session.world().ledger().dictionary().kinds;
        let found = kinds.iter().position(|kind| kind.name == name);
        let number = found.and_then(|index| u16::try_from(index).ok());
        number.ok_or_else(|| {
            let names = || kinds.iter().map(|kind| kind.name.clone());
            let help = match nearest(name, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there are: {}", names().collect::<Vec<_>>().join(", ")),
            };
            Fault::usage(format!("this world has no kind of event `{name}`; {help}"))
        })
    }

    /// What has happened since the feed of this number was read last.
    ///
    /// # Errors
    /// When there is no such feed.
    pub(crate) fn read(&mut self, number: usize) -> Result<Vec<u8>, Fault> {
        let feed = self.feeds.get_mut(number).and_then(Option::as_mut);
        let feed = feed.ok_or_else(|| Fault::usage(format!("there is no feed {number}")))?;
        Ok(json(&self.session.read(feed, WINDOW_ROWS)))
    }

    /// Closes the feed of this number, if there is one.
    pub(crate) fn unsubscribe(&mut self, number: usize) {
        if let Some(feed) = self.feeds.get_mut(number) {
            *feed = None;
        }
    }

    /// The complete state, for a second world that goes on from here.
    ///
    /// # Errors
    /// When this world has not started.
    pub(crate) fn branch(&self) -> Result<Vec<u8>, Fault> {
        let phase = self.session.world().phase();
        if phase == Phase::New {
            let call = "branch";
            return Err(RunError::WrongPhase { call, phase }.into());
        }
        Ok(self.session.world().snapshot())
    }

    /// The ledger so far as an Arrow IPC file. Rows that are not kept any more are made again, by a second world that
    /// goes as far as this one.
    ///
    /// # Errors
    /// When the second world's rows are others, which they are where something came from outside.
    pub(crate) fn ledger(&self) -> Result<Vec<u8>, Fault> {
        let world = self.session.world();
        let cut = match world.phase() {
            Phase::Finished => None,
            Phase::Failed => Some("the run failed".to_owned()),
            _ => Some(format!("the ledger was taken at {}", world.now())),
        };
        let provenance = Provenance {
            inputs: world.past_inputs().unwrap_or_default().to_vec(),
            ..self.provenance.clone()
        };
        let (mut sink, bytes) = ArrowSink::new(provenance, cut);
        let ledger = world.ledger();
        let (rows, Some(hash)) = (ledger.rows(), ledger.hash()) else {
            return Err(Fault::new("ledger_failed", "this world records nothing"));
        };
        if ledger.first_kept_row() > 0 {
            let reach = Reach::of(&self.session);
            retrace(&**self.session.scenario(), reach, Box::new(sink), || true)
                .map_err(|error| Fault::new("ledger_failed", error.to_string()))?;
            return Ok(bytes.take());
        }
        for chunk in ledger.chunks() {
            sink.write(ledger.dictionary(), chunk)?;
        }
        sink.finish(&Closing { rows, hash })?;
        Ok(bytes.take())
    }

    /// Goes to a time, forwards or back.
    ///
    /// # Errors
    /// When it is no time, or cannot be gone back to.
    pub(crate) fn seek(&mut self, seconds: f64) -> Result<Progress, Fault> {
        let at = time(seconds)?;
        Ok(self.session.world_mut().seek(at)?)
    }

    /// Handles what is due up to a time.
    ///
    /// # Errors
    /// When it is no time, or the run ends.
    pub(crate) fn run_until(&mut self, seconds: f64, max_events: u64) -> Result<Progress, Fault> {
        let until = time(seconds)?;
        Ok(self.session.world_mut().run_until(until, max_events)?)
    }
}

fn time(seconds: f64) -> Result<SimTime, Fault> {
    let span = pluriverse_kernel::time::SimDuration::from_secs_f64(seconds);
    let span = span.ok_or_else(|| Fault::usage(format!("{seconds} is no time in seconds")))?;
    Ok(SimTime::ZERO.saturating_add(span))
}
