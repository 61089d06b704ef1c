//! What is open, what became of a plan's steps, and what a person may say.

use super::*;
use crate::domain::by_hand::ByHand;

#[test]
fn a_step_of_a_plan_has_one_request_that_may_have_left() {
    let disk = Disk::default();
    let (mut journal, _) = open(&disk).unwrap();
    let first = of_step("run-1-1", "plan-1", 1);
    journal.append_intent(&first, at(1)).unwrap();
    let refused = |journal: &mut Journal, id: &str| {
        matches!(journal.append_intent(&of_step(id, "plan-1", 1), at(2)), Err(JournalError::Taken(1)))
    };
    assert!(refused(&mut journal, "run-2-1"), "it may be on its way");
    journal.append_outcome(&first, RecordKind::Outcome, &claim(Outcome::NotSent), at(3)).unwrap();
    journal.append_intent(&of_step("run-3-1", "plan-1", 1), at(4)).unwrap();
    drop(journal);
    let (mut journal, _) = open(&disk).unwrap();
    assert!(refused(&mut journal, "run-4-1"), "another process knows it from the file");
    journal
        .append_outcome(&of_step("run-3-1", "plan-1", 1), RecordKind::Outcome, &claim(Outcome::Failed), at(5))
        .unwrap();
    assert!(refused(&mut journal, "run-5-1"), "a refusal was a request too");
    journal.append_intent(&of_step("run-6-1", "plan-2", 1), at(6)).unwrap();
}

fn of_step(id: &str, plan: &str, step: u32) -> Arc<Intent> {
    Arc::new(Intent { plan: plan.into(), step, ..(*intent(id)).clone() })
}

#[test]
fn an_open_intent_is_the_whole_request_again_with_the_last_word() {
    let disk = Disk::default();
    let (mut journal, _) = open(&disk).unwrap();
    for (second, id) in [(1, "i-1"), (2, "i-2"), (3, "i-3")] {
        journal.append_intent(&intent(id), at(second)).unwrap();
    }
    let unknown = claim(Outcome::Unknown);
    journal.append_outcome(&intent("i-2"), RecordKind::Outcome, &unknown, at(4)).unwrap();
    journal.append_outcome(&intent("i-3"), RecordKind::Outcome, &claim(Outcome::Done), at(5)).unwrap();
    let note = Claim { detail: "asked in the channel".into(), ..unknown.clone() };
    journal.append_outcome(&intent("i-2"), RecordKind::Note, &note, at(6)).unwrap();
    let entries = parse(&disk.content(NAME));
    assert!(entries.is_sound());
    let open = entries.open_intents();
    let found: Vec<_> = open.all.iter().map(|open| (&open.intent, open.recorded_at, open.claim.as_ref())).collect();
    assert_eq!(found, [(&intent("i-1"), at(1), None), (&intent("i-2"), at(2), Some(&unknown))]);
    assert!(open.illegible.is_empty());
    let last = entries.all.last().unwrap();
    assert_eq!((last.kind, last.outcome.as_ref()), (RecordKind::Note, None), "a note claims nothing");
}

#[test]
fn an_open_intent_that_was_edited_is_told_and_not_guessed_at() {
    let disk = Disk::default();
    let (mut journal, _) = open(&disk).unwrap();
    journal.append_intent(&intent("i-1"), at(1)).unwrap();
    let original = text(&disk);
    let check = |from: &str, to: &str, words: &str| {
        let changed = original.replacen(from, to, 1);
        assert_ne!(changed, original);
        let open = parse(changed.as_bytes()).open_intents();
        assert!(open.all.is_empty());
        let [why] = open.illegible.as_slice() else { panic!("{open:?}") };
        assert!(why.as_str().ends_with(words), "{why}");
    };
    check("\"ReplicateKey\"", "\"DisableKey\"", "\"DisableKey\" is no operation of keyfleet");
    check("\"us-west-2\"", "\"us-east-1\"", "parameters.ReplicaRegion is us-east-1, where the key already is");
    check("\"Policy\"", "\"policy\"", "parameters.policy is no parameter of ReplicateKey");
    check("\"account\":\"1", "\"account\":\"9", "account \"911122223333\" is not that of the key");
    check("\"key_arn\":\"arn:aws:kms", "\"key_arn\":\"arn:aws:s3", "is no ARN of a multi-Region key");
}

#[test]
fn a_plan_is_resumed_by_what_may_have_been_made() {
    let check = |records: &[(&str, Option<Outcome>)], expected: Option<(&str, Option<Outcome>, bool)>| {
        let disk = Disk::default();
        let (mut journal, _) = open(&disk).unwrap();
        journal.append_intent(&of_step("other", "plan-2", 1), at(0)).unwrap();
        for (id, outcome) in records {
            let intent = of_step(id, "plan-1", 3);
            journal.append_intent(&intent, at(1)).unwrap();
            if let Some(outcome) = outcome {
                journal.append_outcome(&intent, RecordKind::Outcome, &claim(*outcome), at(2)).unwrap();
            }
        }
        let steps = parse(&disk.content(NAME)).steps_of("plan-1").unwrap();
        let found =
            steps.get(&3).map(|step| (&*step.intent.id, step.claim.as_ref().map(|claim| claim.outcome), step.is_open));
        assert_eq!(found, expected, "{records:?}");
        assert_eq!(steps.len(), usize::from(expected.is_some()));
    };
    let (done, failed, unknown) = (Some(Outcome::Done), Some(Outcome::Failed), Some(Outcome::Unknown));
    check(&[], None);
    check(&[("a", None)], Some(("a", None, true)));
    check(&[("a", unknown)], Some(("a", unknown, true)));
    let unsent = Some(Outcome::NotSent);
    check(&[("a", failed)], Some(("a", failed, false)));
    check(&[("a", unsent)], Some(("a", unsent, false)));
    check(&[("a", unsent), ("b", unsent)], Some(("b", unsent, false)));
    check(&[("a", unsent), ("b", done)], Some(("b", done, false)));
    check(&[("a", unsent), ("b", unknown)], Some(("b", unknown, true)));
}

#[test]
fn a_person_resolves_only_what_is_open_and_only_as_done_or_failed() {
    let disk = Disk::default();
    let (mut journal, _) = open(&disk).unwrap();
    let maria = Foreign::new("arn:aws:iam::111122223333:user/maria");
    let mut resolve =
        |id: &str, claim: &Claim| journal.append_outcome(&intent(id), RecordKind::ResolvedByHand, claim, at(9));
    let done = ByHand::Done.claim(&maria, None);
    assert!(matches!(resolve("i-1", &done), Err(JournalError::NotOpen)), "it was never recorded");
    drop(journal);
    let (mut journal, _) = open(&disk).unwrap();
    journal.append_intent(&intent("i-1"), at(1)).unwrap();
    let mut resolve = |claim: &Claim| journal.append_outcome(&intent("i-1"), RecordKind::ResolvedByHand, claim, at(9));
    assert!(matches!(resolve(&claim(Outcome::Unknown)), Err(JournalError::NotOpen)));
    assert!(matches!(resolve(&claim(Outcome::NotSent)), Err(JournalError::NotOpen)));
    resolve(&done).unwrap();
    assert!(matches!(resolve(&ByHand::Failed.claim(&maria, None)), Err(JournalError::NotOpen)));
    let entries = parse(&disk.content(NAME));
    assert_eq!(entries.all.last().and_then(Entry::claim), Some(done));
    assert!(entries.open_intents().all.is_empty() && entries.is_sound());
}
