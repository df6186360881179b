//! A process world, described completely and checked: what the reader makes of a file and the engine runs.
//!
//! Names are resolved to dense indices, durations and duration draws are nanoseconds, and every invariant that
//! a field's doc states holds. Reading files, spelling mistakes and spans are the business of `reader`. No description
//! is ever read from bytes; the parts are serialised for the fingerprint alone.

use pluriverse_kernel::{
    distribution::Distribution,
    snapshot::fingerprint,
    time::{SimDuration, SimTime},
};
use serde::Serialize;

use crate::expression::Expression;

/// One process world.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Short name, by default the file's stem.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How a run goes.
    pub run: RunSpec,
    /// Classes of cases; at least one.
    pub classes: Vec<ClassSpec>,
    /// Names of the attributes that cases carry; a case's attributes start at zero.
    pub attributes: Vec<String>,
    /// Where cases come from; at least one.
    pub sources: Vec<SourceSpec>,
    /// Who serves; each station names one pool.
    pub pools: Vec<PoolSpec>,
    /// Where cases are served.
    pub stations: Vec<StationSpec>,
}

impl Spec {
    /// Tells apart descriptions whose worlds differ in anything that happens or is measured. What a scenario is
    /// called, its seed and its number of replications do not count.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let Self {
            name: _,
            title: _,
            run,
            classes,
            attributes,
            sources,
            pools,
            stations,
        } = self;
        fingerprint(&(run, classes, attributes, sources, pools, stations))
    }
}

/// How a run goes.
#[derive(Clone, Debug, Serialize)]
pub struct RunSpec {
    /// Sources stop here; the run too, unless it drains. [`SimTime::MAX`] when only the sources' limits end it.
    pub until: SimTime,
    /// What happens to the cases still there at `until`.
    pub at_end: AtEnd,
    /// Measures start here; before `until`.
    pub warm_up: SimDuration,
    /// Measures are also kept per period of this length; positive, at most 10,000 periods a run (so
    /// [`SimDuration::MAX`] when the run has no end of its own).
    pub period: SimDuration,
    /// Seed when the caller names none.
    #[serde(skip)]
    pub seed: u64,
    /// Number of replications when the caller names none; at least 1.
    #[serde(skip)]
    pub replications: u64,
    /// Who says how many agents are on duty. A world without inputs has the fingerprint that it had before there
    /// were any.
    #[serde(skip_serializing_if = "Staffing::is_scheduled")]
    pub staffing: Staffing,
}

impl RunSpec {
    /// Number of periods that the run is divided into; the last one may be shorter.
    #[must_use]
    pub fn period_count(&self) -> usize {
        let count = (self.until.nanos() - 1).div_euclid(self.period.nanos()) + 1;
        usize::try_from(count.max(1)).unwrap_or(1)
    }
}

/// What happens to the cases still there when the sources stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum AtEnd {
    /// The run ends at once.
    Cut,
    /// They are served to the last one.
    Drain,
}

/// Who says how many agents of a pool are on duty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Staffing {
    /// The pools' shifts alone.
    #[default]
    Scheduled,
    /// Somebody outside, too, while the world runs.
    Outside,
}

impl Staffing {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_scheduled(&self) -> bool {
        *self == Self::Scheduled
    }
}

/// A class of cases.
#[derive(Clone, Debug, Serialize)]
pub struct ClassSpec {
    /// Its name.
    pub name: String,
    /// Larger is more urgent.
    pub priority: i32,
}

/// Most cases that one draw of a batch may bring; a run in which one brings more ends with an error.
pub const BATCH_LIMIT: u32 = 1_000_000;

/// Where cases come from.
#[derive(Clone, Debug, Serialize)]
pub struct SourceSpec {
    /// Its name.
    pub name: String,
    /// When they come.
    pub arrivals: Arrivals,
    /// How many come at once; `None` is one. Draws are rounded to whole numbers, negative ones count as none; not
    /// surely above [`BATCH_LIMIT`].
    pub batch: Option<Distribution>,
    /// Index of the class of the cases (a trace may say otherwise for each case).
    pub class: usize,
    /// Attributes set on arrival: index and value.
    pub attributes: Vec<(usize, Draw)>,
    /// Where they go.
    pub to: Routing,
    /// First instant at which this source works.
    pub from: SimTime,
    /// Instant at which it stops, at most the run's `until`.
    pub until: SimTime,
    /// No more cases than this.
    pub limit: Option<u64>,
}

/// When cases come.
#[derive(Clone, Debug, Serialize)]
pub enum Arrivals {
    /// One after the other, with independent intervals (nanoseconds); exponential ones make a Poisson process.
    Renewal(Distribution),
    /// A Poisson process whose rate is constant within each step.
    Rates {
        /// Start of each step after the source's origin (strictly increasing, the first at 0) and its rate per
        /// nanosecond (zero or more).
        steps: Vec<(SimDuration, f64)>,
        /// The steps repeat after this long; `None`: the last step holds on.
        cycle: Option<SimDuration>,
        /// Drawn once a replication; all rates are multiplied by it.
        factor: Option<Distribution>,
    },
    /// At fixed instants, ascending.
    Scheduled(Vec<SimTime>),
    /// As recorded, ascending in time.
    Trace(Vec<TraceCase>),
}

