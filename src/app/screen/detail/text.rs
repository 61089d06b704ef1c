//! The sections of the detail, line by line: what is known, when it was read, and why something is not known.

use super::{Detail, Section};
use crate::app::text::{TextLine, Tone};
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::{Cell, Primary, Row, RowName};
use crate::domain::fleet::{Fleet, RelatedKey};
use crate::domain::id::Region;
use crate::domain::key::{KeyState, RegionalKey, Role, Rotation, Tag};
use crate::domain::policy;
use crate::domain::reading::Reading;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::{Timestamp, age, span};

/// What a section is composed from.
pub(in crate::app) struct Source<'model> {
    pub(in crate::app) fleet: &'model Fleet,
    pub(in crate::app) row: &'model Row,
    /// The Regions as the columns stand.
    pub(in crate::app) regions: Vec<Region>,
    pub(in crate::app) now: Timestamp,
    pub(in crate::app) key_json: fn(&Fleet, &Row) -> String,
}

impl Source<'_> {
    pub(in crate::app) fn lines(&self, detail: &Detail) -> Vec<TextLine> {
        match detail.section {
            Section::Properties => self.properties(detail.region.as_ref()),
            Section::Aliases => self.aliases(),
            Section::Policy => self.policy(detail.region.as_ref()),
            Section::Tags => self.tags(detail.region.as_ref()),
            Section::Json => self.json(),
        }
    }

    fn properties(&self, selected: Option<&Region>) -> Vec<TextLine> {
        let mut lines = vec![TextLine::of(Tone::Title, "Shared by all related keys")];
        lines.push(field("Key ID", Tone::Plain, safe!("{}", self.row.key.id)));
        if let Some(account) = self.row.account {
            lines.push(field("Account", Tone::Plain, safe!("{account}")));
        }
        lines.push(self.primary());
        if let Some(key) = self.row.shared() {
            lines.push(field("Spec", Tone::Plain, key.spec.safe()));
            lines.push(field("Usage", Tone::Plain, key.usage.safe()));
            lines.push(field("Origin", Tone::Plain, key.origin.safe()));
        }
        lines.push(TextLine::default());
        lines.push(TextLine::of(Tone::Title, "Related keys"));
        let (members, others): (Vec<&Cell>, Vec<&Cell>) = self.cells().partition(|cell| cell.is_member());
        lines.extend(members.iter().map(|cell| self.member_line(cell, selected)));
        lines.push(TextLine::default());
        lines.extend(others_lines(&others));
        if let Some(cell) = selected.and_then(|region| self.row.cell(region)) {
            lines.push(TextLine::default());
            lines.extend(self.member(cell));
        }
        lines
    }

    fn primary(&self) -> TextLine {
        let (tone, words) = match &self.row.primary {
            Primary::In(region) => (Tone::Plain, safe!("{region}")),
            Primary::Moving { since } => {
                (Tone::Warning, safe!("no primary: moving, for {}", span(self.now.since(*since))))
            }
            Primary::Contradictory { since } => {
                let how_long = span(self.now.since(*since));
                (Tone::Bad, safe!("contradictory answers for {how_long}: each member's own view is below"))
            }
            Primary::Unknown => (Tone::Warning, Safe::from_static("not known: no readable member says")),
        };
        field("Primary", tone, words)
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.regions.iter().filter_map(|region| self.row.cell(region))
    }

    fn member_line(&self, cell: &Cell, selected: Option<&Region>) -> TextLine {
        let mark = if selected == Some(&cell.region) { "▸" } else { " " };
        let role = cell.role.map_or("unknown", Role::name);
        let (tone, state, note) = match &cell.presence {
            Presence::Present(present) => {
                let read = safe!("read {} ago", age(self.now.since(present.at)));
                let note = match &present.stale {
                    None => read,
                    Some(why) => safe!("{read}; {}", why.kind.words()),
                };
                (state_tone(present.state()), present.state().safe(), note)
            }
            Presence::Unknown(unknown) if unknown.waiting => {
                (Tone::Dim, Safe::from_static("…"), Safe::from_static("being read"))
            }
            Presence::Unknown(unknown) => {
                let words = safe!("{}; {}", unknown.why.kind.words(), unknown.why.next_step);
                (Tone::Warning, Safe::from_static("unknown"), words)
            }
            Presence::Absent(_) => (Tone::Dim, Safe::from_static("absent"), Safe::default()),
        };
        let region = &cell.region;
        TextLine::of(Tone::Label, safe!(" {mark} {region:<16} {role:<8} "))
            .and(tone, safe!("{state:<23} "))
            .and(Tone::Dim, note)
    }

    /// Everything that one member alone says.
    fn member(&self, cell: &Cell) -> Vec<TextLine> {
        let mut lines = vec![TextLine::of(Tone::Title, safe!("In {}", cell.region))];
        match &cell.presence {
            Presence::Present(present) => lines.extend(self.described(&present.key)),
            Presence::Unknown(unknown) => {
                lines.push(field("Not known", Tone::Warning, safe!("{}", unknown.why.kind.words())));
                if let Some(code) = &unknown.why.code {
                    lines.push(field("Error code", Tone::Warning, code.safe()));
                }
                if let Some(message) = &unknown.why.message {
                    lines.push(field("Message", Tone::Plain, message.safe()));
                }
                if let Some(request) = &unknown.why.request_id {
                    lines.push(field("Request ID", Tone::Plain, request.safe()));
                }
                lines.push(field("Next step", Tone::Plain, unknown.why.next_step.clone()));
                if !unknown.declared_by.is_empty() {
                    lines.push(field("Named by", Tone::Plain, regions(unknown.declared_by.iter())));
                }
            }
            Presence::Absent(proof) => {
                let listed = safe!("absent: listed completely {} ago, without this key", age(self.now.since(proof.at)));
                lines.push(field("Presence", Tone::Plain, listed));
            }
        }
        if let Some(related) = self.fleet.member(&self.row.key, &cell.region) {
            lines.push(Self::rotation(related));
        }
        lines
    }

    fn described(&self, key: &RegionalKey) -> Vec<TextLine> {
        let mut lines = vec![
            field("ARN", Tone::Plain, safe!("{}", key.arn)),
            field("State", state_tone(&key.state), key.state.safe()),
            field("Description", Tone::Plain, key.description.safe()),
        ];
        if let Some(at) = key.created_at {
            lines.push(field("Created", Tone::Plain, safe!("{}", at.minute())));
        }
        if let Some(at) = key.deletion_date {
            let left = Timestamp::since(at, self.now);
            lines.push(field("Deletion", Tone::Bad, safe!("DELETED {}, in {}", at.minute(), span(left))));
        }
        if let Some(days) = key.pending_window_days {
            lines.push(field("Waiting", Tone::Warning, safe!("{days} days, from when the last replica is deleted")));
        }
        if let Some(material) = &key.material_id {
            lines.push(field("Key material", Tone::Plain, material.safe()));
        }
        if let Some(at) = key.valid_to {
            lines.push(field("Material until", Tone::Warning, safe!("{}", at.minute())));
        }
        let says = key.primary.as_ref().map_or(Safe::from_static("none"), |arn| safe!("{}", arn.region));
        lines.push(field("Names primary", Tone::Plain, says));
        lines.push(field("Names replicas", Tone::Plain, regions(key.replicas.iter().map(|arn| &arn.region))));
        lines.extend(key.oddities.iter().map(|oddity| field("Odd", Tone::Bad, oddity.safe())));
        lines
    }

    fn rotation(related: &RelatedKey) -> TextLine {
        let words = reading(&related.rotation, |rotation| match rotation {
            Rotation::NotApplicable => Safe::from_static("not applicable"),
            Rotation::Off => Safe::from_static("off"),
            Rotation::On { period_days, next } => {
                let every = period_days.map(|days| safe!(", every {days} days")).unwrap_or_default();
                let next = next.map(|at| safe!(", next {}", at.day())).unwrap_or_default();
                safe!("on{every}{next}")
            }
        });
        match words {
            Ok(words) => field("Rotation", Tone::Plain, words),
            Err((tone, words)) => field("Rotation", tone, words),
        }
    }

    fn aliases(&self) -> Vec<TextLine> {
        let mut lines = vec![TextLine::of(Tone::Title, "Aliases: each Region has its own")];
        for cell in self.cells().filter(|cell| cell.is_member()) {
            let region = &cell.region;
            let head = TextLine::of(Tone::Label, safe!("  {region:<16} "));
            lines.push(match cell.aliases.as_deref() {
                None => head.and(Tone::Warning, "not read"),
                Some([]) => head.and(Tone::Dim, "none"),
                Some(aliases) => head.and(Tone::Plain, joined(aliases.iter().map(Foreign::safe))),
            });
        }
        lines
    }

    fn policy(&self, region: Option<&Region>) -> Vec<TextLine> {
        let Some((region, member)) = self.read_member(region) else { return no_member() };
        let mut lines = vec![TextLine::of(Tone::Title, safe!("Key policy in {region}: every related key has its own"))];
        match reading(&member.policy, Foreign::clone) {
            Ok(document) => lines.extend(policy_lines(&document)),
            Err((tone, words)) => lines.push(TextLine::of(tone, words)),
        }
        lines
    }

    fn tags(&self, region: Option<&Region>) -> Vec<TextLine> {
        let Some((region, member)) = self.read_member(region) else { return no_member() };
        let mut lines = vec![TextLine::of(Tone::Title, safe!("Tags in {region}: every related key has its own"))];
        match reading(&member.tags, std::sync::Arc::clone) {
            Ok(tags) if tags.is_empty() => lines.push(TextLine::of(Tone::Dim, "none")),
            Ok(tags) => lines.extend(tags.iter().map(tag_line)),
            Err((tone, words)) => lines.push(TextLine::of(tone, words)),
        }
        lines
    }

    fn read_member(&self, region: Option<&Region>) -> Option<(Region, &RelatedKey)> {
        let region = region?;
        Some((region.clone(), self.fleet.member(&self.row.key, region)?))
    }

    fn json(&self) -> Vec<TextLine> {
        let text = (self.key_json)(self.fleet, self.row);
        text.lines().map(|line| TextLine::of(Tone::Plain, Foreign::new(line).safe())).collect()
    }
}

