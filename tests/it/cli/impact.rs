//! `impact` for each Region of the demo fleet, against an oracle: every world that what could be read leaves possible is tried, and only what is the same in
//! all of them may be said. The truth is asked of the embedded KMS by hand, before anything in it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use keyfleet::emulator::{Clock, Fleet, Running, start};
use serde_json::{Value, json};

use crate::emulator::ask;
use crate::emulator::http::Client;
use crate::program::{Program, Run};
use crate::terminal::Terminal;

const REGIONS: [&str; 8] =
    ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1", "sa-east-1", "me-south-1"];
const DENIED: &str = "ap-south-1";
const NOT_ENABLED: &str = "me-south-1";
/// Members whose own policy lets nobody describe them: old-vault's primary and sealed's only member.
const SEALED: [(&str, &str); 2] =
    [("mrk-31ab74f09d2c4e86b5a1f3c0d75512ee", "us-east-1"), ("mrk-0a41c7e5f2b84d93a6e0d1b5c792cc31", "eu-west-1")];

/// Beside the demo's: keys that live in one Region alone, or have their other member where everything is denied.
const MORE: &str = r#"
[[keys]]
id = "mrk-00000000000000000000000000000001"
primary = "us-east-1"
[[keys]]
id = "mrk-00000000000000000000000000000002"
primary = "sa-east-1"
[[keys]]
id = "mrk-00000000000000000000000000000003"
primary = "us-east-1"
replicas = ["ap-south-1"]
[[keys]]
id = "mrk-00000000000000000000000000000004"
primary = "us-west-2"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "Disabled"
"#;

/// The demo fleet, with a clock that stands still and nothing that fails yet.
fn serve() -> Running {
    let whole = include_str!("../../../assets/demo-fleet.toml");
    let (sound, _) = whole.split_once("\n[[faults]]").unwrap();
    let fleet = Fleet::parse(&format!("{sound}{MORE}")).unwrap_or_else(|error| panic!("{error}"));
    start(fleet, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Clock::new(1_795_284_000_000, || 0)).unwrap()
}

/// What the fleet is, whoever may read it.
struct Truth {
    keys: BTreeMap<String, Key>,
    /// Keys of the account's own that are not multi-Region.
    single: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Default)]
struct Key {
    states: BTreeMap<&'static str, String>,
    /// Two while the primary moves.
    primaries: BTreeSet<&'static str>,
}

fn truth(server: &Running) -> Truth {
    let mut truth = Truth { keys: BTreeMap::new(), single: BTreeMap::new() };
    for region in REGIONS.into_iter().filter(|region| *region != NOT_ENABLED) {
        let ids = listed(server, region, "ListKeys", "Keys", "KeyId");
        let aliases = listed(server, region, "ListAliases", "Aliases", "TargetKeyId");
        let names = listed(server, region, "ListAliases", "Aliases", "AliasName");
        let managed: BTreeSet<&String> = aliases
            .iter()
            .zip(&names)
            .filter(|(id, name)| !id.starts_with("mrk-") && name.starts_with("alias/aws/"))
            .map(|(id, _)| id)
            .collect();
        let single = ids.iter().filter(|id| !id.starts_with("mrk-") && !managed.contains(id)).count();
        truth.single.insert(region, u64::try_from(single).unwrap());
        for id in ids.into_iter().filter(|id| id.starts_with("mrk-")) {
            let described = ask(server, region, "DescribeKey", &json!({"KeyId": id}))["KeyMetadata"].clone();
            let key = truth.keys.entry(id).or_default();
            let state = described["KeyState"].as_str().unwrap().to_owned();
            let primary = described["MultiRegionConfiguration"]["PrimaryKey"]["Region"].as_str().unwrap();
            key.primaries.insert(REGIONS.into_iter().find(|region| *region == primary).unwrap());
            if state == "Updating" {
                key.primaries.insert(region);
            }
            key.states.insert(region, state);
        }
    }
    truth
}

/// One field of every entry of a listing, through all its pages; empty where an entry has none.
fn listed(server: &Running, region: &str, operation: &str, entries: &str, field: &str) -> Vec<String> {
    let (mut all, mut marker) = (Vec::new(), Value::Null);
    loop {
        let body = if marker.is_null() { json!({}) } else { json!({"Marker": marker}) };
        let page = ask(server, region, operation, &body);
        let of_page = page[entries].as_array().unwrap();
        all.extend(of_page.iter().map(|entry| entry[field].as_str().unwrap_or_default().to_owned()));
        if page["Truncated"] != true {
            return all;
        }
        marker = page["NextMarker"].clone();
    }
}

/// Which Regions do not answer well, and which former reading there is.
struct Night {
    dark: Option<&'static str>,
    remembers: bool,
}

