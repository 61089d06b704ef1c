//! The command that asks IAM what a key policy cannot tell.

use super::caller::Caller;
use crate::domain::id::Region;
use crate::domain::shell::quote;
use crate::domain::text::{Safe, safe};

/// A line that asks whether the caller's own IAM policies allow the actions in a Region. None for a caller that IAM does not simulate: a root or federated user.
pub(crate) fn simulate_line(caller: &Caller, actions: &[&str], resource: &str, region: &Region) -> Option<Safe> {
    let source = match (caller.role(), caller.user_arn()) {
        // STS tells the role without its path, and the simulation wants the whole ARN.
        (Some(role), _) => {
            format!("\"$(aws iam get-role --role-name {} --query Role.Arn --output text)\"", quote(role))
        }
        (None, Some(user)) => quote(user),
        (None, None) => return None,
    };
    let actions: Vec<String> = actions.iter().map(|action| quote(action)).collect();
    let context = format!("ContextKeyName=aws:RequestedRegion,ContextKeyType=string,ContextKeyValues={region}");
    Some(safe!(
        "aws iam simulate-principal-policy --policy-source-arn {source} --action-names {} --resource-arns {} --context-entries {} --query 'EvaluationResults[].[EvalActionName,EvalDecision]' --output text",
        actions.join(" "),
        quote(resource),
        quote(&context)
    ))
}
