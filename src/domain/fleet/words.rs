//! What is wrong, in words: one line per problem, one for a key, one for the fleet. Worst first, and the same on the screen and on paper.
//!
//! Nothing is concluded here; the words only say what a [`Row`] holds.

use std::collections::BTreeMap;
use std::time::Duration;

use super::row::{Primary, Problem, Row};
use super::tally::Tally;
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Role};
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Timestamp, span, stopwatch};

/// One problem of a key.
pub(crate) fn problem_words(problem: &Problem, now: Timestamp) -> Safe {
    match problem {
        Problem::Dies { at, region, role } => dies(*at, region, *role, now),
        Problem::PrimaryWaits { region, dies, replicas } => waits(region, *dies, replicas, now),
        Problem::Contradiction { since } => {
            safe!("members name different primaries for {}", spaced(now.since(*since)))
        }
        Problem::Odd { region } => safe!("{}: an answer that AWS does not give of a sound key", region.short()),
        Problem::Unusable { region, state } => unusable(region, state),
        Problem::Banned { rule, regions } => safe!("rule {}: forbids {}", rule.safe(), shorts(regions)),
        Problem::Gap { rule, regions } => safe!("rule {}: missing {}", rule.safe(), shorts(regions)),
        Problem::Breach { rule, what } => safe!("rule {}: {what}", rule.safe()),
        Problem::Moving { region: Some(region), since: _ } => safe!("{} is being made or updated", region.short()),
        Problem::Moving { region: None, since: Some(since) } => {
            safe!("no single primary for {}: moving", stopwatch(now.since(*since)))
        }
        Problem::Moving { region: None, since: None } => Safe::from_static("no single primary: moving"),
        Problem::Unread { region, kind } => unread(region, *kind),
    }
}

/// What is wrong with a key, worst first. Regions in which nothing is named and that nobody could read are left to the Regions' own lines: they are the same
/// for every key.
pub(crate) fn row_words(row: &Row, now: Timestamp) -> Vec<Safe> {
    let moved = promotion(row, now);
    let mut words = Vec::new();
    let mut said_moved = false;
    for problem in &row.problems {
        match problem {
            Problem::Moving { region, .. } => match (&moved, is_creating(row, region.as_ref())) {
                (_, true) => words.extend(region.iter().map(|region| safe!("{} is being created", region.short()))),
                (Some(promotion), false) if !said_moved => {
                    words.push(promotion.clone());
                    said_moved = true;
                }
                (Some(_), false) => {}
                (None, false) => words.push(problem_words(problem, now)),
            },
            Problem::Dies { .. }
            | Problem::PrimaryWaits { .. }
            | Problem::Contradiction { .. }
            | Problem::Odd { .. }
            | Problem::Unusable { .. }
            | Problem::Banned { .. }
            | Problem::Gap { .. }
            | Problem::Breach { .. }
            | Problem::Unread { .. } => words.push(problem_words(problem, now)),
        }
    }
    words
}

/// How many keys have what is wrong with them. A key counts once in every group it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) keys: usize,
    pub(crate) dying: usize,
    /// The earliest deletion that has a date.
    pub(crate) first: Option<Timestamp>,
    pub(crate) waiting: usize,
    /// Contradictory or odd answers.
    pub(crate) contradictory: usize,
    pub(crate) unusable: usize,
    /// A rule requires what is not there; and a rule forbids what is.
    pub(crate) gaps: usize,
    pub(crate) banned: usize,
    pub(crate) moving: usize,
    /// A member is named or listed, and cannot be read.
    pub(crate) not_fully_known: usize,
}

/// Counts the rows.
pub(crate) fn counts<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Counts {
    let mut tally = Tally::default();
    rows.into_iter().for_each(|row| tally.add(row));
    tally.counts()
}

