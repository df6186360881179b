//! Worlds at their limits, and what is left of them: snapshots that were tampered with, times that overflow, draws
//! that are none. Everything is answered; nothing panics.

mod events;
mod limits;
mod tampering;
