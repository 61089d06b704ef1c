//! The plan dialog: a change in full, and the one field whose text confirms it.
//!
//! There is no button. Enter does nothing unless the field holds the phrase, typed key by key, in a dialog that was drawn long enough to be read and whose
//! every line has been on screen. It refuses paste, held keys and whatever was typed before it could be seen.

use std::sync::Arc;
use std::time::Duration;

use crate::app::key::{Chord, Key};
use crate::app::lock::WriteLock;
use crate::domain::plan::{Change, Operation, Plan};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Now;
use crate::engine::change::{ChangeStatus, Options, Phase, PolicyChoice};
use crate::engine::effect::ChangeId;

/// How long the dialog must have been on screen before typing counts.
pub(crate) const TO_BE_READ: Duration = Duration::from_millis(400);

/// Longer than any phrase: what is typed beyond it is dropped.
const LONGEST: usize = 64;

/// A plan on screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanDialog {
    change: ChangeId,
    /// Why this plan was opened instead of the one that was asked for.
    rescue: Option<Safe>,
    typed: String,
    hint: Option<Safe>,
    first: usize,
    sight: Sight,
    /// The option that the space bar turns on or off.
    focus: Option<Choice>,
}

/// One thing that a plan can be told to do or to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Tags,
    Description,
    Alias,
    ThenEnable,
}

impl Choice {
    /// What can be chosen of an operation, in the order of the Tab key.
    pub(crate) fn of(operation: Operation) -> &'static [Choice] {
        match operation {
            Operation::ReplicateKey => &[Choice::Tags, Choice::Description, Choice::Alias],
            Operation::CancelKeyDeletion => &[Choice::ThenEnable],
            Operation::UpdatePrimaryRegion | Operation::EnableKey | Operation::CreateAlias => &[],
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Choice::Tags => "tags",
            Choice::Description => "description",
            Choice::Alias => "alias (step 2)",
            Choice::ThenEnable => "then EnableKey (step 2)",
        }
    }

    pub(crate) fn is_on(self, options: &Options) -> bool {
        match self {
            Choice::Tags => !options.leave_tags,
            Choice::Description => !options.leave_description,
            Choice::Alias => options.alias,
            Choice::ThenEnable => options.then_enable,
        }
    }

    pub(crate) fn turned(self, options: &Options) -> Options {
        let mut turned = options.clone();
        match self {
            Choice::Tags => turned.leave_tags = !options.leave_tags,
            Choice::Description => turned.leave_description = !options.leave_description,
            Choice::Alias => turned.alias = !options.alias,
            Choice::ThenEnable => turned.then_enable = !options.then_enable,
        }
        turned
    }
}

/// The next policy that a replica can get. There is no way back to not having chosen.
pub(crate) fn next_policy(choice: &PolicyChoice) -> PolicyChoice {
    match choice {
        PolicyChoice::Copy | PolicyChoice::Default | PolicyChoice::Given(_) => PolicyChoice::Rewritten,
        PolicyChoice::Rewritten => PolicyChoice::Verbatim,
        PolicyChoice::Verbatim => PolicyChoice::Default,
    }
}

/// What of the ready plan has been on screen.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Sight {
    plan: Option<Arc<str>>,
    /// Since when, by the monotonic clock, it has been on screen without a break.
    since: Option<Duration>,
    /// Lines of the middle seen, from the first on without a gap.
    seen: usize,
    total: usize,
    shown: usize,
}

/// What the view drew of a plan dialog: told to the model after every frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlanDrawn {
    pub(crate) change: ChangeId,
    /// The identity above the middle and the field below it are on screen whole.
    pub(crate) has_identity_and_field: bool,
    /// The first line of the middle that is on screen, how many are, and how many there are in all.
    pub(crate) first: usize,
    pub(crate) shown: usize,
    pub(crate) total: usize,
}

