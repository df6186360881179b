//! What worlds are told, by names; and that rows are made again with what came from outside.

use expect_test::expect;
use pluriverse_host::{
    outside::{Party, Statement, refusal},
    retrace::{Reach, RetraceError, retrace},
    scenario,
    session::Session,
};
use pluriverse_kernel::{
    executor::{Completion, Executor, Work},
    ledger::{Chunk, Closing, Dictionary, Ledger, LedgerSink, SinkError},
    scenario::{Draft, NoFiles, RunKey, Scenario},
    time::SimTime,
    world::Progress,
};
use std::sync::{Arc, Mutex};

const TEXT: &str = r#"
kind = "process"
[run]
until = "8h"
staffing = "outside"
[sources.people]
arrivals = { poisson = { rate = "0.9/min" } }
[stations.desk]
agents = 3
service = { exponential = { mean = "1m" } }
"#;
const KEY: RunKey = RunKey {
    seed: 7,
    replication: 0,
};

fn read(text: &str) -> Arc<dyn Scenario> {
    let draft = Draft {
        file: "desk.toml",
        text,
        overrides: &[],
        files: &NoFiles,
    };
    scenario::read(draft).ok().unwrap().0.into()
}

fn say(kind: &str, subject: Option<&str>, value: f64) -> Statement {
    Statement {
        kind: kind.to_owned(),
        subject: subject.map(|name| Party::Name(name.to_owned())),
        object: None,
        value,
    }
}

#[test]
fn what_is_not_known_or_wanted_is_told_with_what_is() {
    let mut session = Session::new(read(TEXT), KEY, Ledger::hashed());
    session.world_mut().start().unwrap();
    let dictionary = session.world().ledger().dictionary().clone();
    let mut answers = String::new();
    let mut tell = |statement: &Statement| {
        let answer = match statement.resolve(&dictionary) {
            Err(error) => error.to_string(),
            Ok(input) => match session.world_mut().input(SimTime::ZERO, input) {
                Err(error) => refusal(&error, &dictionary),
                Ok(()) => "taken".to_owned(),
            },
        };
        answers.push_str(&answer);
        answers.push('\n');
    };
    tell(&say("stff", Some("desk"), 1.0));
    tell(&say("staff", Some("dsk"), 1.0));
    tell(&say("staff", Some("nobody"), 1.0));
    tell(&say("staff", None, 1.0));
    tell(&say("staff", Some("desk"), 4.0));
    tell(&say("shift", Some("desk"), 1.0));
    tell(&say("done", Some("case 0"), 1.0));
    tell(&Statement {
        object: Some(Party::Number(0)),
        ..say("staff", Some("desk"), 1.0)
    });
    tell(&Statement {
        subject: Some(Party::Number(7)),
        ..say("staff", None, 1.0)
    });
    tell(&say("staff", Some("desk"), 2.0));
    let closed = read(&TEXT.replace("outside", "scheduled")).world(KEY, Ledger::hashed());
    let error = say("staff", Some("desk"), 2.0).resolve(closed.ledger().dictionary());
    answers.push_str(&error.unwrap_err().to_string());
    expect![[r#"
        this world has no kind of event `stff`; did you mean `staff`?
        there is no pool `dsk`; did you mean `desk`?
        there is no pool `nobody`; there are: desk
        the input has no `subject`, expected a pool, from 0 to 0
        the input's `value` is 4, expected a whole number of agents, from 0 to the 3 of `desk`
        this world takes no input of kind `shift`
        the input has no `object`, expected an agent who has that case outside, not yet reported as done
        `staff` has no object
        the input's `subject` is 7, expected a pool, from 0 to 0
        taken
        this world takes no `staff`: its scenario has no `run.staffing` = "outside""#]]
    .assert_eq(&answers);
}

/// Takes rows and tells how many.
#[derive(Clone, Default)]
struct Count(Arc<Mutex<u64>>);

impl LedgerSink for Count {
    fn write(&mut self, _dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        *self.0.lock().unwrap() += chunk.len() as u64;
        Ok(())
    }

    fn finish(&mut self, _closing: &Closing) -> Result<(), SinkError> {
        Ok(())
    }
}

fn again(scenario: &dyn Scenario, session: &Session) -> Result<u64, RetraceError> {
    let count = Count::default();
    let reach = Reach::of(session);
    retrace(scenario, reach, Box::new(count.clone()), || true)?;
    let rows = *count.0.lock().unwrap();
    Ok(rows)
}

#[test]
fn rows_are_made_again_with_what_came_from_outside() {
    let scenario = read(TEXT);
    let mut session = Session::new(Arc::clone(&scenario), KEY, Ledger::hashed());
    session.world_mut().start().unwrap();
    for agents in [1, 0, 3, 2, 0, 1] {
        let dictionary = session.world().ledger().dictionary();
        let input = say("staff", Some("desk"), f64::from(agents)).resolve(dictionary);
        let now = session.world().now();
        session.world_mut().input(now, input.unwrap()).unwrap();
        session.play(3_000.0, u64::MAX).unwrap();
        let rows = session.world().ledger().rows();
        assert_eq!(again(&*scenario, &session).unwrap(), rows);
    }
    // Whoever has the snapshot knows what came before it, too.
    let mut restored = Session::new(Arc::clone(&scenario), KEY, Ledger::hashed());
    restored.restore(&session.world().snapshot()).unwrap();
    assert_eq!(restored.world_mut().run(u64::MAX), Ok(Progress::Finished));
    let rows = restored.world().ledger().rows();
    assert_eq!(again(&*scenario, &restored).unwrap(), rows);
}

#[test]
fn rows_of_work_that_was_done_outside_are_not_made_again() {
    struct Away;
    impl Executor for Away {
        fn begin(&mut self, _now: SimTime, _work: Work) -> Completion {
            Completion::External
        }
    }
    let scenario = read(TEXT);
    let mut session = Session::new(Arc::clone(&scenario), KEY, Ledger::hashed());
    let world = session.world_mut();
    world.set_executor(Box::new(Away));
    world.run_until(SimTime::from_secs(600), u64::MAX).unwrap();
    let done = Statement {
        object: Some(Party::Name("desk#1".to_owned())),
        ..say("done", None, 0.0)
    };
    let done = done.resolve(world.ledger().dictionary()).unwrap();
    world.input(SimTime::from_secs(700), done).unwrap();
    world.run_until(SimTime::from_secs(800), u64::MAX).unwrap();
    let error = again(&*scenario, &session).unwrap_err();
    expect!["the run had inputs from outside, and a second one cannot be given them: the input's `object` is 0, expected an agent who has that case outside, not yet reported as done"].assert_eq(&error.to_string());
}
