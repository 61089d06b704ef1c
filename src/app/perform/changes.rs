//! Plans: opening one, reading it, confirming it by what is typed, and letting it go.

use std::time::Duration;

use crate::app::Model;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::message::KeyPress;
use crate::app::overlay::plan::{PlanDialog, Pressed, next_policy};
use crate::app::overlay::{Overlay, Viewer};
use crate::app::screen::detail::{policy_lines, title};
use crate::app::screen::fleet::Item;
use crate::app::screen::{Tab, deletions};
use crate::app::text::{Text, Tone};
use crate::domain::fleet::KeyRef;
use crate::domain::id::Region;
use crate::domain::plan::{Change, Claim, Operation, Outcome, Plan};
use crate::domain::text::{Safe, safe};
use crate::engine::change::{ChangeStatus, Options, Phase, StepPhase, StepStatus};
use crate::engine::effect::ChangeId;

/// Of more steps than this not each is said by itself.
const FEW: usize = 3;

/// A change that went well is said for this long; one that did not, until it is dismissed.
const GOOD_NEWS_LASTS: Duration = Duration::from_mins(1);

impl Model {
    pub(super) fn open_plan(&mut self, action: Action) -> Vec<Effect> {
        let Some(operation) = action.operation() else { return Vec::new() };
        let offer = match self.offer(operation) {
            Ok(offer) => offer,
            Err(why) => {
                self.notices.say(self.now, Tone::Warning, why);
                return Vec::new();
            }
        };
        let (change, effects) = self.engine.prepare(self.now, offer.wants);
        self.overlays.push(Overlay::Plan(PlanDialog::new(change, offer.rescue)));
        effects.into_iter().map(Effect::Engine).collect()
    }

    /// The dialog on top, with how its change stands.
    fn open_dialog(&mut self) -> Option<(&mut PlanDialog, Option<&ChangeStatus>)> {
        let Some(Overlay::Plan(dialog)) = self.overlays.last_mut() else { return None };
        let status = self.engine.change(dialog.change());
        Some((dialog, status))
    }

    /// A key that is bound to nothing in the dialog: text, or Enter.
    pub(in crate::app) fn type_into_plan(&mut self, press: KeyPress) -> Vec<Effect> {
        if self.turn_option(press) {
            return Vec::new();
        }
        let (now, lock) = (self.now, self.lock.clone());
        let Some((dialog, Some(status))) = self.open_dialog() else { return Vec::new() };
        let field = dialog.field(status, &lock, now);
        match dialog.key(press.chord, press.is_repeat, &field, now) {
            Pressed::Nothing => Vec::new(),
            Pressed::Confirmed => {
                let subject = status.subject().map(|(key, _, region)| (key.clone(), region.clone()));
                let change = dialog.change();
                self.overlays.clear();
                self.stay_on(subject);
                self.engine.confirm(now, change).into_iter().map(Effect::Engine).collect()
            }
        }
    }

    /// The space bar on an option turns it on or off. Says whether that is what the key did.
    fn turn_option(&mut self, press: KeyPress) -> bool {
        let Some((dialog, Some(status))) = self.open_dialog() else { return false };
        let Some(choice) = dialog.focus().filter(|_| press.chord.typed() == Some(' ')) else { return false };
        let Some(want) = status.wants.first().filter(|_| !press.is_repeat) else { return true };
        let options = choice.turned(&want.options);
        self.plan_with(&options);
        true
    }

    pub(super) fn next_option(&mut self) -> Vec<Effect> {
        let Some((dialog, Some(status))) = self.open_dialog() else { return Vec::new() };
        if let Some((_, operation, _)) = status.subject() {
            dialog.next_option(operation);
        }
        Vec::new()
    }

    pub(super) fn choose_policy(&mut self) -> Vec<Effect> {
        let Some((_, Some(status))) = self.open_dialog() else { return Vec::new() };
        let want = status.wants.first().filter(|want| want.operation == Operation::ReplicateKey);
        let Some(want) = want else {
            self.notices.say(self.now, Tone::Warning, "this plan sends no policy");
            return Vec::new();
        };
        let options = Options { policy: next_policy(&want.options.policy), ..want.options.clone() };
        self.plan_with(&options);
        Vec::new()
    }

    /// The same change in another way is another plan: it has to be read, and confirmed, anew.
    fn plan_with(&mut self, options: &Options) {
        let Some((dialog, _)) = self.open_dialog() else { return };
        dialog.lose_sight();
        let change = dialog.change();
        if let Err(why) = self.engine.choose(self.now, change, options) {
            self.notices.say(self.now, Tone::Warning, why);
        }
    }

