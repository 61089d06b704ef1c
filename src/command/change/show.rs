//! A plan for eyes, before it is applied: whose account, and every step with all that is sent and all that is said of it.
//!
//! What is sent is shown from the request itself. What the file only says is shown as its words: whoever wrote the file chose them.

use std::fmt::Write as _;

use crate::domain::key::Tag;
use crate::domain::plan::{Change, Plan, Step, Verdict};
use crate::domain::policy::{readable, sha256};
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
    lines.extend(parameters(&mutation.change));
    lines.push(format!("  {}", step.cli.safe()));
    lines.extend(said(step));
    lines
}

/// What is sent beside the key, in AWS's names.
fn parameters(change: &Change) -> Vec<String> {
    match change {
        Change::ReplicateKey { to, policy, description, tags } => {
            let mut lines = vec![format!("  ReplicaRegion  {to}"), format!("  Description    {}", given(description))];
            lines.extend(tags.iter().map(tag));
            if tags.is_empty() {
                lines.push("  Tags           none".to_owned());
            }
            let original = policy.original();
            lines.push(format!("  Policy         {} bytes, SHA-256 {}", original.len(), sha256(original)));
            lines.extend(readable(policy).iter().map(|line| format!("    {line}")));
            lines
        }
        Change::UpdatePrimaryRegion { to } => vec![format!("  PrimaryRegion  {to}")],
        Change::CreateAlias { alias } => vec![format!("  AliasName      {}", alias.safe())],
        Change::CancelKeyDeletion | Change::EnableKey => Vec::new(),
    }
}

fn given(text: &Foreign) -> String {
    if text.is_empty() { "none".to_owned() } else { text.safe().to_string() }
}

fn tag(tag: &Tag) -> String {
    format!("  Tag            {} = {}", tag.key.safe(), tag.value.safe())
}

/// The words of the file. Nothing here is believed: what must hold is read again before the step is sent.
fn said(step: &Step) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(step.consequences.iter().map(|words| format!("    {words}")));
    lines.extend(step.way_back.iter().map(|words| format!("    Undo: {words}")));
    for condition in &step.preconditions {
        lines.push(format!("    {:<5} {}", verdict(condition.result), condition.text));
    }
    for permission in &step.permissions {
        lines.push(format!("    {:<5} {} in {}", verdict(permission.result), permission.action, permission.region));
    }
    if !lines.is_empty() {
        lines.insert(0, "  as the plan's file says:".to_owned());
    }
    lines
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Unknown => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::aws_command;
    use crate::domain::id::{KeyArn, Region};
    use crate::domain::plan::{Fingerprint, Mutation, Precondition};
    use crate::domain::text::Safe;

    fn step(change: Change) -> Step {
        let arn = KeyArn::parse("arn:aws:kms:us-east-1:111122223333:key/mrk-1").unwrap();
        let mutation = Mutation { arn, change };
        Step {
            number: 1,
            after: Vec::new(),
            cli: aws_command::command(&mutation),
            mutation,
            fingerprint: Fingerprint::default(),
            preconditions: vec![Precondition { text: "it holds".into(), result: Verdict::Pass, blocks: true }],
            permissions: Vec::new(),
            consequences: vec![Safe::from_static("Nothing happens.")],
            way_back: None,
            alias: None,
            description: Foreign::new(""),
        }
    }

    /// What stands between the key and the command, and what follows the command.
    fn check(change: Change, expected: &[&str]) {
        let lines = lines(&step(change), 1);
        let command = lines.iter().position(|line| line.starts_with("  aws kms ")).unwrap();
        assert_eq!(lines[3..command], *expected);
        assert_eq!(lines[command + 1..], ["  as the plan's file says:", "    Nothing happens.", "    pass  it holds"]);
    }

    #[test]
    fn everything_that_is_sent_is_shown_and_the_file_s_words_as_its_own() {
        let to = Region::parse("eu-west-1").unwrap();
        check(Change::EnableKey, &[]);
        check(Change::CancelKeyDeletion, &[]);
        check(Change::UpdatePrimaryRegion { to: to.clone() }, &["  PrimaryRegion  eu-west-1"]);
        check(Change::CreateAlias { alias: Foreign::new("alias/payments") }, &["  AliasName      alias/payments"]);
        let tags = vec![Tag { key: Foreign::new("env"), value: Foreign::new("prod\u{1b}[2J") }];
        let (policy, description) = (Foreign::new("{\n}"), Foreign::new("Nightly"));
        check(
            Change::ReplicateKey { to, policy, description, tags },
            &[
                "  ReplicaRegion  eu-west-1",
                "  Description    Nightly",
                "  Tag            env = prod\\u{1b}[2J",
                &format!("  Policy         3 bytes, SHA-256 {}", sha256("{\n}")),
                "    {",
                "    }",
            ],
        );
    }
}
