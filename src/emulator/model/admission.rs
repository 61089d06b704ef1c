//! Who may come, how often, and for what: everything that is asked before an operation is tried.

use super::Model;
use super::arrival::Arrival;
use crate::emulator::identity::{Caller, Judgement, Wanted};
use crate::emulator::log::Called;
use crate::emulator::op::Operation;
use crate::emulator::quota::Demand;
use crate::emulator::refusal::Refusal;
use crate::emulator::region;
use crate::emulator::signature::{self, Wrong};

/// An action that a request needs, in a Region, on its key or on none.
struct Need {
    action: String,
    region: String,
    on_key: bool,
}

impl Model {
    /// Whether the request comes from someone who is known, in a Region that the account has enabled.
    pub(super) fn authenticate(&self, arrival: &Arrival<'_>) -> Result<(), Refusal> {
        if arrival.request.identity.is_none() {
            return Err(Refusal::not_authenticated());
        }
        let caller = arrival.caller.as_deref().ok_or_else(Refusal::not_enabled)?;
        let account = self.accounts.get(caller.account);
        let enabled = arrival.region.zip(account).is_some_and(|(region, account)| account.is_enabled(region));
        if !enabled {
            return Err(Refusal::not_enabled());
        }
        check_session(caller, arrival)?;
        let (Some(secret), Some(proof)) = (&caller.secret, &arrival.request.proof) else { return Ok(()) };
        let now = self.real_time.then(|| arrival.now.saturating_sub(self.advanced));
        let checked = signature::verify(proof, arrival.request.body, &secret.0, now);
        checked.map_err(|wrong| bad_signature(&wrong))
    }

    /// Whether the account has requests left this second.
    pub(super) fn meter(&mut self, arrival: &Arrival<'_>) -> Result<(), Refusal> {
        let (Called::Known(operation), Some(region)) = (&arrival.called, arrival.region) else { return Ok(()) };
        let Some(account) = arrival.account().filter(|_| self.quotas.are_on()) else { return Ok(()) };
        let mut demands = vec![Demand { region, operation: *operation, count: 1 }];
        let other = arrival.subject.other_region().and_then(|name| self.regions.intern(name));
        match (operation, other) {
            (Operation::ReplicateKey, Some(region)) => {
                demands.push(Demand { region, operation: Operation::CreateKey, count: 2 });
            }
            (Operation::UpdatePrimaryRegion, Some(other)) if other != region => {
                demands.push(Demand { region: other, operation: *operation, count: 1 });
            }
            _ => {}
        }
        if self.quotas.spend(arrival.now, account, &demands) { Ok(()) } else { Err(Refusal::throttled()) }
    }

    /// Whether the caller's statements let it do all that the request needs.
    pub(super) fn permit(&mut self, arrival: &Arrival<'_>, operation: Operation) -> Result<(), Refusal> {
        let Some(caller) = arrival.caller.as_deref().filter(|caller| !caller.rights.are_unlimited()) else {
            return Ok(());
        };
        // Everybody may ask who they are.
        if operation == Operation::GetCallerIdentity {
            return Ok(());
        }
        let (names, own_arn) = self.names(arrival, operation);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for need in needs(arrival, operation) {
            let keys = if need.on_key { names.as_slice() } else { &[] };
            let wanted = Wanted { action: &need.action, region: &need.region, keys };
            let why = match caller.rights.judge(&wanted) {
                Judgement::Allowed => continue,
                Judgement::NotAllowed => format!("because no identity-based policy allows the {} action", need.action),
                Judgement::Denied => "with an explicit deny in an identity-based policy".to_owned(),
            };
            let resource = own_arn.as_deref().filter(|_| need.on_key).unwrap_or("*");
            let resource = resource.replace(arrival.request.region, &need.region);
            let (who, action) = (self.caller_arn(arrival), &need.action);
            let message = format!("User: {who} is not authorized to perform: {action} on resource: {resource} {why}");
            return Err(Refusal::new("AccessDeniedException", message));
        }
        Ok(())
    }

    /// Everything that a statement may call the subject of a request, and its ARN.
    fn names(&self, arrival: &Arrival<'_>, operation: Operation) -> (Vec<String>, Option<String>) {
        if operation == Operation::AssumeRole {
            let role = crate::emulator::form::field(arrival.request.body, "RoleArn");
            return (role.iter().cloned().collect(), role);
        }
        let mut names: Vec<String> = arrival.named().map(str::to_owned).into_iter().collect();
        names.extend(arrival.subject.alias_name.as_deref().map(str::to_owned));
        let Some(key) = arrival.key else { return (names, arrival.named().map(str::to_owned)) };
        let arn = self.key_arn(arrival, &key.to_string());
        names.extend([key.to_string(), arn.clone()]);
        (names, Some(arn))
    }

