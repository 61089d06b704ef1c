//! A plan for eyes, before it is applied: whose account, and every step with all that is said of it.

use std::fmt::Write as _;

use crate::domain::plan::{Plan, Step, Verdict};
use crate::domain::text::Foreign;

/// Every line, each step in full.
pub(super) fn plan(plan: &Plan) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        let _infallible = writeln!(text, "{words}");
    };
    let name = plan.account_name.as_ref().map(|name| format!(" {}", name.safe())).unwrap_or_default();
    let protected = if plan.is_protected { "  PROTECTED" } else { "" };
    line(&format!("Plan      {}, made {}, good until {}", plan.id, plan.made_at.minute(), plan.expires_at.minute()));
    line(&format!("Account   {}{name}{protected}", plan.identity.account));
    line(&format!("Caller    {}", plan.identity.caller_arn.safe()));
    if let Some(endpoint) = &plan.endpoint {
        line(&format!("Endpoint  {}  not AWS", endpoint.safe()));
    }
    for step in &plan.steps {
        for words in lines(step, plan.steps.len()) {
            line(&words);
        }
    }
    for skipped in &plan.skipped {
        let region = skipped.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
        line(&format!("left out  {}{region}: {}", skipped.key, skipped.why));
    }
    text
}

fn lines(step: &Step, of: usize) -> Vec<String> {
    let mutation = &step.mutation;
    let operation = mutation.change.operation();
    let target = mutation.change.target().map(|to| format!(" → {to}")).unwrap_or_default();
    let mut lines =
        vec![String::new(), format!("Step {} of {of}: {operation} in {}{target}", step.number, mutation.sent_to())];
    lines.push(format!("  key     {}", mutation.arn));
    if let Some(alias) = step.alias.as_ref().map(Foreign::safe) {
        lines.push(format!("  alias   {alias}"));
    }
    if !step.after.is_empty() {
        let before: Vec<String> = step.after.iter().map(u32::to_string).collect();
        lines.push(format!("  after   step {}", before.join(", ")));
    }
    lines.extend(step.consequences.iter().map(|words| format!("  {words}")));
    lines.extend(step.way_back.iter().map(|words| format!("  Undo: {words}")));
    for condition in &step.preconditions {
        lines.push(format!("  {:<5} {}", verdict(condition.result), condition.text));
    }
    for permission in &step.permissions {
        lines.push(format!("  {:<5} {} in {}", verdict(permission.result), permission.action, permission.region));
    }
    lines.push(format!("  {}", step.cli.safe()));
    lines
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Unknown => "?",
    }
}
