//! Random fleets with random Regions dark, through all that is real. What is reported is held against every world that the answers leave possible: no pass
//! that an unread Region could overturn, no certain failure lost because of one, none made up.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::changes::Bench;

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"];
const RULES: &str = "
[[rules]]
name = \"need\"
required = [\"eu-west-1\"]
[[rules]]
name = \"ban\"
forbidden = [\"us-west-2\"]
[[rules]]
name = \"least\"
min_related = 2
";

/// What a member can be; `None` is no member.
type Sort = Option<&'static str>;
const SORTS: [Sort; 4] = [None, Some("Enabled"), Some("Disabled"), Some("PendingDeletion")];

/// A key as it truly is: its primary's Region, and every member's state.
struct Truth {
    id: String,
    primary: &'static str,
    members: BTreeMap<&'static str, &'static str>,
}

/// Chance from a seed, so that a failure comes again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end).unwrap()
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64)]
    }
}

fn truth(chance: &mut Chance, number: usize) -> Truth {
    let primary = chance.of(&REGIONS);
    let mut members = BTreeMap::from([(primary, chance.of(&["Enabled", "Enabled", "Disabled"]))]);
    for region in REGIONS.into_iter().filter(|region| *region != primary) {
        if let Some(state) =
            chance.of(&[None, None, Some("Enabled"), Some("Enabled"), Some("Disabled"), Some("PendingDeletion")])
        {
            members.insert(region, state);
        }
    }
    Truth { id: format!("mrk-{number:032x}"), primary, members }
}

fn fleet(keys: &[Truth], dark: &BTreeSet<&str>) -> String {
    let mut lines = vec!["regions = [\"us-east-1\", \"us-west-2\", \"eu-west-1\", \"eu-central-1\"]\n".to_owned()];
    for key in keys {
        let replicas: Vec<String> =
            key.members.keys().filter(|region| **region != key.primary).map(|region| format!("\"{region}\"")).collect();
        lines.push(format!("[[keys]]\nid = \"{}\"\nprimary = \"{}\"\n", key.id, key.primary));
        lines.push(format!("replicas = [{}]\nrotation = true\n", replicas.join(", ")));
        for (region, state) in key.members.iter().filter(|(_, state)| **state != "Enabled") {
            lines.push(format!("[keys.members.{region}]\nstate = \"{state}\"\n"));
            if *state == "PendingDeletion" {
                lines.push("deletion_in = \"9d\"\n".to_owned());
            }
        }
    }
    for region in dark {
        lines.push(format!(
            "[[faults]]\nregion = \"{region}\"\noperation = \"*\"\nkind = \"error\"\nstatus = 400\ncode = \"AccessDeniedException\"\n"
        ));
    }
    lines.concat()
}

/// Every world that the answers leave possible. Where the primary's word is taken, a Region that it does not name holds none; one that it names may hold
/// anything: a member that is named and cannot be read is unknown.
fn worlds(key: &Truth, dark: &BTreeSet<&'static str>, is_declared: bool) -> Vec<BTreeMap<&'static str, &'static str>> {
    let has_word = is_declared && !dark.contains(key.primary);
    let read = key.members.iter().filter(|(region, _)| !dark.contains(*region));
    let mut worlds = vec![read.map(|(region, state)| (*region, *state)).collect::<BTreeMap<_, _>>()];
    for region in dark.iter().filter(|region| !has_word || key.members.contains_key(*region)) {
        let with = |world: &BTreeMap<&'static str, &'static str>, sort: Sort| {
            let mut world = world.clone();
            world.extend(sort.map(|state| (*region, state)));
            world
        };
        worlds = worlds.iter().flat_map(|world| SORTS.map(|sort| with(world, sort))).collect();
    }
    worlds
}

fn holds(subject: &str, world: &BTreeMap<&str, &str>) -> bool {
    let is = |region: &str, state: &str| world.get(region).is_some_and(|held| *held == state);
    let none = |state: &str| world.values().all(|held| *held != state);
    match subject {
        "need" => is("eu-west-1", "Enabled"),
        "ban" => !world.contains_key("us-west-2"),
        "least" => world.values().filter(|held| **held == "Enabled").count() >= 2,
        "not_usable" => none("Disabled"),
        "pending_deletion" => none("PendingDeletion"),
        other => panic!("{other}"),
    }
}

/// What the report says of a key: the worst of its findings about a rule or by a check.
fn said(report: &Value, id: &str, subject: &str) -> Option<&'static str> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|one| one["key_id"] == id);
    let about = findings.filter(|one| one["rule"] == subject || one["rule"].is_null() && one["check"] == subject);
    let verdicts: BTreeSet<&str> = about.map(|one| one["verdict"].as_str().unwrap()).collect();
    ["fail", "unknown", "pass"].into_iter().find(|verdict| verdicts.contains(verdict))
}

#[test]
fn no_pass_can_be_overturned_and_no_certain_failure_is_lost() {
    let (mut passes, mut fails, mut unknowns) = (0, 0, 0);
    for seed in 1..=12 {
        let mut chance = Chance(seed * 7_919);
        let keys: Vec<Truth> = (1..=6).map(|number| truth(&mut chance, number)).collect();
        let dark: BTreeSet<&'static str> = REGIONS.into_iter().filter(|_| chance.below(3) == 0).collect();
        if dark.len() == REGIONS.len() {
            continue;
        }
        let bench = Bench::new(&fleet(&keys, &dark));
        let rules = bench.program.home().join("rules.toml");
        std::fs::write(&rules, RULES).unwrap();
        for evidence in ["declared", "listed"] {
            let (endpoint, scope) = (bench.server.endpoint(), REGIONS.join(","));
            let ask =
                ["check", "--all", "--output", "json", "--evidence", evidence, "--rules", rules.to_str().unwrap()];
            let run = bench.program.run(&[&["--endpoint-url", &endpoint, "--region", &scope], ask.as_slice()].concat());
            let report = run.json();
            assert_eq!(report["complete"], dark.is_empty(), "seed {seed}");
            for key in keys.iter().filter(|key| key.members.keys().any(|region| !dark.contains(region))) {
                let worlds = worlds(key, &dark, evidence == "declared");
                for subject in ["need", "ban", "least", "not_usable", "pending_deletion"] {
                    let held = worlds.iter().filter(|world| holds(subject, world)).count();
                    let verdict = said(&report, &key.id, subject);
                    let about =
                        format!("seed {seed}, {evidence}, {subject}, {}: {:?}, dark {dark:?}", key.id, key.members);
                    match verdict {
                        Some("pass") => assert_eq!(held, worlds.len(), "a pass that could be overturned: {about}"),
                        Some("fail") => assert_eq!(held, 0, "a failure that is not certain: {about}"),
                        Some("unknown") => assert_ne!(held, 0, "a certain failure was lost: {about}"),
                        other => panic!("{other:?}: {about}"),
                    }
                    passes += u32::from(verdict == Some("pass"));
                    fails += u32::from(verdict == Some("fail"));
                    unknowns += u32::from(verdict == Some("unknown"));
                }
            }
        }
    }
    assert!(passes > 50 && fails > 50 && unknowns > 50, "{passes} passed, {fails} failed, {unknowns} unknown");
}
