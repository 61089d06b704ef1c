//! What to do while the Regions are up, and what is left to do once one is dark.
//!
//! Nothing is advised that is sent to a Region which does not answer. A primary cannot be moved out of one, and no advice says so.

use super::evidence::{Evidence, Standing};
use super::loss::Loss;
use super::{Effect, PolicyIs, Remedy, Survivor};
use crate::domain::filter::Truth;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::Row;
use crate::domain::id::{KeyArn, Region};
use crate::domain::key::KeyState;
use crate::domain::plan::Operation;
use crate::domain::rule::Rule;
use crate::domain::text::{Safe, safe};

/// What to do, in words that end with the command, and as the change itself.
pub(super) struct Advice {
    pub(super) words: Safe,
    pub(super) remedy: Option<Remedy>,
}

/// `row` is what this run knows of the key.
pub(super) fn advice(
    loss: &Loss<'_>,
    (key, row): (&KeyRef, Option<&Row>),
    evidence: &Evidence,
    survivors: &[Survivor],
) -> Advice {
    let Some(arn) = loss.fleet.key(key).or_else(|| loss.former(key)).and_then(|entry| entry.members.values().next())
    else {
        return Advice::only("nothing");
    };
    let subject = Subject { loss, key, row, evidence, arn: &arn.arn };
    match evidence.effect() {
        Effect::Lost => subject.of_lost(),
        Effect::Frozen => subject.of_frozen(survivors),
        Effect::Reduced => Advice::only("nothing: the primary stays, and can be replicated again afterwards"),
        Effect::Unknown => subject.of_unknown(),
        Effect::Unaffected => Advice::only("nothing"),
    }
}

impl Advice {
    fn only(words: &'static str) -> Self {
        Self { words: Safe::from_static(words), remedy: None }
    }

    fn words(words: Safe) -> Self {
        Self { words, remedy: None }
    }

    fn with(words: &str, remedy: Remedy) -> Self {
        let command = remedy.command().map(|command| format!(": {command}")).unwrap_or_default();
        Self { words: safe!("{words}{command}"), remedy: Some(remedy) }
    }
}

struct Subject<'a> {
    loss: &'a Loss<'a>,
    key: &'a KeyRef,
    row: Option<&'a Row>,
    evidence: &'a Evidence,
    /// Of any member.
    arn: &'a KeyArn,
}

