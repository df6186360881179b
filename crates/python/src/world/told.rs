//! What Python tells a world: parties by name or number.

use pluriverse_host::outside::{Party, Statement, refusal};
use pluriverse_kernel::{
    ledger::Dictionary,
    time::SimTime,
    world::{InputError, Phase, World},
};
use pyo3::{
    prelude::*,
    types::{PyBool, PyString},
};

use crate::fault::Fault;

/// The statement that Python's arguments are: kind, subject, object, value.
///
/// # Errors
/// When something has the wrong type, or is no number of anything.
pub(super) fn statement(
    kind: &str,
    parties: (&Bound<'_, PyAny>, &Bound<'_, PyAny>),
    value: &Bound<'_, PyAny>,
) -> Result<Statement, Fault> {
    Ok(Statement {
        kind: kind.to_owned(),
        subject: party("subject", parties.0)?,
        object: party("object", parties.1)?,
        value: number(value)?,
    })
}

fn party(field: &str, given: &Bound<'_, PyAny>) -> Result<Option<Party>, Fault> {
    if given.is_none() {
        return Ok(None);
    }
    if let Ok(name) = given.cast::<PyString>() {
        return Ok(Some(Party::Name(name.to_cow()?.into_owned())));
    }
    let number = match given.extract::<i128>() {
        Ok(number) if !given.is_instance_of::<PyBool>() => number,
        _ => {
            let kind = given.get_type().name()?;
            return Err(Fault::Type(format!(
                "`{field}` is a {kind}, expected a name or a number"
            )));
        }
    };
    match u32::try_from(number) {
        Ok(number) => Ok(Some(Party::Number(number))),
        Err(_) => Err(Fault::Value(format!(
            "`{field}` is {number}, expected a number from 0"
        ))),
    }
}

fn number(given: &Bound<'_, PyAny>) -> Result<f64, Fault> {
    match given.extract::<f64>() {
        Ok(value) if !given.is_instance_of::<PyBool>() => Ok(value),
        _ => {
            let kind = given.get_type().name()?;
            Err(Fault::Type(format!(
                "`value` is a {kind}, expected a number"
            )))
        }
    }
}

/// Hands a statement in, for `at` or else for now; a new world begins.
///
/// # Errors
/// What the world does not know, or takes no notice of.
pub(super) fn tell(
    world: &mut dyn World,
    statement: &Statement,
    (at, dictionary): (Option<SimTime>, &Dictionary),
) -> Result<(), Fault> {
    let input = statement
        .resolve(dictionary)
        .map_err(|error| Fault::Value(error.to_string()))?;
    if world.phase() == Phase::New {
        world.start()?;
    }
    if world.phase() == Phase::Finished {
        let message = format!("the world is finished: it takes no `{}`", statement.kind);
        return Err(Fault::Failed(message));
    }
    let handed_in = world.input(at.unwrap_or(world.now()), input);
    handed_in.map_err(|error| match error {
        InputError::NotRunning => Fault::Failed(error.to_string()),
        error => Fault::Value(refusal(&error, dictionary)),
    })
}
