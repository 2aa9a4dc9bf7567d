//! Apply and undo against an AWS in memory: two accounts, two Regions, two images.

use std::time::Duration;

use amiaudit::model::remediation::{Ending, RemediationRow, Target};
use amiaudit::remediate::{
    Entry, Job, Ledger as _, Memory, Options, rows, steps, switch_off, switch_on, told,
};

use super::fake::{Fault, World, applied, apply_all, clock, endings, entry, target, undone};
use crate::support::build::{HOME, MEMBER, OUR_ORG, STRANGER, THEIR_ORG, THEIR_OU};

fn first() -> Target {
    target(HOME, "us-east-1", "ami-1")
}

fn second() -> Target {
    target(MEMBER, "eu-west-1", "ami-2")
}

/// Both images with planned and other grants.
fn world() -> World {
    World::default()
        .with(&first(), &["all", STRANGER, MEMBER, OUR_ORG])
        .with(&second(), &[STRANGER, THEIR_ORG, THEIR_OU])
}

fn plan() -> Vec<Entry> {
    vec![
        entry(&first(), STRANGER),
        entry(&first(), "all"),
        entry(&second(), THEIR_ORG),
        entry(&second(), THEIR_OU),
    ]
}

fn rows_of(ledger: &Memory) -> Vec<RemediationRow> {
    rows(&told(&ledger.lines()).unwrap(), &[], true)
}

