//! What a plan says: who, what and from where on top, and in the middle everything else, step by step.

use std::collections::BTreeMap;

use crate::app::Model;
use crate::app::action::Action;
use crate::app::overlay::plan::{Choice, PlanDialog};
use crate::domain::id::Region;
use crate::domain::plan::{Change, Operation, Plan, Step, Verdict};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::{Now, age};
use crate::engine::change::{ChangeStatus, PolicyChoice, Want};
use crate::ui::line::Line;
use crate::ui::theme::{Theme, Tone};
use crate::ui::widget::name::Name;

/// Columns of the names on the left.
const LABEL: u16 = 9;

/// How the consequence begins that names the policy of a replica, with its length and digest.
const POLICY: &str = "Policy: ";

/// The parts of the dialog, ready to be drawn.
pub(super) struct Parts {
    pub(super) title: Line,
    pub(super) identity: Vec<Line>,
    pub(super) middle: Vec<Line>,
}

pub(super) fn parts(
    dialog: &PlanDialog,
    status: &ChangeStatus,
    (model, theme): (&Model, Theme),
    room: u16,
    now: Now,
) -> Parts {
    let fold =
        |lines: Vec<Line>| -> Vec<Line> { lines.iter().flat_map(|line| line.wrap(room, LABEL, theme)).collect() };
    let lead = status.plan.as_ref().and_then(|plan| Some((plan, plan.lead()?)));
    let Some((plan, lead)) = lead else {
        let identity = asked_for(status).map(|line| label("Key", line)).into_iter().collect();
        let skipped = status.plan.iter().flat_map(|plan| left_out(plan));
        return Parts {
            title: wanted_title(model, status),
            identity: fold(identity),
            middle: fold(rescue(dialog).into_iter().chain(skipped).collect()),
        };
    };
    Parts {
        title: title(model, plan, lead),
        identity: fold(identity(plan, lead, now)),
        middle: fold(middle(dialog, (status, plan), model))
            .into_iter()
            .chain(command(plan, model, room, theme))
            .collect(),
    }
}

fn asked_for(status: &ChangeStatus) -> Option<Line> {
    let (key, _, _) = status.subject()?;
    Some(match status.wants.len() {
        0 | 1 => Line::of(safe!("{}", key.id), Tone::Strong),
        count => Line::of(safe!("{count} marked"), Tone::Strong),
    })
}

/// Before there is a plan: what was asked for.
fn wanted_title(model: &Model, status: &ChangeStatus) -> Line {
    let Some((key, operation, region)) = status.subject() else { return Line::new() };
    let name = match status.wants.len() {
        0 | 1 => model.fleet().row(key).map_or_else(|| safe!("{}", key.id), |row| Name::of(row).whole()),
        count => safe!("{count} keys"),
    };
    headline(operation, &name, region.as_str())
}

/// `REPLICATE alias/backup-master into us-west-2`, `REPLICATE 12 keys into us-west-2`
fn title(model: &Model, plan: &Plan, lead: &Step) -> Line {
    let name = match plan.items() {
        0 | 1 => {
            let key = crate::domain::fleet::KeyRef { login: plan.login, id: lead.mutation.arn.id.clone() };
            let row = || model.fleet().row(&key).map_or_else(|| safe!("{}", key.id), |row| Name::of(row).whole());
            lead.alias.as_ref().map_or_else(row, Foreign::safe)
        }
        count => safe!("{count} keys"),
    };
    let regions = concerned(plan);
    let region = match regions.as_slice() {
        [one] => safe!("{one}"),
        several => safe!("{} Regions", several.len()),
    };
    headline(lead.mutation.change.operation(), &name, region.as_str())
}

fn concerned(plan: &Plan) -> Vec<&Region> {
    let mut regions: Vec<&Region> = plan.steps.iter().map(|step| step.mutation.concerns()).collect();
    regions.sort();
    regions.dedup();
    regions
}

fn headline(operation: Operation, name: &Safe, region: &str) -> Line {
    Line::of(safe!("{}", operation.verb().to_uppercase()), Tone::Strong)
        .with(safe!(" {name} {}", operation.preposition()), Tone::Plain)
        .with(safe!(" {region} "), Tone::Loud)
}

