//! `keyfleet config`: where the file is, a first one, and what came out of everything. Never overwrites a file.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::Global;
use crate::config::{ConfigError, EXAMPLE, Flags, Settings, shown};
use crate::domain::text::{Safe, safe};

/// Where the configuration is looked for if no file is named; `None` without a home.
pub(crate) fn usual_file() -> Option<PathBuf> {
    let directories = directories::ProjectDirs::from("", "", "keyfleet")?;
    Some(directories.config_dir().join("config.toml"))
}

/// The flags that settings are made of.
pub(crate) fn flags(global: &Global) -> Flags {
    Flags {
        demo: global.demo,
        config: global.config.clone(),
        profiles: global.profile.clone(),
        regions: global.region.clone(),
        endpoint_urls: global.endpoint_url.clone(),
        read_only: global.read_only,
        write: global.write,
        filter: global.filter.clone(),
        rules: global.rules.clone(),
    }
}

/// `config path`: the file that is named, or the usual one.
pub(crate) fn path(named: Option<&Path>, usual: Option<&Path>) -> Result<String, ConfigError> {
    file(named, usual).map(|file| format!("{}\n", shown(file)))
}

/// `config init`: writes the documented settings, all at their defaults.
pub(crate) fn init(named: Option<&Path>, usual: Option<&Path>) -> Result<String, ConfigError> {
    let file = file(named, usual)?;
    let written = make_directory(file).and_then(|()| {
        let mut new = OpenOptions::new().write(true).create_new(true).open(file)?;
        new.write_all(EXAMPLE.as_bytes())
    });
    match written {
        Ok(()) => Ok(format!("{} is written: every setting, commented out, at its default\n", shown(file))),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let next_step = Safe::from_static("nothing was written; name another file with --config");
            Err(ConfigError::of_file(file, &Safe::from_static("this file is there already"), next_step))
        }
        Err(error) => {
            let what = safe!("cannot be written: {}", error.kind());
            Err(ConfigError::of_file(file, &what, Safe::from_static("name another file with --config")))
        }
    }
}

fn make_directory(file: &Path) -> std::io::Result<()> {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => std::fs::create_dir_all(parent),
        Some(_) | None => Ok(()),
    }
}

fn file<'a>(named: Option<&'a Path>, usual: Option<&'a Path>) -> Result<&'a Path, ConfigError> {
    named.or(usual).ok_or_else(|| {
        let what = Safe::from_static("no home directory, by environment or by user database");
        ConfigError::new(&Safe::from_static("configuration"), &what, Safe::from_static("name a file with --config"))
    })
}

/// `config check`: every setting as it came out.
pub(crate) fn check(settings: &Settings) -> String {
    let mut text = match &settings.file {
        Some(file) => format!("OK  {}\n", shown(file)),
        None => "OK  no configuration file\n".to_owned(),
    };
    let width =
        settings.effective.iter().map(|setting| setting.value.as_str().chars().count()).max().unwrap_or(0).min(40);
    for setting in &settings.effective {
        let (name, value, origin) = (setting.name, setting.value.as_str(), &setting.origin);
        let _infallible = writeln!(text, "{name:<18}  {value:<width$}  {origin}");
    }
    for notice in &settings.notices {
        let _infallible = writeln!(text, "note: {notice}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::{Inputs, load};

    #[test]
    fn the_file_that_is_named_goes_before_the_usual_one() {
        let (named, usual) = (Path::new("/a/named.toml"), Path::new("/b/usual.toml"));
        assert_eq!(path(Some(named), Some(usual)).unwrap(), "/a/named.toml\n");
        assert_eq!(path(None, Some(usual)).unwrap(), "/b/usual.toml\n");
        let error = path(None, None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "configuration: no home directory, by environment or by user database\nname a file with --config"
        );
        assert_eq!(error.exit, 2);
    }

    #[test]
    fn a_first_file_is_written_and_never_over_another() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("new").join("config.toml");
        let written = init(None, Some(&file)).unwrap();
        assert!(written.ends_with("config.toml is written: every setting, commented out, at its default\n"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), EXAMPLE);
        std::fs::write(&file, "mine").unwrap();
        let error = init(None, Some(&file)).unwrap_err().to_string();
        assert!(
            error.ends_with("this file is there already\nnothing was written; name another file with --config"),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    }

    #[test]
    fn a_check_says_where_each_setting_comes_from() {
        let environment = BTreeMap::from([("KEYFLEET_REFRESH".to_owned(), "30s".to_owned())]);
        let flags = Flags { regions: vec!["eu-northwest-7".to_owned()], ..Flags::default() };
        let inputs = Inputs { flags: &flags, environment: &environment, usual_file: None, live: false, seed: 0 };
        let expected = "\
OK  no configuration file
regions             [\"eu-northwest-7\"]  --region
profiles            []                  default
refresh             \"30s\"               KEYFLEET_REFRESH
read_only           false               default
protected_accounts  []                  default
account_names       {}                  default
quota_share         0.25                default
theme               \"auto\"              default
endpoints           {}                  default
keys                {}                  default
rules               []                  default
checks              {}                  default
note: eu-northwest-7 is not in keyfleet's list of Regions; it is asked all the same
";
        assert_eq!(check(&load(inputs).unwrap()), expected);
    }
}
