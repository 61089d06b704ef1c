//! `keyfleet journal show`: every record, where CloudTrail tells of it, what is wrong with the file, and last and loudest what is still open.

use std::fmt::Write as _;
use std::path::Path;

use super::document::Document;
use super::{Book, Report, books, in_one_sentence, nothing};
use crate::cli::TableOrJson;
use crate::domain::id::AccountId;
use crate::domain::plan::RecordKind;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::trail::{self, TrailEvent};
use crate::state::journal::JournalError;
use crate::state::journal::entries::Entries;
use crate::state::journal::entry::Entry;
use crate::state::journal::history::Story;
use crate::state::private::shown;
use crate::wire::json;

/// Every journal in the state directory, or those of one account.
pub(crate) fn show(state_dir: &Path, account: Option<AccountId>, output: TableOrJson) -> Result<Report, JournalError> {
    let books = books(state_dir, account)?;
    let text = match output {
        TableOrJson::Json => json::to_string_pretty(&Document::of(&books))? + "\n",
        TableOrJson::Table if books.is_empty() => nothing(state_dir, account),
        TableOrJson::Table => books.iter().map(one).collect::<String>() + &still_open(&books),
    };
    Ok(Report { text, wrong: in_one_sentence(&books) })
}

fn one(book: &Book) -> String {
    let records = book.entries.as_ref().map_or(0, |entries| entries.all.len());
    let mut text = format!("{}: {records} records in {}\n", book.title(), shown(&book.path));
    if let Ok(entries) = &book.entries {
        text.push_str(&table(entries));
    }
    for (what, remedy) in book.troubles() {
        let _infallible = writeln!(text, "NOT AS IT WAS WRITTEN: {what}\n  {remedy}");
    }
    if let Ok(entries) = &book.entries {
        let _infallible = writeln!(text, "head {}", Foreign::new(entries.head()).safe());
    }
    text.push('\n');
    text
}

fn table(entries: &Entries) -> String {
    let header = ["N", "AT", "KIND", "OPERATION", "OUTCOME", "SENT TO", "KEY"].map(Safe::from_static);
    let rows: Vec<[Safe; 7]> = std::iter::once(header).chain(entries.all.iter().map(row)).collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.as_str().chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let lines_below = std::iter::once(Vec::new()).chain(entries.all.iter().map(below));
    let mut text = String::new();
    for (row, lines) in rows.iter().zip(lines_below) {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _infallible = writeln!(text, "{}", cells.join("  ").trim_end());
        let indent = widths.first().map_or(2, |width| width + 2);
        for line in lines {
            let _infallible = writeln!(text, "{:indent$}{line}", "");
        }
    }
    text
}

fn row(entry: &Entry) -> [Safe; 7] {
    [
        safe!("{}", entry.number),
        entry.at.safe(),
        Safe::from_static(entry.kind.name()),
        operation(entry),
        entry.outcome.as_ref().map(Foreign::safe).unwrap_or_default(),
        entry.sent_to.safe(),
        entry.key_arn.safe(),
    ]
}

/// The operation and, where there is one, the other Region that it concerns.
fn operation(entry: &Entry) -> Safe {
    let parameters = entry.parameters.as_ref();
    let target = ["ReplicaRegion", "PrimaryRegion"].iter().find_map(|name| parameters?.get(name)?.as_str());
    match target {
        Some(target) => safe!("{} → {}", entry.operation.safe(), Foreign::new(target).safe()),
        None => entry.operation.safe(),
    }
}

/// What does not fit beside the rest.
fn below(entry: &Entry) -> Vec<Safe> {
    let which = safe!("intent {}, plan {} step {}", entry.intent.safe(), entry.plan.safe(), entry.step);
    let by = safe!("by {} on {}, process {}", entry.caller_arn.safe(), entry.host.safe(), entry.pid);
    let mut lines = match entry.kind {
        RecordKind::Intent => vec![safe!("{which}; {by}")],
        RecordKind::Outcome | RecordKind::Reconciled | RecordKind::ResolvedByHand | RecordKind::Note => vec![which],
    };
    lines.extend(look_for(entry));
    let code = entry.code.as_ref().map(|code| safe!("code {}", code.safe()));
    let request = entry.request_id.as_ref().map(|id| safe!("request {}", id.safe()));
    let codes: Vec<Safe> = code.into_iter().chain(request).collect();
    if !codes.is_empty() {
        lines.push(safe!("{}", codes.iter().map(Safe::as_str).collect::<Vec<_>>().join(", ")));
    }
    lines.extend(entry.detail.as_ref().map(Foreign::safe));
    lines
}

/// Of an intent, the events that its request leaves behind, or why that cannot be told.
pub(super) fn events(entry: &Entry) -> Option<Result<Vec<TrailEvent>, Safe>> {
    (entry.kind == RecordKind::Intent).then(|| entry.mutation().map(|mutation| trail::events(&mutation)))
}

fn look_for(entry: &Entry) -> Option<Safe> {
    let events = match events(entry)? {
        Ok(events) => events,
        Err(why) => return Some(safe!("what was asked cannot be told: {why}")),
    };
    let mark = Foreign::new(trail::mark(entry.intent.original())).safe();
    let mut events = events.into_iter();
    let first = events.next().map(|found| safe!("{} in {} with {mark} in its userAgent", found.event, found.region));
    let rest = events.map(|found| safe!("{} in {}", found.event, found.region));
    let all: Vec<String> = first.into_iter().chain(rest).map(|event| event.to_string()).collect();
    Some(safe!("CloudTrail: {}", all.join(", ")))
}

fn still_open(books: &[Book]) -> String {
    let mut open = Vec::new();
    for book in books {
        let stories = book.entries.as_ref().map(Entries::stories).unwrap_or_default();
        open.extend(stories.iter().filter(|story| story.is_open()).map(|story| open_lines(book, story)));
    }
    match open.len() {
        0 => String::new(),
        1 => format!("OPEN: nobody knows how this change ended. It may have been made.\n{}", open.concat()),
        many => {
            format!("OPEN: nobody knows how these {many} changes ended. They may have been made.\n{}", open.concat())
        }
    }
}

fn open_lines(book: &Book, story: &Story<'_>) -> String {
    let entry = story.intent;
    let detail = story.last_word.and_then(|word| word.detail.as_ref());
    let last = match detail {
        Some(detail) => safe!("unknown: {}", detail.safe()),
        None => Safe::from_static("no outcome was recorded"),
    };
    let mut text = format!("  {}: {} {}\n", book.title(), operation(entry), entry.key_arn.safe());
    let _infallible = writeln!(text, "    recorded {}, {last}", entry.at.safe());
    if let Some(line) = look_for(entry) {
        let _infallible = writeln!(text, "    {line}");
    }
    text
}