/// What stands where the confirmation goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// "reading 2 of 3…": takes no text.
    Reading { read: u32, of: u32 },
    /// No plan can be made, or a precondition stops it: in place of the field.
    Blocked(Safe),
    /// Writes are locked, or this run is read-only.
    Locked(Safe),
    /// "18 of 27 lines seen", and the key that shows more: takes no text.
    Unseen { seen: usize, total: usize },
    /// Takes text. `hint` says why something that was typed did not count.
    Open { prompt: Safe, typed: Safe, matches: bool, hint: Option<Safe> },
    /// Confirmed, or over: the dialog closes.
    Past,
}

/// What a key came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pressed {
    Nothing,
    Confirmed,
}

impl PlanDialog {
    pub(crate) fn new(change: ChangeId, rescue: Option<Safe>) -> Self {
        Self { change, rescue, typed: String::new(), hint: None, first: 0, sight: Sight::default(), focus: None }
    }

    pub(crate) fn change(&self) -> ChangeId {
        self.change
    }

    pub(crate) fn focus(&self) -> Option<Choice> {
        self.focus
    }

    /// Goes to the next option, and after the last one back to the field.
    pub(crate) fn next_option(&mut self, operation: Operation) {
        let all = Choice::of(operation);
        let next = self.focus.and_then(|focus| all.iter().position(|choice| *choice == focus)).map_or(0, |at| at + 1);
        self.focus = all.get(next).copied();
    }

    pub(crate) fn rescue(&self) -> Option<&Safe> {
        self.rescue.as_ref()
    }

    /// The first line of the middle to draw. The view keeps it within what there is.
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    /// What stands in the place of the confirmation.
    pub(crate) fn field(&self, status: &ChangeStatus, lock: &WriteLock, now: Now) -> Field {
        let plan = match (&status.phase, &status.plan) {
            (Phase::Preparing { read, of }, _) => return Field::Reading { read: *read, of: *of },
            (Phase::Impossible { why }, _) => return Field::Blocked(why.clone()),
            (Phase::Ready, Some(plan)) => plan,
            (Phase::Ready, None) => return Field::Reading { read: 0, of: 0 },
            (Phase::CheckingIdentity | Phase::ReadingAgain { .. } | Phase::Applying | Phase::Ended, _) => {
                return Field::Past;
            }
        };
        if let Some(condition) = plan.blocked_by() {
            return Field::Blocked(condition.text.clone());
        }
        if plan.expires_at <= now.wall {
            return Field::Blocked(Safe::from_static("this plan is too old: Esc, and open it again"));
        }
        match lock {
            WriteLock::ReadOnly(why) => return Field::Locked(why.clone()),
            WriteLock::Locked => return Field::Locked(Safe::from_static("writes are locked: Esc, then ! unlocks")),
            WriteLock::Unlocked { .. } if !lock.is_open(now) => {
                return Field::Locked(Safe::from_static("the ten minutes are over: Esc, then ! unlocks again"));
            }
            WriteLock::Unlocked { .. } => {}
        }
        if !self.sight.is_whole() {
            return Field::Unseen { seen: self.sight.seen, total: self.sight.total };
        }
        Field::Open {
            prompt: prompt(plan),
            typed: Foreign::new(self.typed.as_str()).safe(),
            matches: self.typed == plan.phrase(),
            hint: self.hint.clone(),
        }
    }

    /// A key that is bound to nothing here: text, or Enter.
    pub(crate) fn key(&mut self, press: Chord, is_repeat: bool, field: &Field, now: Now) -> Pressed {
        let Field::Open { matches, .. } = field else {
            if press.typed().is_some() {
                self.hint = Some(Safe::from_static("what was typed before the plan could be read does not count"));
            }
            return Pressed::Nothing;
        };
        if !self.sight.is_long_enough(now) {
            self.typed.clear();
            self.hint = Some(Safe::from_static("too early: read the plan, then type"));
            return Pressed::Nothing;
        }
        if is_repeat {
            return Pressed::Nothing;
        }
        match press.key {
            Key::Enter if *matches && !press.ctrl && !press.alt => return Pressed::Confirmed,
            Key::Enter => self.hint = Some(Safe::from_static("Enter does nothing until the text is exactly that")),
            Key::Backspace => {
                self.typed.pop();
            }
            Key::Char('u') if press.ctrl => self.typed.clear(),
            Key::Char(character) if press.typed().is_some() => {
                self.hint = None;
                if self.typed.chars().count() < LONGEST {
                    self.typed.push(character);
                }
            }
            Key::Char(_)
            | Key::Esc
            | Key::Tab
            | Key::BackTab
            | Key::Delete
            | Key::Insert
            | Key::Up
            | Key::Down
            | Key::Left
            | Key::Right
            | Key::Home
            | Key::End
            | Key::PageUp
            | Key::PageDown
            | Key::Function(_) => {}
        }
        Pressed::Nothing
    }

