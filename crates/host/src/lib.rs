//! What all hosts share, so that the command line, the server and the bindings say the same.
//!
//! [`kinds`] lists the kinds of world, the only place that knows them; [`scenario`] makes a scenario of a text;
//! [`session`] holds one world that somebody looks at and plays with; [`outside`] is what it is told; [`retrace`] makes
//! its rows again; [`document`] is how worlds, results and findings look as JSON. No files, no clock, no network: those are the hosts' own, and in a browser there are none.

pub mod document;
pub mod kinds;
pub mod outside;
pub mod retrace;
pub mod scenario;
pub mod session;
