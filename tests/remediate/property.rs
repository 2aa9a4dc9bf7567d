//! Over random grants, plans and policies: after apply no planned grant stands that is still unauthorized, every other
//! does, and undo brings back what was.

use std::collections::BTreeSet;

use amiaudit::model::remediation::{Ending, Target};
use amiaudit::remediate::{Entry, Memory, Options, rows};
use proptest::prelude::*;

use super::fake::{State, World, applied, clock, entry, target, undone};
use crate::support::build::{CLOSED, HOME, MEMBER, OUR_ORG, STRANGER, THEIR_ORG, THEIR_OU, grantee};

const GRANTEES: [&str; 8] = ["all", HOME, MEMBER, CLOSED, STRANGER, OUR_ORG, THEIR_ORG, THEIR_OU];

fn targets() -> Vec<Target> {
    let mut targets = Vec::new();
    for account in [HOME, MEMBER] {
        for region in ["us-east-1", "eu-west-1"] {
            for image in ["ami-1", "ami-2"] {
                let image = target(account, region, image);
                targets.push(Target { snapshot: "snap-1".parse().ok(), ..image.clone() });
                targets.push(image);
            }
        }
    }
    targets
}

/// A target and a grantee by their numbers.
fn grants() -> impl Strategy<Value = BTreeSet<(usize, usize)>> {
    proptest::collection::btree_set((0..targets().len(), 0..GRANTEES.len()), 0..60)
}

fn state(grants: &BTreeSet<(usize, usize)>) -> State {
    let targets = targets();
    let mut state: State = targets.iter().map(|target| (target.clone(), BTreeSet::new())).collect();
    for (nth, to) in grants {
        state.get_mut(&targets[*nth]).unwrap().insert(grantee(GRANTEES[*to]));
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn apply_takes_what_is_planned_and_unauthorized_and_undo_gives_it_again(
        held in grants(),
        planned in grants(),
        approved in grants(),
        canary in 0..4usize,
        snapshots in any::<bool>(),
    ) {
        let targets = targets();
        let mut entries: Vec<Entry> =
            planned.iter().map(|(nth, to)| entry(&targets[*nth], GRANTEES[*to])).collect();
        entries.sort_by_key(|entry| (entry.target.clone(), entry.grantee.clone()));
        entries.retain(|entry| snapshots || entry.target.snapshot.is_none());
        let is_approved = |entry: &Entry| approved.iter().any(|(nth, to)| {
            targets[*nth] == entry.target && grantee(GRANTEES[*to]) == entry.grantee
        });
        let still = |entry: &Entry, _: &_| if is_approved(entry) { Err("approved".to_owned()) } else { Ok(()) };
        let before = state(&held);
        let mut wanted = before.clone();
        for entry in entries.iter().filter(|entry| !is_approved(entry)) {
            wanted.get_mut(&entry.target).unwrap().remove(&entry.grantee);
        }
        let world = World::holding(&before);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let ledger = Memory::new(clock());
            let options = Options { canary, ..Options::default() };
            let told = applied(&world, &ledger, &entries, (options, &still)).await;
            assert_eq!(world.state(), wanted);
            let rows = rows(&told, &entries, true);
            assert_eq!(rows.len(), entries.len());
            for (row, entry) in rows.iter().zip(&entries) {
                let stood = before[&entry.target].contains(&entry.grantee);
                let ending = match (stood, is_approved(entry)) {
                    (false, _) => Ending::AlreadyGone,
                    (true, true) => Ending::Kept,
                    (true, false) => Ending::Revoked,
                };
                assert_eq!((&row.target, row.ending), (&entry.target, ending));
            }
            undone(&world, &ledger).await;
            assert_eq!(world.state(), before);
        });
    }
}