impl Night {
    fn is_readable(&self, region: &str) -> bool {
        region != DENIED && region != NOT_ENABLED && Some(region) != self.dark
    }

    fn is_described(&self, id: &str, region: &str) -> bool {
        self.is_readable(region) && !SEALED.contains(&(id, region))
    }

    /// The former reading was made when only what is always refused was refused.
    fn is_remembered(&self, id: &str, region: &str) -> bool {
        let then = Night { dark: None, remembers: false };
        self.remembers && Some(region) == self.dark && then.is_described(id, region)
    }
}

/// One way in which a key may be: its members and whether each is usable, and its primary.
#[derive(Clone)]
struct World {
    members: BTreeMap<&'static str, bool>,
    primary: Option<&'static str>,
}

impl World {
    fn effect(&self, lost: &str) -> &'static str {
        if !self.members.contains_key(lost) {
            return "unaffected";
        }
        if !self.members.iter().any(|(region, usable)| *region != lost && *usable) {
            return "lost";
        }
        if self.primary == Some(lost) { "frozen" } else { "reduced" }
    }
}

/// Every world that agrees with what is known of the key.
fn worlds(night: &Night, (id, key): (&str, &Key), memory: bool) -> Vec<World> {
    let is_known = |region: &str| night.is_described(id, region) || memory && night.is_remembered(id, region);
    let speaks = key.states.keys().any(|region| is_known(region));
    let whole_set = key.primaries.len() == 1 && key.primaries.iter().all(|region| is_known(region));
    let mut worlds = vec![World { members: BTreeMap::new(), primary: None }];
    // Where it may be that nobody was asked for.
    for region in REGIONS.into_iter().chain(["elsewhere"]) {
        let is_listed = night.is_readable(region) && region != "elsewhere";
        let choices: Vec<Option<bool>> = match key.states.get(region) {
            Some(state) if night.is_described(id, region) => vec![Some(state == "Enabled" || state == "Updating")],
            Some(_) if speaks || is_listed => vec![Some(true), Some(false)],
            None if is_listed || whole_set || region == "elsewhere" && speaks => vec![None],
            Some(_) | None => vec![None, Some(true), Some(false)],
        };
        worlds = worlds
            .into_iter()
            .flat_map(|world| {
                choices.iter().map(move |choice| {
                    let mut world = world.clone();
                    world.members.extend(choice.map(|usable| (region, usable)));
                    world
                })
            })
            .collect();
    }
    let with_primary = |world: World| {
        let anywhere: Vec<_> = world.members.keys().copied().collect();
        let primaries = if speaks { key.primaries.iter().copied().collect() } else { anywhere };
        primaries.into_iter().map(move |primary| World { primary: Some(primary), ..world.clone() }).collect::<Vec<_>>()
    };
    worlds.into_iter().flat_map(with_primary).collect()
}

fn certain(worlds: &[World], lost: &str) -> Option<&'static str> {
    let effects: BTreeSet<&'static str> = worlds.iter().map(|world| world.effect(lost)).collect();
    effects.first().copied().filter(|_| effects.len() == 1)
}

/// Effect and basis, if the key can be known at all.
fn expected(night: &Night, of: (&str, &Key), lost: &str) -> Option<(&'static str, &'static str)> {
    let (id, key) = of;
    let is_seen = key.states.keys().any(|region| night.is_readable(region));
    let is_remembered = key.states.keys().any(|region| night.is_remembered(id, region));
    if let Some(effect) = certain(&worlds(night, of, false), lost).filter(|_| is_seen) {
        return Some((effect, "live"));
    }
    match (certain(&worlds(night, of, true), lost), is_seen, is_remembered) {
        (Some(effect), _, true) => Some((effect, "last_known")),
        (_, true, _) => Some(("unknown", "live")),
        (None, false, true) => Some(("unknown", "last_known")),
        (_, false, false) => None,
    }
}

fn check(truth: &Truth, night: &Night, lost: &'static str, run: &Run) {
    let what = format!("{lost} lost, {:?} dark, remembers: {}", night.dark, night.remembers);
    assert_eq!(run.code, Some(3), "{DENIED} is never read; {what}: {}", run.stderr);
    let impact = run.json();
    let keys = impact["keys"].as_array().unwrap();
    let found: BTreeMap<&str, (&str, &str)> =
        keys.iter().map(|key| (text(&key["key_id"]), (text(&key["effect"]), text(&key["basis"])))).collect();
    let expected: BTreeMap<&str, (&str, &str)> =
        truth.keys.iter().filter_map(|(id, key)| Some((id.as_str(), expected(night, (id, key), lost)?))).collect();
    let different: Vec<_> = expected.iter().filter(|(id, answer)| found.get(*id) != Some(answer)).collect();
    assert!(different.is_empty(), "{what}: expected {different:#?} of {keys:#?}");
    assert_eq!(found.len(), expected.len(), "{what}");
    let is_up = night.is_readable(lost);
    assert_eq!(impact["single_region_keys"], if is_up { json!(truth.single[lost]) } else { Value::Null }, "{what}");
    let was_listed = night.remembers && ![DENIED, NOT_ENABLED].contains(&lost);
    let is_unseen = !is_up && !was_listed;
    assert_eq!(impact["unseen"], if is_unseen { json!([lost]) } else { json!([]) }, "{what}");
    for key in keys {
        survivors_are_members(night, &truth.keys[text(&key["key_id"])], key, lost);
    }
}

