//! The help text: what the marks mean, and every key, from the registry and the keymap.

use super::action::{Action, Risk, TABLE};
use super::context::{Context, Scope};
use super::keymap::Keymap;
use super::text::{TextLine, Tone};
use crate::domain::text::safe;

/// The marks of the fleet table.
const MARKS: [(&str, &str); 15] = [
    ("P R *", "primary key, replica key, role not known"),
    ("~", "being created, or its Region is being updated"),
    ("d", "Disabled"),
    ("!", "pending deletion: the clock is running"),
    ("w", "waits for its replicas to be deleted, then its own clock runs"),
    ("i", "waits for imported key material"),
    ("u", "a state that keyfleet does not know"),
    ("R?", "listed there, or named by a related key, and not readable"),
    ("·", "absent: the Region was listed completely and the key is not there"),
    ("?", "not known: the Region could not be read, and no related key names it"),
    ("…", "being read"),
    ("-", "the Region is not enabled, and no related key names it"),
    ("[ ]", "under the cursor"),
    ("+1", "so many more aliases"),
    ("dim", "old: the column's header says how old"),
];

/// What the action menu lists on a screen: everything that can be named there, but for moving about.
pub(crate) fn offered(context: Context) -> impl Iterator<Item = Action> {
    let scopes = context.scopes();
    let is_offered = |scope: Scope| match scope {
        Scope::Sideways
        | Scope::Member
        | Scope::Keys
        | Scope::Fleet
        | Scope::Loss
        | Scope::Text
        | Scope::Detail
        | Scope::Global => true,
        Scope::Move
        | Scope::Leave
        | Scope::Copy
        | Scope::Menu
        | Scope::Viewer
        | Scope::Prompt
        | Scope::Plan
        | Scope::Always => false,
    };
    // Changes first: whoever opens the menu most often asks why one of them cannot be made.
    let changes = |action: Action| action.operation().is_none();
    let mut actions: Vec<Action> = TABLE
        .iter()
        .filter(|entry| scopes.contains(&entry.scope) && is_offered(entry.scope))
        .map(|entry| entry.action)
        .filter(|action| !matches!(action, Action::Left | Action::Right | Action::Menu))
        .collect();
    actions.sort_by_key(|action| changes(*action));
    actions.into_iter()
}

/// The whole help; the keys of the screen it was asked from come first.
pub(crate) fn text(keymap: &Keymap, context: Context) -> Vec<TextLine> {
    let mut lines = vec![TextLine::of(Tone::Title, "Marks")];
    for (mark, words) in MARKS {
        lines.push(TextLine::of(Tone::Label, safe!("  {mark:<12}")).and(Tone::Plain, words));
    }
    let here = context.scopes();
    let rest = Context::ALL.into_iter().flat_map(|context| context.scopes().iter());
    let mut written: Vec<Scope> = Vec::new();
    for scope in here.iter().chain(rest) {
        if !written.contains(scope) {
            written.push(*scope);
            lines.push(TextLine::default());
            lines.extend(group(keymap, *scope));
        }
    }
    lines
}

fn group(keymap: &Keymap, scope: Scope) -> Vec<TextLine> {
    let mut lines = vec![TextLine::of(Tone::Title, title(scope))];
    for entry in TABLE.iter().filter(|entry| entry.scope == scope) {
        let keys: Vec<String> = keymap.chords(entry.action).iter().map(|chord| chord.label()).collect();
        let keys = if keys.is_empty() { "-".to_owned() } else { keys.join(" ") };
        let tone = match entry.risk {
            Risk::Plans(_) | Risk::Unlocks => Tone::Warning,
            Risk::Looks | Risk::Leaves => Tone::Label,
        };
        lines.push(TextLine::of(tone, safe!("  {keys:<12}")).and(Tone::Plain, entry.doc));
    }
    lines
}

/// What the actions of a scope stand under, in help and in the documentation.
pub(crate) fn title(scope: Scope) -> &'static str {
    match scope {
        Scope::Move => "Moving",
        Scope::Sideways => "From Region to Region",
        Scope::Member => "The key and the Region under the cursor",
        Scope::Keys => "A list of keys",
        Scope::Fleet => "The fleet",
        Scope::Loss => "Region loss",
        Scope::Text => "Texts",
        Scope::Detail => "The detail of a key",
        Scope::Global => "Everywhere",
        Scope::Leave => "Back",
        Scope::Copy => "After copy",
        Scope::Viewer => "In a text over a screen",
        Scope::Menu => "In the menu",
        Scope::Prompt => "In a line that is typed",
        Scope::Plan => "In a plan: what is bound to nothing is text",
        Scope::Always => "At any time",
    }
}
