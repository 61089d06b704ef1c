//! `keyfleet.fleet/1` read back, as far as it is looked at again: the members that were there, and what they were like.
//!
//! What does not parse is refused whole. What was absent or unknown is not taken up: of that a former run knows nothing that still holds.

use serde::Deserialize;

use super::SCHEMA;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::{AccountId, KeyArn, Login, Region};
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;

#[derive(Deserialize)]
struct Named {
    schema: String,
}

#[derive(Deserialize)]
struct Kept {
    schema: String,
    finished_at: String,
    accounts: Vec<KeptAccount>,
    regions: Vec<KeptRegion>,
    keys: Vec<KeptKey>,
}

#[derive(Deserialize)]
struct KeptAccount {
    account: String,
    profile: Option<String>,
}

#[derive(Deserialize)]
struct KeptRegion {
    region: String,
    status: String,
    read_at: Option<String>,
}

#[derive(Deserialize)]
struct KeptKey {
    primary_region: Option<String>,
    spec: Option<String>,
    usage: Option<String>,
    origin: Option<String>,
    related: Vec<KeptMember>,
}

#[derive(Deserialize)]
struct KeptMember {
    presence: String,
    role: Option<String>,
    state: Option<String>,
    arn: Option<String>,
    aliases: Option<Vec<String>>,
    description: Option<String>,
    created_at: Option<String>,
    deletion_date: Option<String>,
    pending_window_days: Option<u16>,
    read_at: Option<String>,
}

/// The fleet that a document speaks of, if it is this login's, or why it is not used.
pub(crate) fn recall(bytes: &[u8], login: Login, profile: Option<&Foreign>) -> Result<LastSeen, Safe> {
    let damaged = || Safe::from_static("it is damaged");
    // Read once: the first frame waits for it. Only what does not fit is looked at again, for what it calls itself.
    let kept: Kept = match serde_json::from_slice::<Kept>(bytes) {
        Ok(kept) if kept.schema == SCHEMA => kept,
        Ok(_) | Err(_) => {
            let named: Named = serde_json::from_slice(bytes).map_err(|_| damaged())?;
            let is_ours = named.schema == SCHEMA;
            return Err(if is_ours { damaged() } else { safe!("its schema is {}", Foreign::new(named.schema).safe()) });
        }
    };
    let [owner] = kept.accounts.as_slice() else { return Err(Safe::from_static("it is not of one account")) };
    if owner.profile.as_deref() != profile.map(Foreign::original) {
        return Err(Safe::from_static("it is of another profile"));
    }
    let account = AccountId::parse(&owner.account).ok_or_else(damaged)?;
    let at = Timestamp::parse(&kept.finished_at).ok_or_else(damaged)?;
    let mut last_seen = LastSeen::new(login, account, at);
    for region in kept.regions.iter().filter(|region| region.status == "loaded") {
        let read_at = region.read_at.as_deref().and_then(Timestamp::parse).unwrap_or(at);
        last_seen.add_listing(Region::parse(&region.region).map_err(|_| damaged())?, read_at);
    }
    for key in &kept.keys {
        let named = key.related.iter().filter_map(|member| KeyArn::parse(member.arn.as_deref()?).ok());
        named.for_each(|arn| last_seen.add_named(&arn));
        for member in key.related.iter().filter(|member| member.presence == "present") {
            let described = described(key, member).filter(|described| described.arn.account == account);
            let read_at = member.read_at.as_deref().and_then(Timestamp::parse).unwrap_or(at);
            let aliases = member.aliases.iter().flatten().map(|name| Foreign::new(name.as_str())).collect();
            last_seen.add(described.ok_or_else(damaged)?, read_at, aliases);
        }
    }
    Ok(last_seen.finish())
}

