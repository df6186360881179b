//! A room with a heater, kept warm by a thermostat: continuous between events, and driven from outside.
//!
//! The room loses heat to the air outside in proportion to the difference; between two events nothing else changes,
//! so its temperature is an exponential that is evaluated, and integrated, exactly. The heater burns in charges:
//! each is work that is handed out, and is over after the drawn time or when somebody outside says so. Weather and
//! wishes come as inputs. Energy is accounted for: what came in is what went out and what the room holds more.

use std::sync::Arc;

use pluriverse_kernel::{
    context::{Context, StreamId},
    executor::{Completion, Work},
    ledger::{Dictionary, EventKind, NO_CAUSE, NONE, Noun, Row},
    model::Model,
    pending::{TimerId, Upcoming},
    random::Purpose,
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::{SimDuration, SimTime},
    view::{Column, Measures, Observation, Outline, Scalar, Series, Table, Unit, Values},
    world::{Input, InputError},
};
use serde::{Deserialize, Serialize};

/// The air outside has this temperature (value, °C) from now on.
pub(crate) const OUTSIDE: u16 = 0;
/// Somebody wishes this temperature (value, °C).
pub(crate) const WISH: u16 = 1;
/// A charge is burnt.
pub(crate) const BURNT: u16 = 2;
/// The room has become too cold (value, °C).
const COLD: u16 = 3;
/// The heater is lit (value: drawn seconds).
const LIT: u16 = 4;
/// The room is warm enough (value, °C).
const WARM: u16 = 5;

const CHARGES: StreamId = StreamId::nth(0);
const HOUR: SimDuration = SimDuration::from_secs(3_600);

/// What the room is built of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Walls {
    /// What the room takes up for each degree [J/K].
    pub(crate) capacity: f64,
    /// What it loses for each degree above the outside [W/K].
    pub(crate) loss: f64,
    /// What the heater gives [W].
    pub(crate) power: f64,
    /// How long a charge burns on average [s].
    pub(crate) charge_secs: f64,
    /// How far below the wish it may become [K].
    pub(crate) slack: f64,
}

impl Walls {
    pub(crate) const COTTAGE: Self = Self {
        capacity: 4.0e6,
        loss: 180.0,
        power: 9_000.0,
        charge_secs: 420.0,
        slack: 0.5,
    };

    /// How long a difference takes to fall to 1/e [s].
    pub(crate) fn time_constant(&self) -> f64 {
        self.capacity / self.loss
    }
}

/// Heat that came in and went out [J], degrees over time [K s], and seconds of heating.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) heated: f64,
    pub(crate) lost: f64,
    pub(crate) degree_secs: f64,
    pub(crate) heating_secs: f64,
    pub(crate) secs: f64,
}

