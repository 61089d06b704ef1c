//! Layers over each other, and the documentation against the defaults. The errors, word for word, are in `errors`, and those of rules and checks in `rules`.

mod errors;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{EXAMPLE, Flags, Inputs, Settings, Theme, load};
use crate::app::action::Action;
use crate::domain::id::{AccountId, Login, Region};
use crate::domain::text::Foreign;
use crate::engine::settings::{EndpointOrigin, Regions};

/// A configuration file, an environment and flags.
#[derive(Default)]
pub(super) struct World {
    flags: Flags,
    environment: BTreeMap<String, String>,
    file: Option<Vec<u8>>,
}

impl World {
    pub(super) fn file(text: impl Into<Vec<u8>>) -> Self {
        Self { file: Some(text.into()), ..Self::default() }
    }

    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn flags(mut self, change: impl FnOnce(&mut Flags)) -> Self {
        change(&mut self.flags);
        self
    }

    /// The settings, or the error and its exit code with `FILE` in place of the file's path.
    pub(super) fn load(&self) -> Result<Settings, (String, u8)> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        if let Some(text) = &self.file {
            std::fs::write(&path, text).unwrap();
        }
        self.load_from(&path)
    }

    pub(super) fn load_from(&self, path: &Path) -> Result<Settings, (String, u8)> {
        let inputs =
            Inputs { flags: &self.flags, environment: &self.environment, usual_file: Some(path), live: false, seed: 7 };
        let shown = path.to_string_lossy().into_owned();
        load(inputs).map_err(|error| (error.to_string().replace(&shown, "FILE"), error.exit))
    }
}

fn origins(settings: &Settings, name: &str) -> (String, String) {
    let setting = settings.effective.iter().find(|setting| setting.name == name).unwrap();
    let origin = setting.origin.to_string();
    let origin = origin.rsplit('/').next().unwrap_or_default().to_owned();
    (setting.value.to_string(), origin)
}

#[test]
fn the_example_documents_every_setting_at_its_default() {
    let told: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            // A comment is a # and a blank; a setting is a # and the setting.
            Some(setting) if !setting.is_empty() && !setting.starts_with(' ') => format!("{setting}\n"),
            Some(_) | None => format!("{line}\n"),
        })
        .collect();
    let (documented, default) = (World::file(told).load().unwrap(), World::default().load().unwrap());
    assert_eq!(documented.engine, default.engine);
    assert_eq!((documented.theme, documented.keymap), (default.theme, default.keymap));
    assert!(documented.tuning.checks.values().all(|switch| *switch == crate::domain::check::tuning::Switch::default()));
    assert_eq!(crate::domain::check::tuning::Tuning { checks: BTreeMap::new(), ..documented.tuning }, default.tuning);
    for (documented, default) in documented.effective.iter().zip(&default.effective) {
        assert_eq!((documented.name, &documented.value), (default.name, &default.value));
        assert_eq!(default.origin.as_str(), "default");
        assert_ne!(documented.origin.as_str(), "default", "{} is not documented", default.name);
    }
}

#[test]
fn the_example_as_it_is_changes_nothing() {
    let settings = World::file(EXAMPLE).load().unwrap();
    assert!(settings.effective.iter().all(|setting| setting.origin.as_str() == "default"));
}

#[test]
fn nothing_said_is_the_defaults() {
    let settings = World::default().load().unwrap();
    assert_eq!(settings.engine.logins, [(Login(0), None)]);
    assert_eq!(settings.engine.regions, Regions::Auto);
    assert_eq!(settings.engine.refresh, Some(Duration::from_mins(1)));
    assert_eq!((settings.engine.read_only, settings.starts_unlocked), (false, false));
    assert_eq!((settings.engine.endpoints, settings.theme, settings.file), (None, Theme::Auto, None));
}

#[test]
fn a_file_says_everything() {
    let text = "regions = [\"us-east-1\", \"eu-west-1\"]\nprofiles = [\"prod\"]\nrefresh = \"1h30m\"\nread_only = true\n\
                protected_accounts = [\"011122223333\"]\naccount_names = { 111122223333 = \"acme-prod\" }\n\
                quota_share = 1\ntheme = \"monochrome\"\n[endpoints]\nus-east-1 = \"http://[::1]:8080/kms\"\n\
                [keys]\nreplicate = [\"ctrl-n\", \"R\"]\npromote = []\nsort = \"b\"\n";
    let settings = World::file(text).load().unwrap();
    let engine = &settings.engine;
    let region = |name| Region::parse(name).unwrap();
    assert_eq!(engine.regions, Regions::Only(vec![region("us-east-1"), region("eu-west-1")]));
    assert_eq!(engine.logins, [(Login(0), Some(Foreign::new("prod")))]);
    assert_eq!(engine.refresh, Some(Duration::from_mins(90)));
    assert!(engine.read_only && (engine.quota_share - 1.0).abs() < f64::EPSILON);
    assert_eq!(engine.protected_accounts, BTreeSet::from([AccountId::parse("011122223333").unwrap()]));
    let account = AccountId::parse("111122223333").unwrap();
    assert_eq!(engine.account_names, BTreeMap::from([(account, Foreign::new("acme-prod"))]));
    let endpoints = engine.endpoints.as_ref().unwrap();
    assert_eq!(endpoints.of(&region("us-east-1")), Some(&Foreign::new("http://[::1]:8080/kms")));
    assert_eq!((endpoints.of(&region("eu-west-1")), endpoints.origin), (None, EndpointOrigin::Configuration));
    assert_eq!(settings.theme, Theme::Monochrome);
    assert_eq!(settings.keymap.chords(Action::Replicate).len(), 2);
    assert!(settings.keymap.chords(Action::Promote).is_empty());
}

