//! `keyfleet check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `keyfleet check`.
#[derive(Debug, Clone, Args)]
pub struct Check {
    /// Take the coverage rules from this file [default: those of the configuration]
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Report what passed too
    #[arg(long)]
    pub all: bool,
    /// The least severity from which a failure decides the verdict; what is not known always does
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t)]
    pub fail_on: FailOn,
    /// Whether a primary key's word counts where a Region could not be read
    #[arg(long, value_name = "MODE", value_enum, default_value_t)]
    pub evidence: EvidenceMode,
    /// The format on stdout
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: FindingsOutput,
}

/// The least severity from which a failure decides the verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// High alone
    High,
    /// Medium and high
    #[default]
    Medium,
    /// Low, medium and high
    Low,
}

/// What counts as evidence of an absence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum EvidenceMode {
    /// A complete listing of the Region; where there is none, that the primary key was read and names no member there
    #[default]
    Declared,
    /// A complete listing of the Region alone
    Listed,
}

/// A format of `keyfleet check`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FindingsOutput {
    /// The worst first, for eyes
    #[default]
    Table,
    /// keyfleet.findings/1
    Json,
    /// One line a finding
    Csv,
    /// The same as a Markdown table, for a ticket
    Markdown,
    /// For whatever reads the results of tests
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}