/// One recorded case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceCase {
    /// Its arrival.
    pub at: SimTime,
    /// Its class, when the trace says one.
    pub class: Option<usize>,
    /// Attributes that the trace gives: index and value (durations in seconds).
    pub attributes: Vec<(usize, f64)>,
}

/// A value drawn for a case: a duration in nanoseconds where a duration is wanted, else a plain number.
#[derive(Clone, Debug, Serialize)]
pub enum Draw {
    /// The same distribution for every case.
    Distribution(Distribution),
    /// By class; one for each class of the world.
    ByClass(Vec<Draw>),
    /// By time: start of each step within the cycle (strictly increasing, the first at 0) and what holds from there.
    ByTime {
        /// The steps.
        steps: Vec<(SimDuration, Draw)>,
        /// The steps repeat after this long; `None`: the last step holds on.
        cycle: Option<SimDuration>,
    },
    /// Computed; already in the unit wanted.
    Expression {
        /// What to compute; seconds where a duration is wanted.
        value: Expression,
        /// What the result is multiplied by (1e9 where a duration is wanted, else 1).
        unit: f64,
    },
    /// A draw multiplied by an expression (attribute-dependent scale).
    Scaled {
        /// The factor.
        factor: Expression,
        /// The draw.
        draw: Box<Draw>,
    },
}

/// Agents who serve one station or several.
#[derive(Clone, Debug, Serialize)]
pub struct PoolSpec {
    /// Its name; a station with agents of its own has a pool of the same name.
    pub name: String,
    /// How many agents at the start; `None` is without limit.
    pub agents: Option<u32>,
    /// Changes of the number of agents: instant (ascending, within the cycle) and number from there on. With a
    /// cycle the first is at zero and restores the first number.
    pub shifts: Vec<(SimDuration, u32)>,
    /// The shifts repeat after this long; `None`: the last number holds on.
    pub cycle: Option<SimDuration>,
    /// What busy agents do when their number falls.
    pub end_of_shift: EndOfShift,
    /// Cost of one agent on duty per hour.
    pub cost_per_hour: f64,
    /// Cost each time an agent starts on a case.
    pub cost_per_use: f64,
}

impl PoolSpec {
    /// The most agents that it ever has; `None` is without limit.
    #[must_use]
    pub fn most_agents(&self) -> Option<u32> {
        let shifts = self.shifts.iter().map(|(_, agents)| *agents);
        self.agents.map(|first| shifts.fold(first, u32::max))
    }
}

/// What busy agents do when their shift ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum EndOfShift {
    /// They finish the case that they have.
    Finish,
    /// They stop; the case waits at the head of its queue and is resumed with what was left.
    Preempt,
}

/// Where cases are served.
#[derive(Clone, Debug, Serialize)]
pub struct StationSpec {
    /// Its name.
    pub name: String,
    /// Index of the pool that serves here.
    pub pool: usize,
    /// Service time.
    pub service: Draw,
    /// Who is next.
    pub discipline: Discipline,
    /// Whether a more urgent case stops a less urgent one in service.
    pub preemption: Preemption,
    /// How many may wait; `None` is without limit.
    pub buffer: Option<u32>,
    /// What happens to a case that finds the buffer full.
    pub when_full: WhenFull,
    /// Where a case that balks goes.
    pub balk_to: Routing,
    /// How long a case waits before it gives up.
    pub patience: Option<Draw>,
    /// Where a case that gave up goes.
    pub renege_to: Routing,
    /// Target for the wait.
    pub service_level: Option<ServiceLevel>,
    /// Attributes set when service ends: index and value.
    pub assign: Vec<(usize, Expression)>,
    /// Cost of each service, on top of the agents'.
    pub cost_per_case: f64,
    /// Where a case goes after service.
    pub to: Routing,
}

/// Who is next in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Discipline {
    /// First come, first served.
    Fifo,
    /// Last come, first served.
    Lifo,
    /// The most urgent class first, first come first served within a class.
    Priority,
    /// The shortest service time first (drawn on arrival).
    ShortestProcessing,
}

/// Whether a more urgent case stops a less urgent one in service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Preemption {
    /// Never.
    None,
    /// It does; the stopped case later resumes with what was left.
    Resume,
}

/// What happens to a case that finds the buffer full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum WhenFull {
    /// It turns away.
    Balk,
    /// It stays where it was and keeps its agent there until there is room; from a source it waits outside.
    Block,
}

/// A target for the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceLevel {
    /// The longest wait that counts as met.
    pub within: SimDuration,
    /// How cases that gave up count.
    pub abandoned: AbandonedCount,
}

/// How cases that gave up count in a service level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum AbandonedCount {
    /// Met when they gave up within the target, else missed.
    ByWait,
    /// Always missed.
    Missed,
    /// Left out.
    Excluded,
}

/// Where a case goes next.
#[derive(Clone, Debug, Serialize)]
pub enum Routing {
    /// Always the same way.
    Always(Target),
    /// By chance: cumulative probabilities, ascending to 1, each with its target.
    Chance(Vec<(f64, Target)>),
    /// The first rule that holds (non-zero); else the last target.
    Rules(Vec<(Expression, Target)>, Target),
}

/// A place to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Target {
    /// The station of this index.
    Station(usize),
    /// Out of the world.
    Exit,
}
