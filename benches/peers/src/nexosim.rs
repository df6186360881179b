//! The queue in NeXosim: a source and a server, joined by a port, on the single-threaded executor.
//!
//! Inputs that wait for nothing are plain functions, and the bench runs until no event is left, which is the
//! shortest way through NeXosim's scheduler that its documentation describes.

use std::{collections::VecDeque, error::Error, time::Duration};

use nexosim::{
    model::{Context, Model, schedulable},
    ports::{EventSinkReader as _, Output, SinkState, event_slot},
    simulation::{Mailbox, SimInit},
    time::MonotonicTime,
};
use serde::{Deserialize, Serialize};

use crate::{LOAD, Stream};

/// Sends customers out.
#[derive(Serialize, Deserialize)]
struct Source {
    customer: Output<()>,
    intervals: Stream,
    left: u64,
}

#[Model]
impl Source {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        self.schedule_next(cx);
    }

    #[nexosim(schedulable)]
    async fn send(&mut self, _: (), cx: &Context<Self>) {
        self.left -= 1;
        self.schedule_next(cx);
        self.customer.send(()).await;
    }

    fn schedule_next(&mut self, cx: &Context<Self>) {
        if self.left > 0 {
            let interval = minutes(self.intervals.draw() / LOAD);
            cx.schedule_event(interval, schedulable!(Self::send), ())
                .expect("intervals are longer than nothing");
        }
    }
}

/// Serves customers one after the other.
#[derive(Serialize, Deserialize)]
struct Server {
    /// Says how long all of them waited, once the last one is done.
    total_wait: Output<Duration>,
    services: Stream,
    /// When they came who are waiting.
    waiting: VecDeque<MonotonicTime>,
    is_busy: bool,
    waited: Duration,
    left: u64,
}

#[Model]
impl Server {
    fn customer(&mut self, _: (), cx: &Context<Self>) {
        if self.is_busy {
            self.waiting.push_back(cx.time());
        } else {
            self.is_busy = true;
            self.serve(cx);
        }
    }

    #[nexosim(schedulable)]
    async fn end(&mut self, _: (), cx: &Context<Self>) {
        self.left -= 1;
        if let Some(came) = self.waiting.pop_front() {
            self.waited += cx.time().duration_since(came);
            self.serve(cx);
        } else {
            self.is_busy = false;
        }
        if self.left == 0 {
            self.total_wait.send(self.waited).await;
        }
    }

    fn serve(&mut self, cx: &Context<Self>) {
        let service = minutes(self.services.draw());
        cx.schedule_event(service, schedulable!(Self::end), ())
            .expect("services are longer than nothing");
    }
}

/// Serves this many customers and returns the sum of their waits, in mean services.
pub(crate) fn run(customers: u64) -> Result<f64, Box<dyn Error>> {
    let mut source = Source {
        customer: Output::default(),
        intervals: Stream::new(1),
        left: customers,
    };
    let mut server = Server {
        total_wait: Output::default(),
        services: Stream::new(2),
        waiting: VecDeque::new(),
        is_busy: false,
        waited: Duration::ZERO,
        left: customers,
    };
    let (source_mailbox, server_mailbox) = (Mailbox::new(), Mailbox::new());
    source.customer.connect(Server::customer, &server_mailbox);
    let (sink, mut total_wait) = event_slot(SinkState::Enabled);
    server.total_wait.connect_sink(sink);
    let mut simulation = SimInit::with_num_threads(1)
        .add_model(source, source_mailbox, "source")
        .add_model(server, server_mailbox, "server")
        .init(MonotonicTime::EPOCH)?;
    simulation.run()?;
    let total_wait = total_wait.try_read().ok_or("not all were served")?;
    Ok(total_wait.as_secs_f64() / 60.0)
}

/// A mean service takes a minute. NeXosim refuses delays of zero, which a draw below a nanosecond would be.
fn minutes(count: f64) -> Duration {
    Duration::from_secs_f64(count * 60.0).max(Duration::from_nanos(1))
}
