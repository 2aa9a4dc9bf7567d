//! What a journal tells, line by line.

use amiaudit::model::remediation::Ending;
use amiaudit::remediate::{
    Job, Ledger as _, Memory, Named, On, Options, Person, Record, Taken, Told, rows, switch_on, to_restore,
    to_switch_off, told,
};

use super::fake::{World, begun, clock, person, target};
use crate::support::build::{HOME, STRANGER, grantee, place};

fn on() -> On {
    let json = serde_json::json!({ "account_id": HOME, "region": "us-east-1", "image_id": "ami-1" });
    serde_json::from_value(json).unwrap()
}

fn taken() -> Vec<Taken> {
    vec![Taken { finding_id: "f-1".to_owned(), grantee: Named::of(&grantee(STRANGER)) }]
}

fn begun_by(by: Person, approved_by: Vec<Person>) -> Record {
    match begun() {
        Record::Begun { plan_sha256, report_sha256, ticket, .. } => {
            Record::Begun { plan_sha256, report_sha256, by, approved_by, ticket }
        }
        other => other,
    }
}

fn removing() -> Record {
    Record::Removing { on: on(), before: vec![Named::of(&grantee(STRANGER))], grants: taken() }
}

fn answered(error: Option<&str>) -> Record {
    Record::Answered {
        on: on(),
        error: error.map(str::to_owned),
        refused: error == Some("UnauthorizedOperation"),
    }
}

fn settled(ending: Ending, after: &[&str]) -> Record {
    let after = after.iter().map(|text| Named::of(&grantee(text))).collect();
    Record::Settled {
        on: on(),
        ending: ending.word().to_owned(),
        grants: taken(),
        after: Some(after),
        reason: String::new(),
    }
}

async fn tells(records: Vec<Record>) -> Told {
    let ledger = Memory::new(clock());
    for record in records {
        ledger.write(record).await.unwrap();
    }
    told(&ledger.lines()).unwrap()
}

#[tokio::test]
async fn each_grant_has_who_took_it_and_who_had_approved_it_then() {
    let told = tells(vec![
        begun_by(person("ann"), Vec::new()),
        removing(),
        begun_by(person("bob"), vec![person("zoe")]),
        settled(Ending::Revoked, &[]),
        Record::UndoBegun { by: person("kim") },
        settled(Ending::AlreadyThere, &[STRANGER]),
    ])
    .await;
    let who: Vec<_> =
        rows(&told, &[], true).into_iter().map(|row| (row.ending, row.by, row.approved_by)).collect();
    // Of a call that a killed run had begun, that run's was the act.
    let is = |ending, name: &str| (ending, person(name).arn, Vec::<String>::new());
    assert_eq!(who, [is(Ending::Revoked, "ann"), is(Ending::AlreadyThere, "kim")]);
}

#[tokio::test]
async fn what_is_seen_only_later_is_the_act_of_who_made_the_call() {
    let told = tells(vec![
        begun_by(person("ann"), Vec::new()),
        removing(),
        answered(None),
        settled(Ending::Failed, &[STRANGER]),
        begun_by(person("bob"), vec![person("zoe")]),
        settled(Ending::Revoked, &[]),
        Record::UndoBegun { by: person("kim") },
        Record::Restoring { on: on(), before: Vec::new(), grants: taken() },
        answered(None),
        settled(Ending::Failed, &[]),
    ])
    .await;
    // The undo may have given it: the next one says so.
    let restoring = &to_restore(&told)[0];
    assert_eq!(restoring.pending.iter().collect::<Vec<_>>(), [&taken()[0].grantee]);
    let who: Vec<_> =
        rows(&told, &[], true).into_iter().map(|row| (row.ending, row.by, row.approved_by)).collect();
    let is = |ending, name: &str| (ending, person(name).arn, Vec::<String>::new());
    assert_eq!(who, [is(Ending::Revoked, "ann"), is(Ending::Failed, "kim")]);
}

#[tokio::test]
async fn an_undo_that_was_killed_is_not_done() {
    let told = tells(vec![
        begun_by(person("ann"), Vec::new()),
        removing(),
        answered(None),
        settled(Ending::Revoked, &[]),
        Record::UndoBegun { by: person("kim") },
        Record::Restoring { on: on(), before: Vec::new(), grants: taken() },
        Record::UndoBegun { by: person("bob") },
    ])
    .await;
    let who: Vec<_> =
        rows(&told, &[], true).into_iter().map(|row| (row.ending, row.by, row.verified)).collect();
    let wanted = [(Ending::Revoked, person("ann").arn, true), (Ending::NotDone, person("kim").arn, false)];
    assert_eq!(who, wanted);
}

