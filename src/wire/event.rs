//! Changes as `keyfleet list --watch` writes them: one object a line, every field in every line, null where there is nothing to say.

use serde::Serialize;

use super::fleet::status_name;
use crate::domain::fleet::changes::{Change, Field, What};
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::id::{AccountId, KeyId};
use crate::domain::key::KeyState;
use crate::domain::text::Foreign;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    pub(crate) event: &'static str,
    pub(crate) at: String,
    pub(crate) account: Option<String>,
    pub(crate) region: String,
    pub(crate) key_id: Option<String>,
    pub(crate) field: &'static str,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// A change as an event. `account` is the login's, for what no key's ARN tells the account of.
pub(crate) fn event(change: &Change, account: Option<AccountId>) -> Line {
    let (event, key, field, (from, to)) = match &change.what {
        What::Appeared { key, state } => ("appeared", Some(key), Field::State.name(), (None, name(state))),
        What::Gone { key, state } => ("gone", Some(key), Field::State.name(), (name(state), None)),
        What::Changed { key, field, from, to } => {
            ("changed", Some(key), field.name(), (from.as_ref().map(original), to.as_ref().map(original)))
        }
        What::Region { from, to } => {
            let (field, from, to) = of_region(from, to);
            ("region", None, field, (from, to))
        }
    };
    Line {
        event,
        at: change.at.rfc3339(),
        account: change.account.or(account).map(|account| account.to_string()),
        region: change.region.to_string(),
        key_id: key.map(KeyId::to_string),
        field,
        from,
        to,
    }
}

/// A Region whose status is called the same has another reason for it.
fn of_region(from: &RegionStatus, to: &RegionStatus) -> (&'static str, Option<String>, Option<String>) {
    let (before, after) = (status_name(from), status_name(to));
    if before != after {
        return ("status", Some(before.to_owned()), Some(after.to_owned()));
    }
    let reason = |status: &RegionStatus| match status {
        RegionStatus::Failed { why, .. } | RegionStatus::Partial { why, .. } => Some(why.kind.name().to_owned()),
        RegionStatus::Waiting | RegionStatus::Loading { .. } | RegionStatus::Loaded { .. } => None,
    };
    ("reason", reason(from), reason(to))
}

fn name(state: &KeyState) -> Option<String> {
    Some(state.name().to_owned()).filter(|name| !name.is_empty())
}

fn original(text: &Foreign) -> String {
    text.original().to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::id::{Login, Region};
    use crate::domain::reading::{Reason, ReasonKind};
    use crate::domain::time::Timestamp;
    use crate::wire::json;

    fn check(what: What, expected: &str) {
        let region = Region::parse("eu-west-1").unwrap();
        let account = AccountId::parse("111122223333");
        let change =
            Change { at: Timestamp::from_millis(1_800_000_000_000), login: Login(0), account: None, region, what };
        let head = r#""at":"2027-01-15T08:00:00Z","account":"111122223333","region":"eu-west-1","#;
        assert_eq!(json::to_string(&event(&change, account)).unwrap().replace(head, ""), expected);
    }

    fn failed(kind: ReasonKind) -> RegionStatus {
        RegionStatus::Failed { why: Arc::new(Reason::of(kind)), last: None }
    }

    #[test]
    fn every_kind_of_event_has_every_field() {
        let key = || KeyId::parse("mrk-1").unwrap();
        check(
            What::Appeared { key: key(), state: KeyState::Creating },
            r#"{"event":"appeared","key_id":"mrk-1","field":"state","from":null,"to":"Creating"}"#,
        );
        check(
            What::Gone { key: key(), state: KeyState::PendingDeletion },
            r#"{"event":"gone","key_id":"mrk-1","field":"state","from":"PendingDeletion","to":null}"#,
        );
        let (from, to) = (Some(Foreign::new("\u{1b}[2J")), Some(Foreign::new("two")));
        check(
            What::Changed { key: key(), field: Field::Description, from, to },
            r#"{"event":"changed","key_id":"mrk-1","field":"description","from":"\u001b[2J","to":"two"}"#,
        );
    }

    #[test]
    fn a_region_changes_its_status_or_the_reason_for_it() {
        let loaded = RegionStatus::Loaded { listed: 1, multi_region: 1, at: Timestamp::from_millis(0) };
        check(
            What::Region { from: loaded, to: failed(ReasonKind::Timeout) },
            r#"{"event":"region","key_id":null,"field":"status","from":"loaded","to":"unreachable"}"#,
        );
        check(
            What::Region { from: failed(ReasonKind::Timeout), to: failed(ReasonKind::Dns) },
            r#"{"event":"region","key_id":null,"field":"reason","from":"timeout","to":"dns"}"#,
        );
    }
}
