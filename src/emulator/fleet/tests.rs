//! Fleet files that are refused, and the one of the demo.

use super::*;

mod demo;

fn check(text: &str, line: usize, column: usize, expected: &str) {
    let error = Fleet::parse(text).expect_err(text);
    let shown = error.in_file("fleet.toml");
    assert_eq!((error.line(), error.column()), (line, column), "{shown}");
    assert!(shown.starts_with(&format!("fleet.toml:{line}:{column}: ")), "{shown}");
    assert!(shown.contains(expected), "{shown}");
    assert_eq!(shown.lines().count(), 3, "{shown}");
    let source = text.lines().nth(line - 1).unwrap().trim();
    assert_eq!(shown.lines().nth(1).unwrap().trim(), source);
}

#[test]
fn an_error_names_line_and_column_and_shows_the_line() {
    check("seed = 1\nsede = 2", 2, 1, "unknown field `sede`");
    check("seed = \"x\"", 1, 8, "invalid type");
    check("seed = -1", 1, 8, "-1");
    check("seed =", 1, 7, "");
    check("clock = \"later\"", 1, 9, "`later` is neither");
    check("regions = [\"us-east-1\", \"us-eats-1\"]", 1, 25, "expected perhaps us-east-1");
    check("[[accounts]]\nid = \"1234\"", 2, 6, "expected 12 digits in quotes");
    check("[[keys]]\nprimary = \"us-east-1\"\nspec = \"DES\"", 3, 8, "`DES` is not a key spec");
    check("[[keys]]\nprimary = \"us-east-1\"\nid = \"mrk-1\"", 3, 6, "`mrk-1` is no key ID");
    check("[[keys]]\nprimary = \"us-east-1\"\nalias = \"a\"", 3, 9, "`a` is not an alias");
    check("[[keys]]\nprimary = \"us-east-1\"\nalias = [\"alias/a\", \"b\"]", 3, 21, "`b` is not an alias");
    check(
        "[[keys]]\nprimary = \"us-east-1\"\n[keys.members.us-east-1]\nstate = \"Fine\"",
        4,
        9,
        "`Fine` is not a key state",
    );
    check(
        "[[keys]]\nprimary = \"us-east-1\"\n[keys.members.us-east-1]\ndeletion_in = \"3\"",
        4,
        15,
        "not a span of time",
    );
    check("[[generate]]\nregions = 40", 2, 11, "40 Regions are not to be had");
}

#[test]
fn settings_have_bounds() {
    check("quotas = -1.0", 1, 10, "scaled by 0.0 (off)");
    check("[transitions]\npropagation_ms = -5", 2, 18, "reads lag by 0 to");
    check("[transitions]\npropagation_ms = { us-eats-1 = 5 }", 2, 18, "`us-eats-1` is not a Region");
    check("[[faults]]\nkind = \"drizzle\"", 2, 8, "unknown fault kind `drizzle`");
    assert!(Fleet::parse("quotas = 1.0\n[transitions]\npropagation_ms = { \"*\" = 5, us-east-1 = 0 }").is_ok());
}

#[test]
fn accounts_and_those_who_come_fit_together() {
    let account = |rest: &str| format!("[[accounts]]\nid = \"111122223333\"\n{rest}");
    let credential = |rest: &str| account(&format!("[[accounts.credentials]]\naccess_key = \"AKIA1\"\n{rest}"));
    check(&account("[[accounts]]\nid = \"111122223333\""), 3, 1, "two [[accounts]] have this id");
    check(&credential("[[accounts.credentials]]\naccess_key = \"AKIA1\""), 5, 1, "is not one, or is there twice");
    check(&credential("deny = [{ actions = [\"DescribeKey\"] }]"), 5, 21, "is not an action");
    check(&credential("deny = [{ regions = [\"moon\"] }]"), 5, 21, "`moon` is not a Region");
    check(&credential("deny = [{ keys = [\"nobody\"] }]"), 3, 1, "there is no key `nobody`");
    check(&credential("deny = [{ key = [\"a\"] }]"), 5, 11, "unknown field `key`");
    check(
        &account("[[accounts.roles]]\narn = \"arn:aws:iam::444455556666:role/a\""),
        3,
        1,
        "not a role of this account",
    );
    check("[[generate]]\naccount = \"444455556666\"\nregions = 2", 1, 1, "not in the file");
    let fleet = Fleet::parse(&credential("secret = \"hush\"")).unwrap();
    assert!(!format!("{fleet:?}").contains("hush"), "a debug print shows no secret");
}

