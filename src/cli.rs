//! The command line: flags and subcommands, and what `--help` says of them. Judges nothing beyond the shape of a value.

mod change;
mod check;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use change::{Apply, Copying, Members, Plan, PlanCommand, Replicate, Wait};
pub use check::{Check, EvidenceMode, FailOn, FindingsOutput};

/// What follows every subcommand's help.
const EXIT_CODES: &str = "\
Exit codes:
  0    done; check: everything holds, on sufficient evidence; diff: everything was read, and nothing differs
  1    check: something certainly does not hold; diff: something differs for certain
  2    usage, configuration or environment: bad flag, bad file, no terminal, no identity
  3    incomplete: some Region in scope or some key could not be read
  4    a change was refused by AWS, or never left
  5    refused by a guard: read-only, endpoint override
  6    a key is not as the plan saw it; nothing was sent
  7    another keyfleet holds the lock
  8    the journal cannot be written; nothing was sent
  9    the outcome of a change is unknown
  70   internal error (a bug)
  129, 130, 143   SIGHUP, Ctrl-C, SIGTERM";

/// The heading of the flags that every subcommand takes.
const EVERYWHERE: &str = "Everywhere";

/// A dashboard for the AWS KMS multi-Region keys of an account: every Region at once, one row per key.
///
/// Without a subcommand the dashboard opens; it needs a terminal. Reading needs kms:ListKeys, kms:DescribeKey and kms:ListAliases. Nothing is changed before a
/// plan has been shown in full and confirmed by typing, and writes are locked until they are unlocked.
#[derive(Debug, Clone, Parser)]
#[command(name = "keyfleet", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Cli {
    /// Flags that every subcommand takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the dashboard if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every subcommand takes.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Global {
    /// The file whose rules go before those of the configuration: a flag of `check` only.
    #[arg(skip)]
    pub rules: Option<PathBuf>,

    /// Use the embedded KMS with its sample fleet: no AWS, no configuration file, no environment variable
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub demo: bool,

    /// Read the configuration from this file [default: what `keyfleet config path` prints, if it is there]
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub config: Option<PathBuf>,

    /// Sign in with this AWS profile [default: the AWS SDK's own chain of credentials]
    #[arg(long, global = true, value_name = "NAME", help_heading = EVERYWHERE)]
    pub profile: Vec<String>,

    /// Read these Regions and no others; repeat, or separate by commas [default: auto, every Region of the partition]
    #[arg(long, global = true, value_name = "REGION", value_delimiter = ',', help_heading = EVERYWHERE)]
    pub region: Vec<String>,

    /// Send everything here instead of to AWS, or only what goes to one Region; repeatable [default: AWS]
    #[arg(long, global = true, value_name = "[REGION=]URL", help_heading = EVERYWHERE)]
    pub endpoint_url: Vec<String>,

    /// Refuse every change for the whole run; nothing lifts it
    #[arg(long, global = true, conflicts_with = "write", help_heading = EVERYWHERE)]
    pub read_only: bool,

    /// Start with writes unlocked [default: locked, `!` unlocks for 10 minutes]; exits 5 where the configuration is read-only
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub write: bool,

    /// Show only the keys that this filter does not rule out, for example 'state:disabled region:eu-*' [default: every key]
    #[arg(long, global = true, value_name = "EXPR", help_heading = EVERYWHERE)]
    pub filter: Option<String>,

    /// Read the fleet from this file, which `keyfleet snapshot` wrote, and ask nobody: for list, check and impact [default: read AWS]
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub snapshot: Option<PathBuf>,

    /// Neither show the fleet of the last run while the dashboard starts, nor keep this one's for the next
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub no_cache: bool,

    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t, help_heading = EVERYWHERE)]
    pub color: Color,

    /// Write a log, for example debug or keyfleet=trace: to stderr, or under the dashboard to a file [default: warn]
    #[arg(long, global = true, value_name = "FILTER", help_heading = EVERYWHERE)]
    pub log: Option<String>,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What keyfleet can be asked to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Print the fleet, once, or with --watch what changes in it
    ///
    /// Reads every Region and prints each multi-Region key with its related keys: present, absent or unknown. Keys that a --filter can neither take nor rule out
    /// are printed too, marked. Exits 0 if everything in scope was read, 3 if not.
    List(List),
    /// Check every key against the coverage rules and for what is wrong with it: findings, a verdict, an exit code
    ///
    /// Exits 1 if something certainly does not hold, whatever else could not be read; 3 if nothing certain is wrong and something could not be read; 0 if
    /// everything holds. Every finding says on which answers of AWS it rests.
    Check(Check),
    /// Print what losing one or more Regions would mean for each multi-Region key
    ///
    /// About keys, not data. Says of each key whether a usable member would remain, whether its primary would go, which related keys survive with which policy and
    /// aliases, and what to do while the Region is up. In an outage, what the dashboard last knew of the Region is merged and marked. Exits 0 if everything that the
    /// answer rests on was read, 3 if not.
    Impact(Impact),
    /// Keep the fleet as it is now in a file, with policies, tags and rotation
    ///
    /// Reads everything and writes it with its evidence, so that --snapshot FILE tells later what could be told now, and `keyfleet diff` what has changed. It holds
    /// every key: --filter is for reading it. Exits 0 if everything was read, 3 if not; what could not be read is then said, and marked in the file.
    Snapshot(Snapshot),
    /// Say what differs between two snapshots
    ///
    /// Keys and members that were added or are gone, and what changed in those that stayed: state, role, primary, aliases, description, deletion date, policy, tags,
    /// rotation. What can be read in one snapshot only is neither added nor gone. Exits 0 if everything was read in both and nothing differs, 1 if something certainly
    /// differs, 3 if nothing does for certain and something could not be read.
    Diff(Diff),
    /// Print the plan of a change, as JSON; sends nothing
    ///
    /// Reads the keys and says what would be sent where, what must hold, what AWS makes of it and the way back. The plan is a file to be reviewed, and `keyfleet
    /// apply` carries it out. Exits 5 if a precondition fails and the plan cannot be applied, 3 if something could not be read or was left out.
    Plan(Plan),
    /// Carry out a plan: shows it, asks, and sends each step at most once
    ///
    /// Every key is read again and compared with the plan before the first request; each request is recorded in the journal before it is sent. Steps that the journal
    /// shows sent are not sent again, and those whose outcome is unknown are settled by reading first. A lost reply is never called failed.
    Apply(Apply),
    /// Run the embedded KMS alone, until interrupted
    ///
    /// Speaks AWS KMS, and enough of STS to say who is calling and to assume roles, on one port for every Region. Prints its endpoint. Without a fleet file it is empty, every
    /// Region is enabled and any credentials are accepted as account 111122223333.
    Emulate(Emulate),
    /// Find, make or check the configuration
    Config(Config),
    /// Print the keys of the dashboard, as configured
    Keys,
    /// Read what keyfleet has changed
    Journal(Journal),
}

