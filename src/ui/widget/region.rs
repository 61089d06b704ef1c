//! How a Region stands, in a word: for the head of its column and for the line that counts the Regions.

use std::sync::Arc;

use crate::domain::fleet::RegionFacts;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::id::Place;
use crate::domain::reading::{Reason, ReasonKind};
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, Timestamp, age, span};
use crate::engine::Engine;
use crate::ui::line::Line;
use crate::ui::theme::Tone;

/// How reading one Region stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Waiting,
    /// Being listed or described: so many keys of so many, where that is known.
    Reading {
        read: u32,
        of: u32,
    },
    Ok {
        listed: u32,
        at: Timestamp,
    },
    /// Listed once, but too long ago.
    Stale {
        at: Timestamp,
    },
    Partial {
        listed: u32,
    },
    NotEnabled,
    Failed {
        why: Arc<Reason>,
        last: Option<Timestamp>,
    },
}

impl Standing {
    pub(crate) fn of(engine: &Engine, place: &Place, facts: &RegionFacts) -> Self {
        let (read, of) = engine.progress(place);
        match facts.status() {
            RegionStatus::Waiting => Standing::Waiting,
            RegionStatus::Loading { .. } => Standing::Reading { read, of },
            RegionStatus::Loaded { at, .. } if facts.stale => Standing::Stale { at },
            RegionStatus::Loaded { .. } if read < of && !engine.first_scan_is_over() => Standing::Reading { read, of },
            RegionStatus::Loaded { listed, at, .. } => Standing::Ok { listed, at },
            RegionStatus::Partial { listed, .. } => Standing::Partial { listed },
            RegionStatus::Failed { why, .. } if why.kind == ReasonKind::NotEnabled => Standing::NotEnabled,
            RegionStatus::Failed { why, last } => Standing::Failed { why, last },
        }
    }

    /// What the cells under it say is not current.
    pub(crate) fn is_stale(&self) -> bool {
        match self {
            Standing::Stale { .. } | Standing::Failed { last: Some(_), .. } => true,
            Standing::Waiting
            | Standing::Reading { .. }
            | Standing::Ok { .. }
            | Standing::Partial { .. }
            | Standing::NotEnabled
            | Standing::Failed { last: None, .. } => false,
        }
    }

    /// At most four columns wide: the count of listed keys, a code, or the age of what is old.
    pub(crate) fn short(&self, now: Now) -> (Safe, Tone) {
        match self {
            Standing::Waiting => ("…".into(), Tone::Quiet),
            Standing::Reading { read, of } => (short_progress(*read, *of), Tone::Moving),
            Standing::Ok { listed, .. } => (count(*listed), Tone::Quiet),
            Standing::Stale { at } | Standing::Failed { last: Some(at), .. } => {
                (short_age(now.wall.since(*at)), Tone::Warning)
            }
            Standing::Partial { .. } => ("PART".into(), Tone::Warning),
            Standing::NotEnabled => ("off".into(), Tone::Quiet),
            Standing::Failed { why, last: None } => (code(why.kind).into(), Tone::Danger),
        }
    }

    /// At most six columns wide, for the wide table.
    pub(crate) fn word(&self) -> (Safe, Tone) {
        match self {
            Standing::Waiting => ("…".into(), Tone::Quiet),
            Standing::Reading { read, of } => (progress(*read, *of), Tone::Moving),
            Standing::Ok { .. } => ("ok".into(), Tone::Good),
            Standing::Stale { .. } => ("old".into(), Tone::Warning),
            Standing::Partial { .. } => ("PART".into(), Tone::Warning),
            Standing::NotEnabled => ("off".into(), Tone::Quiet),
            Standing::Failed { why, .. } => (word(why.kind).into(), Tone::Danger),
        }
    }

    /// How many were listed and how long ago, at most seven columns wide.
    pub(crate) fn extent(&self, now: Now) -> Safe {
        match self {
            Standing::Waiting => "…".into(),
            Standing::Reading { of, .. } => safe!("…{}", count(*of)),
            Standing::Ok { listed, at } => safe!("{} {}", count(*listed), short_age(now.wall.since(*at))),
            Standing::Stale { at } | Standing::Failed { last: Some(at), .. } => short_age(now.wall.since(*at)),
            Standing::Partial { listed } => safe!("{}+", count(*listed)),
            Standing::NotEnabled => "-".into(),
            Standing::Failed { last: None, .. } => "?".into(),
        }
    }

    /// What the line of the Regions says of it; nothing of one that is well.
    fn mention(&self, short: &str, now: Now) -> Option<(Safe, Tone)> {
        match self {
            Standing::Ok { .. } => None,
            Standing::Waiting => Some((safe!("{short} waiting"), Tone::Quiet)),
            Standing::Reading { of: 0, .. } => Some((safe!("{short} listing"), Tone::Moving)),
            Standing::Reading { read, of } => Some((safe!("{short} reading {read}/{of}"), Tone::Moving)),
            Standing::Stale { at } => Some((safe!("{short} {} old", age(now.wall.since(*at))), Tone::Warning)),
            Standing::Partial { listed } => Some((safe!("{short} PARTIAL, at least {listed} keys"), Tone::Warning)),
            Standing::NotEnabled => Some((safe!("{short} not enabled"), Tone::Quiet)),
            Standing::Failed { why, last } => {
                let known = last.map(|at| safe!(", known {} ago", age(now.wall.since(at)))).unwrap_or_default();
                Some((safe!("{short} {}{known}", word(why.kind)), Tone::Danger))
            }
        }
    }

