//! Whether an action can be done here and now, and why not. Help, menu and key presses all ask here before anything is performed.

mod bulk;
mod change;

pub(crate) use change::Offer;

use super::Model;
use super::action::{Action, Needs, Risk};
use super::lock::WriteLock;
use super::screen::Screen;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::fleet::{KeyRef, RegionFacts};
use crate::domain::id::Region;
use crate::domain::plan::Operation;
use crate::domain::reading::Reading;
use crate::domain::text::{Foreign, Safe, safe};
use crate::engine::change::{StepPhase, StepStatus, Want};

/// The answer, with a reason that is fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    Yes,
    No(Safe),
}

impl Availability {
    pub(crate) fn is_yes(&self) -> bool {
        matches!(self, Availability::Yes)
    }

    fn of<T>(result: Result<T, Safe>) -> Self {
        match result {
            Ok(_) => Availability::Yes,
            Err(why) => Availability::No(why),
        }
    }
}

/// What an action is about: a key, and the Region under the cursor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'model> {
    pub(crate) row: &'model Row,
    pub(crate) region: Option<&'model Region>,
}

impl<'model> Subject<'model> {
    /// The Region of the member that an action is about: the one under the cursor, or on the key itself its primary's.
    pub(in crate::app) fn member_region(&self) -> Option<&'model Region> {
        let row = self.row;
        self.region.or_else(|| row.primary_region()).or_else(|| row.members().next().map(|cell| &cell.region))
    }

    /// The alias of the member under the cursor, else the first that any member has.
    pub(in crate::app) fn alias(&self) -> Option<Foreign> {
        let first = |cell: &Cell| cell.aliases.as_ref()?.first().cloned();
        let own = self.region.and_then(|region| self.row.cell(region)).and_then(first);
        own.or_else(|| self.row.members().find_map(first))
    }
}

