//! What is to come: events in the order (time, priority, number), on the kernel's queue wherever it can hold them.
//!
//! The kernel's queue orders by an integer, a small priority and the order of arrival. As long as times are
//! [`Moment`]s and priorities small whole numbers, it says what is next, and the events lie in slots beside it. The
//! first time or priority of another kind moves everything into a binary heap that compares as the interpreter
//! does.

use pluriverse_kernel::pending::{PendingEvents, Priority};
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};

use super::event::Event;
use super::moment::Moment;
use super::process::Process;
use super::resources::base::BaseResource;

/// Priority of interrupts and of the start of processes.
pub(super) const URGENT: i8 = 0;
/// Priority of everything else.
pub(super) const NORMAL: i8 = 1;

/// After how long something is to happen.
#[derive(Clone, Copy)]
pub(super) enum Delay<'a, 'py> {
    /// At this instant.
    None,
    /// After a number, with the object that it was.
    Exact(Moment, &'a Bound<'py, PyAny>),
    /// After something that only the interpreter can add.
    Object(&'a Bound<'py, PyAny>),
}

impl<'a, 'py> Delay<'a, 'py> {
    #[inline]
    pub(super) fn of(delay: &'a Bound<'py, PyAny>) -> Self {
        match Moment::of(delay) {
            Some(moment) => Self::Exact(moment, delay),
            None => Self::Object(delay),
        }
    }
}

/// What happens when its turn comes.
pub(super) enum Pending {
    /// An event is processed.
    Event(Py<Event>),
    /// A process starts; its event `Initialize` exists only once somebody has asked for it.
    Start(Py<Process>),
    /// What a release that nobody holds leads to.
    Freed(Freed),
    /// Something that is no event of ours, and has to behave like one.
    Stranger(Py<PyAny>),
}

/// A release by the end of a `with` block: its event is made only when somebody looks at it.
pub(super) struct Freed {
    pub(super) resource: Py<BaseResource>,
    pub(super) request: Py<PyAny>,
    pub(super) by: Option<Py<PyAny>>,
}

impl Pending {
    fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Event(event) => visit.call(event),
            Self::Start(process) => visit.call(process),
            Self::Freed(freed) => {
                visit.call(&freed.resource)?;
                visit.call(&freed.request)?;
                visit.call(&freed.by)
            }
            Self::Stranger(object) => visit.call(object),
        }
    }

    fn clone_ref(&self, py: Python<'_>) -> Self {
        match self {
            Self::Event(event) => Self::Event(event.clone_ref(py)),
            Self::Start(process) => Self::Start(process.clone_ref(py)),
            Self::Freed(freed) => Self::Freed(Freed {
                resource: freed.resource.clone_ref(py),
                request: freed.request.clone_ref(py),
                by: freed.by.as_ref().map(|by| by.clone_ref(py)),
            }),
            Self::Stranger(object) => Self::Stranger(object.clone_ref(py)),
        }
    }
}

/// One entry, as Python shows it.
pub(super) struct Entry {
    pub(super) time: Py<PyAny>,
    pub(super) priority: Py<PyAny>,
    pub(super) number: u64,
    pub(super) what: Pending,
}

struct Slot {
    what: Pending,
    time: Moment,
    priority: i8,
    number: u64,
}

/// Everything that is to come in one environment.
pub(super) struct Agenda {
    queue: PendingEvents<u32>,
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    /// Holds everything once there was a time or a priority that the queue cannot order.
    heap: Option<Vec<Entry>>,
    /// The number of the next entry.
    next_number: u64,
}

impl Agenda {
    pub(super) fn new() -> Self {
        Self {
            queue: PendingEvents::new(),
            slots: Vec::new(),
            free: Vec::new(),
            heap: None,
            next_number: 0,
        }
    }

