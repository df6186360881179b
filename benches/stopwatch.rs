//! Times a piece of work for the benches: processor time, which other programs on the machine do not add to, and
//! the time that passed.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A running measurement.
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            wall: Instant::now(),
            cpu: cpu_time(),
        }
    }

    /// Prints the line that the bench reads: how much was done, how long it took, and `answer`, which is JSON, by
    /// which the bench tells that the right thing was done.
    pub(crate) fn print(self, units: u64, answer: &str) {
        let (cpu, wall) = (
            (cpu_time() - self.cpu).as_nanos(),
            self.wall.elapsed().as_nanos(),
        );
        println!(r#"{{"units":{units},"cpu_nanos":{cpu},"wall_nanos":{wall},"answer":{answer}}}"#);
    }
}

/// Processor time of all threads of this program so far.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let secs = u64::try_from(time.tv_sec).expect("processor time counts from zero");
    let nanos = u32::try_from(time.tv_nsec).expect("less than a second of nanoseconds");
    Duration::new(secs, nanos)
}