    /// Pasted text is refused whole, and what was typed with it.
    pub(crate) fn refuse_paste(&mut self) {
        self.typed.clear();
        self.hint = Some(Safe::from_static("pasting is refused here: type it"));
    }

    /// Scrolls the middle by lines, down to the first line that has not been on screen: however fast the keys come, none is passed over.
    pub(crate) fn scroll(&mut self, by: isize) {
        let last = self.sight.total.saturating_sub(self.sight.shown.max(1));
        self.first = self.first.saturating_add_signed(by).min(last).min(self.sight.seen.max(self.first));
    }

    /// Lines of the middle that fit at once.
    pub(crate) fn page(&self) -> usize {
        self.sight.shown.max(1)
    }

    /// What was seen counts no more: the terminal changed its size, or there is another plan to be seen. It is read from the top again.
    pub(crate) fn lose_sight(&mut self) {
        self.first = 0;
        self.sight = Sight { total: self.sight.total, shown: self.sight.shown, ..Sight::default() };
        self.typed.clear();
    }

    /// Something covers the dialog. What was seen of it stays seen; what was typed goes, and it must be in view for a while again.
    fn hide(&mut self) {
        self.sight.since = None;
        self.typed.clear();
    }

    /// What the view drew of it. Says whether the field changed by it.
    pub(crate) fn drawn(&mut self, drawn: Option<&PlanDrawn>, status: Option<&ChangeStatus>, now: Now) -> bool {
        let before = self.clone();
        let ready = status.filter(|status| status.phase == Phase::Ready).and_then(|status| status.plan.as_ref());
        let drawn = drawn.filter(|drawn| drawn.change == self.change && drawn.has_identity_and_field);
        let (Some(plan), Some(drawn)) = (ready, drawn) else {
            self.hide();
            return *self != before;
        };
        if self.sight.plan.as_ref() != Some(&plan.id) || self.sight.total != drawn.total {
            self.lose_sight();
            self.sight.plan = Some(Arc::clone(&plan.id));
        } else {
            self.first = drawn.first;
        }
        self.sight.since = self.sight.since.or(Some(now.monotonic));
        (self.sight.total, self.sight.shown) = (drawn.total, drawn.shown);
        if drawn.first <= self.sight.seen {
            self.sight.seen = self.sight.seen.max(drawn.first + drawn.shown).min(drawn.total);
        }
        *self != before
    }
}

impl Sight {
    fn is_whole(&self) -> bool {
        self.since.is_some() && self.seen >= self.total
    }

    fn is_long_enough(&self, now: Now) -> bool {
        self.since.is_some_and(|since| now.monotonic >= since + TO_BE_READ)
    }
}

/// What is asked for, in words.
fn prompt(plan: &Plan) -> Safe {
    let Some(step) = plan.lead() else { return Safe::from_static("There is nothing to do") };
    let what = match (&step.mutation.change, plan.items()) {
        (_, 2..) => safe!("{} {}", step.mutation.change.operation().verb(), plan.items()),
        (Change::ReplicateKey { .. } | Change::UpdatePrimaryRegion { .. }, _) => Safe::from_static("the target Region"),
        (Change::CancelKeyDeletion | Change::EnableKey | Change::CreateAlias { .. }, _) => Safe::from_static("yes"),
    };
    if plan.is_protected { safe!("Type {what} and the last 4 digits of the account:") } else { safe!("Type {what}:") }
}
