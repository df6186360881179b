//! A user's files, for every host that has a disk: the command line and Python say the same of them.
//!
//! [`scenario_file`] reads scenarios from [`disk`], with what they refer to; [`render`] shows what is wrong with one, at
//! its line; [`comparison`] holds a run against a stored ledger; [`experiment_state`] keeps what an experiment's runs came
//! to. Whatever cannot be read is answered with what is there
//! instead. Knows no terminal and no command.

pub mod comparison;
pub mod disk;
pub mod experiment_state;
pub mod render;
pub mod scenario_file;