impl Counts {
    pub(crate) fn words(&self, now: Timestamp) -> Safe {
        let plural = if self.keys == 1 { "key" } else { "keys" };
        let mut parts = vec![format!("{} {plural}", self.keys)];
        match self.first {
            _ if self.dying == 0 => {}
            Some(first) => parts.push(format!("{} DYING, first {}", self.dying, span(first.since(now)))),
            None => parts.push(format!("{} DYING", self.dying)),
        }
        let groups = [
            (self.waiting, "waits"),
            (self.contradictory, "contradictory"),
            (self.unusable, "unusable"),
            (self.gaps, if self.gaps == 1 { "gap" } else { "gaps" }),
            (self.banned, "banned"),
            (self.moving, "moving"),
            (self.not_fully_known, "?"),
        ];
        parts.extend(groups.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
        safe!("{}", parts.join(" · "))
    }
}

/// A time left, with its units apart: `2d 23h`.
pub(crate) fn spaced(duration: Duration) -> String {
    let mut apart = String::new();
    let mut after_unit = false;
    for character in span(duration).chars() {
        if after_unit {
            apart.push(' ');
        }
        after_unit = character.is_ascii_alphabetic();
        apart.push(character);
    }
    apart
}

fn dies(at: Option<Timestamp>, region: &Region, role: Option<Role>, now: Timestamp) -> Safe {
    let which = match role {
        Some(Role::Primary) => "primary ",
        Some(Role::Replica) | None => "",
    };
    let region = region.short();
    match at {
        None => safe!("{which}{region} is pending deletion, no date given"),
        Some(at) if at <= now => safe!("{which}{region} was to be deleted {}", at.minute()),
        Some(at) => safe!("{which}{region} is deleted {} ({})", at.minute(), spaced(at.since(now))),
    }
}

fn waits(region: &Region, dies: Option<Timestamp>, replicas: &[Region], now: Timestamp) -> Safe {
    if replicas.is_empty() {
        return safe!("primary {} waits for its replicas to be deleted", region.short());
    }
    let replicas = shorts(replicas);
    match dies {
        Some(dies) => safe!("primary waits for {replicas}: dies {} ({})", dies.day(), spaced(dies.since(now))),
        None => safe!("primary waits for {replicas}: its own clock has not started"),
    }
}

fn unusable(region: &Region, state: &KeyState) -> Safe {
    let region = region.short();
    match state {
        KeyState::PendingImport => safe!("{region} waits for imported key material"),
        KeyState::Other(name) => safe!("{region} is in a state that keyfleet does not know: {}", name.safe()),
        KeyState::Missing => safe!("{region}: the answer gave no state"),
        KeyState::Creating
        | KeyState::Enabled
        | KeyState::Disabled
        | KeyState::PendingDeletion
        | KeyState::PendingReplicaDeletion
        | KeyState::Unavailable
        | KeyState::Updating => safe!("{region} is {}", state.safe()),
    }
}

fn unread(region: &Region, kind: ReasonKind) -> Safe {
    let region = region.short();
    match kind {
        ReasonKind::DeniedByKeyPolicy => safe!("{region}: DescribeKey denied by its key policy"),
        ReasonKind::Contradiction => safe!("{region}: named by related keys, but its Region does not list it"),
        ReasonKind::Denied
        | ReasonKind::NotEnabled
        | ReasonKind::Throttled
        | ReasonKind::Dns
        | ReasonKind::Connect
        | ReasonKind::Tls
        | ReasonKind::Timeout
        | ReasonKind::ExpiredCredentials
        | ReasonKind::ClockSkew
        | ReasonKind::UnexpectedAnswer
        | ReasonKind::PartialListing
        | ReasonKind::OutOfScope
        | ReasonKind::NotRead
        | ReasonKind::ServerError
        | ReasonKind::Internal => safe!("{region}: a member is there and cannot be read: {}", kind.words()),
    }
}

/// The members in `Updating`, if the key has no single primary: a promotion under way. The direction is not known from reading alone.
fn promotion(row: &Row, now: Timestamp) -> Option<Safe> {
    let Primary::Moving { since } = &row.primary else { return None };
    let updating: Vec<Region> = row
        .cells
        .iter()
        .filter(|cell| cell.state() == Some(&KeyState::Updating))
        .map(|cell| cell.region.clone())
        .collect();
    let time = stopwatch(now.since(*since));
    Some(if updating.is_empty() {
        safe!("primary is moving, {time}; no primary meanwhile")
    } else {
        safe!("primary is moving: {} updating, {time}; no primary meanwhile", shorts(&updating))
    })
}

fn is_creating(row: &Row, region: Option<&Region>) -> bool {
    region.and_then(|region| row.cell(region)).is_some_and(|cell| cell.state() == Some(&KeyState::Creating))
}

fn shorts(regions: &[Region]) -> String {
    let mut shorts: BTreeMap<&Region, String> = BTreeMap::new();
    for region in regions {
        shorts.insert(region, region.short());
    }
    shorts.into_values().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fleet::KeyRef;
    use crate::domain::fleet::row::RowName;
    use crate::domain::id::{KeyId, Login};
    use crate::domain::text::Foreign;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T19:00:00Z").unwrap()
    }

