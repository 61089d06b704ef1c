//! keyfleet.
fn main() {}
