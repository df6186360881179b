//! Worlds and runs over HTTP and WebSocket, with the web app in the same program.
//!
//! [`Server::start`] binds an address and serves until it is stopped; a [`Mounted`] server has no address, and answers
//! the program that it is part of. A [world](world) runs on a thread of its own,
//! which nobody but itself touches: callers send it orders and wait for answers, watchers read what it has shown
//! from a bounded ring, and neither can slow it or change what happens in it. A panic ends its world only. What is
//! served, and in which words, stands in the OpenAPI document (`/api/v1/openapi.json`), which is made from the
//! handlers themselves.
//!
//! Knows no kind of world and no rule of one; what worlds and results look like as JSON is `pluriverse_host`'s.

mod app;
mod audit;
mod connections;
mod cors;
mod embedded;
mod extract;
mod gallery;
mod gate;
mod guard;
mod memory;
mod metrics;
mod mounted;
mod observe;
mod pages;
mod problem;
mod routes;
mod runs;
mod scenario;
mod server;
mod settings;
mod throttle;
mod tls;
pub mod tokens;
mod upkeep;
mod world;
mod worlds;

pub use connections::Visitor;
pub use cors::{NotAnOrigin, Origin};
pub use mounted::Mounted;
pub use observe::SPANS;
pub use routes::openapi;
pub use server::{Server, StartError, serve};
pub use settings::{Build, Limits, Settings, Trust};
pub use tls::{TlsError, TlsFiles};
