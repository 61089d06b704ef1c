//! What is copied, and the two things that leave for elsewhere: the aws command and the console's address.

use std::collections::BTreeSet;

use crate::app::Model;
use crate::app::action::Action;
use crate::app::availability::NO_KEY;
use crate::app::effect::Effect;
use crate::app::screen::detail::Section;
use crate::app::screen::loss::LossScreen;
use crate::app::screen::{Screen, Tab};
use crate::app::text::Tone;
use crate::domain::filter::Truth;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::id::{KeyArn, Partition, Region};
use crate::domain::text::{Foreign, Safe, is_plain, safe};

impl Model {
    pub(super) fn copy(&mut self, action: Action) -> Vec<Effect> {
        if matches!(self.overlays.last(), Some(crate::app::overlay::Overlay::Copy)) {
            self.overlays.pop();
        }
        match self.text_to_copy(action) {
            Ok(text) => {
                let what = self.survivors_copied(action).unwrap_or_else(|| action.label().into());
                self.notices.say(self.now, Tone::Good, safe!("copied: {what}"));
                vec![Effect::Copy(text)]
            }
            Err(why) => {
                self.notices.say(self.now, Tone::Warning, why);
                Vec::new()
            }
        }
    }

    fn text_to_copy(&self, action: Action) -> Result<Foreign, Safe> {
        let nothing = || Safe::from_static("there is nothing to copy here");
        if action == Action::CopyView {
            return self.view_as_markdown();
        }
        if action == Action::CopyCommands {
            return self.questions_to_iam().ok_or("this text has no commands".into());
        }
        if action == Action::PlanCopy {
            let plan = self.planned().ok_or("there is no plan yet")?;
            let lines: Vec<&str> = plan.steps.iter().map(|step| step.cli.original()).collect();
            return Ok(Foreign::new(lines.join("\n")));
        }
        if let (Action::CopyArn, Screen::Loss(loss)) = (action, self.screen()) {
            return survivors(loss);
        }
        let subject = self.subject().ok_or_else(nothing)?;
        let region = subject.member_region();
        let arn = region.and_then(|region| self.arn_of(subject.row, region));
        let copied = if action == Action::CopyArn {
            arn.map(|arn| Foreign::new(arn.to_string()))
        } else if action == Action::CopyKeyId {
            Some(Foreign::new(subject.row.key.id.as_str()))
        } else if action == Action::CopyRegion {
            region.map(|region| Foreign::new(region.as_str()))
        } else if action == Action::CopyAlias {
            subject.alias()
        } else if action == Action::CopyPolicy {
            Some(self.read_policy()?)
        } else if action == Action::CopyJson {
            Some(Foreign::new((self.settings.formats.key_json)(self.engine.fleet(), subject.row)))
        } else {
            arn.map(|arn| self.command(&arn))
        };
        copied.ok_or_else(nothing)
    }

    fn view_as_markdown(&self) -> Result<Foreign, Safe> {
        let rows: Vec<&Row> = match self.tab {
            Tab::Deletions => {
                // A key has a line for each of its members here, and one in the table.
                let mut seen: BTreeSet<&KeyRef> = BTreeSet::new();
                let listed = self.deletions.list.items().iter().filter(|item| seen.insert(&item.key));
                listed.filter_map(|item| self.fleet.live(&item.key)).collect()
            }
            Tab::Loss => return self.loss_as_markdown(),
            Tab::Coverage => {
                let listed = self.findings.coverage.items().iter();
                listed.filter_map(|covered| self.fleet.live(&covered.key)).collect()
            }
            Tab::Findings => {
                let mut seen: BTreeSet<&KeyRef> = BTreeSet::new();
                let keys = self.findings.list.items().iter().filter_map(|item| item.key.as_ref());
                keys.filter(|key| seen.insert(key)).filter_map(|key| self.fleet.live(key)).collect()
            }
            Tab::Fleet | Tab::Regions | Tab::Journal => {
                let listed = self.fleet.list.items().iter().filter(|item| item.member.is_none());
                listed.filter_map(|item| self.fleet.row(&item.key)).collect()
            }
        };
        Ok(Foreign::new((self.settings.formats.markdown)(self.engine.fleet(), &rows)))
    }

