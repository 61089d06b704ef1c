//! The letters of a cell: one or two characters that say what a key is in a Region. Colour only repeats them.
//!
//! A cell that has not been read never looks like an absence, and a member that something names never looks like nothing.

use super::presence::{Presence, Present, Unknown};
use super::row::{Cell, Mark};
use crate::domain::key::{KeyState, Role};
use crate::domain::reading::ReasonKind;

/// What a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Glyph {
    /// `P`, `R`, or `*` for a member whose role nobody tells. `None` where no member is known to be.
    role: Option<char>,
    /// The state, or what stands where no member is.
    mark: Option<char>,
    pub(crate) kind: GlyphKind,
    /// The last question about it failed: this is what was known before.
    pub(crate) is_stale: bool,
}

/// What the letters mean, for colour and for the words of a legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum GlyphKind {
    /// Present and Enabled.
    Enabled,
    /// `~`
    Moving,
    /// `d`
    Disabled,
    /// `!`
    Dying,
    /// `w`
    Waiting,
    /// `i`
    PendingImport,
    /// `u`
    StateUnknown,
    /// `?` after a role: a member is there and cannot be read.
    Unreadable,
    /// `·`
    Absent,
    /// `?` alone: the Region is not read and nothing names a member in it.
    Unread,
    /// `…`
    Reading,
    /// `-`
    NotEnabled,
    /// `X`: absent though a rule requires it.
    Gap,
    /// `#`: present though a rule forbids it.
    Banned,
}

impl Glyph {
    /// The cell of a Region that the row does not speak of, although a column stands there for other keys.
    pub(crate) fn unspoken(is_not_enabled: bool) -> Self {
        if is_not_enabled { Self::alone('-', GlyphKind::NotEnabled) } else { Self::alone('?', GlyphKind::Unread) }
    }

    pub(crate) fn text(self) -> String {
        self.role.into_iter().chain(self.mark).collect()
    }

    fn alone(mark: char, kind: GlyphKind) -> Self {
        Self { role: None, mark: Some(mark), kind, is_stale: false }
    }
}

/// The letters for a cell.
pub(crate) fn glyph(cell: &Cell) -> Glyph {
    let glyph = match &cell.presence {
        Presence::Present(present) => member(cell.role, present),
        Presence::Absent(_) => Glyph::alone('·', GlyphKind::Absent),
        Presence::Unknown(unknown) => not_known(cell.role, unknown),
    };
    match (cell.mark, glyph.kind) {
        (None, _) | (Some(Mark::Banned), GlyphKind::Dying | GlyphKind::Waiting) => glyph,
        (Some(Mark::Gap), _) => Glyph::alone('X', GlyphKind::Gap),
        (Some(Mark::Banned), _) => {
            Glyph { role: Some(glyph.role.unwrap_or('*')), mark: Some('#'), kind: GlyphKind::Banned, ..glyph }
        }
    }
}

fn member(role: Option<Role>, present: &Present) -> Glyph {
    let (mark, kind) = match present.state() {
        KeyState::Enabled => (None, GlyphKind::Enabled),
        KeyState::Creating | KeyState::Updating => (Some('~'), GlyphKind::Moving),
        KeyState::Disabled => (Some('d'), GlyphKind::Disabled),
        KeyState::PendingDeletion => (Some('!'), GlyphKind::Dying),
        KeyState::PendingReplicaDeletion => (Some('w'), GlyphKind::Waiting),
        KeyState::PendingImport => (Some('i'), GlyphKind::PendingImport),
        // AWS never gives a multi-Region key `Unavailable`, so what it would mean is as unknown as a new state.
        KeyState::Unavailable | KeyState::Other(_) | KeyState::Missing => (Some('u'), GlyphKind::StateUnknown),
    };
    Glyph { role: Some(letter(role)), mark, kind, is_stale: present.stale.is_some() }
}

fn not_known(role: Option<Role>, unknown: &Unknown) -> Glyph {
    let is_declared = !unknown.declared_by.is_empty();
    // A listed key whose description is on its way is being read; one that others name stays visible as a member meanwhile.
    if unknown.waiting && !is_declared {
        return Glyph::alone('…', GlyphKind::Reading);
    }
    if unknown.is_named() {
        return Glyph { role: Some(letter(role)), mark: Some('?'), kind: GlyphKind::Unreadable, is_stale: false };
    }
    Glyph::unspoken(unknown.why.kind == ReasonKind::NotEnabled)
}

