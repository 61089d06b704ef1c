//! What the fields of a fleet file must be together: each rule is one of KMS, or keeps a typing error from hiding.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;

use super::access;
use super::key_id;
use super::names::{AccountNumber, RegionName};
use super::schema::{File, Generate, Key, MemberPlan};
use super::span::FOR_EVER;
use crate::emulator::key::{KeyId, KeyState};
use crate::emulator::region;
use crate::emulator::spec::{Origin, Usage};

/// The first thing that is wrong.
pub(crate) struct Wrong {
    pub(crate) span: Range<usize>,
    pub(crate) what: String,
    pub(crate) remedy: String,
}

/// What is wrong, and what to do: the place is known one level up.
type Complaint = (String, &'static str);

fn complain(what: impl Into<String>, remedy: &'static str) -> Result<(), Complaint> {
    Err((what.into(), remedy))
}

fn at<T>(place: &Spanned<T>, result: Result<(), Complaint>) -> Result<(), Wrong> {
    result.map_err(|(what, remedy)| Wrong { span: place.span(), what, remedy: remedy.to_owned() })
}

pub(crate) fn check(file: &File) -> Result<(), Wrong> {
    for policy in file.policies.values() {
        at(policy, document(policy.get_ref()))?;
    }
    at_accounts(file)?;
    keys(file)?;
    for generate in &file.generate {
        at(generate, generated(generate.get_ref()))?;
        at(generate, known_account(file, generate.get_ref().account.as_ref()))?;
        at(generate, in_scope(file, generate.get_ref().regions.names().iter().map(String::as_str)))?;
    }
    faults(file)
}

/// What statements call a key, checked: a name of the file, or something that can only be a name of AWS.
fn known_key(file: &File, text: &str) -> Result<(), Complaint> {
    let named = file.keys.iter().any(|key| key.get_ref().name.as_deref() == Some(text));
    let shaped = text.contains('*') || text.starts_with("arn:") || text.starts_with("alias/");
    if named || shaped || KeyId::parse(text).is_some() {
        return Ok(());
    }
    complain(format!("there is no key `{text}`"), "name a key of the file, a key ID, an ARN or an alias")
}

fn at_accounts(file: &File) -> Result<(), Wrong> {
    let mut numbers = BTreeSet::new();
    let mut access_keys = BTreeSet::new();
    let mut roles = BTreeSet::new();
    for spanned in &file.accounts {
        let account = spanned.get_ref();
        if !numbers.insert(account.id.as_str()) {
            at(spanned, complain("two [[accounts]] have this id", "give each account its own"))?;
        }
        for credential in &account.credentials {
            let held = credential.get_ref();
            let plain = held.access_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if held.access_key.is_empty() || !plain || !access_keys.insert(held.access_key.as_str()) {
                let remedy = "give each credential its own, of letters and digits";
                at(credential, complain("this access key is not one, or is there twice", remedy))?;
            }
            at(credential, statements(file, held.allow.iter().chain(&held.deny)))?;
        }
        for role in &account.roles {
            let held = role.get_ref();
            if !is_role(&held.arn, account.id.as_str()) || !roles.insert(held.arn.as_str()) {
                let remedy = "write arn:aws:iam::ACCOUNT:role/NAME, with the number of its [[accounts]] table, once";
                at(role, complain(format!("`{}` is not a role of this account", held.arn), remedy))?;
            }
            at(role, statements(file, held.allow.iter().chain(&held.deny)))?;
        }
    }
    Ok(())
}

fn is_role(arn: &str, account: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam", "", number, resource]
        if *number == account && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty()))
}

fn statements<'a>(file: &File, mut held: impl Iterator<Item = &'a access::Statement>) -> Result<(), Complaint> {
    held.try_for_each(|statement| statement.keys.iter().try_for_each(|key| known_key(file, key)))
}

fn document(text: &str) -> Result<(), Complaint> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) if value.is_object() => Ok(()),
        Ok(_) | Err(_) => complain("this policy is not a JSON object", "write the whole document between '''"),
    }
}

