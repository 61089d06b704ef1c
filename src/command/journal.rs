//! `keyfleet journal`: what keyfleet has changed, and whether its record is as it was written. It reads files and nothing else: no credentials, no network, no
//! lock.
//!
//! Both verbs exit 2 if a journal cannot be read or is not as keyfleet wrote it; 8 is for changes, which are refused where nothing can be recorded.

mod document;
mod show;
#[cfg(test)]
mod tests;
mod verify;

use std::path::{Path, PathBuf};

pub(crate) use show::show;
pub(crate) use verify::{Head, verify};

use crate::domain::id::AccountId;
use crate::domain::text::{Safe, safe};
use crate::state::journal::entries::Entries;
use crate::state::journal::{self, JournalError, Subject};
use crate::state::journals::found_in;
use crate::state::private::shown;

/// What goes to stdout, and what is wrong in one sentence.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) text: String,
    pub(crate) wrong: Option<String>,
}

/// One journal file, as far as it could be read.
struct Book {
    subject: Subject,
    path: PathBuf,
    entries: Result<Entries, Safe>,
}

impl Book {
    fn title(&self) -> Safe {
        let (partition, account) = self.subject;
        safe!("account {account}, partition {}", partition.name())
    }

    fn is_sound(&self) -> bool {
        self.entries.as_ref().is_ok_and(Entries::is_sound)
    }

    /// Everything that is wrong with it: where and what, and what to do about it.
    fn troubles(&self) -> Vec<(Safe, Safe)> {
        let entries = match &self.entries {
            Ok(entries) => entries,
            Err(why) => {
                let remedy = Safe::from_static("make it a private file of your own that can be read");
                return vec![(safe!("it cannot be read: {why}"), remedy)];
            }
        };
        let fault =
            |(line, fault): &(usize, journal::entries::Fault)| (safe!("line {line} {}", fault.words()), fault.remedy());
        let mut troubles: Vec<(Safe, Safe)> = entries.faults.iter().map(fault).collect();
        if !entries.torn.is_empty() {
            let line = entries.all.len() + unread_lines(entries) + 1;
            let what = safe!("line {line}, the last, was cut off after {} bytes", entries.torn.len());
            let remedy = "if a keyfleet is writing it, ask again; else the next change moves it aside, and what it \
                          spoke of may have been sent: look at CloudTrail";
            troubles.push((what, Safe::from_static(remedy)));
        }
        troubles
    }
}

/// Lines that are no records, but lines.
fn unread_lines(entries: &Entries) -> usize {
    use journal::entries::Fault;
    entries.faults.iter().filter(|(_, fault)| matches!(fault, Fault::NotALine | Fault::Later)).count()
}

/// Every journal in the directory, or those of one account.
fn books(state_dir: &Path, account: Option<AccountId>) -> Result<Vec<Book>, JournalError> {
    let mut found = found_in(state_dir)?;
    found.retain(|((_, of), _)| account.is_none_or(|wanted| wanted == *of));
    let read = |(subject, path): (Subject, PathBuf)| {
        let entries = journal::read(&path, subject).map_err(|error| error.words());
        Book { subject, path, entries }
    };
    Ok(found.into_iter().map(read).collect())
}

/// Says that there is nothing to read.
fn nothing(state_dir: &Path, account: Option<AccountId>) -> String {
    let whose = account.map(|account| format!(" of account {account}")).unwrap_or_default();
    format!("No journal{whose} in {}: keyfleet has changed nothing from here.\n", shown(state_dir))
}

/// The first thing that is wrong, and how much there is.
fn in_one_sentence(books: &[Book]) -> Option<String> {
    let (book, first) = books.iter().find_map(|book| Some((book, book.troubles().into_iter().next()?)))?;
    let all: usize = books.iter().map(|book| book.troubles().len()).sum();
    let more = if all > 1 { format!(", and {} more", all - 1) } else { String::new() };
    Some(format!("the journal of {}: {}{more}\n{}", book.title(), first.0, first.1))
}