    /// How many ARNs were copied, where they are those of the survivors.
    fn survivors_copied(&self, action: Action) -> Option<Safe> {
        let (Action::CopyArn, Screen::Loss(loss)) = (action, self.screen()) else { return None };
        let survivors = &loss.selected()?.survivors;
        let usable = survivors.iter().filter(|survivor| survivor.is_usable == Truth::Yes).count();
        let plural = if survivors.len() == 1 { "ARN" } else { "ARNs" };
        Some(safe!("{} {plural} of survivors, {usable} usable", survivors.len()))
    }

    fn loss_as_markdown(&self) -> Result<Foreign, Safe> {
        let facts = self.engine.fleet();
        let not_yet = "no Region is chosen, or not every key has been looked at yet";
        let impact = self.loss.impact(facts).ok_or(Safe::from_static(not_yet))?;
        Ok(Foreign::new((self.settings.formats.loss)(&impact, self.now.wall)))
    }

    fn arn_of(&self, row: &Row, region: &Region) -> Option<KeyArn> {
        let known = self.engine.fleet().key(&row.key).and_then(|key| key.members.values().next().map(|any| &any.arn));
        let any = known.or_else(|| row.cells.iter().find_map(Cell::described).map(|described| &described.arn))?;
        Some(any.in_region(region))
    }

    /// The aws command that reads what is shown of this member.
    fn command(&self, arn: &KeyArn) -> Foreign {
        let region = &arn.region;
        let section = self.detail.as_ref().map_or(Section::Properties, |detail| detail.section);
        let what = match section {
            Section::Properties | Section::Json => "describe-key",
            Section::Aliases => "list-aliases",
            Section::Policy => "get-key-policy",
            Section::Tags => "list-resource-tags",
        };
        let profile = match self.engine.settings().logins.first() {
            Some((_, Some(profile))) => format!(" --profile {}", quoted(profile)),
            Some((_, None)) | None => String::new(),
        };
        let endpoint = self.engine.settings().endpoints.as_ref().and_then(|endpoints| endpoints.of(region));
        let endpoint = endpoint.map(|url| format!(" --endpoint-url {}", quoted(url))).unwrap_or_default();
        Foreign::new(format!("aws kms {what} --region {region}{profile}{endpoint} --key-id {arn}"))
    }

    pub(super) fn open_console(&mut self) -> Vec<Effect> {
        let Some(subject) = self.subject() else { return Vec::new() };
        let Some(region) = subject.member_region() else { return Vec::new() };
        let host = match region.partition() {
            Partition::Aws => "console.aws.amazon.com",
            Partition::AwsCn => "console.amazonaws.cn",
            Partition::AwsUsGov => "console.amazonaws-us-gov.com",
            Partition::AwsEusc => "console.amazonaws-eusc.eu",
        };
        let id = &subject.row.key.id;
        let link = format!("https://{region}.{host}/kms/home?region={region}#/kms/keys/{id}");
        self.notices.say(self.now, Tone::Plain, safe!("opening {link}"));
        vec![Effect::OpenLink(link)]
    }
}

/// The ARNs of the survivors of the key under the cursor, one a line, the usable ones first.
fn survivors(loss: &LossScreen) -> Result<Foreign, Safe> {
    let impact = loss.selected().ok_or(NO_KEY)?;
    let arns: Vec<String> = impact.survivors_by_use().iter().map(|survivor| survivor.arn.to_string()).collect();
    if arns.is_empty() {
        return Err("no member of this key is known outside the lost Regions".into());
    }
    Ok(Foreign::new(arns.join("\n")))
}

/// Fit to be pasted into a shell. What a shell could take for anything else is escaped for eyes first, so that a hostile name fails instead of acting.
fn quoted(text: &Foreign) -> String {
    let shown = text.safe();
    let is_bare = |character: char| character.is_ascii_alphanumeric() || "-_./:@".contains(character);
    if !shown.as_str().is_empty() && shown.as_str().chars().all(is_bare) {
        return shown.as_str().to_owned();
    }
    let plain: String = shown.as_str().chars().filter(|character| is_plain(*character)).collect();
    format!("'{}'", plain.replace('\'', "'\\''"))
}
