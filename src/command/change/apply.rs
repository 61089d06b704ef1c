//! `keyfleet apply`: shows a plan, asks, and carries it out.
//!
//! What the journal knows of the plan counts: a step that was sent is not sent again, one whose outcome is unknown is settled by reading before anything else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, Write as _};
use std::time::Duration;

use super::{outcome, show};
use crate::cli::{Apply, Global, Wait};
use crate::command::progress::Progress;
use crate::command::recorder::Books;
use crate::command::session::Session;
use crate::command::{Ended, Outside, account_flag, block_on, list, write_out};
use crate::domain::id::{Login, Region};
use crate::domain::plan::{Claim, Outcome, Plan, Verdict};
use crate::domain::text::{Safe, safe};
use crate::engine::change::{ChangeStatus, StepPhase, StepStatus};
use crate::engine::effect::ChangeId;
use crate::engine::settings::Regions;
use crate::engine::{Engine, Session as Standing};
use crate::runtime::headless::{Drive, End};
use crate::runtime::signals::{Signal, Signals};
use crate::runtime::tasks::Tasks;
use crate::state::journal::Subject;
use crate::state::journal::history::StepRecord;
use crate::wire::plan::{self, PlanError};

/// How long what an earlier run left open is looked at before the other steps go.
const SETTLING: Duration = Duration::from_secs(10);

pub(crate) fn run(global: &Global, apply: &Apply, outside: &Outside) -> Result<Ended, Ended> {
    crate::command::logging::start(global.log.as_deref(), None)?;
    if global.read_only {
        return Err(Ended::refused("--read-only: nothing is applied in a read-only run\nleave it out"));
    }
    let account = account_flag(apply.account.as_deref())?.ok_or_else(|| {
        Ended::refused("--account is needed: the account that is to be changed\nfor example --account 111122223333")
    })?;
    let name = apply.file.display().to_string();
    let refuse = |error: &PlanError| of_file(&name, error);
    let text = plan::read_file(&apply.file).map_err(|error| refuse(&error))?;
    let mut plan = plan::read(&text, Login(0)).map_err(|error| refuse(&error))?;
    let mut session = Session::open(global, outside, true)?;
    plan::check(&plan, account, session.clock.now().wall).map_err(|error| refuse(&error))?;
    narrow(&mut session, &plan);
    let settings = &session.settings.engine;
    if settings.read_only {
        return Err(Ended::refused("read_only = true: nothing is applied, and no flag lifts it"));
    }
    plan.is_protected = settings.protected_accounts.contains(&account);
    plan.account_name = settings.account_names.get(&account).cloned();
    if let Some(condition) = plan.blocked_by() {
        let unknown = if condition.result == Verdict::Unknown { " (not known)" } else { "" };
        return Err(Ended::refused(&format!(
            "the plan cannot be applied{unknown}: {}\nmake it again once that holds",
            condition.text
        )));
    }
    ask(&plan, apply.yes, outside)?;
    let state = session.state.clone().ok_or_else(|| {
        Ended::environment("no home directory, by environment or by user database: the journal has no place\nset HOME")
    })?;
    let books = Books::new(state);
    let ended = block_on(carry_out(session, (plan, apply), &books, outside.stderr_is_terminal));
    let last_words = books.last_words();
    match ended {
        Ok(ended) if ended.words.is_none() => Ok(ended.saying(last_words)),
        other => other,
    }
}

fn of_file(name: &str, error: &PlanError) -> Ended {
    let words = format!("{name}: {}\n{}", error.what(), error.remedy());
    if error.is_refusal() { Ended::refused(&words) } else { Ended::usage(&words) }
}

/// Only the Regions that the plan concerns are read, once, and then as its steps need it.
fn narrow(session: &mut Session, plan: &Plan) {
    let mut regions: BTreeSet<Region> = BTreeSet::new();
    for step in &plan.steps {
        regions.insert(step.mutation.sent_to().clone());
        regions.insert(step.mutation.concerns().clone());
        regions.extend(step.fingerprint.members.iter().map(|member| member.arn.region.clone()));
    }
    session.settings.engine.regions = Regions::Only(regions.into_iter().collect());
    session.settings.engine.refresh = None;
}