fn keys(file: &File) -> Result<(), Wrong> {
    let mut ids: BTreeSet<KeyId> = BTreeSet::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut aliases: BTreeSet<(Option<usize>, &RegionName, &str)> = BTreeSet::new();
    for (number, spanned) in file.keys.iter().enumerate() {
        let key = spanned.get_ref();
        if !ids.insert(key_id(file, number, key)) || key.name.as_deref().is_some_and(|name| !names.insert(name)) {
            at(spanned, complain("two keys have this id or name", "give each key its own"))?;
        }
        at(spanned, key_alone(file, key))?;
        for region in key.regions() {
            let account = file.position(key.account.as_ref());
            let shared = key.share(file, region);
            let taken = shared.aliases.iter().find(|alias| !aliases.insert((account, region, alias.as_str())));
            if let Some(alias) = taken {
                let what = format!("{} names two keys in {region}", alias.as_str());
                at(spanned, complain(what, "an alias belongs to one key in a Region"))?;
            }
        }
        for (region, member) in &key.members {
            at(member, member_alone(file, key, region, member.get_ref()))?;
        }
    }
    Ok(())
}

fn key_alone(file: &File, key: &Key) -> Result<(), Complaint> {
    in_scope(file, key.regions().map(RegionName::as_str))?;
    members(key)?;
    identity(file, key)?;
    promotion(key)?;
    key.policy.as_deref().map_or(Ok(()), |policy| known_policy(file, policy))
}

fn members(key: &Key) -> Result<(), Complaint> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = key.regions().find(|region| !seen.insert(region.as_str())) {
        return complain(format!("{twice} has two members of this key"), "name each Region once");
    }
    if !key.multi_region && !key.replicas.is_empty() {
        return complain("a single-Region key has no replicas", "remove `replicas` or `multi_region = false`");
    }
    let partition = region::partition(key.primary.as_str());
    if let Some(other) = key.replicas.iter().find(|replica| region::partition(replica.as_str()) != partition) {
        return complain(
            format!("{other} is in another partition than {}", key.primary),
            "related keys share a partition",
        );
    }
    if let Some(stranger) = key.members.keys().find(|region| !seen.contains(region.as_str())) {
        return complain(format!("this key has no member in {stranger}"), "add the Region to `replicas`");
    }
    Ok(())
}

fn identity(file: &File, key: &Key) -> Result<(), Complaint> {
    let multi = |id: KeyId| matches!(id, KeyId::Multi(_));
    if key.id.is_some_and(|id| multi(id.0) != key.multi_region) {
        return complain(
            "the id does not fit `multi_region`",
            "multi-Region keys have ids that begin with mrk-, others UUIDs",
        );
    }
    known_account(file, key.account.as_ref())?;
    if matches!(key.kind().origin, Origin::CloudHsm | Origin::ExternalKeyStore) && key.multi_region {
        return complain("a key in a custom key store lives in one Region", "add `multi_region = false`");
    }
    if key.aws_managed && key.multi_region {
        return complain("an AWS managed key lives in one Region", "add `multi_region = false`");
    }
    let kind = key.kind();
    if key.spec.is_some_and(|spec| spec.0.only_usage().is_none()) && key.usage.is_none() {
        return complain("this spec leaves the usage open", "add `usage`");
    }
    if !kind.spec.allows(kind.usage) {
        return complain(format!("{} does not go with {}", kind.usage.name(), kind.spec.name), "choose another usage");
    }
    Ok(())
}

fn known_account(file: &File, named: Option<&AccountNumber>) -> Result<(), Complaint> {
    if file.position(named).is_some() {
        return Ok(());
    }
    complain("this account is not in the file", "name one of [[accounts]], or add it")
}

fn promotion(key: &Key) -> Result<(), Complaint> {
    let Some(to) = &key.promoting_to else {
        let stray = key.promotion_ends_in.is_some();
        return if stray { complain("no promotion is under way", "add `promoting_to`") } else { Ok(()) };
    };
    if !key.replicas.contains(to) {
        return complain(format!("{to} has no replica to be promoted"), "name one of `replicas`");
    }
    let stated = |region| key.member(region).and_then(|member| member.state).is_some();
    if stated(to) || stated(&key.primary) {
        return complain("both keys of a promotion are Updating", "remove `state` from these two members");
    }
    Ok(())
}

