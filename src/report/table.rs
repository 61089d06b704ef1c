//! The fleet for eyes at a pipe: who read it, how it stands, one line a key, and which Regions are missing and why. Colour only repeats the letters.

pub(super) mod regions;

use comfy_table::{Cell, Color, ContentArrangement, Table, presets};

use crate::domain::fleet::glyph::{Glyph, GlyphKind, glyph};
use crate::domain::fleet::row::{Row, RowName};
use crate::domain::fleet::words::{counts, row_words};
use crate::domain::id::{KeyId, Region};
use crate::domain::text::{Safe, safe};
use crate::wire::fleet::{AccountOf, FleetReport, rows};

const LEGEND: &str = "P primary  R replica  * role unknown   ! deletion clock runs  w waits for its replicas  d disabled  i waits for import
~ being made or updated  u unknown state  ? cannot be read  · absent  … being read  - Region not enabled
X absent though a rule requires it  # present though a rule forbids it";

/// The table, ready to print. Colour comes from crossterm, which leaves it out under `NO_COLOR` unless the caller has forced it.
pub(crate) fn render(report: &FleetReport<'_>, is_coloured: bool) -> String {
    let mut rows = rows(report);
    rows.sort_by_cached_key(|row| (row.urgency(), name(row).to_string()));
    let mut text = head(report, &rows);
    if rows.is_empty() {
        text.push_str("\nNo multi-Region key was found.\n");
    } else {
        text.push('\n');
        text.push_str(&matrix(report, &rows, is_coloured));
        text.push_str("\n\n");
        text.push_str(LEGEND);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&regions::footer(report));
    text
}

fn head(report: &FleetReport<'_>, rows: &[Row]) -> String {
    let mut lines: Vec<String> = report.accounts.iter().map(|of| account(of).to_string()).collect();
    lines.push(counts(rows).words(report.finished_at).to_string());
    lines.push(if report.fleet.is_complete() {
        format!("complete: every Region in scope and every listed key was read, {}", report.finished_at.minute())
    } else {
        format!("NOT COMPLETE: see the Regions below and every ? in the table, {}", report.finished_at.minute())
    });
    if let Some(selection) = report.selection {
        let all = report.fleet.keys().len();
        lines.push(format!("filtered: {} of {all} keys, {} of them undecided", rows.len(), selection.undecided.len()));
    }
    lines.join("\n") + "\n"
}

pub(super) fn account(of: &AccountOf) -> Safe {
    let name = of.name.as_ref().map(|name| safe!("{} ", name.safe())).unwrap_or_default();
    let profile = of.profile.as_ref().map(|profile| safe!("  profile {}", profile.safe())).unwrap_or_default();
    safe!("{name}{}  {}{profile}", of.account, of.caller_arn.safe())
}

fn matrix(report: &FleetReport<'_>, rows: &[Row], is_coloured: bool) -> String {
    let columns = regions::columns(report, rows);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
    if is_coloured {
        table.enforce_styling();
    }
    let mut header = vec!["KEY".to_owned(), "ID…".to_owned()];
    header.extend(columns.iter().map(Region::short));
    header.push("WHAT IS WRONG, WORST FIRST".to_owned());
    table.set_header(header);
    for row in rows {
        table.add_row(cells(report, &columns, row));
    }
    table.trim_fmt()
}

fn cells(report: &FleetReport<'_>, columns: &[Region], row: &Row) -> Vec<Cell> {
    let undecided = report.selection.is_some_and(|selection| selection.undecided.contains(&row.key));
    let mark = if undecided { " (filter undecided)" } else { "" };
    let mut cells = vec![Cell::new(format!("{}{mark}", name(row))), Cell::new(row.key.id.tail())];
    cells.extend(columns.iter().map(|region| {
        let shown = row.cell(region).map_or_else(|| regions::unspoken(report, row, region), glyph);
        coloured(shown)
    }));
    let words = row_words(row, report.finished_at);
    cells.push(Cell::new(words.iter().map(Safe::as_str).collect::<Vec<_>>().join("; ")));
    cells
}

fn coloured(glyph: Glyph) -> Cell {
    let cell = Cell::new(glyph.text());
    match glyph.kind {
        GlyphKind::Dying | GlyphKind::Waiting | GlyphKind::Banned | GlyphKind::Gap => cell.fg(Color::Red),
        GlyphKind::Disabled | GlyphKind::PendingImport | GlyphKind::StateUnknown => cell.fg(Color::Yellow),
        GlyphKind::Unreadable | GlyphKind::Unread => cell.fg(Color::Magenta),
        GlyphKind::Moving | GlyphKind::Reading => cell.fg(Color::Cyan),
        GlyphKind::Absent | GlyphKind::NotEnabled => cell.fg(Color::DarkGrey),
        GlyphKind::Enabled => cell,
    }
}