    /// What becomes of the change is seen on its row. Whoever saves one dying key after the other stays where they are listed.
    fn stay_on(&mut self, subject: Option<(KeyRef, Region)>) {
        self.detail = None;
        match self.tab {
            Tab::Coverage | Tab::Findings | Tab::Loss | Tab::Deletions => {}
            Tab::Fleet | Tab::Regions | Tab::Journal => self.tab = Tab::Fleet,
        }
        let Some((key, region)) = subject else { return };
        if self.tab == Tab::Deletions {
            self.deletions.list.select(&deletions::Item { key: key.clone(), region });
        }
        let member = self.fleet.list.cursor().filter(|item| item.key == key).and_then(|item| item.member.clone());
        self.fleet.list.select(&Item { key, member });
    }

    pub(super) fn cancel_plan(&mut self) -> Vec<Effect> {
        if let Some(Overlay::Plan(dialog)) = self.overlays.pop() {
            self.engine.abandon(dialog.change());
        }
        Vec::new()
    }

    /// Closes every plan and what lies on it: whoever comes back to the terminal did not see it all the while.
    pub(in crate::app) fn close_plans(&mut self) {
        let Some(place) = self.overlays.iter().position(|overlay| matches!(overlay, Overlay::Plan(_))) else { return };
        for overlay in self.overlays.split_off(place) {
            if let Overlay::Plan(dialog) = overlay {
                self.engine.abandon(dialog.change());
            }
        }
        self.notices.say(self.now, Tone::Warning, "the plan was closed; nothing was sent");
    }

    pub(super) fn scroll_plan(&mut self, action: Action) -> Vec<Effect> {
        let Some((dialog, _)) = self.open_dialog() else { return Vec::new() };
        let page = isize::try_from(dialog.page()).unwrap_or(isize::MAX);
        let moves =
            [(Action::PlanPageDown, page), (Action::PlanPageUp, -page), (Action::PlanDown, 1), (Action::PlanUp, -1)];
        let by = moves.into_iter().find(|(moves, _)| *moves == action).map_or(0, |(_, by)| by);
        dialog.scroll(by);
        Vec::new()
    }

    pub(super) fn view_plan_policy(&mut self) -> Vec<Effect> {
        let lead = self.planned().and_then(Plan::lead);
        let policy = lead.and_then(|step| match &step.mutation.change {
            Change::ReplicateKey { to, policy, .. } => {
                Some((safe!("The policy that the replica in {to} gets"), policy.clone()))
            }
            Change::CancelKeyDeletion
            | Change::UpdatePrimaryRegion { .. }
            | Change::EnableKey
            | Change::CreateAlias { .. } => None,
        });
        let Some((title, policy)) = policy else {
            self.notices.say(self.now, Tone::Warning, "this plan sends no policy");
            return Vec::new();
        };
        let text = Text::new(policy_lines(&policy));
        self.push(Overlay::Reader(Viewer { title, text }))
    }

    /// The plan in the dialog on top.
    pub(in crate::app) fn planned(&self) -> Option<&Plan> {
        let Some(Overlay::Plan(dialog)) = self.overlays.last() else { return None };
        self.engine.change(dialog.change())?.plan.as_deref()
    }

    /// What stands where the confirmation goes, in the dialog on top.
    #[cfg(test)]
    pub(crate) fn plan_field(&self) -> Option<crate::app::overlay::plan::Field> {
        let Some(Overlay::Plan(dialog)) = self.overlays.last() else { return None };
        Some(dialog.field(self.engine.change(dialog.change())?, &self.lock, self.now))
    }

    /// What is done needs no mark any more, once; what is not keeps it, so that the rest can be planned again.
    fn unmark_done(&mut self) {
        let unsaid = self.engine.changes().filter(|change| !self.over_and_said.contains(&change.id));
        let steps = unsaid.flat_map(|change| change.steps.iter().map(|step| ((change.id, step.number), step)));
        let done =
            steps.filter(|(which, step)| step.outcome() == Some(Outcome::Done) && !self.unmarked.contains(which));
        let done: Vec<((ChangeId, u32), KeyRef, Region)> =
            done.map(|(which, step)| (which, step.key.clone(), step.mutation.concerns().clone())).collect();
        for (which, key, region) in done {
            self.unmarked.insert(which);
            self.fleet.unmark(&Item { key: key.clone(), member: None });
            self.fleet.unmark(&Item { key, member: Some(region) });
        }
    }

