//! What AWS really does with each change, said where the decision is taken.

use super::{Facts, key_policy};
use crate::domain::id::Region;
use crate::domain::key::KeyState;
use crate::domain::plan::{Change, Mutation};
use crate::domain::policy;
use crate::domain::text::{Safe, safe};
use crate::engine::change::{Options, PolicyChoice};

/// What will be made, what will not, and what follows.
pub(super) fn consequences(facts: Facts<'_>, mutation: &Mutation, options: &Options) -> Vec<Safe> {
    match &mutation.change {
        Change::ReplicateKey { .. } => replica(facts, mutation, options),
        Change::UpdatePrimaryRegion { to } => promotion(mutation, to),
        Change::CancelKeyDeletion => rescue(facts, &mutation.arn.region, options),
        Change::CreateAlias { alias } => vec![
            safe!(
                "{} points to the replica in {}: whoever asks by alias there finds it.",
                alias.safe(),
                mutation.arn.region
            ),
            Safe::from_static("An alias is of one Region: those elsewhere stay as they are."),
        ],
        Change::EnableKey => vec![
            Safe::from_static("The key works again for everybody whom its policy allows."),
            Safe::from_static("Only this related key: each has its own state."),
        ],
    }
}

fn replica(facts: Facts<'_>, mutation: &Mutation, options: &Options) -> Vec<Safe> {
    let Change::ReplicateKey { to, policy, description, tags } = &mutation.change else { return Vec::new() };
    let from = &mutation.arn.region;
    let all_tags = facts.tags(from).map_or(0, <[_]>::len);
    let mut lines = vec![safe!(
        "Policy: {}, {} bytes, sha256 {}",
        which(&options.policy),
        policy.original().len(),
        short(&policy::sha256(policy.original()))
    )];
    lines.extend(about_policy(facts, mutation, options));
    if options.leave_tags {
        lines.push(Safe::from_static("Tags: none, as chosen"));
    } else {
        lines.push(safe!("Tags: {} copied, {} aws:* cannot be", tags.len(), all_tags.saturating_sub(tags.len())));
    }
    let described = match (description.is_empty(), options.leave_description) {
        (true, true) => "none, as chosen",
        (true, false) => "none to copy",
        (false, _) => "copied",
    };
    lines.push(safe!("Description: {described}"));
    let aliases = if options.alias { "other aliases" } else { "aliases" };
    if options.alias && facts.alias().is_none() {
        lines.push(Safe::from_static("Alias: the key has none that could be read, so none is made"));
    }
    lines.push(safe!("Not made: {aliases}, grants. The same key material. About USD 1 a month."));
    if facts.described(from).map(|key| key.origin.original()) == Some("EXTERNAL") {
        lines.push(safe!(
            "Imported material is not copied: {to} stays PendingImport until the same material is imported"
        ));
    }
    lines.push(Safe::from_static("AWS makes it in the background: Creating, then Enabled after seconds or minutes."));
    lines
}

/// What the replica's policy does there that the primary's does not do here.
fn about_policy(facts: Facts<'_>, mutation: &Mutation, options: &Options) -> Vec<Safe> {
    let Change::ReplicateKey { to, policy, .. } = &mutation.change else { return Vec::new() };
    let from = &mutation.arn.region;
    let mut lines = key_policy::places(policy, from, to);
    if options.policy == PolicyChoice::Rewritten
        && let Some(same) = facts.policy(from).and_then(|own| key_policy::means_the_same(own, from, policy, to))
    {
        lines.push(if same {
            safe!("It says of {to} what the primary's says of {from}.")
        } else {
            safe!("! the primary's names both {from} and {to}: rewritten, the two fall together")
        });
    }
    lines.push(Safe::from_static(if key_policy::is_default(policy, &mutation.arn) {
        "It is KMS's default: it allows whatever the account's IAM policies allow."
    } else {
        "KMS's default would allow whatever the account's IAM policies allow."
    }));
    lines
}

fn which(choice: &PolicyChoice) -> &'static str {
    match choice {
        PolicyChoice::Copy | PolicyChoice::Verbatim => "a verbatim copy of the primary's",
        PolicyChoice::Rewritten => "the primary's, rewritten for the replica's Region",
        PolicyChoice::Default => "KMS's default, under which IAM policies of the account decide",
        PolicyChoice::Given(_) => "the one from the file",
    }
}

fn promotion(mutation: &Mutation, to: &Region) -> Vec<Safe> {
    let from = &mutation.arn.region;
    vec![
        safe!("{to} becomes the primary key, {from} a replica key."),
        Safe::from_static("Both are Updating for seconds or minutes; meanwhile both may call themselves replicas."),
        Safe::from_static("Encryption and decryption go on; neither key can be managed until it is over."),
        safe!("The policies stay where they are: the one in {to} decides who may replicate from now on."),
        Safe::from_static("This is not failover: it needs both Regions up, and the primary's Region to send it to."),
    ]
}

fn rescue(facts: Facts<'_>, region: &Region, options: &Options) -> Vec<Safe> {
    let mut lines = Vec::new();
    match facts.described(region) {
        Some(key) if key.state == KeyState::PendingReplicaDeletion => lines.push(Safe::from_static(
            "The primary waits for its replicas to be deleted. They stay pending: each needs its own K.",
        )),
        Some(key) => {
            if let Some(date) = key.deletion_date {
                lines.push(safe!("Without it the key is deleted {}.", date.minute()));
            }
        }
        None => {}
    }
    lines.push(Safe::from_static(if options.then_enable {
        "The key is Disabled afterwards, until step 2 enables it."
    } else {
        "The key stays Disabled afterwards: nothing can use it until E enables it."
    }));
    lines.push(Safe::from_static("AWS does not remember whether it was Enabled before: not known."));
    lines.push(Safe::from_static("Only this related key: each needs its own."));
    lines
}

/// The way back, or that there is none.
pub(super) fn way_back(mutation: &Mutation) -> Safe {
    match &mutation.change {
        Change::ReplicateKey { to, .. } => safe!(
            "none in keyfleet: ScheduleKeyDeletion takes 7 to 30 days, and the key material stays in {to} until then"
        ),
        Change::UpdatePrimaryRegion { to } => {
            safe!("P again, from {to} back to {}, once both are Enabled", mutation.arn.region)
        }
        Change::CancelKeyDeletion => Safe::from_static("none in keyfleet: schedule the deletion again by other means"),
        Change::EnableKey => Safe::from_static("none in keyfleet: DisableKey by other means"),
        Change::CreateAlias { .. } => Safe::from_static("none in keyfleet: DeleteAlias by other means"),
    }
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