fn name(row: &Row) -> Safe {
    called(&row.name, &row.key.id)
}

/// What the key is called, long names cut in the middle.
pub(super) fn called(name: &RowName, id: &KeyId) -> Safe {
    match name {
        RowName::Alias { name, more: 0 } => cut(&name.safe()),
        RowName::Alias { name, more } => safe!("{} +{more}", cut(&name.safe())),
        RowName::AliasOf { region, name, more: _ } => safe!("{} (in {})", cut(&name.safe()), region.short()),
        RowName::Description(text) => safe!("(no alias) “{}”", cut(&text.safe())),
        RowName::Denied => safe!("(denied) {id}"),
        RowName::Id => safe!("{id}"),
    }
}

/// Characters of a name in the table; a description may have thousands.
const LONGEST_NAME: usize = 48;

fn cut(text: &Safe) -> Safe {
    let length = text.as_str().chars().count();
    if length <= LONGEST_NAME {
        return text.clone();
    }
    let half = LONGEST_NAME / 2;
    let start: String = text.as_str().chars().take(half).collect();
    let end: String = text.as_str().chars().skip(length - half).collect();
    safe!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::fleet::Selection;
    use crate::wire::fleet::tests::{key_ref, with_report};

    #[test]
    fn an_auditor_reads_it_without_colour() {
        let text = with_report(None, |report| render(report, false));
        let expected = "\
acme-prod 111122223333  arn:aws:iam::111122223333:user/maria  profile prod
3 keys · 1 DYING, first 2d23h · 1 unusable · 2 ?
NOT COMPLETE: see the Regions below and every ? in the table, 2026-11-21 19:12 UTC

";
        assert!(text.starts_with(expected), "{text}");
        let line = |name: &str| {
            let line = text.lines().find(|line| line.contains(name)).unwrap();
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(line("KEY"), "KEY ID… aps1 euw1 sae1 use1 WHAT IS WRONG, WORST FIRST");
        let dying =
            "euw1 is deleted 2026-11-24 18:12 UTC (2d 23h); aps1: a member is there and cannot be read: access denied";
        assert_eq!(line("payments"), format!("payments +1 mrk-a R? R! R? P {dying}"));
        assert!(
            line("mrk-b")
                .starts_with("(no alias) “card \\u{1b}[2J\\u{202e}\"keys\"\\u{d}\\u{a}line, two” mrk-b ? · ? Pd")
        );
        assert_eq!(line("mrk-c"), "(denied) mrk-c mrk-c ? *? ? · euw1: DescribeKey denied by its key policy");
        assert!(text.find("payments").unwrap() < text.find("mrk-b").unwrap());
        assert!(!text.chars().any(|character| character != '\n' && character.is_control()));
    }

    #[test]
    fn the_regions_that_are_missing_say_why_and_what_to_do() {
        let text = with_report(None, |report| render(report, false));
        let footer = text.split_once("Regions: ").unwrap().1;
        let expected = "\
4 asked, 2 loaded, 1 not enabled
  eu-west-1: 40 keys, 2 multi-Region, read 2026-11-21 19:12 UTC
  us-east-1: 40 keys, 2 multi-Region, read 2026-11-21 19:12 UTC
  ap-south-1 DENIED: access denied (AccessDeniedException); allow kms:ListKeys, kms:DescribeKey and kms:ListAliases to this caller
  not enabled for this account, or this token is not valid there: me-south-1
";
        assert_eq!(footer, expected);
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        // Whether colour is wanted is decided by the caller; NO_COLOR must not decide it a second time.
        crossterm::style::force_color_output(true);
        let (plain, coloured) = with_report(None, |report| (render(report, false), render(report, true)));
        assert!(!plain.contains('\u{1b}'));
        assert!(coloured.contains('\u{1b}'));
    }

    #[test]
    fn a_filter_says_what_it_leaves_out_and_what_it_cannot_decide() {
        let selection = Selection { matched: [].into(), undecided: [key_ref("mrk-c")].into() };
        let text = with_report(Some(&selection), |report| render(report, false));
        assert!(text.contains("filtered: 1 of 3 keys, 1 of them undecided"));
        assert!(text.contains("(denied) mrk-c (filter undecided)"));
        assert!(!text.contains("payments"));
        let none = with_report(Some(&Selection::default()), |report| render(report, false));
        assert!(none.contains("No multi-Region key was found."));
    }

    #[test]
    fn long_names_are_cut_in_the_middle() {
        let long = safe!("{}z", "a".repeat(100));
        assert_eq!(cut(&long).as_str().chars().count(), LONGEST_NAME + 1);
        assert!(cut(&long).as_str().ends_with("aaz"));
        assert_eq!(cut(&safe!("{}", "short")).as_str(), "short");
    }
}