fn label(name: &'static str, line: Line) -> Line {
    let mut labelled = Line::of(safe!("{name:<9}"), Tone::Quiet);
    labelled.append(line);
    labelled
}

/// Who, what, from where: what never scrolls.
fn identity(plan: &Plan, lead: &Step, now: Now) -> Vec<Line> {
    let mut account = Line::of(safe!("{}", plan.identity.account), Tone::Strong);
    if let Some(name) = &plan.account_name {
        account.push(safe!(" {}", name.safe()), Tone::Strong);
    }
    account.push("   ", Tone::Plain);
    if plan.is_protected {
        account.push(" PROTECTED ", Tone::Loud);
        account.push("   ", Tone::Plain);
    }
    let steps = plan.steps.len();
    account.push(if steps == 1 { safe!("step 1 of 1") } else { safe!("{steps} steps") }, Tone::Strong);
    if let Some(endpoint) = &plan.endpoint {
        account.push(safe!("   not AWS: {}", endpoint.safe()), Tone::Warning);
    }
    let asked = safe!("   asked {} ago, STS of {}", age(now.wall.since(plan.identity.at)), plan.identity.from);
    let caller = Line::of(plan.identity.caller_arn.safe(), Tone::Plain).with(asked, Tone::Quiet);
    let mut lines = vec![label("Account", account), label("Caller", caller)];
    if plan.items() > 1 {
        lines.push(label("Sends", requests(plan)));
        return lines;
    }
    let mut key = Line::of(safe!("{}", lead.mutation.arn.id), Tone::Plain);
    if !lead.description.is_empty() {
        key.push(safe!("   “{}”", lead.description.safe()), Tone::Quiet);
    }
    lines.push(label("Key", key));
    lines.push(label(member_label(lead), member(lead)));
    lines.extend(plan.steps.iter().map(|step| label(if step.number == 1 { "Sends" } else { "then" }, sends(step))));
    lines
}

/// `12 requests: ReplicateKey to us-east-1 10, eu-west-1 2`
fn requests(plan: &Plan) -> Line {
    let mut counts: BTreeMap<(Operation, &Region), usize> = BTreeMap::new();
    for step in &plan.steps {
        *counts.entry((step.mutation.change.operation(), step.mutation.sent_to())).or_default() += 1;
    }
    let parts: Vec<String> =
        counts.iter().map(|((operation, region), count)| format!("{count} {operation} to {region}")).collect();
    let mut line = Line::of(safe!("{}", parts.join(", ")), Tone::Strong).with(", each once, no retry", Tone::Plain);
    if !plan.skipped.is_empty() {
        line.push(safe!("; {} LEFT OUT, see below", plan.skipped.len()), Tone::Warning);
    }
    line
}

fn member_label(step: &Step) -> &'static str {
    match step.mutation.change {
        Change::ReplicateKey { .. } | Change::UpdatePrimaryRegion { .. } => "From",
        Change::CancelKeyDeletion | Change::EnableKey | Change::CreateAlias { .. } => "Member",
    }
}

/// The member that the request goes to, as it was when the plan was made, and where the others are.
fn member(step: &Step) -> Line {
    let region = step.mutation.sent_to();
    let print = step.fingerprint.members.iter().find(|member| member.arn.region == *region);
    let mut line = Line::of(safe!("{region}"), Tone::Strong);
    if let Some(print) = print {
        line.push(safe!("  {} {}", crate::ui::words::role(print.role), print.state.safe()), Tone::Plain);
    }
    let named = || step.fingerprint.regions.iter();
    let compared = || step.fingerprint.members.iter().map(|member| &member.arn.region);
    let mut others: Vec<String> =
        named().chain(compared()).filter(|other| *other != region).map(Region::short).collect();
    others.sort();
    others.dedup();
    if !others.is_empty() {
        line.push(safe!("   also in {}", others.join(" ")), Tone::Quiet);
    }
    line
}

fn sends(step: &Step) -> Line {
    let mutation = &step.mutation;
    let parameter = match &mutation.change {
        Change::ReplicateKey { to, .. } => safe!(", ReplicaRegion={to}"),
        Change::UpdatePrimaryRegion { to } => safe!(", PrimaryRegion={to}"),
        Change::CreateAlias { alias } => safe!(", AliasName={}", alias.safe()),
        Change::CancelKeyDeletion | Change::EnableKey => Safe::default(),
    };
    Line::of(safe!("{}", mutation.change.operation()), Tone::Strong)
        .with(safe!(" to {}{parameter}, once, no retry", mutation.sent_to()), Tone::Plain)
}

