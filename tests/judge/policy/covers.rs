//! What each kind of entry covers.

use std::sync::Arc;

use amiaudit::model::finding::Status;
use amiaudit::model::image::Image;
use amiaudit::model::share::Share;

use crate::support::build::{
    HOME, MEMBER, SIGNED, STRANGER, THEIR_ORG, THEIR_OU, image, judge_under, organization, share,
};

/// Relation and verdict of shares of HOME (ami-1, us-east-1) and MEMBER (ami-2, eu-west-1) with a grantee.
fn judged(entry: &str, to: &str) -> [String; 2] {
    let shares = vec![share(HOME, "us-east-1", "ami-1", to), share(MEMBER, "eu-west-1", "ami-2", to)];
    let judged = judge_under(&format!("{entry}{SIGNED}"), shares, &[], &organization());
    [0, 1].map(|nth| format!("{} {}", judged.shares[nth].relation, judged.shares[nth].verdict))
}

#[test]
fn trusted_accounts_organizations_and_units() {
    let trusted = ["trusted trusted"; 2];
    assert_eq!(judged(&format!("[[trusted]]\naccount = \"{STRANGER}\"\n"), STRANGER), trusted);
    for organization in ["o-theirorg01", THEIR_ORG] {
        let entry = format!("[[trusted]]\norganization = \"{organization}\"\n");
        assert_eq!(judged(&entry, THEIR_ORG), trusted);
        assert_eq!(judged(&entry, THEIR_OU), trusted);
    }
    let unit = format!("[[trusted]]\nou = \"{THEIR_OU}\"\n");
    assert_eq!(judged(&unit, THEIR_OU), trusted);
    assert_eq!(judged(&unit, THEIR_ORG), ["foreign_organization open"; 2]);
    assert_eq!(judged(&unit, "all"), ["public open"; 2]);
}

#[test]
fn an_exception_is_narrowed_by_all_it_names() {
    let open = "external open".to_owned();
    let excepted = "external excepted".to_owned();
    for (scope, first, second) in [
        (format!("account = \"{HOME}\"\n"), &excepted, &open),
        (format!("accounts = [\"{HOME}\", \"{MEMBER}\"]\nregion = \"eu-west-1\"\n"), &open, &excepted),
        ("image = \"ami-2\"\n".to_owned(), &open, &excepted),
        (format!("account = \"{HOME}\"\nimage_name = \"name of ami-?\"\n"), &excepted, &open),
        // Patterns are anchored.
        (format!("account = \"{HOME}\"\nimage_name = \"name\"\n"), &open, &open),
        (format!("account = \"{HOME}\"\nimage_name = \"*ami\"\n"), &open, &open),
    ] {
        let entry = format!("[[exception]]\n{scope}grantee = \"{STRANGER}\"\n");
        assert_eq!(judged(&entry, STRANGER), [first.clone(), second.clone()], "{entry}");
    }
}

#[test]
fn tags_must_all_match() {
    let tagged = |team: &str| Share {
        image: Arc::new(Image { tags: vec![("team".to_owned(), team.to_owned())], ..image("ami-1") }),
        ..share(HOME, "us-east-1", "ami-1", STRANGER)
    };
    let entry = format!(
        "[[exception]]\naccount = \"{HOME}\"\ntags = {{ team = \"data-*\" }}\ngrantee = \"{STRANGER}\"\n{SIGNED}"
    );
    for (team, status) in [("data-eu", Status::Excepted), ("data", Status::Open), ("xdata-eu", Status::Open)]
    {
        let judged = judge_under(&entry, vec![tagged(team)], &[], &organization());
        assert_eq!(judged.findings[0].status, status, "{team}");
    }
}

#[test]
fn everybody_only_by_image() {
    let public = format!("[[intended_public]]\naccount = \"{HOME}\"\nimage = \"ami-1\"\n");
    assert_eq!(judged(&public, "all"), ["public excepted".to_owned(), "public open".to_owned()]);
    let literal = "[[exception]]\nimage = \"ami-2\"\ngrantee = \"public\"\n";
    assert_eq!(judged(literal, "all"), ["public open".to_owned(), "public excepted".to_owned()]);
}

#[test]
fn one_finding_or_one_group_by_its_id() {
    let shares =
        || vec![share(HOME, "us-east-1", "ami-1", STRANGER), share(HOME, "us-east-1", "ami-2", STRANGER)];
    let before = judge_under("", shares(), &[], &organization());
    let statuses = |entry: String| -> Vec<Status> {
        let judged =
            judge_under(&format!("[[exception]]\n{entry}\n{SIGNED}"), shares(), &[], &organization());
        judged.findings.iter().map(|finding| finding.status).collect()
    };
    let finding = format!("finding_id = \"{}\"", before.findings[1].id());
    assert_eq!(statuses(finding), [Status::Open, Status::Excepted]);
    // `name of ami-1` and `name of ami-2` are one family.
    assert_eq!(before.findings[0].group_id, before.findings[1].group_id);
    let group = format!("group_id = \"{}\"", before.findings[0].group_id.clone().unwrap());
    assert_eq!(statuses(group), [Status::Excepted; 2]);
}

#[test]
fn to_be_named_is_not_to_be_trusted() {
    let entry = format!(
        "[[trusted]]\nname = \"Vendor\"\naccount = \"{STRANGER}\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2026-01-01\n"
    );
    let marketplace = "679593333241";
    let shares =
        vec![share(HOME, "us-east-1", "ami-1", STRANGER), share(HOME, "us-east-1", "ami-1", marketplace)];
    let judged = judge_under(&entry, shares, &[], &organization());
    let named: Vec<(&str, &str)> =
        judged.shares.iter().map(|share| (share.grantee_name.as_str(), share.verdict.word())).collect();
    assert_eq!(named, [("AWS Marketplace (image ingestion)", "open"), ("Vendor", "open")]);
}
