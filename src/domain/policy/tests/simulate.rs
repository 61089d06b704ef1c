//! The command that asks IAM, for callers that it knows.

use super::*;

const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/KmsOps/maria";
const USER: &str = "arn:aws:iam::111122223333:user/team/maria";
const ROOT: &str = "arn:aws:iam::111122223333:root";

#[test]
fn the_simulation_asks_for_whom_iam_knows() {
    let line = |caller: &str| {
        let caller = Caller::new(caller, account());
        simulate_line(&caller, &["kms:CreateKey"], "*", &region("us-west-2")).map(|line| line.as_str().to_owned())
    };
    let rest = "--action-names 'kms:CreateKey' --resource-arns '*' --context-entries 'ContextKeyName=aws:RequestedRegion,ContextKeyType=string,ContextKeyValues=us-west-2' --query 'EvaluationResults[].[EvalActionName,EvalDecision]' --output text";
    let ask = "aws iam simulate-principal-policy --policy-source-arn";
    assert_eq!(line(USER), Some(format!("{ask} '{USER}' {rest}")));
    let role = "\"$(aws iam get-role --role-name 'KmsOps' --query Role.Arn --output text)\"";
    assert_eq!(line(SESSION), Some(format!("{ask} {role} {rest}")));
    assert_eq!(line(ROOT), None);
}