/// The same by hand, as far as it fits: a policy makes it long, and it is there to be copied.
fn command(plan: &Plan, model: &Model, room: u16, theme: Theme) -> [Line; 2] {
    let key = model.keymap().label(Action::PlanCopy);
    let copies = if key.is_empty() { Safe::default() } else { safe!("  {key} copies it") };
    let left = room.saturating_sub(crate::ui::measure::width(copies.as_str()));
    let first = plan.lead().map(|step| step.cli.safe()).unwrap_or_default();
    let shown = crate::ui::measure::cut_end(&theme.render(first.as_str()), left, theme.ellipsis());
    [Line::of("The same by hand", Tone::Heading), Line::of(safe!("{shown}"), Tone::Quiet).with(copies, Tone::Key)]
}

/// Everything else: what AWS will make of it, what must hold, which permissions it takes.
fn middle(dialog: &PlanDialog, (status, plan): (&ChangeStatus, &Plan), model: &Model) -> Vec<Line> {
    let mut lines = rescue(dialog);
    lines.extend(status.wants.first().and_then(|want| options(dialog, want, model)));
    if plan.items() > 1 {
        lines.extend(listed(plan));
        lines.extend(left_out(plan));
    }
    for (place, step) in plan.steps.iter().enumerate() {
        // Of many the first stands for all: they differ in their keys, not in what AWS makes of them.
        if plan.items() > 1 && place > 0 {
            break;
        }
        lines.push(heading(plan, step, model));
        lines.extend(step.consequences.iter().map(|text| Line::of(text.clone(), consequence_tone(text))));
        let undo = step.way_back.clone().unwrap_or("there is none".into());
        lines.push(Line::of(safe!("Undo: {undo}"), Tone::Warning));
        lines.push(Line::of("Preconditions", Tone::Heading));
        for condition in &step.preconditions {
            let (word, tone) = verdict(condition.result, condition.blocks);
            lines.push(Line::of(safe!("{word:<5} "), tone).with(condition.text.clone(), Tone::Plain));
        }
        for permission in &step.permissions {
            let (word, tone) = verdict(permission.result, false);
            let text = safe!("{} in {}: {}", permission.action, permission.region, permitted(permission.result));
            lines.push(Line::of(safe!("{word:<5} "), tone).with(text, Tone::Plain));
        }
    }
    lines
}

/// What was chosen, and the keys that choose otherwise.
fn options(dialog: &PlanDialog, want: &Want, model: &Model) -> Option<Line> {
    let mut line = Line::new();
    if want.operation == Operation::ReplicateKey {
        let key = model.keymap().label(Action::PlanChoosePolicy);
        line.push("Policy ", Tone::Plain);
        line.push(safe!("[ {} ]", policy(&want.options.policy)), Tone::Strong);
        line.push(safe!(" {key}   "), Tone::Key);
    }
    for choice in Choice::of(want.operation) {
        let mark = if choice.is_on(&want.options) { "[x]" } else { "[ ]" };
        let is_focus = dialog.focus() == Some(*choice);
        line.push(safe!("{mark} {}", choice.words()), if is_focus { Tone::Loud } else { Tone::Plain });
        line.push("  ", Tone::Plain);
    }
    if line.is_empty() {
        return None;
    }
    let key = model.keymap().label(Action::PlanOptions);
    line.push(if dialog.focus().is_some() { safe!("Space turns it") } else { safe!("{key}") }, Tone::Key);
    Some(line)
}

fn policy(choice: &PolicyChoice) -> &'static str {
    match choice {
        PolicyChoice::Copy => "copy of primary",
        PolicyChoice::Verbatim => "verbatim copy",
        PolicyChoice::Rewritten => "rewritten copy",
        PolicyChoice::Default => "KMS default",
        PolicyChoice::Given(_) => "from file",
    }
}

/// What a key policy that was read says; it is one of several that must allow a request.
fn permitted(result: Verdict) -> &'static str {
    match result {
        Verdict::Pass => "the key policy allows it; IAM or an organization's policy may still deny",
        Verdict::Fail => "the key policy does not allow it",
        Verdict::Unknown => "cannot be known from here",
    }
}