#[tokio::test]
async fn an_undo_that_is_refused_leaves_it_to_be_done() {
    // The apply was killed before it could say what came of its call.
    let told = tells(vec![
        begun(),
        removing(),
        answered(None),
        Record::UndoBegun { by: person("kim") },
        Record::Restoring { on: on(), before: Vec::new(), grants: taken() },
        answered(Some("UnauthorizedOperation")),
        settled(Ending::Failed, &[]),
    ])
    .await;
    assert_eq!(to_restore(&told)[0].grants, taken());
    // But where apply's own call failed and changed nothing, there is nothing to undo.
    let refused = [removing(), answered(Some("UnauthorizedOperation")), settled(Ending::Failed, &[STRANGER])];
    let told = tells([vec![begun()], refused.to_vec()].concat()).await;
    assert!(to_restore(&told).is_empty());
    // A fault does not say that nothing was done, whatever reads show as yet.
    let unsure = [removing(), answered(Some("InternalError")), settled(Ending::Failed, &[STRANGER])];
    let told = tells([vec![begun()], unsure.to_vec()].concat()).await;
    assert_eq!(to_restore(&told)[0].grants, taken());
}

#[tokio::test]
async fn block_public_access_is_ours_only_where_we_switched_it() {
    let place = place(HOME, "us-east-1");
    let (account_id, region) = (HOME.to_owned(), "us-east-1".to_owned());
    let switching = |to: &str| Record::Switching {
        account_id: account_id.clone(),
        region: region.clone(),
        before: if to == "unblocked" { "block-new-sharing" } else { "unblocked" }.to_owned(),
        to: to.to_owned(),
    };
    let switched = |state: Option<&str>, error: Option<&str>| Record::Switched {
        account_id: account_id.clone(),
        region: region.clone(),
        state: state.map(str::to_owned),
        error: error.map(str::to_owned),
    };
    let (on, off) = (switching("block-new-sharing"), switching("unblocked"));
    let ours = async |records: &[&Record]| {
        let told = tells(records.iter().map(|record| (*record).clone()).collect()).await;
        to_switch_off(&told).cloned().collect::<Vec<_>>()
    };
    let good = switched(Some("block-new-sharing"), None);
    let is_ours = vec![place];
    assert_eq!(ours(&[&on]).await, is_ours, "killed before it could say");
    assert_eq!(ours(&[&on, &good]).await, is_ours);
    assert_eq!(ours(&[&on, &switched(None, Some("denied"))]).await, is_ours, "it may have been");
    let refused = switched(Some("unblocked"), Some("denied"));
    assert!(ours(&[&on, &refused]).await.is_empty());
    let (undo, off_already) = (Record::UndoBegun { by: person("kim") }, switched(Some("unblocked"), None));
    assert!(ours(&[&on, &good, &undo, &off_already]).await.is_empty(), "somebody else switched it off");
    assert!(ours(&[&on, &refused, &good]).await.is_empty(), "somebody else did it");
    assert!(ours(&[&on, &good, &off, &switched(Some("unblocked"), None)]).await.is_empty());
    let kept = switched(Some("block-new-sharing"), Some("denied"));
    assert_eq!(ours(&[&on, &good, &off, &kept]).await, is_ours, "an undo that failed is tried again");
}

#[tokio::test]
async fn what_a_stopped_run_did_not_come_to_is_told() {
    let here = target(HOME, "us-east-1", "ami-1").place;
    let world = World::default().unblocked(&here);
    let ledger = Memory::new(clock());
    let job =
        Job { hands: &world, ledger: &ledger, stopped: &|| true, done: &|_| (), options: Options::default() };
    switch_on(&job, std::slice::from_ref(&here)).await.unwrap();
    assert!(world.writes().is_empty());
    let told = told(&ledger.lines()).unwrap();
    let why = told.blocks[&here].error.clone();
    assert_eq!(why.as_deref(), Some("the run was stopped before it came to it"));
}