#[test]
fn the_environment_is_over_the_file_and_flags_are_over_both() {
    let world = World::file("regions = [\"us-east-1\"]\nrefresh = \"30s\"\nquota_share = 0.5\n")
        .variable("KEYFLEET_REGIONS", "eu-west-1, eu-north-1")
        .variable("KEYFLEET_REFRESH", "off")
        .variable("PATH", "/bin")
        .flags(|flags| flags.regions = vec!["us-west-2".to_owned()]);
    let settings = world.load().unwrap();
    assert_eq!(origins(&settings, "regions"), ("[\"us-west-2\"]".to_owned(), "--region".to_owned()));
    assert_eq!(origins(&settings, "refresh"), ("\"off\"".to_owned(), "KEYFLEET_REFRESH".to_owned()));
    assert_eq!(origins(&settings, "quota_share"), ("0.5".to_owned(), "config.toml:3".to_owned()));
    assert_eq!(origins(&settings, "theme"), ("\"auto\"".to_owned(), "default".to_owned()));
}

#[test]
fn every_setting_has_a_variable() {
    let settings = World::default()
        .variable("KEYFLEET_REGIONS", "auto")
        .variable("KEYFLEET_PROFILES", "prod")
        .variable("KEYFLEET_READ_ONLY", "true")
        .variable("KEYFLEET_PROTECTED_ACCOUNTS", "111122223333,444455556666")
        .variable("KEYFLEET_ACCOUNT_NAMES", "111122223333=acme-prod")
        .variable("KEYFLEET_QUOTA_SHARE", "0.1")
        .variable("KEYFLEET_THEME", "dark")
        .variable("KEYFLEET_ENDPOINTS", "us-east-1=https://a.example,eu-west-1=https://b.example")
        .variable("KEYFLEET_KEYS", "replicate=R ctrl-n,promote=")
        .load()
        .unwrap();
    let from: Vec<&str> = settings.effective.iter().map(|setting| setting.origin.as_str()).collect();
    assert_eq!(from.iter().filter(|origin| origin.starts_with("KEYFLEET_")).count(), 9, "{from:?}");
    assert_eq!(settings.engine.protected_accounts.len(), 2);
    assert_eq!(settings.engine.endpoints.unwrap().origin, EndpointOrigin::Environment);
    assert_eq!(settings.keymap.chords(Action::Replicate).len(), 2);
    assert!(settings.keymap.chords(Action::Promote).is_empty());
}

#[test]
fn read_only_in_any_layer_wins() {
    let over = |file: &str, variable: &str| {
        World::file(file).variable("KEYFLEET_READ_ONLY", variable).load().unwrap().engine.read_only
    };
    assert!(over("read_only = true", "false"));
    assert!(over("read_only = false", "true"));
    assert!(!over("read_only = false", "false"));
    let by_flag = World::file("read_only = false").flags(|flags| flags.read_only = true).load().unwrap();
    assert_eq!(origins(&by_flag, "read_only"), ("true".to_owned(), "--read-only".to_owned()));
}

#[test]
fn writes_start_unlocked_only_where_asked_for() {
    let unlocked = |file: &str, change: fn(&mut Flags)| World::file(file).flags(change).load().unwrap().starts_unlocked;
    assert!(unlocked("", |flags| flags.write = true));
    assert!(unlocked("", |flags| flags.demo = true));
    assert!(!unlocked("", |flags| (flags.demo, flags.read_only) = (true, true)));
    assert!(!unlocked("", |_| {}));
}

#[test]
fn the_demo_reads_no_configuration_but_the_one_that_is_named() {
    let world = World::file("nonsense").variable("KEYFLEET_NONSENSE", "1").variable("KEYFLEET_THEME", "dark");
    let settings = world.flags(|flags| flags.demo = true).load().unwrap();
    assert_eq!((settings.theme, settings.file), (Theme::Auto, None));
    let directory = tempfile::tempdir().unwrap();
    let named = directory.path().join("demo.toml");
    std::fs::write(&named, "theme = \"dark\"").unwrap();
    let settings = World::default()
        .flags(|flags| (flags.demo, flags.config) = (true, Some(named.clone())))
        .load_from(&PathBuf::from("/nowhere/config.toml"))
        .unwrap();
    assert_eq!((settings.theme, settings.file), (Theme::Dark, Some(named)));
}

#[test]
fn endpoints_of_the_command_line_replace_all_others() {
    let world = World::file("[endpoints]\nus-east-1 = \"https://a.example\"\n").flags(|flags| {
        flags.endpoint_urls =
            vec!["http://127.0.0.1:4599".to_owned(), "eu-west-1=https://b.example/?".replace('?', "x=1")];
    });
    let endpoints = world.load().unwrap().engine.endpoints.unwrap();
    let of = |name| endpoints.of(&Region::parse(name).unwrap()).unwrap().original().to_owned();
    assert_eq!(of("us-east-1"), "http://127.0.0.1:4599");
    assert_eq!(of("eu-west-1"), "https://b.example/x=1");
    assert_eq!(endpoints.origin, EndpointOrigin::CommandLine);
}

#[test]
fn a_region_that_is_newer_than_the_list_is_a_notice() {
    let settings = World::default().flags(|flags| flags.regions = vec!["eu-northwest-7".to_owned()]).load().unwrap();
    let notices: Vec<&str> = settings.notices.iter().map(crate::domain::text::Safe::as_str).collect();
    assert_eq!(notices, ["eu-northwest-7 is not in keyfleet's list of Regions; it is asked all the same"]);
}

#[test]
fn debug_builds_take_names_that_make_them_fail() {
    let loaded = World::default().variable("KEYFLEET_DEBUG_PANIC", "view").load();
    assert_eq!(loaded.is_ok(), cfg!(debug_assertions));
}