impl Model {
    /// What the cursor is on.
    pub(crate) fn subject(&self) -> Option<Subject<'_>> {
        match self.screen() {
            Screen::Fleet(fleet) => Some(Subject { row: fleet.selected()?, region: fleet.selected_region() }),
            Screen::Detail(detail) => Some(Subject { row: self.fleet.row(detail.key())?, region: detail.region() }),
            Screen::Deletions(deletions) => {
                let item = deletions.list().cursor()?;
                Some(Subject { row: deletions.row(&self.fleet, &item.key)?, region: Some(&item.region) })
            }
            Screen::Loss(loss) => {
                let impact = loss.selected()?;
                let region = impact.remedy.as_ref().map(|remedy| &remedy.region);
                Some(Subject { row: loss.row(&self.fleet, &impact.key)?, region })
            }
            Screen::Coverage(findings) => {
                let covered = findings.coverage().cursor()?;
                Some(Subject { row: self.fleet.row(&covered.key)?, region: None })
            }
            Screen::Findings(findings) => {
                let item = findings.list().cursor()?;
                Some(Subject { row: self.fleet.row(item.key.as_ref()?)?, region: item.region.as_ref() })
            }
            Screen::Regions(_) | Screen::Journal(_) => None,
        }
    }

    /// Whether an action can be done here and now.
    pub(crate) fn availability(&self, action: Action) -> Availability {
        if let Err(why) = self.has_what_it_needs(action) {
            return Availability::No(why);
        }
        match action.entry().risk {
            Risk::Plans(operation) => Availability::of(self.offer(operation)),
            Risk::Unlocks => match &self.lock {
                WriteLock::ReadOnly(why) => Availability::No(why.clone()),
                WriteLock::Locked | WriteLock::Unlocked { .. } => Availability::Yes,
            },
            Risk::Leaves => Availability::of(self.can_leave(action)),
            Risk::Looks => Availability::of(self.can_look(action)),
        }
    }

    /// The change that an action would plan, on what is under the cursor.
    pub(crate) fn offer(&self, operation: Operation) -> Result<Offer, Safe> {
        if let WriteLock::ReadOnly(why) = &self.lock {
            return Err(why.clone());
        }
        if matches!(self.screen(), Screen::Fleet(_)) && !self.fleet.marked().is_empty() {
            return self.bulk(operation);
        }
        let subject = self.subject().ok_or(NO_KEY)?;
        if self.fleet.live(&subject.row.key).is_none() {
            return Err(self.why_only_the_past(subject));
        }
        if let Some(busy) = self.under_way(&subject.row.key) {
            return Err(safe!("{} of this key is under way: wait until it has been sent", busy.verb()));
        }
        let offer = change::offer(subject, operation, self.engine.fleet().rules())?;
        self.is_not_twice(&offer)?;
        self.is_not_refused(&offer)?;
        Ok(offer)
    }

    fn is_not_refused(&self, offer: &Offer) -> Result<(), Safe> {
        let refused = offer.wants.iter().find_map(|want| self.engine.changes_are_refused(&want.region));
        refused.map_or(Ok(()), Err)
    }

    /// The change of this key that is still to be sent or on the wire. One that was accepted and has not settled, and one whose outcome is unknown, may
    /// stay so for long: neither must keep a dying key from being saved, and the plan reads the key as it then is.
    fn under_way(&self, key: &KeyRef) -> Option<Operation> {
        let steps = self.engine.changes().flat_map(|change| &change.steps);
        steps.filter(|step| step.key == *key).find(|step| step.is_to_be_sent()).map(StepStatus::operation)
    }

    /// What was accepted and cannot be seen yet is not asked for once more. Cancelling a deletion may be: it can have been scheduled again.
    fn is_not_twice(&self, offer: &Offer) -> Result<(), Safe> {
        let is_same = |step: &StepStatus, want: &Want| {
            matches!(step.phase, StepPhase::Following { .. })
                && step.key == want.key
                && step.operation() == want.operation
                && *step.mutation.concerns() == want.region
        };
        for want in offer.wants.iter().filter(|want| want.operation != Operation::CancelKeyDeletion) {
            let mut steps = self.engine.changes().flat_map(|change| &change.steps);
            if steps.any(|step| is_same(step, want)) {
                let (verb, id, into) = (want.operation.verb(), &want.key.id, want.operation.preposition());
                return Err(safe!("{verb} {into} {} was accepted and has not settled: {id}", want.region));
            }
        }
        Ok(())
    }

    fn has_what_it_needs(&self, action: Action) -> Result<(), Safe> {
        let needs = action.entry().needs;
        if needs == Needs::Nothing {
            return Ok(());
        }
        let subject = self.subject().ok_or(NO_KEY)?;
        match needs {
            Needs::Nothing | Needs::Key => Ok(()),
            // There the ARNs are those of the survivors, wherever the remedy is.
            Needs::Member if action == Action::CopyArn && matches!(self.screen(), Screen::Loss(_)) => Ok(()),
            Needs::Cell => subject.region.map(|_| ()).ok_or(NO_REGION),
            Needs::Member => {
                let region = subject.member_region().ok_or(NO_REGION)?;
                let is_member = subject.row.cell(region).is_some_and(Cell::is_member);
                if is_member { Ok(()) } else { Err(safe!("nothing says that this key has a member in {region}")) }
            }
        }
    }

    fn can_mark(&self, action: Action) -> Result<(), Safe> {
        let is_one = matches!(action, Action::Mark | Action::MarkRange);
        let is_former = self.subject().is_some_and(|subject| self.fleet.is_recalled(&subject.row.key));
        if is_one && is_former {
            return Err(Safe::from_static("this is what a former run saw: wait until the key has been read"));
        }
        if action == Action::MarkAll && self.fleet.list.is_empty() {
            return Err(Safe::from_static("no key is in the list"));
        }
        if action == Action::Unmark && self.fleet.marked().is_empty() {
            return Err(Safe::from_static("nothing is marked"));
        }
        Ok(())
    }

    /// Why of a key nothing is known but what a former run saw.
    pub(in crate::app) fn why_only_the_past(&self, subject: Subject<'_>) -> Safe {
        let facts = subject.region.and_then(|region| self.engine.fleet().region(&subject.row.key.place(region)));
        match facts.map(RegionFacts::status) {
            Some(RegionStatus::Failed { why, .. } | RegionStatus::Partial { why, .. }) => {
                safe!("this is what a former run saw: {}; {}", why.kind.words(), why.next_step)
            }
            Some(RegionStatus::Waiting | RegionStatus::Loading { .. } | RegionStatus::Loaded { .. }) | None => {
                Safe::from_static("this is what a former run saw: wait until the key has been read")
            }
        }
    }

    fn can_leave(&self, action: Action) -> Result<(), Safe> {
        if action == Action::Console && self.engine.settings().endpoints.is_some() {
            return Err(Safe::from_static("the endpoint is not AWS's own: the console does not know these keys"));
        }
        if action == Action::CopyPolicy {
            self.read_policy()?;
        }
        if action == Action::CopyAlias {
            let subject = self.subject().ok_or(NO_KEY)?;
            subject.alias().ok_or(Safe::from_static("no alias has been read"))?;
        }
        Ok(())
    }

    fn can_look(&self, action: Action) -> Result<(), Safe> {
        // On the fleet screen a key of a former run is only ever there until answers come; on this one it may be all there is.
        if let (Screen::Deletions(_) | Screen::Loss(_), Some(subject)) = (self.screen(), self.subject()) {
            let is_of_key = action.entry().needs != Needs::Nothing && action != Action::Copy;
            if is_of_key && self.fleet.live(&subject.row.key).is_none() {
                return Err(self.why_only_the_past(subject));
            }
        }
        self.can_mark(action)?;
        if action == Action::Diff {
            self.comparable()?;
        }
        let is_search = matches!(action, Action::SearchNext | Action::SearchPrevious);
        if is_search && self.text().is_none_or(|text| text.search().is_none()) {
            return Err(Safe::from_static("nothing is being searched for: / begins"));
        }
        Ok(())
    }

    /// The policy of the member under the cursor, if it has been read.
    pub(in crate::app) fn read_policy(&self) -> Result<Foreign, Safe> {
        let subject = self.subject().ok_or(NO_KEY)?;
        let region = subject.member_region().ok_or(NO_REGION)?;
        let member = self.engine.fleet().member(&subject.row.key, region);
        match member.map(|member| &member.policy) {
            Some(Reading::Known { value, .. } | Reading::Failed { last: Some((value, _)), .. }) => Ok(value.clone()),
            Some(Reading::Failed { why, last: None, .. }) => {
                Err(safe!("the policy could not be read: {}", why.kind.words()))
            }
            Some(Reading::NotAsked | Reading::Waiting) | None => {
                Err(Safe::from_static("the policy has not been read: p reads it"))
            }
        }
    }
}

pub(in crate::app) const NO_KEY: Safe = Safe::from_static("no key is under the cursor");
const NO_REGION: Safe = Safe::from_static("no Region is under the cursor: h and l go to one");
