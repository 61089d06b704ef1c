//! The fleet of a schedule: a few random keys in a few Regions, and everybody who may come, as a fleet file of the emulator.

use std::fmt::Write as _;

use super::chance::Chance;

/// The operator of keyfleet.
pub(super) const MARIA: &str = "AKIAMARIA";
/// Somebody else of the same account.
pub(super) const JOHN: &str = "AKIAJOHN";
/// Somebody of another account.
pub(super) const STRANGER: &str = "AKIASTRANGER";
/// Whoever else changes the same keys.
pub(super) const OTHERS: &str = "AKIAOTHERS";

pub(super) const ACCOUNT: &str = "111122223333";

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"];

const PEOPLE: &str = r#"
[[accounts]]
id = "111122223333"
[[accounts.credentials]]
access_key = "AKIAMARIA"
caller_arn = "arn:aws:iam::111122223333:user/maria"
[[accounts.credentials]]
access_key = "AKIAJOHN"
caller_arn = "arn:aws:iam::111122223333:user/john"
[[accounts.credentials]]
access_key = "AKIAOTHERS"
caller_arn = "arn:aws:iam::111122223333:user/others"
[[accounts]]
id = "444455556666"
[[accounts.credentials]]
access_key = "AKIASTRANGER"
caller_arn = "arn:aws:iam::444455556666:user/maria"
"#;

/// A fleet file, and what of it must be known.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) text: String,
    pub(super) regions: Vec<&'static str>,
    /// For how long a read may show what was before.
    pub(super) lag: u64,
}

pub(super) fn setting(chance: &mut Chance) -> Setting {
    let regions = REGIONS[..usize::try_from(chance.between(2, 5)).unwrap()].to_vec();
    let lag = if chance.percent(50) { 0 } else { chance.between(100, 4_000) };
    let quotas = if chance.percent(30) { "1.0" } else { "0.0" };
    let names: Vec<String> = regions.iter().map(|name| format!("\"{name}\"")).collect();
    let mut text = format!(
        "seed = {}\nquotas = {quotas}\nregions = [{}]\n[transitions]\ncreating_ms = {}\nupdating_ms = {}\npropagation_ms = {lag}\n{PEOPLE}",
        chance.between(1, 1 << 30),
        names.join(", "),
        chance.between(200, 5_000),
        chance.between(200, 8_000),
    );
    let keys = if chance.percent(40) { chance.between(6, 14) } else { chance.between(1, 6) };
    for number in 1..=keys {
        key(chance, &mut text, number, &regions);
    }
    Setting { text, regions, lag }
}

fn key(chance: &mut Chance, text: &mut String, number: u64, regions: &[&str]) {
    let primary = *chance.pick(regions);
    let replicas: Vec<&str> = regions.iter().copied().filter(|name| *name != primary && chance.percent(60)).collect();
    let named: Vec<String> = replicas.iter().map(|name| format!("\"{name}\"")).collect();
    write!(
        text,
        "[[keys]]\nid = \"mrk-{number:032x}\"\nprimary = \"{primary}\"\nreplicas = [{}]\ndescription = \"key {number}\"\n",
        named.join(", ")
    )
    .unwrap();
    if chance.percent(60) {
        writeln!(text, "tags = {{ team = \"payments\" }}").unwrap();
    }
    let mut members = String::new();
    for region in &replicas {
        let state = match chance.between(0, 8) {
            0 | 1 => "state = \"Disabled\"",
            2 | 3 => "state = \"PendingDeletion\"\ndeletion_in = \"9d\"",
            _ => continue,
        };
        writeln!(members, "[keys.members.{region}]\n{state}").unwrap();
    }
    let own = if chance.percent(10) { "state = \"Disabled\"\n" } else { "" };
    write!(members, "[keys.members.{primary}]\nalias = \"alias/key-{number}\"\n{own}").unwrap();
    text.push_str(&members);
}