/// `keyfleet list`.
#[derive(Debug, Clone, Args)]
pub struct List {
    /// The format on stdout [default: table, with --watch ndjson]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub output: Option<Output>,
    /// Print what changes, as ndjson, until interrupted
    ///
    /// The first reading is the base: nothing of it is printed, only what is different from it afterwards, a line each: a member appeared or is gone, a field of
    /// one changed, a Region became readable or unreadable. Regions are listed again every `refresh`, and so are up to 500 keys described; if the filter leaves
    /// more, every 15 minutes. What could not be read and then can, or the other way round, is no change of a key.
    #[arg(long)]
    pub watch: bool,
}

/// A format of `keyfleet list`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// One line a key, for eyes
    #[default]
    Table,
    /// keyfleet.fleet/1
    Json,
    /// One line for each key and Region
    Csv,
    /// The same as a Markdown table
    Markdown,
    /// keyfleet.fleet/1, one key a line after a first line with the rest
    Ndjson,
}

/// `keyfleet impact`.
#[derive(Debug, Clone, Args)]
pub struct Impact {
    /// The Regions that are lost, all at once; several, or separated by commas
    #[arg(value_name = "REGION", value_delimiter = ',', required = true)]
    pub lost: Vec<String>,
    /// The format on stdout
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: Report,
}

/// A format of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Report {
    /// For eyes
    #[default]
    Table,
    /// For other programs
    Json,
    /// For a spreadsheet
    Csv,
    /// For a ticket
    Markdown,
}