fn letter(role: Option<Role>) -> char {
    match role {
        Some(Role::Primary) => 'P',
        Some(Role::Replica) => 'R',
        None => '*',
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::fleet::{Fleet, KeyRef, Scope};
    use crate::domain::id::{KeyArn, KeyId, Login, Place, Region};
    use crate::domain::key::RegionalKey;
    use crate::domain::reading::{Asked, Reason};
    use crate::domain::text::Foreign;
    use crate::domain::time::Timestamp;

    const AT: Timestamp = Timestamp::from_millis(0);

    fn region() -> Region {
        Region::parse("us-east-1").unwrap()
    }

    fn present(role: Option<Role>, state: &str) -> Cell {
        let arn = KeyArn::parse("arn:aws:kms:us-east-1:111122223333:key/mrk-1").unwrap();
        let empty = Foreign::new("");
        let key = RegionalKey {
            arn,
            state: KeyState::parse(state),
            role,
            primary: None,
            replicas: Vec::new(),
            spec: empty.clone(),
            usage: empty.clone(),
            origin: empty.clone(),
            description: empty,
            created_at: None,
            deletion_date: None,
            pending_window_days: None,
            material_id: None,
            valid_to: None,
            oddities: Vec::new(),
        };
        cell(role, Presence::Present(Present { key: Arc::new(key), at: AT, stale: None }))
    }

    fn cell(role: Option<Role>, presence: Presence) -> Cell {
        Cell { region: region(), presence, role, aliases: None, in_scope: true, mark: None }
    }

    /// (role, listed, declared, waiting, why)
    fn unknown(role: Option<Role>, listed: bool, declared: bool, waiting: bool, kind: ReasonKind) -> Cell {
        let declared_by = if declared { vec![Region::parse("eu-west-1").unwrap()] } else { Vec::new() };
        let why = Arc::new(Reason::of(kind));
        cell(role, Presence::Unknown(Unknown { listed, declared_by, why, waiting }))
    }

    /// Only a complete listing proves an absence, so the proof is made the way the fleet makes it.
    fn absent() -> Cell {
        let mut fleet = Fleet::default();
        let (here, there) = (region(), Region::parse("eu-west-1").unwrap());
        let regions = [here.clone(), there.clone()].into();
        fleet.open(Login(0), Scope { regions, auto: false });
        let arn = KeyArn::parse("arn:aws:kms:eu-west-1:111122223333:key/mrk-1").unwrap();
        fleet.begin_listing(&Place::new(Login(0), there.clone()), Asked(1));
        fleet.add_page(&Place::new(Login(0), there), Asked(1), 1, std::slice::from_ref(&arn));
        let place = Place::new(Login(0), here.clone());
        fleet.begin_listing(&place, Asked(2));
        fleet.add_page(&place, Asked(2), 0, &[]);
        fleet.complete_listing(&place, Asked(2), AT);
        let key = KeyRef { login: Login(0), id: KeyId::parse("mrk-1").unwrap() };
        fleet.row(&key, AT).unwrap().cell(&here).unwrap().clone()
    }

    fn check(cell: &Cell, text: &str, kind: GlyphKind) {
        let glyph = glyph(cell);
        assert_eq!((glyph.text().as_str(), glyph.kind), (text, kind), "{cell:?}");
    }

    #[test]
    fn a_member_shows_its_role_and_its_state() {
        let (primary, replica) = (Some(Role::Primary), Some(Role::Replica));
        check(&present(primary, "Enabled"), "P", GlyphKind::Enabled);
        check(&present(replica, "Enabled"), "R", GlyphKind::Enabled);
        check(&present(None, "Enabled"), "*", GlyphKind::Enabled);
        check(&present(replica, "Creating"), "R~", GlyphKind::Moving);
        check(&present(primary, "Updating"), "P~", GlyphKind::Moving);
        check(&present(replica, "Disabled"), "Rd", GlyphKind::Disabled);
        check(&present(replica, "PendingDeletion"), "R!", GlyphKind::Dying);
        check(&present(primary, "PendingReplicaDeletion"), "Pw", GlyphKind::Waiting);
        check(&present(replica, "PendingImport"), "Ri", GlyphKind::PendingImport);
        check(&present(replica, "Unavailable"), "Ru", GlyphKind::StateUnknown);
        check(&present(replica, "Frobnicating"), "Ru", GlyphKind::StateUnknown);
        check(&present(replica, ""), "Ru", GlyphKind::StateUnknown);
    }

    #[test]
    fn what_is_not_known_says_how_much_is() {
        let replica = Some(Role::Replica);
        check(&unknown(replica, false, true, false, ReasonKind::Denied), "R?", GlyphKind::Unreadable);
        check(&unknown(Some(Role::Primary), true, true, false, ReasonKind::Denied), "P?", GlyphKind::Unreadable);
        check(&unknown(None, true, false, false, ReasonKind::Denied), "*?", GlyphKind::Unreadable);
        check(&unknown(replica, false, true, false, ReasonKind::NotEnabled), "R?", GlyphKind::Unreadable);
        check(&unknown(replica, false, true, true, ReasonKind::NotRead), "R?", GlyphKind::Unreadable);
        check(&unknown(None, false, false, false, ReasonKind::Denied), "?", GlyphKind::Unread);
        check(&unknown(None, false, false, false, ReasonKind::PartialListing), "?", GlyphKind::Unread);
        check(&unknown(None, false, false, true, ReasonKind::NotRead), "…", GlyphKind::Reading);
        check(&unknown(None, true, false, true, ReasonKind::NotRead), "…", GlyphKind::Reading);
        check(&unknown(None, false, false, false, ReasonKind::NotEnabled), "-", GlyphKind::NotEnabled);
    }

    #[test]
    fn only_a_proved_absence_is_a_dot() {
        check(&absent(), "·", GlyphKind::Absent);
        assert_eq!(Glyph::unspoken(false).text(), "?");
        assert_eq!(Glyph::unspoken(true).text(), "-");
    }
}
