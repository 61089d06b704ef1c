//! `keyfleet plan`: reads, and prints what would be sent. It sends nothing itself, in a read-only run too.

use super::cover;
use super::target::{self, Target};
use crate::cli::{Copying, Global, Members, Plan, PlanCommand, Replicate};
use crate::command::progress::Progress;
use crate::command::session::Session;
use crate::command::{Ended, Outside, block_on, list, recorder, say, write_out};
use crate::domain::fleet::gaps::Gaps;
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Role};
use crate::domain::plan::{Operation, Plan as Planned, Verdict};
use crate::domain::text::Foreign;
use crate::engine::Engine;
use crate::engine::change::{Options, Phase, PolicyChoice, Want};
use crate::runtime::headless::{Drive, End};
use crate::runtime::signals::Signals;
use crate::runtime::tasks::Tasks;
use crate::wire;

/// AWS's limit for a key policy, in bytes.
const LARGEST_POLICY: u64 = 32 << 10;

pub(crate) fn run(global: &Global, plan: &Plan, outside: &Outside) -> Result<Ended, Ended> {
    crate::command::logging::start(global.log.as_deref(), None)?;
    let session = Session::open(global, outside, false)?;
    block_on(make(session, plan, outside))
}

async fn make(session: Session, plan: &Plan, outside: &Outside) -> Result<Ended, Ended> {
    let clock = session.clock;
    let mut engine = Engine::new(session.settings.engine.clone());
    engine.read_deep(session.settings.deep_needed());
    let mut tasks = Tasks::new(clock, session.setup(), recorder::refuses_everything());
    let mut signals = Signals::take().map_err(|error| Ended::environment(&error.to_string()))?;
    let mut progress = Progress::new(outside.stderr_is_terminal);
    let mut drive = Drive::new(&mut engine, &mut tasks, (&clock, &mut signals));
    let end = drive.read_once(|engine| progress.show(engine, clock.now())).await;
    progress.clear();
    if let End::Signal(signal) = end {
        return Err(Ended::signal(signal));
    }
    if let Some(error) = list::no_identity(drive.engine()) {
        return Err(error);
    }
    if let PlanCommand::Cover { copying } = &plan.change {
        let options = options_of(copying)?;
        let made = cover::make(&mut drive, (session.settings.filter.as_ref(), &options), plan.valid_for).await?;
        return Ok(as_far_as_read(drive.engine().fleet(), print(&made, plan.print_cli)?));
    }
    let wants = wants(drive.engine(), &plan.change)?;
    let change = drive.draft(wants, plan.valid_for);
    let is_made =
        |engine: &Engine| !engine.change(change).is_some_and(|status| matches!(status.phase, Phase::Preparing { .. }));
    drive.until(is_made).await.map_err(Ended::signal)?;
    let status = engine.change(change).ok_or_else(|| Ended::internal("the plan was lost"))?;
    match (&status.phase, &status.plan) {
        (Phase::Impossible { why }, _) => Err(Ended::incomplete(&format!("no plan can be made: {why}"))),
        (_, Some(made)) => print(made, plan.print_cli),
        (_, None) => Err(Ended::internal("no plan was made")),
    }
}

fn print(plan: &Planned, as_commands: bool) -> Result<Ended, Ended> {
    let broken = |error: serde_json::Error| Ended::internal(&format!("the plan cannot be written: {error}"));
    let text = if as_commands {
        plan.steps.iter().flat_map(|step| [step.cli.original(), "\n"]).collect()
    } else {
        wire::plan::write(plan).map_err(broken)? + "\n"
    };
    for skipped in &plan.skipped {
        let region = skipped.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
        say(&format!("left out: {}{region}: {}", skipped.key, skipped.why));
    }
    write_out(&text)?;
    Ok(match plan.blocked_by() {
        Some(condition) if condition.result == Verdict::Fail => {
            Ended::refused(&format!("this plan cannot be applied: {}", condition.text))
        }
        Some(condition) => Ended::incomplete(&format!("this plan cannot be applied: {}", condition.text)),
        None if plan.skipped.is_empty() => Ended::done(),
        None => Ended::with(3),
    })
}

/// What an unread Region holds has gaps of which the plan cannot know, so that its silence about them is no answer.
fn as_far_as_read(fleet: &Fleet, ended: Ended) -> Ended {
    if fleet.is_complete() {
        return ended;
    }
    for words in Gaps::of_listings(fleet).words() {
        say(&format!("gaps may be missing: {words}"));
    }
    if ended.code == 0 { Ended::with(3) } else { ended }
}

fn wants(engine: &Engine, change: &PlanCommand) -> Result<Vec<Want>, Ended> {
    match change {
        PlanCommand::Replicate(replicate) => replications(engine, replicate),
        PlanCommand::Promote { key, to } => {
            let Target { key, .. } = target::find(engine, key)?;
            let region = region("--to", to)?;
            Ok(vec![Want { key, operation: Operation::UpdatePrimaryRegion, region, options: Options::default() }])
        }
        PlanCommand::CancelDeletion { members, then_enable } => {
            let options = Options { then_enable: *then_enable, ..Options::default() };
            of_members(engine, members, (Operation::CancelKeyDeletion, &options), KeyState::is_pending_deletion)
        }
        PlanCommand::Enable { members } => {
            let of = (Operation::EnableKey, &Options::default());
            of_members(engine, members, of, |state| *state == KeyState::Disabled)
        }
        PlanCommand::Cover { .. } => Ok(Vec::new()),
    }
}