impl Subject<'_> {
    fn remedy(&self, operation: Operation, at: &Region, region: &Region) -> Remedy {
        Remedy { operation, arn: self.arn.in_region(at), region: region.clone(), with_alias: false }
    }

    /// The nearest help is a survivor that needs only to be woken; else another replica.
    fn of_lost(&self) -> Advice {
        let in_state = |wanted: fn(&KeyState) -> bool| {
            let is = |standing: &&Standing| standing.described.as_ref().is_some_and(|key| wanted(&key.state));
            self.evidence.outside().filter(|standing| standing.is_member == Truth::Yes).find(is)
        };
        if let Some(standing) = in_state(|state| *state == KeyState::Disabled) {
            let region = &standing.region;
            let remedy = self.remedy(Operation::EnableKey, region, region);
            return Advice::with(&format!("enable the member in {region}"), remedy);
        }
        if let Some(standing) = in_state(KeyState::is_pending_deletion) {
            let region = &standing.region;
            let remedy = self.remedy(Operation::CancelKeyDeletion, region, region);
            return Advice::with(&format!("keep the member in {region} and enable it"), remedy);
        }
        if let Some(Standing { region, .. }) = in_state(|state| *state == KeyState::PendingImport) {
            return Advice::words(safe!("import the key material into {region} again (aws kms import-key-material)"));
        }
        if let Some(Standing { region, .. }) = in_state(|state| *state == KeyState::Creating) {
            return Advice::words(safe!("wait until the replica in {region} is Enabled, and ask again"));
        }
        self.with_primary("ReplicateKey", |primary| self.replication(primary))
    }

    /// The primary must answer, and be Enabled, before anything can be made of it.
    fn with_primary(&self, operation: &str, enabled: impl FnOnce(&Region) -> Advice) -> Advice {
        let Some(primary) = self.evidence.primary() else {
            return Advice::only("wait until one member is the primary, and ask again");
        };
        if self.loss.is_dark_loss(self.key.login, primary) {
            let words = safe!("nothing until {primary} answers again: {operation} is sent to the primary's Region");
            return Advice::words(words);
        }
        let standing = self.evidence.at(primary);
        let Some(described) = standing.and_then(|standing| standing.described.as_ref()) else {
            return Advice::words(safe!("read the primary in {primary} first: its state is not known"));
        };
        match &described.state {
            KeyState::Enabled => enabled(primary),
            KeyState::Disabled => {
                let remedy = self.remedy(Operation::EnableKey, primary, primary);
                Advice::with(&format!("enable the primary in {primary} first, then ask again"), remedy)
            }
            KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
                let remedy = self.remedy(Operation::CancelKeyDeletion, primary, primary);
                let words =
                    format!("the primary in {primary} is to be deleted; if it is to be kept, cancel that first");
                Advice::with(&words, remedy)
            }
            KeyState::PendingImport => {
                Advice::words(safe!("import the key material of the primary in {primary} first, then ask again"))
            }
            KeyState::Creating | KeyState::Updating => {
                Advice::words(safe!("wait until the primary in {primary} is Enabled, and ask again"))
            }
            KeyState::Unavailable | KeyState::Other(_) | KeyState::Missing => {
                let state = described.state.safe();
                Advice::words(safe!("nothing can be made of the primary in {primary} in its state: {state}"))
            }
        }
    }

    fn replication(&self, primary: &Region) -> Advice {
        let has_alias = self.loss.fleet.aliases(self.key, primary).is_some_and(|aliases| !aliases.is_empty());
        let described = self.evidence.at(primary).and_then(|standing| standing.described.as_ref());
        let is_imported = described.is_some_and(|key| key.origin.original() == "EXTERNAL");
        let import = if is_imported { ", then import the same key material into the new replica too" } else { "" };
        let free = self.free();
        if let Some(target) = self.best(&free) {
            let remedy = Remedy { with_alias: has_alias, ..self.remedy(Operation::ReplicateKey, primary, target) };
            return Advice::with(&format!("while {primary} is up, replicate it{import}"), remedy);
        }
        let allowed = if free.is_empty() { "" } else { " and that no rule forbids" };
        Advice::words(safe!(
            "while {primary} is up, replicate it into a Region that is not lost{allowed}{import}: keyfleet plan replicate {} --to REGION",
            self.key.id
        ))
    }

    /// The Regions that were read and do not hold the key, by name.
    fn free(&self) -> Vec<&Region> {
        let is_free = |region: &&Region| {
            let presence = self.loss.fleet.presence(self.key, region);
            !self.loss.is_lost(region) && matches!(presence, Presence::Absent(_))
        };
        let scope = self.loss.fleet.scope(self.key.login);
        scope.into_iter().flat_map(|scope| &scope.regions).filter(is_free).collect()
    }

    /// Where a rule asks for the key; else where the account works, among the most others. Never where a rule forbids it, or perhaps does.
    fn best<'r>(&self, free: &[&'r Region]) -> Option<&'r Region> {
        let about = |rule: &Rule| self.row.map_or(Truth::Undecided, |row| rule.matching.matches(row));
        let rules: Vec<(&Rule, Truth)> = self.loss.fleet.rules().iter().map(|rule| (rule, about(rule))).collect();
        let is_forbidden =
            |region: &Region| rules.iter().any(|(rule, about)| *about != Truth::No && rule.forbids(region));
        let is_required = |region: &Region| {
            let certain = rules.iter().filter(|(_, about)| *about == Truth::Yes);
            certain.flat_map(|(rule, _)| &rule.required).any(|pattern| pattern.matches(region))
        };
        let worth = |region: &Region| {
            let population = self.loss.population.get(region).copied().unwrap_or(0);
            (is_required(region), population > 0 && region.is_enabled_by_default(), population)
        };
        // Of equals the first by name.
        free.iter().copied().filter(|region| !is_forbidden(region)).rev().max_by_key(|region| worth(region))
    }

    fn of_frozen(&self, survivors: &[Survivor]) -> Advice {
        self.with_primary("UpdatePrimaryRegion", |primary| {
            let ready = survivors
                .iter()
                .filter(|survivor| survivor.state == Some(KeyState::Enabled) && survivor.is_usable == Truth::Yes);
            // The one that is most like the primary; of equals the first by name.
            let best = ready.min_by_key(|survivor| {
                let lacks_alias = survivor.missing_aliases.as_ref().is_none_or(|missing| !missing.is_empty());
                (survivor.policy != PolicyIs::Same, lacks_alias)
            });
            match best {
                Some(survivor) => {
                    let remedy = self.remedy(Operation::UpdatePrimaryRegion, primary, &survivor.region);
                    Advice::with(&format!("while {primary} is up, move the primary out of it"), remedy)
                }
                None => Advice::only("wait until a survivor is Enabled, and ask again"),
            }
        })
    }

    fn of_unknown(&self) -> Advice {
        let doubt = self.evidence.doubts().into_iter().find_map(|standing| Some((standing, standing.why.as_ref()?)));
        match doubt {
            Some((standing, why)) => Advice::words(safe!("find out about {}: {}", standing.region, why.next_step)),
            None if self.evidence.primaries.len() > 1 => {
                Advice::only("wait until the members agree on one primary, and ask again")
            }
            None => Advice::only("read one of its members first: the key policy must allow kms:DescribeKey"),
        }
    }
}