/// `keyfleet snapshot`.
#[derive(Debug, Clone, Args)]
pub struct Snapshot {
    /// Where to write it, readable by its owner alone; `-` is stdout. A file that is there is replaced
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `keyfleet diff`.
#[derive(Debug, Clone, Args)]
pub struct Diff {
    /// The earlier snapshot
    #[arg(value_name = "A")]
    pub from: PathBuf,
    /// The later one
    #[arg(value_name = "B")]
    pub to: PathBuf,
    /// The format on stdout
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: TableOrJson,
}

/// `keyfleet emulate`.
#[derive(Debug, Clone, Args)]
pub struct Emulate {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4599")]
    pub listen: SocketAddr,
    /// Start with the fleet of this file [default: no keys]
    #[arg(long, value_name = "FILE")]
    pub fleet: Option<PathBuf>,
    /// Make other identifiers and other chances of the same fleet [default: the fleet file's, or 0]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Answer this much later, for example 60ms [default: the fleet file's, or at once]
    #[arg(long, value_name = "SPAN")]
    pub latency: Option<String>,
    /// Add this many generated keys, for example keys=10000,regions=17,related=3 [default: none]
    #[arg(long, value_name = "SIZE")]
    pub size: Option<String>,
    /// Keep the keys in this file between runs; what it holds goes before the fleet's own keys [default: keep nothing]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

/// `keyfleet config`.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// What to do with the configuration.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to do with the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print where the configuration file is looked for
    Path,
    /// Write a configuration file that documents every setting; never overwrites one
    Init,
    /// Read file, environment and flags, and print every setting with where it comes from
    ///
    /// Exits 0 if they are good, 2 with one error if not. Starts nothing and asks nobody.
    Check,
}

/// `keyfleet journal`.
#[derive(Debug, Clone, Args)]
pub struct Journal {
    /// What to do with the journal.
    #[command(subcommand)]
    pub command: JournalCommand,
}

/// What to do with the journal.
#[derive(Debug, Clone, Subcommand)]
pub enum JournalCommand {
    /// Print every change that this state directory knows of, and each journal's head; reads only files
    ///
    /// For each request it says which events CloudTrail has of it, and in which Region. What nobody knows the end of stands last. Exits 2 if a journal cannot be
    /// read or is not as keyfleet wrote it.
    Show {
        /// Only the journal of this account [default: every journal]
        #[arg(long, value_name = "N")]
        account: Option<String>,
        /// The format on stdout
        #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
        output: TableOrJson,
    },
    /// Check that no record was changed, removed, inserted or moved; reads only files
    ///
    /// The journal is a chain of hashes. What was taken off its end shows only against a head that was kept elsewhere: keyfleet prints it when it ends after a
    /// change, and so does `journal show`. Exits 0 if every record is in order, 2 if not or if a journal cannot be read.
    Verify {
        /// Only the journal of this account [default: every journal]
        #[arg(long, value_name = "N")]
        account: Option<String>,
        /// The hash that was once the head: everything up to it must still be there [default: none is known]
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
}

/// A report for eyes or for programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum TableOrJson {
    /// For eyes
    #[default]
    Table,
    /// For other programs
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    fn parse(line: &str) -> Result<Cli, ErrorKind> {
        Cli::try_parse_from(line.split(' ')).map_err(|error| error.kind())
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_stand_before_and_after_the_subcommand() {
        let before = parse("keyfleet --demo --region us-east-1,eu-west-1 list --output json").unwrap();
        let after = parse("keyfleet list --output json --demo --region us-east-1 --region eu-west-1").unwrap();
        for cli in [before, after] {
            assert!(cli.global.demo);
            assert_eq!(cli.global.region, ["us-east-1", "eu-west-1"]);
            assert!(matches!(cli.command, Some(Command::List(List { output: Some(Output::Json), .. }))));
        }
    }

    #[test]
    fn the_dashboard_is_the_default() {
        let cli = parse("keyfleet").unwrap();
        assert!(cli.command.is_none() && !cli.global.write && cli.global.color == Color::Auto);
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        assert_eq!(parse("keyfleet audit").unwrap_err(), ErrorKind::InvalidSubcommand);
        assert_eq!(parse("keyfleet --mouse").unwrap_err(), ErrorKind::UnknownArgument);
        assert_eq!(parse("keyfleet list --output yaml").unwrap_err(), ErrorKind::InvalidValue);
        assert_eq!(parse("keyfleet --write --read-only").unwrap_err(), ErrorKind::ArgumentConflict);
        assert_eq!(parse("keyfleet emulate --listen nowhere").unwrap_err(), ErrorKind::ValueValidation);
    }

    #[test]
    fn the_emulator_listens_on_loopback_unless_told() {
        let Some(Command::Emulate(emulate)) = parse("keyfleet emulate").unwrap().command else { panic!() };
        assert_eq!((emulate.listen.to_string().as_str(), emulate.fleet), ("127.0.0.1:4599", None));
    }

    #[test]
    fn help_states_the_exit_codes() {
        let help = Cli::command().render_long_help().to_string();
        assert!(help.contains("Exit codes:") && help.contains("130"));
    }
}
