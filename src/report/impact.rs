//! What losing Regions would mean, on paper. It is about keys and says so first, since nobody at night should take it for a statement about data.

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod markdown;
mod record;
pub(crate) mod table;

/// What stands before everything else that is for eyes.
const ABOUT: &str = "\
This is about keys, not about data: keyfleet cannot see which data a key protects, or where that is.
A primary key in a lost Region cannot be moved: UpdatePrimaryRegion is sent to that Region, and has no way to force it.
";
