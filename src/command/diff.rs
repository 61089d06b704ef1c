//! `keyfleet diff`: what differs between two snapshots. Reads two files, and nothing else.

use super::{Ended, snapshot, write_out};
use crate::cli::{Diff, Global, TableOrJson};
use crate::command::Outside;
use crate::domain::fleet::difference::{Side, Verdict, differences};
use crate::domain::text::safe;
use crate::report::difference::render;
use crate::state::private::shown;
use crate::wire::difference::document;
use crate::wire::fleet::Restored;
use crate::wire::json;

pub(crate) fn run(global: &Global, diff: &Diff, _outside: &Outside) -> Result<Ended, Ended> {
    super::logging::start(global.log.as_deref(), None)?;
    if global.filter.is_some() {
        return Err(Ended::usage("--filter: diff compares whole snapshots\nleave it out, and pick from --output json"));
    }
    let (from, to) = (snapshot::open(&diff.from)?, snapshot::open(&diff.to)?);
    check_accounts(&from, &to)?;
    let side = |restored: &'_ Restored| restored.finished_at;
    let found = differences(Side { fleet: &from.fleet, at: side(&from) }, Side { fleet: &to.fleet, at: side(&to) });
    let text = match diff.output {
        TableOrJson::Table => render((&shown(&diff.from), &from), (&shown(&diff.to), &to), &found),
        TableOrJson::Json => {
            let name = |path: &std::path::Path| path.to_string_lossy().into_owned();
            let document = document((&name(&diff.from), &from), (&name(&diff.to), &to), &found);
            let broken = |error| Ended::internal(&format!("the comparison cannot be written: {error}"));
            json::to_string_pretty(&document).map_err(broken)? + "\n"
        }
    };
    write_out(&text)?;
    Ok(Ended::with(match found.verdict() {
        Verdict::Same => 0,
        Verdict::Different => 1,
        Verdict::Unknown => 3,
    }))
}

/// Keys of different accounts have nothing in common that could differ.
fn check_accounts(from: &Restored, to: &Restored) -> Result<(), Ended> {
    match (from.accounts.first(), to.accounts.first()) {
        (Some(one), Some(other)) if one.account != other.account => {
            let (one, other) = (one.account, other.account);
            let words = safe!("A is of account {one}, B of account {other}: every key would differ");
            Err(Ended::usage(&format!("{words}\ncompare two snapshots of one account")))
        }
        _ => Ok(()),
    }
}
