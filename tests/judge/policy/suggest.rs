//! Entries that are proposed for what is open.

use amiaudit::judge::policy::{Candidate, parse, suggest};

use crate::support::build::{HOME, MEMBER, OUR_OU, STRANGER};

fn candidate(account: &str, image: &str, name: &str, kind: &str, grantee: &str) -> Candidate {
    Candidate {
        account: account.to_owned(),
        image: image.to_owned(),
        image_name: name.to_owned(),
        group: format!("g-{}", name.split('-').next().unwrap()),
        grantee_type: kind.to_owned(),
        grantee: grantee.to_owned(),
        grantee_name: "Vendor \"V\"".to_owned(),
        is_outside: grantee == STRANGER,
    }
}

/// What is proposed, without its comments; it must be a policy but for what is left to sign.
fn proposed(candidates: &[Candidate]) -> String {
    let text = suggest(candidates);
    let signed = text
        .replace("owner = \"\"", "owner = \"o\"")
        .replace("reason = \"\"", "reason = \"r\"")
        .replace("expires = \"\"", "expires = 2026-12-31");
    parse(&signed).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    assert!(parse(&text).is_err() || candidates.is_empty());
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.contains("FIXME"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_vendor_of_several_accounts_is_one_entry() {
    let text = proposed(&[
        candidate(HOME, "ami-1", "web-1", "account", STRANGER),
        candidate(MEMBER, "ami-2", "db-1", "account", STRANGER),
    ]);
    assert_eq!(text.trim(), format!("[[trusted]]\naccounts = [\"{STRANGER}\"]\nname = \"Vendor \\\"V\\\"\""));
}

#[test]
fn a_family_of_one_account_is_one_entry_by_its_name() {
    let text = proposed(&[
        candidate(HOME, "ami-1", "worker-2026-05", "account", STRANGER),
        candidate(HOME, "ami-2", "worker-2026-06", "account", STRANGER),
        candidate(HOME, "ami-3", "other", "account", STRANGER),
        candidate(HOME, "ami-4", "*-a", "account", STRANGER),
        candidate(HOME, "ami-5", "*-b", "account", STRANGER),
    ]);
    let account = format!("[[exception]]\naccount = \"{HOME}\"");
    let to = format!("grantee = \"{STRANGER}\"");
    let expected = [
        // A name that would be a pattern itself is not used as one.
        format!("{account}\nimages = [\"ami-4\", \"ami-5\"]\n{to}"),
        format!("{account}\nimages = [\"ami-3\"]\n{to}"),
        format!("{account}\nimage_name = \"worker-2026-*\"\n{to}"),
    ];
    assert_eq!(text.trim(), expected.join("\n"));
}

#[test]
fn everybody_goes_by_image_and_whoever_is_inside_is_never_trusted() {
    let text = proposed(&[
        candidate(HOME, "ami-1", "web-1", "public", "all"),
        candidate(HOME, "ami-2", "web-2", "public", "all"),
        candidate(HOME, "ami-1", "web-1", "organizational_unit", OUR_OU),
        candidate(MEMBER, "ami-3", "web-1", "organizational_unit", OUR_OU),
        candidate(HOME, "ami-1", "web-1", "unrecognized", "teamArn=\"\n[[trusted]]\n\u{202e}"),
    ]);
    assert!(
        text.contains(&format!(
            "[[intended_public]]\naccounts = [\"{HOME}\"]\nimages = [\"ami-1\", \"ami-2\"]"
        )),
        "{text}"
    );
    assert!(!text.lines().any(|line| line == "[[trusted]]"), "{text}");
}
