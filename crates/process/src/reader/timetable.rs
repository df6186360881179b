//! Things that change with time: values at even intervals, or steps with their starts, perhaps over and over.

use pluriverse_kernel::time::SimDuration;

use super::Reader;
use crate::document::{Cursor, Value};

/// No more steps than this in one timetable.
const STEPS_LIMIT: usize = 100_000;

/// What holds when.
#[derive(Clone, Debug)]
pub(super) struct Timetable<T> {
    /// Start of each step (strictly increasing, the first at zero) and what holds from there; at least one.
    pub(super) steps: Vec<(SimDuration, T)>,
    /// The steps repeat after this long; after the last start.
    pub(super) cycle: Option<SimDuration>,
}

/// How a timetable is spelt: the key of the steps, and the key of the value within a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    pub(super) steps: &'static str,
    pub(super) value: &'static str,
}

impl Reader<'_> {
    /// Reads a timetable whose values `read` reads.
    pub(super) fn timetable<T>(
        &mut self,
        cursor: &Cursor<'_>,
        spelling: Spelling,
        mut read: impl FnMut(&mut Self, &Cursor<'_>) -> Option<T>,
    ) -> Option<Timetable<T>> {
        if let Some(every) = cursor.get("every") {
            let list = cursor.get("values")?;
            let every_length = every.duration().filter(|every| every.nanos() > 0)?;
            self.check_count(&list)?;
            let values = list
                .items()
                .map(|item| read(self, &item))
                .collect::<Vec<_>>();
            let mut steps = Vec::with_capacity(values.len());
            for (index, value) in values.into_iter().enumerate() {
                let count = i64::try_from(index + 1).ok()?;
                // The end of each step has to fit, that of the last one too.
                if every_length.checked_mul(count).is_none() {
                    self.findings
                        .error(every.place(), format!("`{}` is too long: the last value would start after the end of time", every.path))
                        .expected("less than 292 years in all");
                    return None;
                }
                steps.push((every_length.checked_mul(count - 1)?, value?));
            }
            let whole = every_length.checked_mul(i64::try_from(steps.len()).ok()?)?;
            let cycle = self.cycle(cursor, steps.last()?.0, Some(whole))?;
            return Some(Timetable { steps, cycle });
        }
        let list = cursor.get(spelling.steps)?;
        self.check_count(&list)?;
        let mut steps: Vec<(SimDuration, T)> = Vec::new();
        let mut is_complete = true;
        for item in list.items() {
            let from = item
                .get("from")
                .and_then(|from| Some((from.duration()?, from)));
            let value = item
                .get(spelling.value)
                .and_then(|value| read(self, &value));
            let (Some((from, from_cursor)), Some(value)) = (from, value) else {
                is_complete = false;
                continue;
            };
            self.check_order(&from_cursor, from, steps.last().map(|(last, _)| *last))?;
            steps.push((from, value));
        }
        if !is_complete {
            return None;
        }
        let cycle = self.cycle(cursor, steps.last()?.0, None)?;
        Some(Timetable { steps, cycle })
    }

    fn check_count(&mut self, list: &Cursor<'_>) -> Option<()> {
        let count = match &list.node.value {
            Value::List(items) => items.len(),
            _ => return None,
        };
        if count > STEPS_LIMIT {
            self.findings
                .error(
                    list.place(),
                    format!("`{}` has {count} elements", list.path),
                )
                .expected(format!("at most {STEPS_LIMIT}"));
            return None;
        }
        Some(())
    }

    fn check_order(
        &mut self,
        cursor: &Cursor<'_>,
        from: SimDuration,
        last: Option<SimDuration>,
    ) -> Option<()> {
        match last {
            None if from == SimDuration::ZERO => Some(()),
            None => {
                self.findings
                    .error(
                        cursor.place(),
                        format!(
                            "`{}` = \"{from}\" leaves open what holds before",
                            cursor.path
                        ),
                    )
                    .expected("\"0s\" for the first step");
                None
            }
            Some(last) if from > last => Some(()),
            Some(last) => {
                self.findings
                    .error(
                        cursor.place(),
                        format!("`{}` = \"{from}\" is not after \"{last}\"", cursor.path),
                    )
                    .expected("steps in the order of time");
                None
            }
        }
    }

    /// Reads `repeat`; the outer `None` is an error that was noted.
    fn cycle(
        &mut self,
        cursor: &Cursor<'_>,
        last_start: SimDuration,
        whole: Option<SimDuration>,
    ) -> Option<Option<SimDuration>> {
        let Some(repeat) = cursor.get("repeat") else {
            return Some(None);
        };
        if let Some(is_repeated) = repeat.boolean() {
            if is_repeated && whole.is_none() {
                self.findings
                    .error(
                        repeat.place(),
                        format!("`{}` does not say after how long", repeat.path),
                    )
                    .expected("a duration such as \"24h\"");
                return None;
            }
            return Some(whole.filter(|_| is_repeated));
        }
        let cycle = repeat.duration()?;
        if cycle <= last_start {
            self.findings
                .error(
                    repeat.place(),
                    format!(
                        "`{}` = \"{cycle}\" comes before the last step starts",
                        repeat.path
                    ),
                )
                .expected(format!("more than {last_start}"));
            return None;
        }
        Some(Some(cycle))
    }
}
