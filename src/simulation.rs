//! Whole schedules of bad luck, played from a seed: engine, Loader and journal against the embedded KMS, in virtual time.
//!
//! A schedule has random keys, one or two keyfleets with an operator each, other people who change the same keys, requests and answers that are lost, late or
//! refused, a disk that fails, kills and power cuts. An oracle compares what was confirmed, recorded, sent and claimed with the service's own log. Nothing here
//! has a socket, a thread or a clock: the same seed is the same schedule, to the letter.

mod books;
mod bug;
mod chance;
mod disk;
mod edge;
mod fleet;
mod operator;
mod oracle;
mod perform;
mod process;
mod tests;
mod truth;
mod weather;
mod world;
