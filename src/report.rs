//! The fleet on paper: for eyes as a table, for machines as JSON, for spreadsheets and tickets as CSV and Markdown. Pure: a report in, text out.
//!
//! What is for eyes or for other programs' cells is [`Safe`](crate::domain::text::Safe); only JSON carries originals. Nothing unknown is printed as absent in
//! any of them.

pub(crate) mod csv;
pub(crate) mod difference;
pub(crate) mod findings;
pub(crate) mod impact;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod ndjson;
mod record;
pub(crate) mod table;
