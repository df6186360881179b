//! Process worlds.
use pluriverse_document as document;

mod diagram;
pub mod engine;
pub mod expression;
pub mod reader;
pub mod scenario;
pub mod spec;
