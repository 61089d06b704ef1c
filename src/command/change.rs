//! Changes without a screen: `plan` prints one, `apply` carries it out. Both read through the same engine as the dashboard.

pub(super) mod apply;
mod cover;
mod outcome;
pub(super) mod plan;
mod show;
mod target;