    pub(super) fn next_number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    pub(super) fn len(&self) -> usize {
        match &self.heap {
            Some(heap) => heap.len(),
            None => self.queue.len(),
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, time: Moment, priority: i8, what: Pending) {
        let number = self.next_number();
        let slot = Some(Slot {
            what,
            time,
            priority,
            number,
        });
        let index = if let Some(index) = self.free.pop() {
            self.slots[index as usize] = slot;
            index
        } else {
            let index = u32::try_from(self.slots.len()).expect("fewer than 2³² pending events");
            self.slots.push(slot);
            index
        };
        self.queue.push(time.place(), rank(priority), number, index);
    }

    /// Takes what is next, from the queue.
    #[inline]
    pub(super) fn take(&mut self) -> Option<(Moment, Pending)> {
        let due = self.queue.pop()?;
        let slot = self.slots[due.event as usize].take();
        self.free.push(due.event);
        let slot = slot.expect("what is in the queue lies in its slot");
        Some((slot.time, slot.what))
    }

    /// When something happens next, without the heap.
    pub(super) fn next_moment(&mut self) -> Option<Moment> {
        let index = self.queue.peek()?.event;
        self.slots[index as usize].as_ref().map(|slot| slot.time)
    }

    /// The next entry.
    pub(super) fn first(&mut self, py: Python<'_>) -> Option<Entry> {
        if let Some(heap) = &self.heap {
            return heap.first().map(|entry| entry.clone_ref(py));
        }
        let index = self.queue.peek()?.event;
        let slot = self.slots[index as usize].as_ref()?;
        Some(slot.entry(py))
    }

    /// All entries, in order as far as the queue orders them, and else as the heap has them.
    pub(super) fn entries(&self, py: Python<'_>) -> Vec<Entry> {
        if let Some(heap) = &self.heap {
            return heap.iter().map(|entry| entry.clone_ref(py)).collect();
        }
        let mut slots: Vec<_> = self.slots.iter().flatten().collect();
        slots.sort_unstable_by_key(|slot| (slot.time.place(), slot.priority, slot.number));
        slots.into_iter().map(|slot| slot.entry(py)).collect()
    }

    /// Replaces a pending start or release by the event that stands for it.
    pub(super) fn replace(&mut self, number: u64, event: Py<Event>) {
        if let Some(heap) = &mut self.heap {
            if let Some(entry) = heap.iter_mut().find(|entry| entry.number == number) {
                entry.what = Pending::Event(event);
            }
        } else if let Some(slot) = self
            .slots
            .iter_mut()
            .flatten()
            .find(|slot| slot.number == number)
        {
            slot.what = Pending::Event(event);
        }
    }

    /// Moves everything to the heap, which takes any time and priority.
    pub(super) fn use_heap(&mut self, py: Python<'_>) {
        if self.heap.is_none() {
            // What is sorted is a heap.
            self.heap = Some(self.entries(py));
            self.queue = PendingEvents::new();
            self.slots.clear();
            self.free.clear();
        }
    }

    /// The heap, taken out while the interpreter compares; it has to be put back.
    pub(super) fn open_heap(&mut self) -> Option<Vec<Entry>> {
        self.heap.replace(Vec::new())
    }

    pub(super) fn close_heap(&mut self, mut heap: Vec<Entry>) {
        // Comparisons may have scheduled something.
        heap.extend(self.heap.take().into_iter().flatten());
        self.heap = Some(heap);
    }

    pub(super) fn uses_heap(&self) -> bool {
        self.heap.is_some()
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        for slot in self.slots.iter().flatten() {
            slot.what.traverse(visit)?;
        }
        for entry in self.heap.iter().flatten() {
            visit.call(&entry.time)?;
            visit.call(&entry.priority)?;
            entry.what.traverse(visit)?;
        }
        Ok(())
    }
}

impl Slot {
    fn entry(&self, py: Python<'_>) -> Entry {
        Entry {
            time: self.time.to_object(py).unbind(),
            priority: Moment::Whole(self.priority.into()).to_object(py).unbind(),
            number: self.number,
            what: self.what.clone_ref(py),
        }
    }
}

impl Entry {
    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            time: self.time.clone_ref(py),
            priority: self.priority.clone_ref(py),
            number: self.number,
            what: self.what.clone_ref(py),
        }
    }

    /// Whether it comes before another, as the interpreter compares tuples of time, priority and number.
    fn is_before(&self, other: &Self, py: Python<'_>) -> PyResult<bool> {
        for (own, other) in [(&self.time, &other.time), (&self.priority, &other.priority)] {
            let (own, other) = (own.bind(py), other.bind(py));
            if !own.is(other) && !own.rich_compare(other, CompareOp::Eq)?.is_truthy()? {
                return own.rich_compare(other, CompareOp::Lt)?.is_truthy();
            }
        }
        Ok(self.number < other.number)
    }
}

/// The kernel's priority: lower goes first there, too.
#[inline]
fn rank(priority: i8) -> Priority {
    Priority(priority.cast_unsigned() ^ (1 << 7))
}

/// Adds to a heap that is open.
///
/// # Errors
/// What comparing two times or priorities raises; the entry has been added.
pub(super) fn push(heap: &mut Vec<Entry>, entry: Entry, py: Python<'_>) -> PyResult<()> {
    heap.push(entry);
    let last = heap.len() - 1;
    rise(heap, last, py)
}

/// Takes the first out of a heap that is open.
///
/// # Errors
/// What comparing two times or priorities raises; the first has been taken out and is lost.
pub(super) fn pop(heap: &mut Vec<Entry>, py: Python<'_>) -> PyResult<Option<Entry>> {
    if heap.is_empty() {
        return Ok(None);
    }
    let first = heap.swap_remove(0);
    let mut place = 0;
    // The smaller child moves up all the way, then what took the first's place rises to where it belongs.
    while 2 * place + 1 < heap.len() {
        let mut child = 2 * place + 1;
        if child + 1 < heap.len() && !heap[child].is_before(&heap[child + 1], py)? {
            child += 1;
        }
        heap.swap(place, child);
        place = child;
    }
    if !heap.is_empty() {
        rise(heap, place, py)?;
    }
    Ok(Some(first))
}

fn rise(heap: &mut [Entry], mut place: usize, py: Python<'_>) -> PyResult<()> {
    while place > 0 {
        let parent = (place - 1) / 2;
        if !heap[place].is_before(&heap[parent], py)? {
            break;
        }
        heap.swap(place, parent);
        place = parent;
    }
    Ok(())
}
