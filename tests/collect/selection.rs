//! `--account`, `--ou`, `--exclude-account`.

use amiaudit::collect::{BadSelection, Page, Quiet, Selection};

use super::fake::{Fake, OURS, denied, members};
use crate::support::build::{CLOSED, HOME, MEMBER, STRANGER, account, place};

const OUTER: &str = "ou-ab12-outer000";
const INNER: &str = "ou-ab12-inner000";

fn read_accounts(fake: &Fake, selection: &Selection) -> Result<Vec<String>, BadSelection> {
    let reading = fake.read_as(selection, &Quiet)?;
    let read = reading.coverage.iter().filter(|row| row.status.word() == "read");
    Ok(read.map(|row| row.account.to_string()).collect())
}

fn choose(of: impl FnOnce(&mut Selection)) -> Selection {
    let mut selection = Selection { has_role: true, ..Selection::default() };
    of(&mut selection);
    selection
}

/// Our member is in the inner unit, told by path or by the tree.
fn in_units(by_path: bool) -> Fake {
    let mut fake = Fake::new();
    let mut items = members(OURS);
    for entry in &mut items {
        let member = entry.as_mut().unwrap();
        let units = if member.id == account(MEMBER) { vec![OUTER, INNER] } else { vec![] };
        member.units = by_path.then(|| units.iter().map(|unit| unit.parse().unwrap()).collect());
    }
    fake.lists = vec![vec![Ok(Page { items, next: None })]];
    fake.tree = [
        ("r-root".to_owned(), (vec![OUTER.parse().unwrap()], vec![account(HOME), account(CLOSED)])),
        (OUTER.to_owned(), (vec![INNER.parse().unwrap()], vec![])),
        (INNER.to_owned(), (vec![], vec![account(MEMBER)])),
    ]
    .into();
    fake
}

#[test]
fn accounts_by_name_and_by_exclusion() {
    let fake = Fake::new();
    let only = choose(|selection| _ = selection.accounts.insert(account(MEMBER)));
    assert_eq!(read_accounts(&fake, &only).unwrap(), [MEMBER]);
    let without = choose(|selection| _ = selection.excluded.insert(account(MEMBER)));
    assert_eq!(read_accounts(&fake, &without).unwrap(), [HOME]);
}

#[test]
fn accounts_under_a_unit_at_any_depth() {
    for by_path in [true, false] {
        for unit in [OUTER, INNER] {
            let selection = choose(|selection| _ = selection.units.insert(unit.parse().unwrap()));
            assert_eq!(read_accounts(&in_units(by_path), &selection).unwrap(), [MEMBER], "{unit} {by_path}");
        }
    }
}

#[test]
fn what_is_not_there_is_refused() {
    let account_twice = choose(|selection| _ = selection.accounts.insert(account(STRANGER)));
    let refused = read_accounts(&Fake::new(), &account_twice).unwrap_err();
    assert_eq!(refused.to_string(), format!("--account {STRANGER}: the organization has no such account"));

    let excluded = choose(|selection| _ = selection.excluded.insert(account(STRANGER)));
    let refused = read_accounts(&Fake::new(), &excluded).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("--exclude-account {STRANGER}: the organization has no such account")
    );

    let mut without_role = choose(|selection| _ = selection.accounts.insert(account(MEMBER)));
    without_role.has_role = false;
    let refused = read_accounts(&Fake::new(), &without_role).unwrap_err();
    assert!(refused.to_string().contains("--role-name"), "{refused}");

    let unit = choose(|selection| _ = selection.units.insert("ou-ab12-nowhere0".parse().unwrap()));
    for by_path in [true, false] {
        let refused = read_accounts(&in_units(by_path), &unit).unwrap_err();
        assert!(matches!(refused, BadSelection::NoSuchUnit(_)), "{refused}");
    }

    let nothing = choose(|selection| {
        selection.accounts.insert(account(MEMBER));
        selection.excluded.insert(account(MEMBER));
    });
    assert!(matches!(read_accounts(&Fake::new(), &nothing), Err(BadSelection::Nothing)));
}

#[test]
fn a_unit_needs_a_readable_organization() {
    let fake = Fake { lists: vec![vec![Err(denied("ListAccounts"))]], ..Fake::new() };
    let selection = choose(|selection| _ = selection.units.insert(OUTER.parse().unwrap()));
    assert!(matches!(read_accounts(&fake, &selection), Err(BadSelection::UnitsUnknown(_))));
}

#[test]
fn without_a_list_the_users_word_is_taken() {
    let mut fake = Fake { lists: vec![vec![Err(denied("ListAccounts"))]], ..Fake::new() };
    fake.pages.insert(place(MEMBER, "us-east-1"), vec![Ok(vec![])]);
    let selection = choose(|selection| _ = selection.accounts.insert(account(MEMBER)));
    assert_eq!(read_accounts(&fake, &selection).unwrap(), [MEMBER]);
}
