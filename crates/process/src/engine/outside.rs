//! What somebody outside may tell a world: that work is done, and how many agents of a pool are on duty.
//!
//! What was let in is asked again when it is handled: meanwhile the same may have been reported twice, and what waits
//! in a snapshot may have been changed.

use pluriverse_kernel::{
    ledger::NONE,
    world::{Input, InputError},
};

use super::{Moment, State, pools::Doing, record};
use crate::spec::{Spec, Staffing};

/// Whether an input means something to this world.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(spec: &Spec, state: &State, input: &Input) -> Result<(), InputError> {
    match input.kind {
        record::DONE => check_done(state, input),
        record::STAFF if spec.run.staffing == Staffing::Outside => check_staff(spec, input),
        kind => Err(InputError::Unknown { kind }),
    }
}

/// Work must be done outside and not yet reported; the case may stay unnamed.
fn check_done(state: &State, input: &Input) -> Result<(), InputError> {
    let agent = state.pools.agents.get(input.object as usize);
    let is_waited_for = agent.is_some_and(|agent| {
        let is_its_case = || state.cases[agent.case].number == input.subject;
        agent.doing == Doing::Outside && (input.subject == NONE || is_its_case())
    });
    if is_waited_for {
        return Ok(());
    }
    Err(out_of_range(
        "object",
        f64::from(input.object),
        "an agent who has that case outside, not yet reported as done".to_owned(),
    ))
}

/// No more agents can be on duty than the pool has by its schedule, and those of a pool without limit are not counted.
fn check_staff(spec: &Spec, input: &Input) -> Result<(), InputError> {
    let subject = f64::from(input.subject);
    let Some(pool) = spec.pools.get(input.subject as usize) else {
        let expected = format!("a pool, from 0 to {}", spec.pools.len() - 1);
        return Err(out_of_range("subject", subject, expected));
    };
    let Some(most) = pool.most_agents() else {
        let expected = format!(
            "a pool that counts its agents, which `{}` does not",
            pool.name
        );
        return Err(out_of_range("subject", subject, expected));
    };
    if input.object != NONE {
        let object = f64::from(input.object);
        return Err(out_of_range("object", object, "none".to_owned()));
    }
    if !input.payload.is_empty() {
        let length = input.payload.len() as f64;
        return Err(out_of_range("payload", length, "none".to_owned()));
    }
    let is_count = (0.0..=f64::from(most)).contains(&input.value) && input.value.fract() == 0.0;
    if !is_count {
        let expected = format!(
            "a whole number of agents, from 0 to the {most} of `{}`",
            pool.name
        );
        return Err(out_of_range("value", input.value, expected));
    }
    Ok(())
}

/// A whole number that has been checked.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no pool has as many agents as would not fit, or less than none"
)]
fn count(value: f64) -> u32 {
    value as u32
}

fn out_of_range(field: &'static str, got: f64, expected: String) -> InputError {
    InputError::OutOfRange {
        field,
        got,
        expected,
    }
}

impl Moment<'_> {
    /// Does what an input says, if it still means something.
    pub(super) fn take(&mut self, input: &Input) {
        if check(self.spec, self.state, input).is_err() {
            return;
        }
        match input.kind {
            record::DONE => self.finish(input.object),
            _ => self.change_staff(input.subject, count(input.value)),
        }
    }
}
