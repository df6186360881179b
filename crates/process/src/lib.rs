//! Process worlds.
mod diagram;
mod document;
pub mod engine;
pub mod expression;
pub mod reader;
pub mod scenario;
pub mod spec;
