//! What is said when there are no credentials, for every way of having had some.

use super::*;

const CONFIG: &str = "[default]\nregion = us-east-1\n\
    [profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = ops\n\
    [sso-session corp]\nsso_start_url = https://corp.example\nsso_region = us-east-1\n\
    [profile login]\nlogin_session = arn:aws:iam::111122223333:user/ops\n\
    [profile process]\ncredential_process = /bin/secret-helper --token hunter2\n\
    [profile role]\nrole_arn = arn:aws:iam::111122223333:role/ops\nsource_profile = keys\n\
    [profile role-by-sso]\nrole_arn = arn:aws:iam::111122223333:role/ops\nsource_profile = sso\n\
    [profile circle]\nrole_arn = arn:aws:iam::111122223333:role/ops\nsource_profile = elcric\n\
    [profile elcric]\nrole_arn = arn:aws:iam::111122223333:role/ops\nsource_profile = circle\n\
    [profile keys]\naws_access_key_id = AKIA\naws_secret_access_key = hunter2\n\
    [profile payments-prod]\nregion = eu-west-1\n";

async fn load(named: Option<&str>, environment: &[(&str, &str)]) -> Result<Profiles, ConnectError> {
    let mut variables = vec![("AWS_CONFIG_FILE", "/config"), ("HOME", "/home")];
    variables.extend_from_slice(environment);
    let (fs, env) = (Fs::from_slice(&[("/config", CONFIG)]), Env::from_slice(&variables));
    Profiles::load(&fs, &env, named.map(Foreign::new).as_ref()).await
}

async fn check(named: Option<&str>, environment: &[(&str, &str)], what: &str, next_step: &str) {
    let profiles = load(named, environment).await.unwrap();
    let error = profiles.explain(&CredentialsError::not_loaded_no_source());
    assert!(error.what.as_str().contains(what), "{named:?}: {error:?}");
    assert!(error.next_step.as_str().contains(next_step), "{named:?}: {error:?}");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn the_next_step_fits_where_credentials_come_from() {
    check(Some("sso"), &[], "single sign-on of AWS profile sso", "aws sso login --profile sso").await;
    check(Some("login"), &[], "login of AWS profile login", "aws login --profile login").await;
    check(Some("process"), &[], "credential_process of AWS profile process failed", "by hand").await;
    check(Some("role"), &[], "role of AWS profile role", "aws sts get-caller-identity --profile role").await;
    check(Some("role-by-sso"), &[], "single sign-on", "aws sso login --profile role-by-sso").await;
    check(Some("circle"), &[], "role of AWS profile circle", "--profile circle").await;
    check(Some("keys"), &[], "keys of AWS profile keys", "aws configure --profile keys").await;
    check(Some("payments-prod"), &[], "payments-prod holds no credentials", "aws configure").await;
    check(None, &[], "no AWS credentials were found", "aws configure").await;
    check(None, &[("AWS_PROFILE", "sso")], "profile sso", "aws sso login --profile sso").await;
}

#[tokio::test]
async fn the_environment_counts_unless_a_profile_is_named() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA")];
    check(None, &keys, "credentials in the environment", "AWS_SESSION_TOKEN").await;
    check(Some("sso"), &keys, "single sign-on", "aws sso login").await;
}

async fn check_missing(name: &str, next_step: &str) {
    let error = load(Some(name), &[]).await.unwrap_err();
    assert!(error.what.as_str().contains("there is no AWS profile"), "{error:?}");
    assert!(error.next_step.as_str().contains(next_step), "{error:?}");
}

#[tokio::test]
async fn a_missing_profile_is_told_with_those_that_are_like_it() {
    check_missing("payments-prd", "did you mean payments-prod?").await;
    check_missing("prod", "did you mean payments-prod?").await;
    check_missing("something-else-entirely", "the profiles are ").await;
    check_missing("\u{1b}[2J", "the profiles are ").await;
}

#[test]
fn names_are_near_each_other_by_letters() {
    assert_eq!(distance("prod", "prod"), 0);
    assert_eq!(distance("prod", "prd"), 1);
    assert_eq!(distance("", "abc"), 3);
    assert_eq!(distance("abc", ""), 3);
    assert_eq!(distance("kitten", "sitting"), 3);
}
