//! `keyfleet apply`: shows a plan, asks, and carries it out.
//!
//! What the journal knows of the plan counts: a step that was sent is not sent again, one whose outcome is unknown is settled by reading before anything else.

mod earlier;

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, Write as _};
use std::time::Duration;

use super::{outcome, show};
use crate::cli::{Apply, Global, TableOrJson, Wait};
use crate::command::progress::Progress;
use crate::command::recorder::Books;
use crate::command::session::Session;
use crate::command::{Ended, Outside, account_flag, block_on, list, write_out};
use crate::domain::id::{Login, Region};
use crate::domain::plan::{Plan, Verdict};
use crate::domain::text::Safe;
use crate::engine::change::{ChangeStatus, Phase};
use crate::engine::effect::ChangeId;
use crate::engine::settings::Regions;
use crate::engine::{Engine, Session as Standing};
use crate::runtime::headless::{Drive, End};
use crate::runtime::signals::{Signal, Signals};
use crate::runtime::tasks::Tasks;
use crate::wire::plan::{self, PlanError};
use earlier::Earlier;

/// How long a step waits for the one before it where nobody said how long.
const STALLED: Duration = Duration::from_mins(15);

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
    if plan.steps.is_empty() {
        return nothing_to_do(&plan, apply.output);
    }
    ask(&plan, apply.yes, outside)?;
    plan::check(&plan, account, session.clock.now().wall).map_err(|error| refuse(&error))?;
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

/// A plan without steps is applied as it is.
fn nothing_to_do(plan: &Plan, output: TableOrJson) -> Result<Ended, Ended> {
    match output {
        TableOrJson::Table => write_out("nothing to do\n"),
        TableOrJson::Json => write_out(&outcome::document(&plan.id, &[])?),
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
    if yes {
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
    let mut earlier = Earlier::look(&plan, books)?;
    let mut interrupted = earlier.settle(&mut drive, &plan, books, longest).await?;
    let change = drive.adopt(plan.clone(), &earlier.over(drive.engine()));
    if interrupted.is_none() {
        drive.confirm(change);
        if drive.engine().change(change).is_some_and(|status| status.phase == Phase::Ready) {
            return Err(unconfirmed(drive.engine()));
        }
        let wait = apply.wait;
        let is_over =
            |engine: &Engine| is_over(engine, change, wait) && (wait == Wait::Accepted || earlier.is_settled(engine));
        interrupted = wait_for(&mut drive, change, wait, is_over).await.err();
    }
    if interrupted.is_some() {
        drive.finish_changes().await;
    }
    let mut status = drive.engine().change(change).cloned().ok_or_else(|| Ended::internal("the change was lost"))?;
    outcome::close(&mut status, &earlier.over(drive.engine()));
    let report = outcome::report(&status, &plan, drive.engine().fleet(), apply.output)?;
    write_out(&report)?;
    Ok(ended(&status, interrupted, tasks.panics()))
}

/// The engine took no confirmation: the journal failed while something earlier was settled, or the plan's time ran out meanwhile.
fn unconfirmed(engine: &Engine) -> Ended {
    if engine.settings().read_only {
        return Ended::journal("the journal cannot be written, so nothing was sent");
    }
    Ended::refused("the plan expired before it could be applied: nothing was sent\nmake it again and review it")
}

/// Waits until everything that may be sent has been, and then as long as was said. A step that waits longer than that for the one before it is not sent.
async fn wait_for(
    drive: &mut Drive<'_>,
    change: ChangeId,
    wait: Wait,
    is_over: impl Fn(&Engine) -> bool,
) -> Result<(), Signal> {
    let patience = match wait {
        Wait::Accepted => Some(STALLED),
        Wait::Settled => None,
        Wait::AtMost(span) => Some(span),
    };
    let claimed = |engine: &Engine| {
        engine.change(change).map_or(0, |status| status.steps.iter().filter(|step| step.claim.is_some()).count())
    };
    let is_sent = |engine: &Engine| !engine.change(change).is_some_and(ChangeStatus::is_in_flight);
    while !is_sent(drive.engine()) {
        let before = claimed(drive.engine());
        let deadline = patience.map(|patience| drive.now().monotonic + patience);
        drive.until_or(deadline, |engine| is_sent(engine) || claimed(engine) > before).await?;
        if !is_sent(drive.engine()) && claimed(drive.engine()) == before {
            let why = Safe::from_static("what it waits for was not seen in time");
            drive.stop(change, &why);
            break;
        }
    }
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

/// Whether there is nothing left to wait for.
fn is_over(engine: &Engine, change: ChangeId, wait: Wait) -> bool {
    let Some(status) = engine.change(change) else { return true };
    match wait {
        Wait::Accepted => !status.is_in_flight() && !status.steps.is_empty(),
        Wait::Settled | Wait::AtMost(_) => status.ended_at.is_some(),
    }
}
