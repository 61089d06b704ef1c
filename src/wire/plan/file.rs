//! The file that holds a plan, as text.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::PlanError;
use crate::domain::text::{Safe, safe};

/// More than this is no plan.
const LARGEST: usize = 8 << 20;

/// The text of the file, or why it is none. The error does not name the file: whoever asked knows it.
pub(crate) fn read_file(path: &Path) -> Result<String, PlanError> {
    let kind = std::fs::metadata(path).map_err(|error| unreadable(&error))?.file_type();
    if kind.is_dir() {
        return Err(refuse("it is a directory", "name the file in it"));
    }
    // Opening a pipe that nobody writes to would wait for ever, and a plan that is streamed cannot be looked at again.
    if !kind.is_file() {
        return Err(refuse("it is not a regular file", "write the plan into a file first"));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(LARGEST + 1).unwrap_or(u64::MAX);
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(&error))?;
    if bytes.len() > LARGEST {
        return Err(refuse("it is larger than 8 MiB", "make several smaller plans"));
    }
    String::from_utf8(bytes).map_err(|error| PlanError::File {
        what: safe!("it is not UTF-8 at byte {}", error.utf8_error().valid_up_to()),
        remedy: "give it the file as `keyfleet plan` printed it",
    })
}

fn unreadable(error: &io::Error) -> PlanError {
    let is_absent = error.kind() == io::ErrorKind::NotFound;
    let what = if is_absent { "there is no such file".into() } else { safe!("it cannot be read: {}", error.kind()) };
    PlanError::File { what, remedy: "name the file that `keyfleet plan` printed its plan into" }
}

fn refuse(what: &'static str, remedy: &'static str) -> PlanError {
    PlanError::File { what: Safe::from_static(what), remedy }
}
