//! Resources that processes share: slots, matter, and objects.

pub(super) mod base;
pub(super) mod container;
pub(super) mod priority;
pub(super) mod requests;
pub(super) mod resource;
pub(super) mod serving;
pub(super) mod store;