    fn key_arn(&self, arrival: &Arrival<'_>, key: &str) -> String {
        let region = arrival.request.region;
        let partition = region::partition(region).unwrap_or("aws");
        let account = arrival.account().and_then(|account| self.accounts.get(account));
        format!("arn:{partition}:kms:{region}:{}:key/{key}", account.map_or("", |account| &account.id))
    }

    fn caller_arn(&self, arrival: &Arrival<'_>) -> String {
        let Some(caller) = arrival.caller.as_deref() else { return "unknown".to_owned() };
        let account = self.accounts.get(caller.account).map_or("", |account| &account.id);
        let partition = region::partition(arrival.request.region).unwrap_or("aws");
        let of_account = || format!("arn:{partition}:iam::{account}:user/emulator");
        caller.arn.as_ref().map_or_else(of_account, ToString::to_string)
    }

    /// The message of a fault's error: the fault's own with its places filled in, or what the service usually says.
    pub(super) fn words(&self, arrival: &Arrival<'_>, code: &str, message: Option<&str>) -> String {
        let text = message.unwrap_or_else(|| usual_words(code));
        let operation = match &arrival.called {
            Called::Known(operation) => action(*operation),
            Called::Other(name) => name.to_string(),
        };
        let resource = arrival.key.map_or_else(|| "*".to_owned(), |key| self.key_arn(arrival, &key.to_string()));
        let caller = self.caller_arn(arrival);
        text.replace("{operation}", &operation).replace("{caller_arn}", &caller).replace("{resource}", &resource)
    }
}

fn action(operation: Operation) -> String {
    format!("{}:{}", operation.service(), operation.name())
}

/// What a request needs to be allowed, beside its own action.
fn needs(arrival: &Arrival<'_>, operation: Operation) -> Vec<Need> {
    let here = arrival.request.region;
    let need = |action: String, region: &str, on_key| Need { action, region: region.to_owned(), on_key };
    let on_key = !matches!(operation, Operation::CreateKey | Operation::ListKeys);
    let mut needs = vec![need(action(operation), here, on_key)];
    let tags = arrival.subject.has_tags();
    match (operation, arrival.subject.other_region()) {
        (Operation::ReplicateKey, Some(there)) => {
            needs.push(need(action(Operation::CreateKey), there, false));
            needs.extend(tags.then(|| need(action(Operation::TagResource), there, false)));
        }
        (Operation::UpdatePrimaryRegion, Some(there)) => needs.push(need(action(operation), there, true)),
        (Operation::CreateKey, _) if tags => needs.push(need(action(Operation::TagResource), here, false)),
        _ => {}
    }
    needs
}

/// An assumed role has a token and an end.
fn check_session(caller: &Caller, arrival: &Arrival<'_>) -> Result<(), Refusal> {
    let Some(session) = &caller.session else { return Ok(()) };
    let sent = arrival.request.proof.map(|proof| proof.header("x-amz-security-token"));
    if sent.is_some_and(|token| token != Some(&*session.token)) {
        return Err(Refusal::not_enabled());
    }
    if session.expires <= arrival.now { Err(Refusal::expired()) } else { Ok(()) }
}

fn bad_signature(wrong: &Wrong) -> Refusal {
    match wrong {
        Wrong::Incomplete => Refusal::new(
            "IncompleteSignatureException",
            "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature', and the request a date.",
        ),
        Wrong::Mismatch => Refusal::new(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ),
        Wrong::Skewed(moment) => Refusal::new(
            "InvalidSignatureException",
            format!("Signature expired: {moment} is more than 5 minutes from the time of the server"),
        ),
    }
}

fn usual_words(code: &str) -> &'static str {
    match code {
        "AccessDeniedException" => {
            "User: {caller_arn} is not authorized to perform: {operation} on resource: {resource} \
             because no identity-based policy allows the {operation} action"
        }
        "ThrottlingException" => Refusal::THROTTLED,
        "UnrecognizedClientException" => "The security token included in the request is invalid.",
        "ExpiredTokenException" => "The security token included in the request is expired",
        _ => "A fault was asked for.",
    }
}
