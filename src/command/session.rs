//! What every reading command starts from: settings, credentials, where state is kept, and for `--demo` the embedded KMS with its fleet.

use std::collections::BTreeMap;
use std::time::Duration;

use tempfile::TempDir;

use super::{Ended, Outside};
use crate::cli::Global;
use crate::config::{self, Inputs, Settings};
use crate::domain::id::{AccountId, Login, Region};
use crate::domain::text::Foreign;
use crate::emulator::{self, Fleet, Running};
use crate::engine::settings::{EndpointOrigin, Endpoints, Regions};
use crate::kms::login::Source;
use crate::runtime::clock::Clock;
use crate::runtime::tasks::Setup;
use crate::runtime::tasks::crash::Crash;
use crate::state::StateDir;

/// The sample fleet of `--demo`.
const DEMO_FLEET: &str = include_str!("../../assets/demo-fleet.toml");

/// What must hold of it, unless the configuration that is named says otherwise.
const DEMO_RULES: &str = include_str!("../../assets/demo-rules.toml");

/// Debug builds die here, as by `kill -9`.
const CRASH: &str = "KEYFLEET_DEBUG_CRASH";

/// A run that reads keys.
pub(crate) struct Session {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    sources: BTreeMap<Login, Source>,
    /// Where journals and locks are; `None` without a home.
    pub(crate) state: Option<StateDir>,
    crash: Crash,
    _demo: Option<Demo>,
}

/// The embedded KMS and the run's own directory: both end with it.
struct Demo {
    kms: Running,
    directory: TempDir,
}

impl Session {
    /// Reads the configuration and starts what the run needs. Asks nobody outside.
    pub(crate) fn open(global: &Global, outside: &Outside, live: bool) -> Result<Self, Ended> {
        let clock = Clock::start();
        if global.profile.len() > 1 {
            return Err(Ended::usage("--profile: several profiles at once are not available yet\nname one of them"));
        }
        if global.demo && !global.endpoint_url.is_empty() {
            return Err(Ended::usage(
                "--endpoint-url: not together with --demo, which sends everything to its own embedded KMS\nleave out one of them",
            ));
        }
        let usual_file = super::config::usual_file();
        let mut settings = config::load(Inputs {
            flags: &super::config::flags(global),
            environment: &outside.variables,
            usual_file: usual_file.as_deref(),
            live,
            seed: outside.seed,
        })
        .map_err(Ended::from)?;
        let demo = if global.demo { Some(start_demo(&mut settings, clock)?) } else { None };
        let source = |profile: &Option<Foreign>| match &demo {
            Some(_) => Source::Fixed { access_key: "AKIAKEYFLEETDEMO0000", secret: "keyfleet-demo" },
            None => Source::Chain { profile: profile.clone() },
        };
        let sources = settings.engine.logins.iter().map(|(login, profile)| (*login, source(profile))).collect();
        let state =
            demo.as_ref().map(|demo| StateDir(demo.directory.path().to_path_buf())).or_else(super::state_directory);
        Ok(Self { settings, clock, sources, state, crash: Crash::at(outside.variable(CRASH)), _demo: demo })
    }

    /// What the tasks go by.
    pub(crate) fn setup(&self) -> Setup {
        Setup {
            logins: self.sources.clone(),
            endpoints: self.settings.engine.endpoints.clone(),
            read_only: self.settings.engine.read_only,
            crash: self.crash.clone(),
        }
    }
}

/// Starts the embedded KMS on a free loopback port, and lays the fleet's own Regions and account name under the settings.
fn start_demo(settings: &mut Settings, clock: Clock) -> Result<Demo, Ended> {
    let fleet = Fleet::parse(DEMO_FLEET).map_err(|error| {
        Ended::internal(&format!("the sample fleet is broken: {}", error.in_file("demo-fleet.toml")))
    })?;
    if settings.engine.regions == Regions::Auto {
        let regions = fleet.regions().iter().filter_map(|name| Region::parse(name).ok()).collect();
        settings.engine.regions = Regions::Only(regions);
    }
    if let (Some(account), Some(name)) = (AccountId::parse(fleet.account()), fleet.account_name()) {
        settings.engine.account_names.entry(account).or_insert_with(|| Foreign::new(name));
    }
    if !settings.says_rules() {
        settings.engine.rules = config::rules_of("demo-rules.toml", DEMO_RULES)
            .map_err(|error| Ended::internal(&format!("the sample rules are broken: {error}")))?;
    }
    let no_start = |error: std::io::Error| Ended::environment(&format!("the embedded KMS cannot start: {error}"));
    let kms = emulator::start(fleet, ([127, 0, 0, 1], 0).into(), emulator_clock(clock)).map_err(no_start)?;
    let directory = tempfile::Builder::new().prefix("keyfleet-demo-").tempdir().map_err(no_start)?;
    settings.engine.endpoints = Some(Endpoints {
        everywhere: Some(Foreign::new(kms.endpoint())),
        by_region: BTreeMap::new(),
        origin: EndpointOrigin::CommandLine,
    });
    Ok(Demo { kms, directory })
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Named so that the order is not an accident: the journal's directory outlives the server whose changes it records.
        tracing::debug!(endpoint = self.kms.endpoint(), "the embedded KMS ends");
    }
}

/// The embedded KMS lives by the same clock as everything else.
pub(super) fn emulator_clock(clock: Clock) -> emulator::Clock {
    let started = clock.now();
    let start_ms = u64::try_from(started.wall.millis()).unwrap_or(0);
    emulator::Clock::new(start_ms, move || {
        let elapsed: Duration = clock.now().monotonic.saturating_sub(started.monotonic);
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    })
}