/// Shows the plan on stderr: stdout is the report's. Without `--yes` somebody must type what the plan asks for.
fn ask(plan: &Plan, yes: bool, outside: &Outside) -> Result<(), Ended> {
    let mut stderr = io::stderr().lock();
    let _nobody_looks = write!(stderr, "{}", show::plan(plan));
    if yes || plan.steps.is_empty() {
        return Ok(());
    }
    if !outside.stdin_is_terminal {
        return Err(Ended::usage(
            "nobody can be asked: stdin is not a terminal\nsay --yes if this plan has been reviewed",
        ));
    }
    let _nobody_looks = write!(stderr, "\nType {} to apply {}: ", plan.phrase(), steps(plan.steps.len()));
    let _nobody_looks = stderr.flush();
    let mut typed = String::new();
    let read = io::stdin().lock().read_line(&mut typed);
    if read.is_ok() && typed.trim_end_matches(['\r', '\n']) == plan.phrase() {
        return Ok(());
    }
    Err(Ended::refused("not confirmed: nothing was sent"))
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

async fn carry_out(
    session: Session,
    (plan, apply): (Plan, &Apply),
    books: &Books,
    shows_progress: bool,
) -> Result<Ended, Ended> {
    let clock = session.clock;
    let mut engine = Engine::new(session.settings.engine.clone());
    let mut tasks = Tasks::new(clock, session.setup(), books.recorder());
    let mut signals = Signals::take().map_err(|error| Ended::environment(&error.to_string()))?;
    let mut progress = Progress::new(shows_progress);
    let mut drive = Drive::new(&mut engine, &mut tasks, (&clock, &mut signals));
    let end = drive.read_once(|engine| progress.show(engine, clock.now())).await;
    progress.clear();
    if let End::Signal(signal) = end {
        return Err(Ended::signal(signal));
    }
    is_allowed(drive.engine(), &plan)?;
    let longest = match apply.wait {
        Wait::Accepted | Wait::Settled => SETTLING,
        Wait::AtMost(span) => span.min(SETTLING),
    };
    let earlier = earlier(&mut drive, &plan, books, longest).await?;
    let change = drive.apply(plan.clone(), &earlier.over(drive.engine()));
    let wait = apply.wait;
    let is_over =
        |engine: &Engine| is_over(engine, change, wait) && (wait == Wait::Accepted || earlier.is_settled(engine));
    let interrupted = match wait_for(&mut drive, change, wait, is_over).await {
        Ok(()) => None,
        Err(signal) => {
            drive.finish_changes().await;
            Some(signal)
        }
    };
    let mut status = drive.engine().change(change).cloned().ok_or_else(|| Ended::internal("the change was lost"))?;
    for (number, claim) in earlier.over(drive.engine()) {
        // What was unknown when the rest was sent may have been settled since.
        if let Some(step) = status.steps.iter_mut().find(|step| step.number == number) {
            step.settled |= claim.outcome == Outcome::Done;
            step.claim = Some(claim);
        }
    }
    let report = outcome::report(&status, &plan, drive.engine().fleet(), apply.output)?;
    write_out(&report)?;
    Ok(ended(&status, interrupted, tasks.panics()))
}

/// Waits until everything that may be sent has been, and then as long as was said.
async fn wait_for(
    drive: &mut Drive<'_>,
    change: ChangeId,
    wait: Wait,
    is_over: impl Fn(&Engine) -> bool,
) -> Result<(), Signal> {
    drive.until(|engine| !engine.change(change).is_some_and(ChangeStatus::is_in_flight)).await?;
    let deadline = match wait {
        Wait::Accepted | Wait::Settled => None,
        Wait::AtMost(span) => Some(drive.now().monotonic + span),
    };
    drive.until_or(deadline, is_over).await
}

/// What weighs more than a signal: what is known to have gone wrong.
fn ended(status: &ChangeStatus, interrupted: Option<Signal>, panics: usize) -> Ended {
    match (outcome::code(status), interrupted) {
        _ if panics > 0 => Ended::internal("a task died of a bug in keyfleet: see what the report says is unknown"),
        (0, Some(signal)) => Ended::signal(signal),
        (code, _) => Ended::with(code),
    }
}

/// Guards that are asked before anything is: who this is, and where requests go.
fn is_allowed(engine: &Engine, plan: &Plan) -> Result<(), Ended> {
    if let Some(error) = list::no_identity(engine) {
        return Err(error);
    }
    if let Some(Standing::Open { identity }) = engine.session(Login(0))
        && let Some(identity) = identity.value()
        && identity.account != plan.identity.account
    {
        return Err(Ended::refused(&format!(
            "the credentials are of account {}, the plan is for {}\nsign in to the plan's account",
            identity.account, plan.identity.account
        )));
    }
    for step in &plan.steps {
        let region = step.mutation.sent_to();
        if let Some(why) = engine.changes_are_refused(region) {
            return Err(Ended::refused(&format!("{why}")));
        }
        let endpoint = engine.endpoint(region).map(|(endpoint, _)| endpoint);
        if endpoint != plan.endpoint {
            let name = |endpoint: &Option<crate::domain::text::Foreign>| {
                endpoint.as_ref().map_or_else(|| "AWS".to_owned(), |endpoint| endpoint.safe().to_string())
            };
            return Err(Ended::refused(&format!(
                "the plan was made for {}, and this run sends to {}\ngive the same --endpoint-url, or make the plan again",
                name(&plan.endpoint),
                name(&endpoint)
            )));
        }
    }
    Ok(())
}

/// What an earlier run of this plan has sent.
struct Earlier {
    records: BTreeMap<u32, StepRecord>,
    /// The steps that nobody knew the end of, as they are settled now.
    taken_over: Vec<(u32, ChangeId)>,
}

impl Earlier {
    fn is_settled(&self, engine: &Engine) -> bool {
        let is_open =
            |change: &ChangeId| engine.change(*change).is_some_and(|status| status.steps.iter().any(is_reconciling));
        !self.taken_over.iter().any(|(_, change)| is_open(change))
    }

    /// The steps that are not to be sent again, with what is known of each.
    fn over(&self, engine: &Engine) -> Vec<(u32, Claim)> {
        let settled = |number: u32| {
            let (_, change) = self.taken_over.iter().find(|(step, _)| *step == number)?;
            engine.change(*change)?.steps.first()?.claim.clone()
        };
        self.records
            .iter()
            .filter_map(|(number, record)| Some((*number, settled(*number).or_else(|| sent(record))?)))
            .collect()
    }
}

/// Looks into the journal, and settles by reading what is open before anything is sent. What stays unknown for a while does not keep the other steps from being
/// sent: whoever applies the plan again has seen it.
async fn earlier(drive: &mut Drive<'_>, plan: &Plan, books: &Books, longest: Duration) -> Result<Earlier, Ended> {
    let subject: Subject = (plan.partition, plan.identity.account);
    let unreadable = |words: &Safe| Ended::journal(&format!("the journal cannot be read: {words}"));
    let records = books.steps_of(subject, &plan.id).map_err(|error| {
        let words = error.words();
        if error.is_locked() { is_locked(&words) } else { unreadable(&words) }
    })?;
    let mut earlier = Earlier { records, taken_over: Vec::new() };
    if !earlier.records.values().any(|record| record.is_open) {
        return Ok(earlier);
    }
    let open = books.left_open(subject, true).map_err(|error| unreadable(&error.words()))?;
    if let Some(holder) = open.held_by {
        return Err(is_locked(&safe!("{holder} changes keys of this account")));
    }
    for intent in open.intents {
        let (is_own, step) = (intent.plan == plan.id, intent.step);
        let change = drive.take_over(plan.login, intent.as_ref().clone());
        if is_own {
            earlier.taken_over.push((step, change));
        }
    }
    let soon = drive.now().monotonic + longest;
    let settled = drive.until_or(Some(soon), |engine| earlier.is_settled(engine)).await;
    settled.map_err(|_signal| Ended::with(9))?;
    Ok(earlier)
}

fn is_locked(words: &Safe) -> Ended {
    Ended::locked(&format!("{words}\nwait until the other keyfleet has ended"))
}

/// What is known of a step that was sent, or may have been. What provably never left may be sent now.
fn sent(record: &StepRecord) -> Option<Claim> {
    let unknown = || Claim {
        outcome: Outcome::Unknown,
        code: None,
        request_id: None,
        detail: Safe::from_static("an earlier run of this plan left it open"),
    };
    let claim = record.claim.clone().unwrap_or_else(unknown);
    (claim.outcome != Outcome::NotSent || record.is_open).then_some(claim)
}

fn is_reconciling(step: &StepStatus) -> bool {
    matches!(step.phase, StepPhase::Reconciling { .. })
}

/// Whether there is nothing left to wait for.
fn is_over(engine: &Engine, change: ChangeId, wait: Wait) -> bool {
    let Some(status) = engine.change(change) else { return true };
    match wait {
        Wait::Accepted => !status.is_in_flight() && !status.steps.is_empty(),
        Wait::Settled | Wait::AtMost(_) => status.ended_at.is_some(),
    }
}