fn described(key: &KeptKey, member: &KeptMember) -> Option<RegionalKey> {
    let arn = KeyArn::parse(member.arn.as_deref()?).ok()?;
    let primary = key.primary_region.as_deref().and_then(|region| Region::parse(region).ok());
    let date = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse);
    let text = |text: &Option<String>| Foreign::new(text.as_deref().unwrap_or_default());
    let role = match member.role.as_deref() {
        Some("PRIMARY") => Some(Role::Primary),
        Some("REPLICA") => Some(Role::Replica),
        Some(_) | None => None,
    };
    Some(RegionalKey {
        primary: primary.map(|region| arn.in_region(&region)),
        arn,
        state: KeyState::parse(member.state.as_deref().unwrap_or_default()),
        role,
        replicas: Vec::new(),
        spec: text(&key.spec),
        usage: text(&key.usage),
        origin: text(&key.origin),
        description: text(&member.description),
        created_at: date(&member.created_at),
        deletion_date: date(&member.deletion_date),
        pending_window_days: member.pending_window_days,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fleet::presence::Presence;
    use crate::domain::fleet::row::RowName;
    use crate::wire::fleet::fleet_document;
    use crate::wire::fleet::tests::{key_ref, now, with_report};
    use crate::wire::json;

    fn prod() -> Foreign {
        Foreign::new("prod")
    }

    fn written() -> String {
        with_report(None, |report| json::to_string(&fleet_document(report)).unwrap())
    }

    fn check(bytes: &str, expected: &str) {
        assert_eq!(recall(bytes.as_bytes(), Login(0), Some(&prod())).unwrap_err().as_str(), expected);
    }

    #[test]
    fn what_was_present_comes_back_and_nothing_of_it_is_fresh_or_absent() {
        let last_seen = recall(written().as_bytes(), Login(0), Some(&prod())).unwrap();
        assert_eq!((last_seen.account.to_string().as_str(), last_seen.at), ("111122223333", now()));
        let live = crate::wire::fleet::tests::sample();
        for (key, entry) in last_seen.fleet().keys() {
            for member in entry.members.values() {
                assert_eq!(member.described.fresh(), None);
                let before = live.member(key, &member.arn.region).unwrap().described.value().unwrap();
                let after = member.described.value().unwrap();
                assert_eq!(
                    (&after.state, after.role, &after.description),
                    (&before.state, before.role, &before.description)
                );
            }
            let row = last_seen.fleet().row(key, now()).unwrap();
            for cell in &row.cells {
                match &cell.presence {
                    Presence::Present(present) => assert!(present.stale.is_some()),
                    Presence::Unknown(_) => {}
                    Presence::Absent(_) => panic!("{key:?} is absent in {}", cell.region),
                }
            }
        }
        let row = last_seen.fleet().row(&key_ref("mrk-a"), now()).unwrap();
        assert_eq!(row.name, RowName::Alias { name: Foreign::new("=cards"), more: 1 });
        assert!(last_seen.fleet().key(&key_ref("mrk-c")).is_none(), "it could not be read then either");
        let listed = |region: &str| last_seen.listed_at(&Region::parse(region).unwrap());
        assert_eq!((listed("us-east-1"), listed("ap-south-1")), (Some(now()), None), "only a whole listing counts");
        let named = last_seen.named(&key_ref("mrk-a")).unwrap().iter().map(Region::as_str);
        assert_eq!(named.collect::<Vec<_>>(), ["ap-south-1", "eu-west-1", "sa-east-1", "us-east-1"]);
    }

    #[test]
    fn what_is_cut_foreign_or_of_another_schema_is_refused() {
        let whole = written();
        for end in (0..whole.len()).step_by(97) {
            if let Some(cut) = whole.get(..end) {
                check(cut, "it is damaged");
            }
        }
        check("[]", "it is damaged");
        check(&whole.replace("keyfleet.fleet/1", "keyfleet.fleet/2"), "its schema is keyfleet.fleet/2");
        check(&whole.replace("\"profile\":\"prod\"", "\"profile\":null"), "it is of another profile");
        check(
            &whole.replace("\"arn\":\"arn:aws:kms:us-east-1:1111", "\"arn\":\"arn:aws:kms:us-east-1:9999"),
            "it is damaged",
        );
    }
}
