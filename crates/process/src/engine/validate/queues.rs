//! Checks of queues: every waiting case is in the one of its station, where its order says, and every held case is
//! held at one station.

use std::collections::BTreeMap;

use super::{COUNT_LIMIT, NOBODY, Place, State};
use crate::engine::queue::{FIRST_TICKET, List, Order};

pub(super) fn check(fresh: &State, state: &State) -> Result<(), &'static str> {
    let (mut waiting, mut held) = (0, 0);
    let mut is_held = vec![false; state.cases.slots.len()];
    for (index, (station, fresh)) in (0..).zip(state.stations.iter().zip(&fresh.stations)) {
        let found = check_order(state, &station.queue.order, &fresh.queue.order, index)?;
        ensure!(found == station.queue.len as usize, "the length of a queue");
        waiting += found;
        for entry in &station.held {
            ensure!(is_at(state, entry.case, index, Place::Held), "a held case");
            let is_held = &mut is_held[entry.case as usize];
            ensure!(!*is_held, "a case is held twice");
            *is_held = true;
            held += 1;
        }
    }
    let count = |place| {
        let cases = state.cases.slots.iter();
        cases.filter(|case| case.place == place).count()
    };
    ensure!(waiting == count(Place::Waiting), "a case waits nowhere");
    ensure!(held == count(Place::Held), "a case is held nowhere");
    Ok(())
}

/// Counts the cases of a queue.
fn check_order(
    state: &State,
    order: &Order,
    fresh: &Order,
    station: u32,
) -> Result<usize, &'static str> {
    match (order, fresh) {
        (
            Order::Line { list, newest_first },
            Order::Line {
                newest_first: fresh_newest,
                ..
            },
        ) => {
            ensure!(newest_first == fresh_newest, "the order of a queue");
            walk(state, *list, station, |_| true)
        }
        (
            Order::Lists {
                lists,
                list_of_class,
            },
            Order::Lists {
                lists: fresh_lists,
                list_of_class: fresh_classes,
            },
        ) => {
            let is_like = lists.len() == fresh_lists.len() && list_of_class == fresh_classes;
            ensure!(is_like, "the order of a queue");
            let mut found = 0;
            for (index, list) in (0..).zip(lists) {
                found += walk(state, *list, station, |class| {
                    list_of_class[class as usize] == index
                })?;
            }
            Ok(found)
        }
        (Order::Sorted { cases, next_ticket }, Order::Sorted { .. }) => {
            check_sorted(state, cases, *next_ticket, station)?;
            Ok(cases.len())
        }
        _ => Err("the order of a queue"),
    }
}

fn check_sorted(
    state: &State,
    cases: &BTreeMap<(i64, u64), u32>,
    next_ticket: u64,
    station: u32,
) -> Result<(), &'static str> {
    let handed_out = next_ticket.checked_sub(FIRST_TICKET);
    let handed_out = handed_out.filter(|count| *count < COUNT_LIMIT);
    let handed_out = handed_out.ok_or("a queue's tickets")?;
    let is_sound = cases.iter().all(|((left, ticket), slot)| {
        is_at(state, *slot, station, Place::Waiting)
            && (state.cases[*slot].left_nanos, state.cases[*slot].ticket) == (*left, *ticket)
            && (FIRST_TICKET - handed_out..next_ticket).contains(ticket)
    });
    ensure!(is_sound, "a sorted queue");
    Ok(())
}

/// Follows a list of the classes that belong there from end to end and counts it.
fn walk(
    state: &State,
    list: List,
    station: u32,
    is_its_class: impl Fn(u32) -> bool,
) -> Result<usize, &'static str> {
    let (mut before, mut slot, mut count) = (NOBODY, list.first, 0);
    while slot != NOBODY {
        ensure!(
            is_at(state, slot, station, Place::Waiting),
            "a case in another queue"
        );
        let case = &state.cases[slot];
        ensure!(
            case.links.before == before
                && is_its_class(case.class)
                && count < state.cases.slots.len(),
            "the links of a queue"
        );
        (before, slot, count) = (slot, case.links.behind, count + 1);
    }
    ensure!(list.last == before, "the end of a queue");
    Ok(count)
}

fn is_at(state: &State, slot: u32, station: u32, place: Place) -> bool {
    let case = state.cases.slots.get(slot as usize);
    case.is_some_and(|case| case.station == station && case.place == place)
}
