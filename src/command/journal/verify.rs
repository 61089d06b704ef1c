//! `keyfleet journal verify`: whether each record is as it was written and where it was written.
//!
//! The chain of hashes shows every change, removal, insertion and exchange before the last line. What was taken off the end shows only against a head that
//! somebody kept.

use std::fmt::Write as _;
use std::path::Path;

use super::{Book, Report, books, in_one_sentence, nothing};
use crate::domain::id::AccountId;
use crate::domain::text::{Safe, safe};
use crate::state::journal::JournalError;
use crate::state::private::shown;

/// The hash of a last line, as it was kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head(String);

impl Head {
    /// 64 hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then(|| Self(text.to_ascii_lowercase()))
    }
}

/// Every journal in the state directory, or those of one account, and up to which record the kept head proves them.
pub(crate) fn verify(
    state_dir: &Path,
    account: Option<AccountId>,
    head: Option<&Head>,
) -> Result<Report, JournalError> {
    let books = books(state_dir, account)?;
    let mut text: String = books.iter().map(one).collect();
    if books.is_empty() {
        text = nothing(state_dir, account);
    }
    let Some(head) = head else {
        text.push_str("Without --head HASH nobody can tell whether records were taken off the end.\n");
        return Ok(Report { text, wrong: in_one_sentence(&books) });
    };
    let known = where_known(&books, head);
    for line in &known {
        let _infallible = writeln!(text, "{line}");
    }
    let missing = known.is_empty().then(|| unknown(head));
    Ok(Report { text, wrong: in_one_sentence(&books).or(missing) })
}

fn one(book: &Book) -> String {
    let Some(entries) = book.entries.as_ref().ok().filter(|_| book.is_sound()) else {
        let mut text = format!("{}: NOT AS KEYFLEET WROTE IT, {}\n", book.title(), shown(&book.path));
        for (what, remedy) in book.troubles() {
            let _infallible = writeln!(text, "  {what}: {remedy}");
        }
        return text;
    };
    let records = entries.all.len();
    format!("{}: {records} records, each as it was written and in its place\n  head {}\n", book.title(), entries.head())
}

/// In which journals this was once the last line.
fn where_known(books: &[Book], head: &Head) -> Vec<Safe> {
    let known = |book: &Book| {
        let entries = book.entries.as_ref().ok()?;
        let kept = entries.records_at(&head.0)?;
        let since = entries.all.len() - kept;
        Some(safe!("{}: the head that was kept is that of record {kept}; {since} came after it", book.title()))
    };
    books.iter().filter_map(known).collect()
}

fn unknown(head: &Head) -> String {
    format!(
        "no record has the hash {}: records were changed or taken off the end, or it is the head of another journal\n\
         compare with a copy of the file, and with CloudTrail",
        head.0
    )
}