fn member_alone(file: &File, key: &Key, region: &RegionName, member: &MemberPlan) -> Result<(), Complaint> {
    let state = member.state.map_or(KeyState::Enabled, |state| state.0);
    let primary = *region == key.primary;
    match state {
        KeyState::Updating => return complain("Updating belongs to two members", "write `promoting_to` in the key"),
        KeyState::Creating if primary => {
            return complain("only a replica can be Creating", "move `state` to a replica");
        }
        KeyState::PendingReplicaDeletion if !primary || key.replicas.is_empty() => {
            return complain("only a primary with replicas waits for them", "use PendingDeletion");
        }
        KeyState::PendingImport if key.kind().origin != Origin::External => {
            return complain("only imported material can be pending", "add `origin = \"EXTERNAL\"` to the key");
        }
        KeyState::PendingDeletion if primary && !key.replicas.is_empty() => {
            return complain("a primary with replicas waits for them first", "use PendingReplicaDeletion");
        }
        KeyState::Enabled
        | KeyState::Disabled
        | KeyState::PendingDeletion
        | KeyState::PendingReplicaDeletion
        | KeyState::PendingImport
        | KeyState::Creating => {}
    }
    if member.deletion_in.is_some() != (state == KeyState::PendingDeletion) {
        return complain("`deletion_in` and the state PendingDeletion go together", "write both or none");
    }
    if member.deletion_in.is_some_and(|span| span.0 == FOR_EVER) {
        return complain("a deletion has a date", "write `deletion_in` as a span such as 2d23h");
    }
    if member.window_days.is_some_and(|days| state != KeyState::PendingReplicaDeletion || !(7..=30).contains(&days)) {
        return complain("`window_days` is 7 to 30, of a key PendingReplicaDeletion", "correct it or remove it");
    }
    if member.settles_in.is_some() && state != KeyState::Creating {
        return complain("`settles_in` belongs to a key that is Creating", "add `state = \"Creating\"`");
    }
    material(key, member, state)?;
    member.policy.as_deref().map_or(Ok(()), |policy| known_policy(file, policy))
}

fn material(key: &Key, member: &MemberPlan, state: KeyState) -> Result<(), Complaint> {
    let kind = key.kind();
    let lacks_it = matches!(state, KeyState::PendingImport | KeyState::Creating);
    if member.material_expires_in.is_some() && (kind.origin != Origin::External || lacks_it) {
        return complain(
            "`material_expires_in` belongs to a member that has imported material",
            "add `origin = \"EXTERNAL\"` to the key and leave the member Enabled",
        );
    }
    let rotates = kind.spec.is_symmetric() && kind.usage == Usage::EncryptDecrypt && kind.origin == Origin::AwsKms;
    if member.rotation_pending && (!rotates || lacks_it) {
        return complain("only symmetric key material of AWS KMS rotates", "remove `rotation_pending`");
    }
    Ok(())
}

fn known_policy(file: &File, policy: &str) -> Result<(), Complaint> {
    if policy == "default" || file.policies.contains_key(policy) {
        return Ok(());
    }
    if policy.trim_start().starts_with('{') {
        return document(policy);
    }
    complain(format!("there is no policy `{policy}`"), "write a JSON document, a name from [policies], or default")
}

fn in_scope<'a>(file: &File, mut named: impl Iterator<Item = &'a str>) -> Result<(), Complaint> {
    let Some(listed) = &file.regions else { return Ok(()) };
    match named.find(|region| !listed.iter().any(|name| name.as_str() == *region)) {
        Some(stranger) => {
            complain(format!("{stranger} is not in the file's `regions`"), "add it to `regions` at the top")
        }
        None => Ok(()),
    }
}

fn generated(generate: &Generate) -> Result<(), Complaint> {
    let names = generate.regions.names();
    if names.is_empty() || names.iter().collect::<BTreeSet<_>>().len() != names.len() {
        return complain("`regions` is empty or names a Region twice", "name each Region once");
    }
    let partitions: BTreeSet<_> = names.iter().map(|name| region::partition(name)).collect();
    if partitions.len() > 1 {
        return complain("`regions` names two partitions", "related keys share a partition");
    }
    if !(1..=names.len()).contains(&generate.related) && generate.keys > 0 {
        let what = format!("{} related keys do not fit into {} Regions", generate.related, names.len());
        return complain(what, "lower `related` or add Regions");
    }
    Ok(())
}

fn faults(file: &File) -> Result<(), Wrong> {
    for spanned in &file.faults {
        let fault = spanned.get_ref();
        at(spanned, fault.check().map_err(|what| (what.to_owned(), "correct this fault")))?;
        at(spanned, known_key(file, &fault.key))?;
        let listed = fault.region.exact().into_iter();
        at(spanned, in_scope(file, listed))?;
    }
    Ok(())
}