fn replications(engine: &Engine, replicate: &Replicate) -> Result<Vec<Want>, Ended> {
    let Target { key, .. } = target::find(engine, &replicate.key)?;
    let options = options_of(&replicate.copying)?;
    let mut wants: Vec<Want> = Vec::new();
    for name in &replicate.to {
        let region = region("--to", name)?;
        is_free(engine, &key, &region)?;
        if wants.iter().any(|want| want.region == region) {
            return Err(Ended::usage(&format!("--to: {region} is named twice\nleave out one of them")));
        }
        wants.push(Want { key: key.clone(), operation: Operation::ReplicateKey, region, options: options.clone() });
    }
    Ok(wants)
}

fn options_of(copying: &Copying) -> Result<Options, Ended> {
    Ok(Options {
        policy: policy(&copying.policy)?,
        leave_tags: copying.no_tags,
        leave_description: copying.no_description,
        alias: copying.alias,
        then_enable: false,
    })
}

/// A replica where a member is already is a slip of the command line, not a plan that cannot be applied yet.
fn is_free(engine: &Engine, key: &KeyRef, region: &Region) -> Result<(), Ended> {
    let Presence::Present(present) = engine.fleet().presence(key, region) else { return Ok(()) };
    let state = present.state();
    let hint = if state.is_pending_deletion() {
        "it is pending deletion: `keyfleet plan cancel-deletion` keeps it"
    } else {
        "name another Region"
    };
    let role = present.key.role.map_or("related key", Role::name).to_lowercase();
    Err(Ended::usage(&format!("--to: {region} already holds the {role} ({}) of this key\n{hint}", state.safe())))
}

fn policy(choice: &str) -> Result<PolicyChoice, Ended> {
    Ok(match choice {
        "copy" => PolicyChoice::Copy,
        "verbatim" => PolicyChoice::Verbatim,
        "rewrite" => PolicyChoice::Rewritten,
        "default" => PolicyChoice::Default,
        file => {
            let shown = Foreign::new(file).safe();
            let bad = |what: &str| {
                Ended::usage(&format!(
                    "--policy: {shown}: {what}\nsay copy, verbatim, rewrite, default, or name a file with a policy of at most 32 KB"
                ))
            };
            let size = std::fs::metadata(file).map_err(|error| bad(&error.kind().to_string()))?;
            if !size.is_file() || size.len() > LARGEST_POLICY {
                return Err(bad("not a file of at most 32 KB"));
            }
            let text = std::fs::read_to_string(file).map_err(|error| bad(&error.kind().to_string()))?;
            let parsed: Result<serde_json::Value, _> = serde_json::from_str(&text);
            parsed
                .map_err(|error| bad(&format!("it is not JSON: line {}, column {}", error.line(), error.column())))?;
            PolicyChoice::Given(Foreign::new(text))
        }
    })
}

/// The members that are meant: the one that the ARN names, those in the named Regions, or the only one that qualifies.
fn of_members(
    engine: &Engine,
    members: &Members,
    (operation, options): (Operation, &Options),
    qualifies: impl Fn(&KeyState) -> bool,
) -> Result<Vec<Want>, Ended> {
    let mut wants: Vec<Want> = Vec::new();
    for word in &members.keys {
        let Target { key, region: own } = target::find(engine, word)?;
        let states = engine.fleet().key(&key).into_iter().flat_map(|entry| &entry.members);
        let fitting: Vec<Region> = states
            .filter(|(_, member)| member.described.fresh().is_some_and(|key| qualifies(&key.state)))
            .map(|(region, _)| region.clone())
            .collect();
        let regions = match (own, members.within.as_slice()) {
            (Some(own), _) => vec![own],
            (None, [all]) if all == "all" => fitting,
            (None, []) => vec![only(word, operation, &fitting)?],
            (None, named) => named.iter().map(|name| region("--in", name)).collect::<Result<_, _>>()?,
        };
        for region in regions {
            let want = Want { key: key.clone(), operation, region, options: options.clone() };
            if !wants.contains(&want) {
                wants.push(want);
            }
        }
    }
    if wants.is_empty() {
        return Err(Ended::usage(&format!(
            "no related key that could be read qualifies for {operation}\n`keyfleet list` shows their states"
        )));
    }
    Ok(wants)
}

fn only(word: &str, operation: Operation, fitting: &[Region]) -> Result<Region, Ended> {
    let shown = Foreign::new(word).safe();
    match fitting {
        [one] => Ok(one.clone()),
        [] => Err(Ended::usage(&format!(
            "{shown}: no related key that could be read qualifies for {operation}\nname its Region with --in to see why"
        ))),
        several => {
            let names: Vec<String> = several.iter().map(Region::to_string).collect();
            Err(Ended::usage(&format!(
                "{shown}: {operation} fits in {}\nsay which with --in REGION, or --in all",
                names.join(", ")
            )))
        }
    }
}

fn region(flag: &str, name: &str) -> Result<Region, Ended> {
    Region::parse(name).map_err(|_| {
        let shown = Foreign::new(name).safe();
        Ended::usage(&format!("{flag}: {shown} is no Region\nfor example {flag} eu-west-1"))
    })
}
