//! The model, one operation and one transition at a time, without a socket.

use serde_json::{Value, json};

use super::*;

mod access;
mod answers;
mod changes;
mod faults;
mod histories;
mod lagging;
mod material;
mod quotas;
mod refusals;
mod saved;
mod table;
mod time;
mod uses;

const ACCOUNT: &str = "111122223333";
const DAY: u64 = 24 * 60 * 60 * 1000;
/// 21 November 2026, 18:00 UTC.
const START: u64 = 1_795_284_000_000;

/// A model and the time that has passed in it.
struct World {
    model: Model,
    at: u64,
    /// The access key of whoever asks.
    who: &'static str,
}

impl World {
    fn new(fleet: &str) -> Self {
        let fleet = Fleet::parse(fleet).unwrap_or_else(|error| panic!("{error}"));
        Self::of(Model::new(&fleet, START))
    }

    fn of(model: Model) -> Self {
        Self { model, at: 0, who: "AKIDEXAMPLE" }
    }

    /// An empty KMS whose transitions last 3 and 4 seconds.
    fn empty() -> Self {
        Self::of(Model::new(&Fleet::empty(), START))
    }

    fn wait(&mut self, millis: u64) {
        self.at += millis;
    }

    fn replies(&mut self, region: &str, operation: &str, body: &Value) -> Vec<Timed<Reply>> {
        let body = body.to_string();
        let request =
            Request { region, identity: Some(self.who), proof: None, operation, body: body.as_bytes(), connection: 1 };
        self.model.call(self.at, &request)
    }

    fn result(&mut self, region: &str, operation: &str, body: &Value) -> Result<Success, Refusal> {
        match self.replies(region, operation, body).pop().map(|reply| reply.value) {
            Some(Reply::Answer(answer)) => answer.result,
            other => panic!("{operation} in {region}: {other:?}"),
        }
    }

    /// An answer that has to be good.
    fn ask(&mut self, region: &str, operation: &str, body: &Value) -> Value {
        match self.result(region, operation, body) {
            Ok(Success::Json(text)) => serde_json::from_slice(&text).unwrap(),
            Ok(Success::Empty) => Value::Null,
            other => panic!("{operation} {body} in {region}: {other:?}"),
        }
    }

    /// The code and message of an answer that has to be a refusal.
    fn refused(&mut self, region: &str, operation: &str, body: &Value) -> (String, String) {
        match self.result(region, operation, body) {
            Err(refusal) => (refusal.code.into_owned(), refusal.message),
            Ok(done) => panic!("{operation} {body} in {region}: {done:?}"),
        }
    }

    /// A new multi-Region key in us-east-1.
    fn create(&mut self) -> String {
        let answer = self.ask("us-east-1", "CreateKey", &json!({"MultiRegion": true}));
        answer["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
    }

    /// A new multi-Region key in us-east-1 with a replica in eu-west-1, both settled.
    fn create_pair(&mut self) -> String {
        let key = self.create();
        self.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
        self.wait(3000);
        key
    }

    fn describe(&mut self, region: &str, key: &str) -> Value {
        self.ask(region, "DescribeKey", &json!({"KeyId": key}))["KeyMetadata"].take()
    }

    fn state(&mut self, region: &str, key: &str) -> String {
        self.describe(region, key)["KeyState"].as_str().unwrap().to_owned()
    }

    fn role(&mut self, region: &str, key: &str) -> String {
        self.describe(region, key)["MultiRegionConfiguration"]["MultiRegionKeyType"].as_str().unwrap().to_owned()
    }

    fn keys(&mut self, region: &str) -> Vec<String> {
        let answer = self.ask(region, "ListKeys", &json!({}));
        answer["Keys"].as_array().unwrap().iter().map(|key| key["KeyId"].as_str().unwrap().to_owned()).collect()
    }
}

fn arn(region: &str, key: &str) -> String {
    format!("arn:aws:kms:{region}:{ACCOUNT}:key/{key}")
}

/// The names of an object's members, sorted.
fn members(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