/// A policy, line by line.
pub(in crate::app) fn policy_lines(document: &Foreign) -> Vec<TextLine> {
    policy::readable(document).into_iter().map(|line| TextLine::of(Tone::Plain, line)).collect()
}

/// What the row is called, in words.
pub(in crate::app) fn title(row: &Row) -> Safe {
    match &row.name {
        RowName::Alias { name, .. } => name.safe(),
        RowName::AliasOf { name, region, .. } => safe!("{} (in {region})", name.safe()),
        RowName::Description(text) => safe!("(no alias) “{}”", text.safe()),
        RowName::Denied => safe!("(denied) {}", row.key.id),
        RowName::Id => safe!("{}", row.key.id),
    }
}

fn no_member() -> Vec<TextLine> {
    vec![TextLine::of(Tone::Dim, "no member of this key is known here: h and l go to another Region")]
}

fn field(name: &'static str, tone: Tone, value: Safe) -> TextLine {
    TextLine::of(Tone::Label, safe!("  {name:<15} ")).and(tone, value)
}

fn tag_line(tag: &Tag) -> TextLine {
    let line =
        TextLine::of(Tone::Label, safe!("  {} ", tag.key.safe())).and(Tone::Plain, safe!("= {}", tag.value.safe()));
    if tag.is_reserved() { line.and(Tone::Dim, "   reserved by AWS: cannot be copied") } else { line }
}