impl Account {
    fn add(&mut self, other: Self) {
        self.heated += other.heated;
        self.lost += other.lost;
        self.degree_secs += other.degree_secs;
        self.heating_secs += other.heating_secs;
        self.secs += other.secs;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Heater {
    Off,
    /// Burns a charge, which is over at an event.
    Burning,
    /// Burns a charge; somebody outside says when it is over.
    Entrusted,
}

/// The room at its last event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Room {
    walls: Walls,
    since: SimTime,
    temperature: f64,
    outside: f64,
    wish: f64,
    heater: Heater,
    alarm: Option<TimerId>,
    charges: u64,
    total: Account,
    by_hour: Vec<Account>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Event {
    /// The room has cooled down to what is not warm enough.
    Cooled,
    /// The heater's charge is burnt.
    Burnt,
}

pub(crate) fn outside(celsius: f64) -> Input {
    input(OUTSIDE, NONE, celsius)
}

pub(crate) fn wish(celsius: f64) -> Input {
    input(WISH, NONE, celsius)
}

pub(crate) fn burnt() -> Input {
    input(BURNT, 0, 0.0)
}

fn input(kind: u16, object: u32, value: f64) -> Input {
    Input {
        kind,
        subject: 0,
        object,
        value,
        payload: Vec::new(),
    }
}

/// The input that a row of a ledger tells of, if it does.
pub(crate) fn input_of(row: &Row) -> Option<(SimTime, Input)> {
    let is_input = row.cause == NO_CAUSE && row.kind <= BURNT;
    is_input.then(|| (row.time, input(row.kind, row.object, row.value)))
}

impl Room {
    /// A room of so many degrees, outside as inside, in which nobody wishes for more than frost protection.
    pub(crate) fn new(walls: Walls, celsius: f64) -> Self {
        Self {
            walls,
            since: SimTime::ZERO,
            temperature: celsius,
            outside: celsius,
            wish: 5.0,
            heater: Heater::Off,
            alarm: None,
            charges: 0,
            total: Account::default(),
            by_hour: Vec::new(),
        }
    }

    pub(crate) fn walls(&self) -> &Walls {
        &self.walls
    }

    /// Temperature [°C] and account at `now`, which is not before the last event.
    pub(crate) fn at(&self, now: SimTime) -> (f64, Account) {
        let mut room = self.clone();
        room.come_to(now);
        (room.temperature, room.total)
    }

    /// The temperature that the room is on its way to.
    fn goal(&self) -> f64 {
        match self.heater {
            Heater::Off => self.outside,
            Heater::Burning | Heater::Entrusted => {
                self.outside + self.walls.power / self.walls.loss
            }
        }
    }

    /// Lets time pass, hour by hour.
    fn come_to(&mut self, now: SimTime) {
        while self.since < now {
            let hour = self.since.nanos() / HOUR.nanos();
            let end = HOUR
                .checked_mul(hour + 1)
                .map_or(now, |end| SimTime::ZERO.saturating_add(end));
            let end = end.min(now);
            let passed = self.pass(end.since(self.since).as_secs_f64());
            self.total.add(passed);
            let hour = usize::try_from(hour).expect("time does not begin before zero");
            self.by_hour
                .resize(self.by_hour.len().max(hour + 1), Account::default());
            self.by_hour[hour].add(passed);
            self.since = end;
        }
    }

    /// Solution of C dT/dt = P − G (T − outside) over `secs`, and its integrals.
    fn pass(&mut self, secs: f64) -> Account {
        let (goal, time_constant) = (self.goal(), self.walls.time_constant());
        let above = self.temperature - goal;
        // 1 − e^(−t/τ)
        let settled = -libm::expm1(-secs / time_constant);
        let degree_secs = goal * secs + above * time_constant * settled;
        let heating_secs = if self.heater == Heater::Off {
            0.0
        } else {
            secs
        };
        self.temperature -= above * settled;
        Account {
            heated: self.walls.power * heating_secs,
            lost: self.walls.loss * (degree_secs - self.outside * secs),
            degree_secs,
            heating_secs,
            secs,
        }
    }

    /// How long the room takes to cool down to `low`; `None` when it never does.
    fn time_to(&self, low: f64) -> Option<SimDuration> {
        if self.temperature <= low {
            return Some(SimDuration::ZERO);
        }
        let ratio = (self.temperature - self.outside) / (low - self.outside);
        if self.outside >= low {
            return None;
        }
        SimDuration::from_secs_f64(self.walls.time_constant() * libm::log(ratio))
    }

    /// Sets the alarm for when the room will be too cold, after anything has changed.
    fn watch(&mut self, cx: &mut Context<Event>) {
        if let Some(alarm) = self.alarm.take() {
            cx.cancel(alarm);
        }
        if self.heater == Heater::Off
            && let Some(delay) = self.time_to(self.wish - self.walls.slack)
        {
            self.alarm = cx.timer_after(delay, Event::Cooled);
        }
    }

    fn light(&mut self, cx: &mut Context<Event>) {
        let draw = cx.stream(CHARGES).exponential();
        // Half of a charge is certain.
        let secs = self.walls.charge_secs * (0.5 + 0.5 * draw);
        let drawn = SimDuration::from_secs_f64(secs).unwrap_or(SimDuration::MAX);
        cx.record(LIT, 0, 0, secs);
        self.charges += 1;
        let work = Work {
            subject: 0,
            agent: 0,
            drawn,
        };
        self.heater = match cx.begin_work(work) {
            Completion::After(delay) => {
                cx.schedule_after(delay, Event::Burnt);
                Heater::Burning
            }
            Completion::External => Heater::Entrusted,
        };
    }

    fn end_charge(&mut self, cx: &mut Context<Event>) {
        if self.temperature < self.wish {
            self.light(cx);
        } else {
            self.heater = Heater::Off;
            cx.record(WARM, 0, NONE, self.temperature);
        }
    }
}

impl Model for Room {
    type Event = Event;
    const KIND: &'static str = "thermostat";

    fn dictionary(&self) -> Arc<Dictionary> {
        let kind = |name: &str, object, value: &str| EventKind {
            name: name.to_owned(),
            subject: Some(0),
            object,
            value: value.to_owned(),
        };
        Arc::new(Dictionary {
            kinds: vec![
                kind("outside", None, "temperature [°C]"),
                kind("wish", None, "temperature [°C]"),
                kind("burnt", Some(1), ""),
                kind("cold", None, "temperature [°C]"),
                kind("lit", Some(1), "drawn [s]"),
                kind("warm", None, "temperature [°C]"),
            ],
            nouns: vec![
                Noun::named("room", ["cottage"]),
                Noun::named("heater", ["stove"]),
            ],
        })
    }

    fn start(&mut self, cx: &mut Context<Event>) {
        cx.open_stream(0, Purpose::named("charge"));
        self.watch(cx);
    }

    fn handle(&mut self, now: SimTime, event: Event, cx: &mut Context<Event>) {
        self.come_to(now);
        match event {
            Event::Cooled => {
                self.alarm = None;
                cx.record(COLD, 0, NONE, self.temperature);
                self.light(cx);
            }
            Event::Burnt => {
                cx.record(BURNT, 0, 0, 0.0);
                self.end_charge(cx);
            }
        }
        self.watch(cx);
    }

    fn check_input(&self, input: &Input) -> Result<(), InputError> {
        let (low, high) = match input.kind {
            OUTSIDE => (-60.0, 60.0),
            WISH => (5.0, 30.0),
            BURNT => (0.0, 0.0),
            kind => return Err(InputError::Unknown { kind }),
        };
        if (low..=high).contains(&input.value) {
            return Ok(());
        }
        Err(InputError::OutOfRange {
            field: "value",
            got: input.value,
            expected: format!("{low} to {high} °C"),
        })
    }

    fn handle_input(&mut self, now: SimTime, input: &Input, cx: &mut Context<Event>) {
        self.come_to(now);
        match input.kind {
            OUTSIDE => self.outside = input.value,
            WISH => self.wish = input.value,
            // Told of a charge that it has not been waited for, the room takes no notice.
            _ if self.heater == Heater::Entrusted => self.end_charge(cx),
            _ => {}
        }
        self.watch(cx);
    }

    fn state(&self, now: SimTime) -> Vec<Table> {
        let (temperature, _) = self.at(now);
        let figures = [
            ("inside [°C]", temperature),
            ("outside [°C]", self.outside),
            ("wish [°C]", self.wish),
        ];
        let columns = figures.map(|(name, value)| Column {
            name: name.to_owned(),
            values: Values::F64(vec![value]),
        });
        vec![Table {
            name: "room".to_owned(),
            columns: columns.to_vec(),
        }]
    }

    fn outline(&self) -> Outline {
        let scalar = |name: &str, unit| Scalar {
            name: name.to_owned(),
            unit,
        };
        let series = |chart: &str, name: &str| Series {
            chart: chart.to_owned(),
            name: name.to_owned(),
            unit: Unit::Number,
            period: HOUR,
        };
        Outline {
            scalars: vec![
                scalar("temperature [°C]", Unit::Number),
                scalar("heating", Unit::Share),
                scalar("heat [kWh]", Unit::Number),
                scalar("charges", Unit::Count),
            ],
            series: vec![series("temperature", "mean [°C]"), series("heat", "kWh")],
            spreads: Vec::new(),
        }
    }

    fn measures(&self, now: SimTime) -> Measures {
        let mut room = self.clone();
        room.come_to(now);
        let mean = |account: &Account| Observation::ratio(account.degree_secs, account.secs);
        let kwh = |account: &Account| Observation::plain(account.heated / 3.6e6);
        Measures {
            scalars: vec![
                mean(&room.total),
                Observation::ratio(room.total.heating_secs, room.total.secs),
                kwh(&room.total),
                Observation::plain(room.charges as f64),
            ],
            series: vec![
                room.by_hour.iter().map(mean).collect(),
                room.by_hour.iter().map(kwh).collect(),
            ],
            spreads: Vec::new(),
        }
    }

    fn check_restored(
        &self,
        _now: SimTime,
        upcoming: &[Upcoming<Event>],
    ) -> Result<(), SnapshotError> {
        let is_sound = |next: &Upcoming<Event>| match next.event {
            Event::Cooled => self.alarm.is_some() && next.timer == self.alarm,
            Event::Burnt => self.heater == Heater::Burning,
        };
        if upcoming.iter().all(is_sound) {
            return Ok(());
        }
        Err(SnapshotError::Invalid {
            section: "room".to_owned(),
            reason: "an event is to come that nobody waits for".to_owned(),
        })
    }

    fn save(&self, snapshot: &mut SnapshotWriter) {
        snapshot.record("room", self);
    }

    fn load(&mut self, snapshot: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let room: Self = snapshot.record("room")?;
        if room.walls != self.walls {
            let reason = format!("its walls are {:?}", room.walls);
            return Err(SnapshotError::OtherWorld { reason });
        }
        *self = room;
        Ok(())
    }
}