/// Nobody is named who is not there, and a state is told only where it was read.
fn survivors_are_members(night: &Night, of: &Key, key: &Value, lost: &str) {
    let id = text(&key["key_id"]);
    let found: BTreeMap<&str, &Value> =
        key["survivors"].as_array().unwrap().iter().map(|survivor| (text(&survivor["region"]), survivor)).collect();
    for (region, survivor) in &found {
        assert_ne!(*region, lost);
        let state = &of.states[*region];
        let expected = if night.is_described(id, region) { json!(state) } else { Value::Null };
        assert_eq!(survivor["state"], expected, "{id} in {region}");
        assert_eq!(survivor["arn"], format!("arn:aws:kms:{region}:111122223333:key/{id}"));
    }
    let readable = of.states.keys().filter(|region| **region != lost && night.is_readable(region));
    for region in readable {
        assert!(found.contains_key(region), "{id} in {region} is missing");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What is always refused, and a Region that answers to nothing.
fn fail(server: &Running, dark: Option<&str>) {
    let control = |method: &str, body: &str| {
        let answer = Client::connect(server).request(method, "/_keyfleet/faults", &[], body);
        assert_eq!(answer.status, 200, "{body}: {}", answer.body);
    };
    control("DELETE", "");
    let denied = |fault: Value| {
        let mut fault = fault;
        fault["kind"] = json!("error");
        fault["code"] = json!("AccessDeniedException");
        control("POST", &fault.to_string());
    };
    // The dark go first: the first fault that fits is the one that strikes.
    if let Some(region) = dark {
        control("POST", &json!({"region": region, "kind": "drop_close"}).to_string());
    }
    for operation in ["List*", "*Key", "GetKey*"] {
        denied(json!({"region": DENIED, "operation": operation}));
    }
    for (key, region) in SEALED {
        denied(json!({"region": region, "key": key}));
    }
}

fn arguments<'a>(server: &'a str, regions: &'a str, lost: &'a str) -> Vec<&'a str> {
    vec!["impact", lost, "--endpoint-url", server, "--region", regions, "--output", "json"]
}

