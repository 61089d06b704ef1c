//! `keyfleet plan` and `keyfleet apply`: what is to be changed, and how it is confirmed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::TableOrJson;

/// `keyfleet plan`.
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// What is to be done.
    #[command(subcommand)]
    pub change: PlanCommand,
    /// Print the equivalent aws commands instead of the plan
    #[arg(long, global = true)]
    pub print_cli: bool,
    /// How long the plan may be applied, for example 90m or 24h; 72h at most
    #[arg(long, global = true, value_name = "SPAN", default_value = "1h", value_parser = valid_for)]
    pub valid_for: Duration,
}

/// What is to be done.
#[derive(Debug, Clone, Subcommand)]
pub enum PlanCommand {
    /// Make a replica key in one or more other Regions (ReplicateKey)
    Replicate(Replicate),
    /// Make a replica key the primary key (UpdatePrimaryRegion)
    Promote {
        /// The key: an ARN, a multi-Region key ID, or an alias
        #[arg(value_name = "KEY")]
        key: String,
        /// The Region of the replica that becomes the primary key
        #[arg(long, value_name = "REGION")]
        to: String,
    },
    /// Keep keys that are pending deletion (CancelKeyDeletion); they are Disabled afterwards
    CancelDeletion {
        /// Which related keys.
        #[command(flatten)]
        members: Members,
        /// Enable each key as a second step
        #[arg(long)]
        then_enable: bool,
    },
    /// Enable keys that are Disabled (EnableKey)
    Enable {
        /// Which related keys.
        #[command(flatten)]
        members: Members,
    },
    /// Make every replica that the rules require and that is certainly missing (ReplicateKey)
    ///
    /// A gap that rests on a Region which could not be read, a member that is there and not usable, and what a rule leaves open are not among the steps: they
    /// stand in `skipped`, each with its reason, and the exit code is 3. --filter narrows the keys.
    Cover {
        /// How replicas are made.
        #[command(flatten)]
        copying: Copying,
    },
}

/// `keyfleet plan replicate`.
#[derive(Debug, Clone, Args)]
pub struct Replicate {
    /// The key: an ARN, a multi-Region key ID, or an alias
    #[arg(value_name = "KEY")]
    pub key: String,
    /// The Regions that get a replica; repeat, or separate by commas
    #[arg(long, value_name = "REGION", value_delimiter = ',', required = true)]
    pub to: Vec<String>,
    /// How the replicas are made.
    #[command(flatten)]
    pub copying: Copying,
}

/// What a replica gets of its primary.
#[derive(Debug, Clone, Args)]
pub struct Copying {
    /// Which policy the replica gets: copy (the primary's, if it names no Region), verbatim, rewrite (for the replica's Region), default (KMS's own), or the file
    /// that holds it
    #[arg(long, value_name = "copy|verbatim|rewrite|default|FILE", default_value = "copy")]
    pub policy: String,
    /// Do not copy the primary's tags
    #[arg(long)]
    pub no_tags: bool,
    /// Do not copy the primary's description
    #[arg(long)]
    pub no_description: bool,
    /// Make the primary's first alias in the replica's Region too, as a second step (CreateAlias)
    #[arg(long)]
    pub alias: bool,
}

/// Which related keys of which keys.
#[derive(Debug, Clone, Args)]
pub struct Members {
    /// The keys: ARNs, multi-Region key IDs, or aliases
    #[arg(value_name = "KEY", required = true)]
    pub keys: Vec<String>,
    /// The Regions of the related keys, or all that qualify [default: the one that qualifies]
    #[arg(long = "in", value_name = "REGION|all", value_delimiter = ',')]
    pub within: Vec<String>,
}

/// `keyfleet apply`.
#[derive(Debug, Clone, Args)]
pub struct Apply {
    /// The plan, as `keyfleet plan` printed it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The account that is to be changed; it must be the plan's
    #[arg(long, value_name = "N")]
    pub account: Option<String>,
    /// Do not ask: this is the confirmation of every step of the plan
    #[arg(long)]
    pub yes: bool,
    /// How long to wait: until AWS has accepted each change, until each key has settled, or at most this long
    #[arg(long, value_name = "accepted|settled|SPAN", default_value = "15m", value_parser = wait)]
    pub wait: Wait,
    /// The format on stdout
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: TableOrJson,
}

/// How long `apply` waits after the last request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Until AWS has answered.
    Accepted,
    /// Until every key has come to rest, however long.
    Settled,
    /// Until then, but no longer than this.
    AtMost(Duration),
}

/// A unit of time on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unit {
    S,
    M,
    H,
}

fn span(text: &str) -> Result<Duration, String> {
    let bad = || format!("{text:?} is no span of time: a number and s, m or h, for example 15m");
    let unit = text.chars().next_back().and_then(|unit| match unit {
        's' => Some(Unit::S),
        'm' => Some(Unit::M),
        'h' => Some(Unit::H),
        _ => None,
    });
    let unit = unit.ok_or_else(bad)?;
    let number: u64 = text.strip_suffix(['s', 'm', 'h']).and_then(|digits| digits.parse().ok()).ok_or_else(bad)?;
    let seconds = match unit {
        Unit::S => 1,
        Unit::M => 60,
        Unit::H => 3_600,
    };
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(bad)
}

fn valid_for(text: &str) -> Result<Duration, String> {
    let span = span(text)?;
    let range = Duration::from_mins(1)..=Duration::from_hours(72);
    if range.contains(&span) { Ok(span) } else { Err("a plan is good for 1m to 72h".to_owned()) }
}

fn wait(text: &str) -> Result<Wait, String> {
    match text {
        "accepted" => Ok(Wait::Accepted),
        "settled" => Ok(Wait::Settled),
        _ => span(text).map(Wait::AtMost).map_err(|error| format!("{error}; or accepted, or settled")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit_and_plans_a_range() {
        assert_eq!(valid_for("90m"), Ok(Duration::from_mins(90)));
        assert_eq!(valid_for("72h"), Ok(Duration::from_hours(72)));
        for bad in ["73h", "0m", "1", "1d", "", "h", "-1h", "99999999999999999999h"] {
            assert!(valid_for(bad).is_err(), "{bad}");
        }
        assert_eq!(wait("settled"), Ok(Wait::Settled));
        assert_eq!(wait("30s"), Ok(Wait::AtMost(Duration::from_secs(30))));
        assert!(wait("soon").is_err());
    }
}