#[tokio::test]
async fn one_call_an_image_takes_back_just_what_the_plan_names() {
    let world = world();
    let before = world.state();
    let (ledger, rows) = apply_all(&world, &plan()).await;
    let mut writes = world.writes();
    writes.sort();
    let wanted =
        [format!("Remove {} {STRANGER} all", first()), format!("Remove {} {THEIR_ORG} {THEIR_OU}", second())];
    assert_eq!(writes, wanted);
    let after = World::default().with(&first(), &[MEMBER, OUR_ORG]).with(&second(), &[STRANGER]).state();
    assert_eq!(world.state(), after);
    assert!(rows.iter().all(|row| row.ending == Ending::Revoked && row.verified), "{rows:?}");
    let row = rows.iter().find(|row| row.grantee.1 == "all").unwrap();
    let all = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let held = ["account:222222222222", "account:999999999999"].map(str::to_owned);
    assert_eq!(row.before[..2], held);
    assert_eq!(row.after, all(&["account:222222222222", &format!("organization:{OUR_ORG}")]));
    assert_eq!((row.by.as_str(), row.ticket.as_str()), ("arn:aws:iam::111111111111:user/doer", "SEC-1"));
    assert_eq!(row.approved_by, ["arn:aws:iam::111111111111:user/approver"]);

    let rows = undone(&world, &ledger).await;
    assert_eq!(world.state(), before);
    assert!(rows.iter().all(|row| row.ending == Ending::Restored && row.by.ends_with("undoer")), "{rows:?}");
    let all = rows_of(&ledger);
    let (revoked, restored) = (&all[0], &all[1]);
    assert_eq!((revoked.ending, restored.ending), (Ending::Revoked, Ending::Restored));
    assert_eq!((&revoked.after, &restored.before), (&restored.before, &revoked.after));
    assert_eq!((revoked.by.ends_with("doer"), restored.after.len()), (true, 4));
    let calls = world.writes().len();
    undone(&world, &ledger).await;
    assert_eq!(world.writes().len(), calls, "nothing is given twice");
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_is_told_as_it_is() {
    let (one, other) = (first(), second());
    let entries = [entry(&one, STRANGER), entry(&other, STRANGER)];
    let ends = async |world: &World| {
        let (_, rows) = apply_all(world, &entries).await;
        assert_eq!(rows[1].ending, Ending::Revoked, "the other image is done nevertheless");
        (rows[0].ending, rows[0].verified, rows[0].reason.clone())
    };
    let fails = |fault| world().fails(&first(), fault);

    let (ending, verified, reason) = ends(&fails(Fault::Denied)).await;
    assert_eq!((ending, verified), (Ending::Failed, false));
    assert!(reason.contains("UnauthorizedOperation"), "{reason}");

    let changed = fails(Fault::AfterChange);
    let (ending, verified, reason) = ends(&changed).await;
    assert_eq!((ending, verified), (Ending::Revoked, true));
    assert_eq!(reason, "AWS did it, and answered: ModifyImageAttribute: InternalError");

    assert_eq!(ends(&fails(Fault::Stale(5))).await, (Ending::Revoked, true, String::new()));
    let (ending, _, reason) = ends(&fails(Fault::Stale(1_000))).await;
    assert_eq!((ending, reason.as_str()), (Ending::Failed, "no read within 60 s showed it"));

    assert_eq!(ends(&fails(Fault::GoneThen)).await.0, Ending::TargetGone);
    let deregistered = world().without(&first());
    assert_eq!(ends(&deregistered).await.0, Ending::TargetGone);
    assert_eq!(deregistered.writes().len(), 1, "what is gone is not written to");
    // That its grants are not found does not say that an image is gone.
    assert_eq!(ends(&world().hides(&first(), 1)).await.0, Ending::Revoked);
    assert_eq!(ends(&world().hides(&first(), 2)).await.0, Ending::Failed);
    let denied = world().denies(&first());
    assert_eq!(ends(&denied).await.0, Ending::Failed);
    assert_eq!(denied.writes().len(), 1, "what cannot be read is not written to");
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_and_is_seen_to_be_gone_later_is_ours() {
    let world = world().fails(&first(), Fault::Stale(1_000));
    let entries = [entry(&first(), STRANGER)];
    let ledger = Memory::new(clock());
    let told = applied(&world, &ledger, &entries, (Options::default(), &|_, _| Ok(()))).await;
    assert_eq!(rows(&told, &entries, true)[0].ending, Ending::Failed);
    world.shows_all();
    let told = applied(&world, &ledger, &entries, (Options::default(), &|_, _| Ok(()))).await;
    let row = &rows(&told, &entries, true)[0];
    assert_eq!((row.ending, row.verified), (Ending::Revoked, true));
    assert_eq!(world.writes().len(), 1);
    let before = self::world().state();
    undone(&world, &ledger).await;
    assert_eq!(world.state(), before);
}

#[tokio::test]
async fn what_does_not_stand_or_is_approved_by_now_is_left() {
    let world = world();
    let entries = [entry(&first(), "444444444444"), entry(&first(), STRANGER), entry(&second(), STRANGER)];
    let ledger = Memory::new(clock());
    let still = |entry: &Entry, _: &_| match entry.target == first() {
        true => Err("the policy approves it now (e-1)".to_owned()),
        false => Ok(()),
    };
    let told = applied(&world, &ledger, &entries, (Options::default(), &still)).await;
    let rows = rows(&told, &entries, true);
    let is = |image: &str, to: &str, ending| (image.to_owned(), to.to_owned(), ending);
    let wanted = [
        is("ami-1", "444444444444", Ending::AlreadyGone),
        is("ami-1", STRANGER, Ending::Kept),
        is("ami-2", STRANGER, Ending::Revoked),
    ];
    assert_eq!(endings(&rows), wanted);
    assert_eq!(rows[1].reason, "the policy approves it now (e-1)");
    assert_eq!(world.writes(), [format!("Remove {} {STRANGER}", second())]);
    undone(&world, &ledger).await;
    let writes = world.writes();
    assert_eq!(writes[1..], [format!("Add {} {STRANGER}", second())], "only what was taken comes back");
}

#[tokio::test]
async fn a_dry_run_names_nobody_with_a_grant() {
    let mut world = world().with(&target(HOME, "us-east-1", "ami-3"), &[HOME, STRANGER]);
    world.ignores_dry_runs = true;
    let before = world.state();
    let mut entries = plan();
    entries.push(entry(&target(HOME, "us-east-1", "ami-3"), STRANGER));
    let ledger = Memory::new(clock());
    let options = Options { dry_run: true, ..Options::default() };
    let told = applied(&world, &ledger, &entries, (options, &|_, _| Ok(()))).await;
    let rows = rows(&told, &entries, true);
    assert!(rows.iter().all(|row| row.ending == Ending::WouldRevoke && !row.verified));
    assert!(rows[0].reason.contains("does not know of dry runs"), "{rows:?}");
    assert_eq!(world.state(), before);
    let mut writes = world.writes();
    writes.sort();
    let wanted =
        [format!("DryRun Remove {} {HOME}", first()), format!("DryRun Remove {} {MEMBER}", second())];
    assert_eq!(writes, wanted, "nothing is tried where the owner itself has a grant");
}

#[tokio::test]
async fn a_canary_that_fails_keeps_the_others_from_being_touched() {
    let entries = plan();
    let canary = Options { canary: 1, patience: Duration::ZERO, ..Options::default() };
    let failing = world().fails(&first(), Fault::Denied);
    let ledger = Memory::new(clock());
    let told = applied(&failing, &ledger, &entries, (canary, &|_, _| Ok(()))).await;
    assert_eq!(failing.writes().len(), 1);
    let of = rows(&told, &entries, true);
    assert!(of.iter().filter(|row| row.target == second()).all(|row| row.ending == Ending::NotDone));

    let good = world();
    let ledger = Memory::new(clock());
    let told = applied(&good, &ledger, &entries, (canary, &|_, _| Ok(()))).await;
    assert!(rows(&told, &entries, true).iter().all(|row| row.ending == Ending::Revoked));
    assert!(good.writes()[0].contains("ami-1"), "the canary comes first");

    // Where nothing was to be changed, nothing is proved: the next one is the canary.
    let failing = self::world().fails(&second(), Fault::Denied);
    failing.set(&first(), &[]);
    let third = target(MEMBER, "us-east-1", "ami-9");
    let failing = failing.with(&third, &[STRANGER]);
    let mut more = entries.clone();
    more.push(entry(&third, STRANGER));
    let ledger = Memory::new(clock());
    let told = applied(&failing, &ledger, &more, (canary, &|_, _| Ok(()))).await;
    let of = rows(&told, &more, true);
    assert!(of.iter().filter(|row| row.target == third).all(|row| row.ending == Ending::NotDone), "{of:?}");
}

#[tokio::test]
async fn an_undo_says_what_has_changed_since_and_leaves_it() {
    let world = world();
    let (ledger, _) = apply_all(&world, &plan()).await;
    world.set(&first(), &["all", MEMBER, "555555555555"]);
    let rows = undone(&world, &ledger).await;
    let of = |to: &str| rows.iter().find(|row| row.grantee.1 == to).unwrap();
    assert_eq!((of("all").ending, of(STRANGER).ending), (Ending::AlreadyThere, Ending::Restored));
    let why = format!(
        "its grants have changed since (new: 555555555555; gone: {OUR_ORG}), which was left as it is"
    );
    assert_eq!(of(STRANGER).reason, why);
    assert_eq!(of(THEIR_ORG).reason, "");
    let now = World::default().with(&first(), &["all", MEMBER, STRANGER, "555555555555"]).state();
    assert_eq!(world.state()[&first()], now[&first()]);
}

#[tokio::test]
async fn an_undo_of_an_image_that_is_gone_is_not_done() {
    let world = world();
    let (ledger, _) = apply_all(&world, &plan()).await;
    let world = world.without(&first());
    let rows = undone(&world, &ledger).await;
    assert!(rows.iter().filter(|row| row.target == first()).all(|row| row.ending == Ending::Failed));
    assert!(rows.iter().filter(|row| row.target == second()).all(|row| row.ending == Ending::Restored));
    assert!(!amiaudit::remediate::to_restore(&told(&ledger.lines()).unwrap()).is_empty());
}

#[tokio::test]
async fn snapshots_are_taken_back_only_where_that_is_wanted() {
    let snapshot = Target { snapshot: "snap-1".parse().ok(), ..first() };
    let entries = [entry(&first(), STRANGER), entry(&snapshot, STRANGER)];
    assert_eq!(steps(&entries, &told(&[]).unwrap(), false).len(), 1);
    let rows = rows(&told(&[]).unwrap(), &entries, false);
    assert_eq!(rows.iter().map(|row| row.ending).collect::<Vec<_>>(), [Ending::NotDone, Ending::NotChosen]);
    let world = world().with(&snapshot, &[STRANGER, MEMBER]);
    let (_, rows) = apply_all(&world, &entries).await;
    assert!(rows.iter().all(|row| row.ending == Ending::Revoked));
    assert_eq!(world.state()[&snapshot].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_names_no_more_than_aws_takes() {
    let snapshot = Target { snapshot: "snap-1".parse().ok(), ..first() };
    let accounts: Vec<String> = (0..1_001).map(|nth| format!("{:012}", 500_000_000_000_u64 + nth)).collect();
    let all: Vec<&str> = accounts.iter().map(String::as_str).collect();
    let world = World::default().with(&snapshot, &all).with(&first(), &all);
    let mut entries: Vec<Entry> = all.iter().map(|to| entry(&first(), to)).collect();
    entries.extend(all.iter().map(|to| entry(&snapshot, to)));
    let before = world.state();
    let (ledger, rows) = apply_all(&world, &entries).await;
    assert!(rows.iter().all(|row| row.ending == Ending::Revoked));
    let named = |write: &String| write.split(' ').filter(|word| word.starts_with("5000")).count();
    let mut counts: Vec<(bool, usize)> =
        world.writes().iter().map(|write| (write.contains("snap-1"), named(write))).collect();
    counts.sort_unstable();
    assert_eq!(counts, [(false, 1_001), (true, 1), (true, 500), (true, 500)]);
    undone(&world, &ledger).await;
    assert_eq!(world.state(), before);

    // Where only the second call is refused, what the first took is not given up.
    let world = World::default().with(&snapshot, &all).fails(&snapshot, Fault::SecondDenied);
    let entries: Vec<Entry> = all.iter().map(|to| entry(&snapshot, to)).collect();
    let before = world.state();
    let (ledger, rows) = apply_all(&world, &entries).await;
    let gone = rows.iter().filter(|row| row.ending == Ending::Revoked).count();
    assert_eq!((gone, world.state()[&snapshot].len()), (500, 501));
    world.shows_all();
    undone(&world, &ledger).await;
    assert_eq!(world.state(), before);
}

#[tokio::test]
async fn block_public_access_is_switched_on_where_it_was_off_and_off_again_there() {
    let world = world().unblocked(&first().place);
    let ledger = Memory::new(clock());
    let job = Job {
        hands: &world,
        ledger: &ledger,
        stopped: &|| false,
        done: &|_| (),
        options: Options::default(),
    };
    switch_on(&job, &[first().place, second().place]).await.unwrap();
    assert_eq!(world.writes(), [format!("block-new-sharing {}", first().place)]);
    switch_off(&job, &told(&ledger.lines()).unwrap()).await.unwrap();
    assert_eq!(world.writes()[1..], [format!("unblocked {}", first().place)]);
}

#[tokio::test]
async fn whoever_stops_it_leaves_the_rest_undone() {
    let world = world();
    let ledger = Memory::new(clock());
    let entries = plan();
    let job =
        Job { hands: &world, ledger: &ledger, stopped: &|| true, done: &|_| (), options: Options::default() };
    let steps = steps(&entries, &told(&[]).unwrap(), true);
    amiaudit::remediate::apply(&job, &steps, &|_, _| Ok(())).await.unwrap();
    assert!(world.writes().is_empty());
    let rows = rows(&told(&ledger.lines()).unwrap(), &entries, true);
    assert!(rows.iter().all(|row| row.ending == Ending::NotDone));
}
