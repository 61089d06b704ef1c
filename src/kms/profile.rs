//! What the AWS configuration files say about a profile, to tell why it gives no credentials and what to run.
//!
//! The words come from what the profile is made of, not from the SDK's errors, and no value of it is ever repeated.

use aws_config::profile::ProfileSet;
use aws_credential_types::provider::error::CredentialsError;
use aws_types::os_shim_internal::{Env, Fs};

use crate::domain::text::{Foreign, Safe, safe};
use crate::engine::message::ConnectError;

#[cfg(test)]
mod tests;

/// Links of `source_profile` that are followed.
const LONGEST_CHAIN: usize = 8;
/// Names that are suggested at most.
const SUGGESTIONS: usize = 5;

/// The profiles of this machine, and which of them is used.
#[derive(Debug)]
pub(super) struct Profiles {
    set: ProfileSet,
    /// The profile that was asked for by name.
    named: Option<Foreign>,
    /// Credentials stand in the environment, and no profile was named.
    in_environment: bool,
}

/// How a profile comes by its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Environment,
    SingleSignOn,
    Login,
    Process,
    Role,
    Keys,
    Nothing,
}

impl Profiles {
    /// Reads the files. A profile that was asked for by name and is not there is an error of its own, with the names that are.
    pub(super) async fn load(fs: &Fs, env: &Env, named: Option<&Foreign>) -> Result<Self, ConnectError> {
        let name = named.map(|name| name.original().to_owned().into());
        #[expect(clippy::default_trait_access, reason = "the files' type has no name that is not deprecated here")]
        let files = Default::default();
        let loaded = aws_config::profile::load(fs, env, &files, name).await;
        let set = loaded.map_err(|_| Self::unreadable())?;
        let in_environment = named.is_none() && env.get("AWS_ACCESS_KEY_ID").is_ok();
        let profiles = Self { set, named: named.cloned(), in_environment };
        match named {
            Some(name) if profiles.set.get_profile(name.original()).is_none() => Err(profiles.no_such(name)),
            Some(_) | None => Ok(profiles),
        }
    }

    fn no_such(&self, name: &Foreign) -> ConnectError {
        let mut names: Vec<&str> = self.set.profiles().collect();
        names.sort_by_key(|known| (!is_close(name.original(), known), distance(name.original(), known), *known));
        let close = names.iter().take_while(|known| is_close(name.original(), known)).count();
        let shown: Vec<Safe> = names
            .iter()
            .take(if close > 0 { close.min(SUGGESTIONS) } else { SUGGESTIONS })
            .map(|known| shown(known))
            .collect();
        let listed = shown.iter().map(Safe::as_str).collect::<Vec<_>>().join(", ");
        let next_step = match (close, names.len()) {
            (_, 0) => safe!("there are no profiles; make one: aws configure --profile {}", name.safe()),
            (0, _) => safe!("the profiles are {listed}; see them all: aws configure list-profiles"),
            (_, _) => safe!("did you mean {listed}? See them all: aws configure list-profiles"),
        };
        ConnectError { what: safe!("there is no AWS profile {}", name.safe()), next_step }
    }

    /// The files could not be read, or not in time.
    pub(super) fn unreadable() -> ConnectError {
        ConnectError {
            what: Safe::from_static("the AWS configuration files cannot be read"),
            next_step: Safe::from_static("see what is wrong with them: aws configure list"),
        }
    }

    /// Why there are no credentials.
    pub(super) fn explain(&self, error: &CredentialsError) -> ConnectError {
        let profile = shown(self.set.selected_profile());
        let what = match self.origin() {
            Origin::Environment => Safe::from_static("the credentials in the environment cannot be used"),
            Origin::SingleSignOn => safe!("the single sign-on of AWS profile {profile} has expired or was never done"),
            Origin::Login => safe!("the login of AWS profile {profile} has expired or was never done"),
            Origin::Process => safe!("the credential_process of AWS profile {profile} failed"),
            Origin::Role => safe!("the role of AWS profile {profile} could not be assumed"),
            Origin::Keys => safe!("the keys of AWS profile {profile} cannot be used"),
            Origin::Nothing if self.named.is_some() => safe!("AWS profile {profile} holds no credentials"),
            Origin::Nothing => Safe::from_static("no AWS credentials were found"),
        };
        let is_late = matches!(error, CredentialsError::ProviderTimedOut(_));
        let what = if is_late { safe!("{what}: nothing came within 10 seconds") } else { what };
        ConnectError { what, next_step: self.sign_in() }
    }

    /// What to run to get working credentials.
    pub(super) fn sign_in(&self) -> Safe {
        let profile = shown(self.set.selected_profile());
        match self.origin() {
            Origin::Environment => {
                "renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or name a profile".into()
            }
            Origin::SingleSignOn => safe!("sign in: aws sso login --profile {profile}"),
            Origin::Login => safe!("sign in: aws login --profile {profile}"),
            Origin::Process => safe!("run the credential_process of profile {profile} by hand and see what it says"),
            Origin::Role => safe!("try it alone: aws sts get-caller-identity --profile {profile}"),
            Origin::Keys => safe!("enter valid keys: aws configure --profile {profile}"),
            Origin::Nothing if self.named.is_some() => safe!("set it up: aws configure sso --profile {profile}"),
            Origin::Nothing => "run aws configure or aws sso login, or name a profile: --profile NAME".into(),
        }
    }

    fn origin(&self) -> Origin {
        if self.in_environment {
            return Origin::Environment;
        }
        let mut name = self.set.selected_profile();
        let mut found = Origin::Nothing;
        for _ in 0..LONGEST_CHAIN {
            let Some(profile) = self.set.get_profile(name) else { return found };
            let has = |property: &str| profile.get(property).is_some();
            if has("sso_session") || has("sso_start_url") {
                return Origin::SingleSignOn;
            }
            if has("login_session") {
                return Origin::Login;
            }
            if has("credential_process") {
                return Origin::Process;
            }
            if has("role_arn") {
                found = Origin::Role;
            } else if has("aws_access_key_id") {
                return if found == Origin::Role { Origin::Role } else { Origin::Keys };
            }
            match profile.get("source_profile") {
                Some(source) if source != name => name = source,
                Some(_) | None => return found,
            }
        }
        found
    }
}

fn shown(name: &str) -> Safe {
    Foreign::new(name).safe()
}

fn is_close(asked: &str, known: &str) -> bool {
    distance(asked, known) <= 1 + asked.chars().count() / 4 || known.contains(asked) || asked.contains(known)
}

/// How many letters must be changed to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        let mut next = vec![left];
        for (above, known) in row.iter().skip(1).zip(other.chars()) {
            left = (diagonal + usize::from(letter != known)).min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
