//! The model seam: rules and state of one kind of world, written against a [`Context`].

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    context::Context,
    ledger::Dictionary,
    pending::Upcoming,
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::SimTime,
    view::{Figure, Measures, Outline, Table},
    world::{Input, InputError},
};

/// Rules and state of one kind of world.
///
/// Everything a model does depends on its own state, the event and what the context gives it; so a run is a
/// function of scenario and seed. Events are one plain enum, copied and never boxed.
pub trait Model: Send + 'static {
    /// What can be due.
    type Event: Copy + Send + std::fmt::Debug + Serialize + DeserializeOwned + 'static;

    /// The kind's name, as in scenario files and snapshots.
    const KIND: &'static str;

    /// What the numbers in the ledger mean. Called once, before the start. By default nothing: the model records
    /// nothing.
    fn dictionary(&self) -> Arc<Dictionary> {
        Arc::default()
    }

    /// Opens streams and schedules the first events, at time zero.
    fn start(&mut self, cx: &mut Context<Self::Event>);

    /// Does what is due at `now`.
    fn handle(&mut self, now: SimTime, event: Self::Event, cx: &mut Context<Self::Event>);

    /// Takes something from outside, which [`check_input`](Self::check_input) let in and the ledger has recorded.
    fn handle_input(&mut self, now: SimTime, input: &Input, cx: &mut Context<Self::Event>) {
        let _ = (now, input, cx);
    }

    /// Whether an input means something to this world; asked when it is handed in.
    ///
    /// # Errors
    /// What is wrong with it. By default a world takes no inputs.
    fn check_input(&self, input: &Input) -> Result<(), InputError> {
        Err(InputError::Unknown { kind: input.kind })
    }

    /// The state as tables, for people and front ends. By default a world shows none.
    fn state(&self, now: SimTime) -> Vec<Table> {
        let _ = now;
        Vec::new()
    }

    /// Single figures that have been measured up to `now`; their names, units and order are the same for every run of
    /// a scenario. All that is measured, unless [`outline`](Self::outline) and [`measures`](Self::measures) say more.
    fn figures(&self, now: SimTime) -> Vec<Figure> {
        let _ = now;
        Vec::new()
    }

    /// What is measured, in order; the same for every run of a scenario.
    fn outline(&self) -> Outline {
        let figures = self.figures(SimTime::ZERO).into_iter();
        Outline {
            scalars: figures.map(|figure| figure.scalar).collect(),
            ..Outline::default()
        }
    }

    /// What has been measured up to `now`, in the outline's order.
    fn measures(&self, now: SimTime) -> Measures {
        let figures = self.figures(now).into_iter();
        Measures {
            scalars: figures.map(|figure| figure.observation).collect(),
            ..Measures::default()
        }
    }

    /// Checks the state that was loaded against the world's time and all that is to come, in no order; asked once,
    /// after [`load`](Self::load). What passes must never break an invariant later.
    ///
    /// # Errors
    /// When they do not belong together; the model is then not used any further.
    fn check_restored(
        &self,
        now: SimTime,
        upcoming: &[Upcoming<Self::Event>],
    ) -> Result<(), SnapshotError> {
        let _ = (now, upcoming);
        Ok(())
    }

    /// Writes the complete state. By default nothing, and [`load`](Self::load) refuses every snapshot: such a world
    /// runs, but cannot be restored, branched or brought back to an earlier time.
    fn save(&self, snapshot: &mut SnapshotWriter) {
        let _ = snapshot;
    }

    /// Takes the state that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// When it does not fit this world; the model is then not used any further.
    fn load(&mut self, snapshot: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let _ = snapshot;
        Err(SnapshotError::NoState {
            model: Self::KIND.to_owned(),
        })
    }
}