/// Every step of many, a line each, with what is to be warned of.
fn listed(plan: &Plan) -> Vec<Line> {
    let mut lines =
        vec![Line::of("One request each, in this order; the first unknown outcome stops the rest", Tone::Heading)];
    for step in &plan.steps {
        let name = step.alias.as_ref().map_or_else(|| safe!("{}", step.mutation.arn.id), Foreign::safe);
        let mut line = Line::of(safe!("{:>3}  ", step.number), Tone::Quiet).with(name, Tone::Strong);
        line.push(safe!("  {}  ", step.mutation.arn.id), Tone::Quiet);
        line.append(sends_short(step));
        lines.push(line);
        lines.extend(of_its_own(step));
    }
    lines
}

/// What a step of many does not share with the first: which policy it sends, what it warns of, and what does not hold and does not stop it.
fn of_its_own(step: &Step) -> Vec<Line> {
    let is_own = |text: &&Safe| text.as_str().starts_with('!') || text.as_str().starts_with(POLICY);
    let consequences = step.consequences.iter().filter(is_own);
    let told = consequences.map(|text| Line::of(safe!("     {text}"), consequence_tone(text)));
    let open = step.preconditions.iter().filter(|one| one.result != Verdict::Pass && !one.blocks);
    let doubted = open.map(|condition| {
        let (word, tone) = verdict(condition.result, condition.blocks);
        Line::of(safe!("     {word} "), tone).with(condition.text.clone(), Tone::Plain)
    });
    told.chain(doubted).collect()
}

fn sends_short(step: &Step) -> Line {
    let from = step.mutation.sent_to();
    let words = match step.mutation.change.target() {
        Some(to) => safe!("{} {from} → {to}", step.mutation.change.operation()),
        None => safe!("{} in {from}", step.mutation.change.operation()),
    };
    Line::of(words, Tone::Plain)
}

/// What was asked for and is not done, and why.
fn left_out(plan: &Plan) -> Vec<Line> {
    if plan.skipped.is_empty() {
        return Vec::new();
    }
    let heading = safe!("Left out: {}", plan.skipped.len());
    let line = |skipped: &crate::domain::plan::Skipped| {
        let region = skipped.region.as_ref().map(|region| safe!(" {region}")).unwrap_or_default();
        Line::of(safe!("  {}{region}: ", skipped.key), Tone::Plain).with(skipped.why.clone(), Tone::Warning)
    };
    std::iter::once(Line::of(heading, Tone::Heading)).chain(plan.skipped.iter().map(line)).collect()
}

fn heading(plan: &Plan, step: &Step, model: &Model) -> Line {
    let heading = match (plan.items(), plan.steps.len()) {
        (0 | 1, 0 | 1) => Line::of("What AWS will make of it", Tone::Heading),
        (0 | 1, _) => Line::of(safe!("Step {}: {}", step.number, step.mutation.change.operation()), Tone::Heading),
        _ => Line::of("What AWS will make of each, by the first", Tone::Heading),
    };
    let key = model.keymap().label(Action::PlanPolicy);
    match step.mutation.change {
        Change::ReplicateKey { .. } if !key.is_empty() => heading.with(safe!("   {key} shows the policy"), Tone::Key),
        Change::ReplicateKey { .. }
        | Change::UpdatePrimaryRegion { .. }
        | Change::CancelKeyDeletion
        | Change::EnableKey
        | Change::CreateAlias { .. } => heading,
    }
}

fn consequence_tone(text: &Safe) -> Tone {
    if text.as_str().starts_with('!') { Tone::Warning } else { Tone::Plain }
}

/// Why this plan was opened instead of the one that was asked for.
fn rescue(dialog: &PlanDialog) -> Vec<Line> {
    dialog.rescue().map(|why| Line::of(why.clone(), Tone::Warning)).into_iter().collect()
}

fn verdict(verdict: Verdict, blocks: bool) -> (&'static str, Tone) {
    match (verdict, blocks) {
        (Verdict::Pass, _) => ("pass", Tone::Good),
        (Verdict::Fail, _) => ("FAIL", Tone::Danger),
        (Verdict::Unknown, true) => ("?", Tone::Danger),
        (Verdict::Unknown, false) => ("?", Tone::Unknown),
    }
}