#[test]
fn fields_must_fit_together() {
    let key = |rest: &str| format!("[[keys]]\nprimary = \"us-east-1\"\n{rest}");
    let member =
        |region: &str, rest: &str| key(&format!("replicas = [\"eu-west-1\"]\n[keys.members.{region}]\n{rest}"));
    check(&key("replicas = [\"us-east-1\"]"), 1, 1, "us-east-1 has two members");
    check(&key("replicas = [\"cn-north-1\"]"), 1, 1, "another partition");
    check(&key("multi_region = false\nreplicas = [\"eu-west-1\"]"), 1, 1, "no replicas");
    check(&key("id = \"12345678-1234-1234-1234-123456789012\""), 1, 1, "does not fit `multi_region`");
    check(&key("aws_managed = true"), 1, 1, "lives in one Region");
    check(&key("spec = \"RSA_2048\""), 1, 1, "add `usage`");
    check(&key("spec = \"HMAC_256\"\nusage = \"SIGN_VERIFY\""), 1, 1, "does not go with");
    check(&key("policy = \"mine\""), 1, 1, "there is no policy `mine`");
    check(&key("promoting_to = \"eu-west-1\""), 1, 1, "no replica to be promoted");
    check(&key("promotion_ends_in = \"3s\""), 1, 1, "add `promoting_to`");
    check(&key("account = \"999988887777\""), 1, 1, "not in the file");
    check(&key("[keys.members.us-west-2]\nstate = \"Disabled\""), 1, 1, "no member in us-west-2");
    check(&member("us-east-1", "state = \"Creating\""), 4, 1, "only a replica can be Creating");
    check(&member("us-east-1", "state = \"Updating\""), 4, 1, "promoting_to");
    check(&member("eu-west-1", "state = \"PendingReplicaDeletion\""), 4, 1, "only a primary with replicas");
    check(
        &member("us-east-1", "state = \"PendingDeletion\"\ndeletion_in = \"3d\""),
        4,
        1,
        "use PendingReplicaDeletion",
    );
    check(&member("eu-west-1", "state = \"PendingImport\""), 4, 1, "EXTERNAL");
    check(&member("eu-west-1", "state = \"PendingDeletion\""), 4, 1, "go together");
    check(&member("eu-west-1", "deletion_in = \"3d\""), 4, 1, "go together");
    check(&member("eu-west-1", "state = \"PendingDeletion\"\ndeletion_in = \"never\""), 4, 1, "a deletion has a date");
    check(&member("eu-west-1", "settles_in = \"3s\""), 4, 1, "add `state = \"Creating\"`");
    check(&member("eu-west-1", "material_expires_in = \"3d\""), 4, 1, "add `origin = \"EXTERNAL\"`");
    check(&member("eu-west-1", "state = \"Creating\"\nrotation_pending = true"), 4, 1, "remove `rotation_pending`");
    check(&member("us-east-1", "window_days = 7"), 4, 1, "`window_days` is 7 to 30");
    check("[policies]\na = \"x\"", 2, 5, "not a JSON object");
    check("regions = [\"eu-west-1\"]\n[[keys]]\nprimary = \"us-east-1\"", 2, 1, "not in the file's `regions`");
    check(
        &format!("{}{}", key("alias = \"alias/a\"\n"), key("alias = \"alias/a\"")),
        4,
        1,
        "alias/a names two keys in us-east-1",
    );
    check(&format!("{}{}", key("name = \"a\"\n"), key("name = \"a\"")), 4, 1, "two keys have this id or name");
    check("[[generate]]\nregions = 2\nkeys = 1\nrelated = 3", 1, 1, "3 related keys do not fit into 2 Regions");
    check("[[generate]]\nregions = []", 1, 1, "empty or names a Region twice");
    check("[[faults]]\nkind = \"delay\"", 1, 1, "needs `ms`");
    check("[[faults]]\nkind = \"hang\"\nkey = \"nobody\"", 1, 1, "there is no key `nobody`");
}

#[test]
fn the_regions_of_a_file_are_those_it_lists_or_names() {
    let check = |text: &str, expected: &[&str]| assert_eq!(Fleet::parse(text).unwrap().regions(), expected, "{text}");
    check("regions = [\"eu-west-1\", \"us-east-1\"]", &["eu-west-1", "us-east-1"]);
    check(
        "[[accounts]]\nid = \"111122223333\"\nregions_not_enabled = [\"me-south-1\"]\n\
         [[keys]]\nprimary = \"eu-west-1\"\nreplicas = [\"us-east-1\"]\n\
         [[faults]]\nkind = \"hang\"\nregion = \"sa-east-1\"\n[[generate]]\nregions = 2",
        &["us-east-1", "us-east-2", "sa-east-1", "eu-west-1", "me-south-1"],
    );
    assert_eq!(Fleet::empty().regions().len(), 34);
    assert_eq!((Fleet::empty().account(), Fleet::empty().account_name()), ("111122223333", None));
}

#[test]
fn identifiers_depend_on_the_seed_and_the_name_only() {
    let ids = |text: &str| -> Vec<String> {
        let fleet = Fleet::parse(text).unwrap();
        let keys = fleet.file.keys.iter().enumerate();
        keys.map(|(number, key)| key_id(&fleet.file, number, key.get_ref()).to_string()).collect()
    };
    let key = |name: &str| format!("[[keys]]\nname = \"{name}\"\nprimary = \"us-east-1\"\n");
    let alone = ids(&key("b"));
    assert_eq!(ids(&format!("{}{}", key("a"), key("b"))).last(), alone.last());
    assert_ne!(ids(&format!("seed = 9\n{}", key("b"))), alone);
}
