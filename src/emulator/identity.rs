//! Who asks: access keys, the sessions of assumed roles, and what each of them may do.
//!
//! This is no policy engine: an identity has statements that allow and statements that deny, and key policies grant
//! nothing. Without statements everything is allowed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::fault::RegionPattern;
use super::fleet::{Secret, Statement};
use super::pattern;

/// How many sessions of assumed roles are remembered; the oldest make room.
const MOST_SESSIONS: usize = 10_000;

/// Someone who asks.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    /// The position of the account.
    pub(crate) account: usize,
    /// None: a user of the account, in the partition of the Region that is asked.
    pub(crate) arn: Option<Box<str>>,
    /// With it, signatures are verified.
    pub(crate) secret: Option<Secret>,
    pub(crate) session: Option<Session>,
    pub(crate) rights: Arc<Rights>,
}

/// What an assumed role has beyond a user.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) token: Box<str>,
    /// Milliseconds of Unix time.
    pub(crate) expires: u64,
}

/// A role that can be assumed.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) account: usize,
    pub(crate) rights: Arc<Rights>,
}

#[derive(Debug, Default)]
pub(crate) struct Rights {
    allow: Vec<Rule>,
    deny: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    actions: Vec<String>,
    regions: Vec<RegionPattern>,
    keys: Vec<String>,
}

/// One thing that a request needs to be allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// With its service: `kms:DescribeKey`.
    pub(crate) action: &'a str,
    pub(crate) region: &'a str,
    /// All names of the key; none for an action on no key.
    pub(crate) keys: &'a [&'a str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

impl Rights {
    /// The rights of some statements, in which a key's name of the file has become its identifier.
    pub(crate) fn new(allow: &[Statement], deny: &[Statement], meant_key: impl Fn(&str) -> String) -> Self {
        let rule = |statement: &Statement| Rule {
            actions: statement.actions.iter().map(|action| action.0.clone()).collect(),
            regions: statement.regions.clone(),
            keys: statement.keys.iter().map(|key| meant_key(key)).collect(),
        };
        Self { allow: allow.iter().map(rule).collect(), deny: deny.iter().map(rule).collect() }
    }

    /// Whether nothing at all has to be asked.
    pub(crate) fn are_unlimited(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    pub(crate) fn judge(&self, wanted: &Wanted<'_>) -> Judgement {
        if self.deny.iter().any(|rule| rule.covers(wanted)) {
            return Judgement::Denied;
        }
        let allowed = self.allow.is_empty() || self.allow.iter().any(|rule| rule.covers(wanted));
        if allowed { Judgement::Allowed } else { Judgement::NotAllowed }
    }
}

impl Rule {
    fn covers(&self, wanted: &Wanted<'_>) -> bool {
        let on_key = |key: &String| key == "*" || wanted.keys.iter().any(|name| pattern::matches(key, name));
        self.actions.iter().any(|action| pattern::matches(action, wanted.action))
            && self.regions.iter().any(|region| region.matches(wanted.region))
            && self.keys.iter().any(on_key)
    }
}

/// All who may come.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    /// The access keys of the file.
    pub(crate) known: BTreeMap<String, Arc<Caller>>,
    /// Without credentials in the file every access key is accepted, one caller for each account.
    pub(crate) anyone: Vec<Arc<Caller>>,
    /// The numbers of all accounts.
    pub(crate) accounts: Vec<String>,
    /// None: the file has no roles, and every role of its accounts can be assumed.
    pub(crate) roles: Option<BTreeMap<String, Role>>,
    sessions: BTreeMap<String, Arc<Caller>>,
    order: VecDeque<String>,
}

impl Identities {
    /// Who has this access key. Where any is accepted, an account's number names the account.
    pub(crate) fn find(&self, access_key: &str) -> Option<Arc<Caller>> {
        if let Some(caller) = self.sessions.get(access_key).or_else(|| self.known.get(access_key)) {
            return Some(Arc::clone(caller));
        }
        let named = self.accounts.iter().position(|account| account == access_key).unwrap_or(0);
        self.anyone.get(named).map(Arc::clone)
    }

    /// The account and the rights of a role that can be assumed.
    pub(crate) fn role(&self, arn: &str) -> Option<(usize, Arc<Rights>)> {
        if let Some(roles) = &self.roles {
            return roles.get(arn).map(|role| (role.account, Arc::clone(&role.rights)));
        }
        let account = arn.split(':').nth(4)?;
        let position = self.accounts.iter().position(|known| known == account)?;
        Some((position, Arc::default()))
    }

    pub(crate) fn add_session(&mut self, access_key: String, caller: Caller) {
        if self.order.len() >= MOST_SESSIONS
            && let Some(oldest) = self.order.pop_front()
        {
            self.sessions.remove(&oldest);
        }
        self.order.push_back(access_key.clone());
        self.sessions.insert(access_key, Arc::new(caller));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(allow: &str, deny: &str) -> Rights {
        let read = |text: &str| -> Vec<Statement> { serde_json::from_str(text).unwrap() };
        Rights::new(&read(allow), &read(deny), |key| key.replace("payments", "mrk-1"))
    }

    fn check(rights: &Rights, action: &str, region: &str, keys: &[&str], expected: Judgement) {
        assert_eq!(rights.judge(&Wanted { action, region, keys }), expected, "{action} {region} {keys:?}");
    }

    #[test]
    fn a_denial_goes_before_everything() {
        let rights = rights("[]", r#"[{"actions": ["kms:Describe*"], "keys": ["payments"]}]"#);
        check(&rights, "kms:DescribeKey", "us-east-1", &["alias/p", "mrk-1"], Judgement::Denied);
        check(&rights, "kms:DescribeKey", "us-east-1", &["mrk-2"], Judgement::Allowed);
        check(&rights, "kms:ListKeys", "us-east-1", &[], Judgement::Allowed);
    }

    #[test]
    fn with_an_allowance_everything_else_is_refused() {
        let rights = rights(
            r#"[{"actions": ["kms:ReplicateKey", "kms:List*"]}, {"actions": ["kms:CreateKey"], "regions": ["eu-*"]}]"#,
            r#"[{"regions": ["ap-south-1"]}]"#,
        );
        check(&rights, "kms:ReplicateKey", "us-east-1", &["mrk-1"], Judgement::Allowed);
        check(&rights, "kms:CreateKey", "eu-west-1", &[], Judgement::Allowed);
        check(&rights, "kms:CreateKey", "us-west-2", &[], Judgement::NotAllowed);
        check(&rights, "kms:ListKeys", "ap-south-1", &[], Judgement::Denied);
        assert!(!rights.are_unlimited() && Rights::default().are_unlimited());
    }

    #[test]
    fn old_sessions_make_room() {
        let mut identities = Identities::default();
        for number in 0..=MOST_SESSIONS {
            identities.add_session(number.to_string(), Caller::default());
        }
        assert!(identities.find("0").is_none());
        assert!(identities.find("1").is_some());
        assert_eq!((identities.sessions.len(), identities.order.len()), (MOST_SESSIONS, MOST_SESSIONS));
    }
}
