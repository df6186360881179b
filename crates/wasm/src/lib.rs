//! The engine as a WebAssembly module: one world in each instance, spoken to in JSON and bytes.
//!
//! Nothing is imported. A caller writes its words into the [buffer](exchange), calls, and finds the answer there; the
//! TypeScript of `web/engine` does that and is what people use. [`exports`] lists the calls, [`inhabited`] is the one
//! world, [`request`] what a caller may ask for, [`fault`] how it is told that something is wrong.
//!
//! A panic ends an instance, and with it one world and no other; what it said can still be read. All memory of a
//! world goes with its instance. Holds no rules of any model, and leaves files, clocks and threads to its host.

mod exchange;
mod exports;
mod fault;
mod inhabited;
mod request;
