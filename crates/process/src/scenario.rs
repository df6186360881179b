//! The process kind, as hosts see it.

use std::sync::Arc;

use pluriverse_kernel::{
    diagnostic::Diagnostic,
    ledger::Ledger,
    model::Model,
    scenario::{Draft, Kind, RunDefaults, RunKey, Scenario},
    simulation::Simulation,
    time::SimTime,
    view::Diagram,
    world::World,
};

use crate::{diagram, engine::Engine, reader, spec::Spec};

/// The kind of world in which cases flow through stations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process;

impl Kind for Process {
    fn name(&self) -> &'static str {
        Engine::KIND
    }

    fn summary(&self) -> &'static str {
        "cases flow from sources through stations with agents, queues and decisions"
    }

    fn schema(&self) -> String {
        reader::schema()
    }

    fn read(
        &self,
        draft: Draft<'_>,
    ) -> Result<(Box<dyn Scenario>, Vec<Diagnostic>), Vec<Diagnostic>> {
        let (spec, warnings) = reader::read(draft)?;
        Ok((Box::new(ProcessScenario::new(spec)), warnings))
    }
}

/// A described process world.
pub struct ProcessScenario {
    spec: Arc<Spec>,
    /// A world that has not started, to make others from.
    template: Engine,
}

impl ProcessScenario {
    /// The scenario that `spec` describes.
    #[must_use]
    pub fn new(spec: Spec) -> Self {
        let spec = Arc::new(spec);
        Self {
            template: Engine::new(Arc::clone(&spec)),
            spec,
        }
    }

    /// The description.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// A typed world, for callers that know the kind.
    #[must_use]
    pub fn simulation(&self, key: RunKey, ledger: Ledger) -> Simulation<Engine> {
        Simulation::new(self.template.fresh(), key, ledger)
    }
}

impl Scenario for ProcessScenario {
    fn kind(&self) -> &'static str {
        Engine::KIND
    }

    fn name(&self) -> &str {
        &self.spec.name
    }

    fn title(&self) -> &str {
        &self.spec.title
    }

    fn defaults(&self) -> RunDefaults {
        let run = &self.spec.run;
        RunDefaults {
            seed: run.seed,
            replications: run.replications,
            until: (run.until < SimTime::MAX).then_some(run.until),
        }
    }

    fn diagram(&self) -> Option<Diagram> {
        Some(diagram::of(&self.spec))
    }

    fn world(&self, key: RunKey, ledger: Ledger) -> Box<dyn World> {
        Box::new(self.simulation(key, ledger))
    }
}
