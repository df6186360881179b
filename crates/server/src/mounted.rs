//! A server without an address: another program hands it connections and has decided who may send them.
//!
//! It is the same server, on the same data folder, with the same limits, audit and upkeep; its connections are streams
//! in memory, so that nobody reaches it but through that program. Who asks is that program's matter: no token is asked
//! for, and any name of a host will do. Pages of other origins are still refused what changes something, unless they
//! are named, because a program that lets browsers in by a cookie would otherwise do what any page tells it to; it is
//! that program, though, which tells browsers of them (CORS).

use tokio::{
    io::{DuplexStream, duplex},
    runtime::Handle,
    sync::mpsc::{self, UnboundedSender},
};

use crate::{
    connections::{Visit, Visitor},
    gate::Gate,
    server::{Door, Life, StartError, claim},
    settings::{Settings, Trust},
};

/// Bytes on the way in a connection, each way, until who sends has to wait.
const STREAM_BYTES: usize = 64 << 10;

/// A running server that is part of another program; dropping it stops it.
pub struct Mounted {
    door: UnboundedSender<Visit>,
    life: Life,
}

impl Mounted {
    /// Serves from threads of its own. Address, TLS and trust of the settings are of no account.
    ///
    /// # Errors
    /// When its data folder is another server's, or something in it cannot be opened.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let settings = Settings {
            trust: Trust::Host,
            tls: None,
            ..settings
        };
        let gate = Gate::new(settings.data_dir.clone()).map_err(StartError::Tokens)?;
        let claim = claim(&settings.data_dir)?;
        let (door, visits) = mpsc::unbounded_channel();
        Ok(Self {
            door,
            life: Life::begin(settings, gate, claim, Door::Inside(visits))?,
        })
    }

    /// A connection on which `visitor` is answered as on one from the network.
    #[must_use]
    pub fn connect(&self, visitor: Visitor) -> DuplexStream {
        let (ours, theirs) = duplex(STREAM_BYTES);
        let visit = Visit {
            stream: theirs,
            visitor,
        };
        // A server that a defect has ended closes the connection by not taking it.
        let _ = self.door.send(visit);
        ours
    }

    /// What the server works on, for those who speak to it from threads without a runtime. It ends with the server, and
    /// everything on it.
    #[must_use]
    pub fn runtime(&self) -> &Handle {
        self.life.runtime()
    }

    /// Stops: takes nothing new, finishes what it has accepted, ends all worlds.
    pub fn stop(self) {
        drop(self);
    }
}