/// A dashboard that is opened and left again, so that there is a last known fleet.
fn remember(server: &str, regions: &str, home: &Path) {
    let variables =
        [("HOME", home.to_str().unwrap()), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let mut terminal = Terminal::open(&["--endpoint-url", server, "--region", regions], &variables);
    let kept = home.join(".cache/keyfleet");
    terminal.until("a kept fleet", |_| std::fs::read_dir(&kept).is_ok_and(|files| files.count() > 0));
    terminal.press("q");
    assert_eq!(terminal.ended().code, 0);
}

#[test]
fn for_each_region_of_the_demo_it_says_what_every_possible_world_has_in_common() {
    let server = serve();
    let truth = truth(&server);
    assert_eq!(truth.keys.len(), 41 + 4);
    let (endpoint, regions) = (server.endpoint(), REGIONS.join(","));
    let program = Program::new();
    fail(&server, None);
    remember(&endpoint, &regions, program.home());
    let bright = Night { dark: None, remembers: true };
    for lost in REGIONS {
        check(&truth, &bright, lost, &program.run(&arguments(&endpoint, &regions, lost)));
    }
    for lost in REGIONS {
        fail(&server, Some(lost));
        let without = [&arguments(&endpoint, &regions, lost)[..], &["--no-cache"]].concat();
        let (remembers, forgets) = std::thread::scope(|scope| {
            let forgets = scope.spawn(|| program.run(&without));
            (program.run(&arguments(&endpoint, &regions, lost)), forgets.join().unwrap())
        });
        check(&truth, &Night { dark: Some(lost), remembers: true }, lost, &remembers);
        check(&truth, &Night { dark: Some(lost), remembers: false }, lost, &forgets);
        if lost == "us-east-1" {
            what_only_the_last_reading_knew_is_marked(&remembers.json(), &forgets.json());
        }
    }
}

fn what_only_the_last_reading_knew_is_marked(remembers: &Value, forgets: &Value) {
    let alone = |impact: &Value, id: &str| {
        let keys = impact["keys"].as_array().unwrap();
        keys.iter().find(|key| key["key_id"] == id).cloned()
    };
    let id = "mrk-00000000000000000000000000000001";
    assert_eq!(alone(forgets, id), None);
    let key = alone(remembers, id).unwrap();
    assert_eq!((&key["effect"], &key["basis"], &key["survivors"]), (&"lost".into(), &"last_known".into(), &json!([])));
    assert!(text(&key["detail"]).contains("as last known"), "{key}");
    assert!(key["last_known_at"].is_string() && remembers["last_known"][0]["read_at"].is_string(), "{key}");
    assert!(text(&key["now"]).starts_with("nothing until us-east-1 answers again"), "{key}");
}

/// Three keys in three Regions, all of which answer.
fn small() -> Running {
    let fleet = Fleet::parse(
        r#"
regions = ["us-east-1", "us-west-2", "eu-west-1"]
[[accounts]]
id = "111122223333"
[[keys]]
id = "mrk-00000000000000000000000000000001"
alias = "alias/alone"
primary = "us-east-1"
[[keys]]
id = "mrk-00000000000000000000000000000002"
alias = "alias/pair"
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
alias = []
[[keys]]
id = "mrk-00000000000000000000000000000003"
alias = "alias/west"
primary = "us-west-2"
replicas = ["eu-west-1"]
"#,
    );
    let fleet = fleet.unwrap_or_else(|error| panic!("{error}"));
    start(fleet, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Clock::new(1_795_284_000_000, || 0)).unwrap()
}

fn of_small(arguments: &[&str]) -> Run {
    let server = small();
    let endpoint = server.endpoint();
    let scope = ["--endpoint-url", &endpoint, "--region", "us-east-1,us-west-2,eu-west-1"];
    Program::new().run(&[&["impact"], arguments, &scope[..]].concat())
}

#[test]
fn a_whole_reading_exits_zero_in_every_format() {
    let run = of_small(&["us-east-1", "--output", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let impact = run.json();
    assert_eq!((&impact["schema"], &impact["complete"]), (&"keyfleet.impact/1".into(), &true.into()));
    let of = |index: usize| (impact["keys"][index]["effect"].clone(), impact["keys"][index]["plan"].clone());
    let replicate = "keyfleet plan replicate mrk-00000000000000000000000000000001 --to eu-west-1 --alias";
    let promote = "keyfleet plan promote mrk-00000000000000000000000000000002 --to eu-west-1";
    assert_eq!(
        [of(0), of(1), of(2)],
        [("lost".into(), replicate.into()), ("frozen".into(), promote.into()), ("unaffected".into(), Value::Null),]
    );
    let survivor = &impact["keys"][1]["survivors"][0];
    assert_eq!((&survivor["policy"], &survivor["missing_aliases"]), (&"same".into(), &json!(["alias/pair"])));
    let table = of_small(&["us-east-1"]);
    assert_eq!(table.code, Some(0));
    assert!(table.stdout.starts_with("This is about keys, not about data"), "{}", table.stdout);
    assert!(table.stdout.contains("arn:aws:kms:eu-west-1:111122223333:key/mrk-00000000000000000000000000000002"));
    let (csv, markdown) =
        (of_small(&["us-east-1", "--output", "csv"]), of_small(&["us-east-1", "--output", "markdown"]));
    // The key that is lost has no survivor and the pair one; the third has its two members.
    assert_eq!(csv.stdout.lines().count(), 1 + 4, "{}", csv.stdout);
    assert_eq!(markdown.stdout.lines().filter(|line| line.starts_with('|')).count(), 2 + 4);
}

#[test]
fn several_regions_are_lost_together_and_a_filter_leaves_keys_out() {
    for lost in [&["us-east-1,eu-west-1"][..], &["us-east-1", "eu-west-1"]] {
        let impact = of_small(&[lost, &["--output", "json", "--filter", "!alias:alone"]].concat()).json();
        assert_eq!(impact["regions"], json!(["eu-west-1", "us-east-1"]));
        let effects: Vec<&Value> = impact["keys"].as_array().unwrap().iter().map(|key| &key["effect"]).collect();
        assert_eq!(effects, ["lost", "reduced"]);
    }
}

#[test]
fn a_region_that_is_none_or_is_not_read_is_refused() {
    let refused = |lost: &str, said: &str| {
        let run = of_small(&[lost]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{lost}");
        assert!(run.stderr.contains(said), "{lost}: {}", run.stderr);
    };
    refused("use1", "did you mean us-east-1?");
    refused("us-esat-1", "did you mean us-east-1?");
    refused("sa-east-1", "add it with --region");
    refused("us-east-1,moon", "\"moon\" is no Region");
    let missing = Program::new().run(&["impact", "--demo"]);
    assert_eq!(missing.code, Some(2), "{}", missing.stdout);
}