/// A reading's value, or the words for why there is none.
fn reading<T, U>(reading: &Reading<T>, show: impl Fn(&T) -> U) -> Result<U, (Tone, Safe)> {
    match reading {
        Reading::NotAsked => Err((Tone::Dim, Safe::from_static("not read"))),
        Reading::Waiting => Err((Tone::Dim, Safe::from_static("being read…"))),
        Reading::Known { value, .. } | Reading::Failed { last: Some((value, _)), .. } => Ok(show(value)),
        Reading::Failed { why, last: None, .. } => {
            let code = why.code.as_ref().map(|code| safe!(" ({})", code.safe())).unwrap_or_default();
            Err((Tone::Warning, safe!("{}{code}; {}", why.kind.words(), why.next_step)))
        }
    }
}

/// The Regions in which there is nothing, and those of which nothing is known.
fn others_lines(others: &[&Cell]) -> Vec<TextLine> {
    let of = |wanted: fn(&Presence) -> bool| {
        regions(others.iter().filter(|cell| wanted(&cell.presence)).map(|cell| &cell.region))
    };
    let absent = of(|presence| matches!(presence, Presence::Absent(_)));
    let reading = of(|presence| matches!(presence, Presence::Unknown(unknown) if unknown.waiting));
    let unknown = of(|presence| matches!(presence, Presence::Unknown(unknown) if !unknown.waiting));
    let lines = [
        ("Absent in", Tone::Plain, absent),
        ("Being read", Tone::Dim, reading),
        ("Not known in", Tone::Warning, unknown),
    ];
    let filled = lines.into_iter().filter(|(_, _, regions)| !regions.as_str().is_empty());
    filled.map(|(name, tone, regions)| field(name, tone, regions)).collect()
}

fn regions<'a>(regions: impl Iterator<Item = &'a Region>) -> Safe {
    joined(regions.map(|region| safe!("{region}")))
}

fn joined(parts: impl Iterator<Item = Safe>) -> Safe {
    let all: Vec<String> = parts.map(|part| part.as_str().to_owned()).collect();
    safe!("{}", all.join("  "))
}

fn state_tone(state: &KeyState) -> Tone {
    match state {
        KeyState::Enabled => Tone::Good,
        KeyState::Creating | KeyState::Updating => Tone::Plain,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => Tone::Bad,
        KeyState::Disabled
        | KeyState::PendingImport
        | KeyState::Unavailable
        | KeyState::Other(_)
        | KeyState::Missing => Tone::Warning,
    }
}