    fn region(name: &str) -> Region {
        Region::parse(name).unwrap()
    }

    fn check(problem: &Problem, expected: &str) {
        assert_eq!(problem_words(problem, now()).as_str(), expected);
    }

    fn dying() -> Problem {
        let at = Timestamp::parse("2026-11-24T18:12:00Z");
        Problem::Dies { at, region: region("eu-west-1"), role: Some(Role::Replica) }
    }

    fn row(problems: Vec<Problem>) -> Row {
        let key = KeyRef { login: Login(0), id: KeyId::parse("mrk-1").unwrap() };
        let (cells, tags) = (Vec::new(), Vec::new());
        Row { key, account: None, name: RowName::Id, cells, primary: Primary::Unknown, problems, tags }
    }

    #[test]
    fn problems_are_named_with_region_and_time() {
        check(&dying(), "euw1 is deleted 2026-11-24 18:12 UTC (2d 23h)");
        let dies = Timestamp::parse("2027-01-19T19:00:00Z");
        let replicas = vec![region("eu-west-1")];
        let waits = Problem::PrimaryWaits { region: region("us-east-1"), dies, replicas: replicas.clone() };
        check(&waits, "primary waits for euw1: dies 2027-01-19 (59d)");
        let endless = Problem::PrimaryWaits { region: region("us-east-1"), dies: None, replicas };
        check(&endless, "primary waits for euw1: its own clock has not started");
        let unusable = |state: &str| Problem::Unusable { region: region("us-west-2"), state: KeyState::parse(state) };
        check(&unusable("Disabled"), "usw2 is Disabled");
        check(&unusable("PendingImport"), "usw2 waits for imported key material");
        check(&unusable("\u{1b}[2J"), "usw2 is in a state that keyfleet does not know: \\u{1b}[2J");
        let unread = |kind| Problem::Unread { region: region("us-east-1"), kind };
        check(&unread(ReasonKind::DeniedByKeyPolicy), "use1: DescribeKey denied by its key policy");
        check(&unread(ReasonKind::Denied), "use1: a member is there and cannot be read: access denied");
        let since = Timestamp::parse("2026-11-21T18:59:19Z");
        check(&Problem::Moving { region: None, since }, "no single primary for 0:41: moving");
    }

    #[test]
    fn a_deletion_without_a_date_or_past_it_is_said_as_it_is() {
        let dies = |at: Option<&str>| Problem::Dies {
            at: at.and_then(Timestamp::parse),
            region: region("us-east-1"),
            role: Some(Role::Primary),
        };
        check(&dies(None), "primary use1 is pending deletion, no date given");
        check(&dies(Some("2026-11-20T00:00:00Z")), "primary use1 was to be deleted 2026-11-20 00:00 UTC");
    }

    #[test]
    fn the_fleet_is_one_line_worst_first() {
        let disabled = Problem::Unusable { region: region("us-west-2"), state: KeyState::Disabled };
        let unread = Problem::Unread { region: region("ap-south-1"), kind: ReasonKind::Denied };
        let rows =
            [row(vec![dying(), unread]), row(vec![disabled.clone(), disabled]), row(Vec::new()), row(Vec::new())];
        let words = counts(&rows).words(now());
        assert_eq!(words.as_str(), "4 keys · 1 DYING, first 2d23h · 1 unusable · 1 ?");
        assert_eq!(counts(&rows[3..]).words(now()).as_str(), "1 key");
        assert!(row_words(&rows[2], now()).is_empty());
        assert_eq!(row_words(&rows[0], now()).len(), 2);
    }

    #[test]
    fn what_aws_says_is_escaped_in_words() {
        let state = KeyState::Other(Foreign::new("a\nb"));
        check(
            &Problem::Unusable { region: region("us-west-2"), state },
            "usw2 is in a state that keyfleet does not know: a\\u{a}b",
        );
    }
}