    /// The worst first.
    fn rank(&self) -> u8 {
        match self {
            Standing::Failed { .. } => 0,
            Standing::Partial { .. } => 1,
            Standing::Stale { .. } => 2,
            Standing::Reading { .. } => 3,
            Standing::Waiting => 4,
            Standing::NotEnabled => 5,
            Standing::Ok { .. } => 6,
        }
    }
}

/// `8 Regions: 5 ok   aps1 DENIED   sae1 reading 2/4   mes1 not enabled`. Under `auto` what is not enabled is only counted.
pub(crate) fn line(regions: &[(Place, Standing)], is_auto: bool, now: Now) -> Line {
    let ok = regions.iter().filter(|(_, standing)| matches!(standing, Standing::Ok { .. })).count();
    let word = if regions.len() == 1 { "Region" } else { "Regions" };
    let mut line = Line::of(safe!(" {} {word}: ", regions.len()), Tone::Plain);
    line.push(safe!("{ok} ok"), if ok == regions.len() { Tone::Good } else { Tone::Plain });
    let mut others: Vec<&(Place, Standing)> = regions.iter().filter(|(_, standing)| standing.rank() < 6).collect();
    others.sort_by_key(|(_, standing)| standing.rank());
    let is_counted = |standing: &Standing| match standing {
        Standing::NotEnabled => is_auto,
        Standing::Waiting => true,
        Standing::Reading { .. }
        | Standing::Ok { .. }
        | Standing::Stale { .. }
        | Standing::Partial { .. }
        | Standing::Failed { .. } => false,
    };
    for (place, standing) in others.iter().filter(|(_, standing)| !is_counted(standing)) {
        if let Some((text, tone)) = standing.mention(&place.region.short(), now) {
            line.push("  ", Tone::Plain);
            line.push(text, tone);
        }
    }
    for (words, counted) in [("waiting", &Standing::Waiting), ("not enabled", &Standing::NotEnabled)] {
        let how_many = others.iter().filter(|(_, standing)| standing == counted && is_counted(standing)).count();
        if how_many > 0 {
            line.push(safe!("  {how_many} {words}"), Tone::Quiet);
        }
    }
    line
}

/// What has gone wrong, in at most four letters.
pub(crate) fn code(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::Denied | ReasonKind::DeniedByKeyPolicy => "DENY",
        ReasonKind::NotEnabled => "off",
        ReasonKind::Throttled => "THRT",
        ReasonKind::Dns => "DNS",
        ReasonKind::Connect | ReasonKind::Timeout => "DARK",
        ReasonKind::Tls => "TLS",
        ReasonKind::ExpiredCredentials => "EXPD",
        ReasonKind::ClockSkew => "CLCK",
        ReasonKind::UnexpectedAnswer => "ODD",
        ReasonKind::PartialListing => "PART",
        ReasonKind::Contradiction => "CTRD",
        ReasonKind::OutOfScope => "out",
        ReasonKind::NotRead => "…",
        ReasonKind::ServerError => "5XX",
        ReasonKind::Internal => "BUG",
    }
}

/// The same in a word of at most six letters.
pub(crate) fn word(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::Denied | ReasonKind::DeniedByKeyPolicy => "DENIED",
        ReasonKind::ExpiredCredentials => "EXPIRD",
        ReasonKind::ClockSkew => "CLOCK",
        ReasonKind::NotEnabled
        | ReasonKind::Throttled
        | ReasonKind::Dns
        | ReasonKind::Connect
        | ReasonKind::Timeout
        | ReasonKind::Tls
        | ReasonKind::UnexpectedAnswer
        | ReasonKind::PartialListing
        | ReasonKind::Contradiction
        | ReasonKind::OutOfScope
        | ReasonKind::NotRead
        | ReasonKind::ServerError
        | ReasonKind::Internal => code(kind),
    }
}

/// `214`, `2.1k`, `21k`: at most four columns.
pub(crate) fn count(number: u32) -> Safe {
    match number {
        0..1_000 => safe!("{number}"),
        1_000..10_000 => safe!("{}.{}k", number / 1_000, number % 1_000 / 100),
        10_000..1_000_000 => safe!("{}k", number / 1_000),
        1_000_000.. => safe!("{}M", number / 1_000_000),
    }
}

fn progress(read: u32, of: u32) -> Safe {
    let text = safe!("{read}/{of}");
    if of == 0 || text.as_str().len() > 6 { "…".into() } else { text }
}

fn short_progress(read: u32, of: u32) -> Safe {
    let text = progress(read, of);
    if text.as_str().chars().count() > 4 { "…".into() } else { text }
}

/// The first unit of an age: `12m`, `3h`, `29d`.
fn short_age(duration: std::time::Duration) -> Safe {
    let text = if duration.as_secs() < 60 { age(duration) } else { span(duration) };
    let end = text.find(|character: char| character.is_ascii_alphabetic()).map_or(text.len(), |letter| letter + 1);
    safe!("{}", text.get(..end).unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn counts_and_ages_fit_their_columns() {
        let found: Vec<String> = [7, 999, 2_140, 21_400, 3_000_000].map(|number| count(number).to_string()).into();
        assert_eq!(found, ["7", "999", "2.1k", "21k", "3M"]);
        assert_eq!(short_age(Duration::from_hours(49)).as_str(), "2d");
        assert_eq!(short_age(Duration::from_secs(8)).as_str(), "5s");
        assert_eq!(short_progress(100, 214).as_str(), "…");
        assert_eq!(short_progress(2, 4).as_str(), "2/4");
    }
}
