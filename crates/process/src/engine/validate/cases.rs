//! Checks of the cases: each is somewhere once, and its times follow each other.

use super::{Place, Spec, State};
use crate::engine::cases::Case;

pub(super) fn check(spec: &Spec, state: &State) -> Result<(), &'static str> {
    let cases = &state.cases;
    ensure!(
        cases.attribute_count == spec.attributes.len(),
        "the number of attributes"
    );
    ensure!(
        cases.attributes.len() == cases.slots.len() * cases.attribute_count,
        "the attributes of the cases"
    );
    let mut is_free = vec![false; cases.slots.len()];
    for slot in &cases.free {
        let place = is_free.get_mut(*slot as usize).filter(|is_free| !**is_free);
        *place.ok_or("a free slot twice")? = true;
    }
    for (case, is_free) in cases.slots.iter().zip(is_free) {
        ensure!(
            (case.place == Place::Gone) == is_free,
            "a case is free and present"
        );
        if !is_free {
            check_present(spec, state, case)?;
        }
    }
    Ok(())
}

fn check_present(spec: &Spec, state: &State, case: &Case) -> Result<(), &'static str> {
    ensure!(case.place != Place::Moving, "a case is nowhere");
    ensure!((case.class as usize) < spec.classes.len(), "a case's class");
    ensure!(
        (case.station as usize) < spec.stations.len(),
        "a case's station"
    );
    ensure!(case.number < state.cases.next_number, "a case's number");
    let times = [case.arrived, case.entered, case.waiting_since];
    ensure!(
        times.is_sorted() && case.arrived.nanos() >= 0,
        "a case's times"
    );
    ensure!(case.waited_nanos >= 0, "a case's wait");
    let before = case.waiting_since.since(case.entered).nanos();
    ensure!(
        case.place != Place::Waiting || case.waited_nanos <= before,
        "a case's wait"
    );
    let is_service_sound = match case.place {
        // It is over; the next one is drawn when there is room.
        Place::Held => true,
        Place::Waiting if case.left_nanos == -1 => true,
        // What has been done of it was done before it last began to wait.
        _ => {
            (0..=case.service_nanos).contains(&case.left_nanos)
                && case.service_nanos - case.left_nanos <= before
        }
    };
    ensure!(is_service_sound, "a case's service");
    ensure!(
        case.patience.is_none() || case.place == Place::Waiting,
        "only who waits can give up"
    );
    Ok(())
}