    /// Says what came of changes, once for each thing that is claimed of them.
    pub(in crate::app) fn report_outcomes(&mut self) {
        let mut news: Vec<((ChangeId, u32), Outcome, Tone, Safe)> = Vec::new();
        for status in self.engine.changes().filter(|change| !self.over_and_said.contains(&change.id)) {
            let is_many = status.steps.len() > FEW;
            for step in &status.steps {
                let Some(claim) = &step.claim else { continue };
                let is_to_come = step.phase != StepPhase::Ended && claim.outcome == Outcome::Done;
                let is_one_of_many = is_many && matches!(claim.outcome, Outcome::Done | Outcome::NotSent);
                let which = (status.id, step.number);
                if is_to_come || is_one_of_many || self.reported.get(&which) == Some(&claim.outcome) {
                    continue;
                }
                let name = match self.fleet.row(&step.key) {
                    Some(row) => title(row),
                    None => safe!("{}", step.key.id),
                };
                news.push((which, claim.outcome, tone(claim.outcome), outcome_words(&name, step, claim)));
            }
            let is_sent = is_many && !status.is_in_flight() && status.phase != Phase::Ready;
            if is_sent && !self.reported.contains_key(&(status.id, 0)) {
                let (worst, words) = summary(status);
                news.push(((status.id, 0), worst, tone(worst), words));
            }
        }
        self.unmark_done();
        for (change, outcome, tone, words) in news {
            self.reported.insert(change, outcome);
            match tone {
                Tone::Good => self.notices.say_for(GOOD_NEWS_LASTS, self.now, tone, words),
                Tone::Plain | Tone::Dim | Tone::Label | Tone::Title | Tone::Warning | Tone::Bad => {
                    self.notices.keep(tone, words);
                }
            }
        }
        self.put_away();
    }

    /// A change that is over says nothing new. What was kept of it, and of those that the engine has forgotten, goes.
    fn put_away(&mut self) {
        let is_new = |change: &&ChangeStatus| change.phase == Phase::Ended && !self.over_and_said.contains(&change.id);
        let over: Vec<ChangeId> = self.engine.changes().filter(is_new).map(|change| change.id).collect();
        if over.is_empty() {
            return;
        }
        self.reported.retain(|(change, _), _| !over.contains(change));
        self.unmarked.retain(|(change, _)| !over.contains(change));
        self.over_and_said.extend(over);
        self.over_and_said.retain(|change| self.engine.change(*change).is_some());
    }
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Done => Tone::Good,
        Outcome::Failed => Tone::Bad,
        Outcome::Unknown | Outcome::NotSent => Tone::Warning,
    }
}

/// `enable 20: 11 done, 1 failed, 1 unknown, 7 not sent`, and the worst of them.
pub(in crate::app) fn summary(status: &ChangeStatus) -> (Outcome, Safe) {
    let count = |wanted: Outcome| status.steps.iter().filter(|step| step.outcome() == Some(wanted)).count();
    let all = [Outcome::Unknown, Outcome::Failed, Outcome::NotSent, Outcome::Done];
    let worst = all.into_iter().find(|outcome| count(*outcome) > 0).unwrap_or(Outcome::Done);
    let words = [
        (Outcome::Done, "done"),
        (Outcome::Failed, "failed"),
        (Outcome::Unknown, "unknown"),
        (Outcome::NotSent, "not sent"),
    ];
    let counted = words.iter().filter(|(outcome, _)| count(*outcome) > 0);
    let counted: Vec<String> = counted.map(|(outcome, word)| format!("{} {word}", count(*outcome))).collect();
    let verb = status.steps.first().map_or("change", |step| step.operation().verb());
    (worst, safe!("{verb} {}: {}. w shows each", status.steps.len(), counted.join(", ")))
}

/// "keep payments in eu-west-1: done. It is Disabled: E enables it."
fn outcome_words(name: &Safe, step: &StepStatus, claim: &Claim) -> Safe {
    let outcome = match claim.outcome {
        Outcome::Done => "done",
        Outcome::Failed => "failed",
        Outcome::Unknown => "outcome unknown",
        Outcome::NotSent => "not sent",
    };
    let into = step.operation().preposition();
    let (verb, region, detail) = (step.operation().verb(), step.mutation.concerns(), &claim.detail);
    safe!("{verb} {name} {into} {region}: {outcome}. {detail}")
}
