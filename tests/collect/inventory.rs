//! Places: what is read, what is gone, and exactly one gap for each thing that is not.

use amiaudit::collect::{BadSelection, Quiet, Reading, RegionState, Selection};
use amiaudit::model::image::Image;

use amiaudit::model::failure::FailureKind;

use super::fake::{Fake, denied, enabled, failure, gone};
use crate::support::build::{HOME, MEMBER, STRANGER, account, grantee, image, place};

/// account, Region, status, listed, gone, permissions read, grants
type Row = (String, String, &'static str, Option<[u64; 4]>);

fn coverage(reading: &Reading) -> Vec<Row> {
    let counts = |row: &amiaudit::model::coverage::Coverage| {
        row.counts.map(|c| [c.images_listed, c.images_gone, c.permissions_read, c.grants])
    };
    reading
        .coverage
        .iter()
        .map(|row| {
            let region = row.region.as_ref().map(ToString::to_string).unwrap_or_default();
            (row.account.to_string(), region, row.status.word(), counts(row))
        })
        .collect()
}

fn row(id: &str, region: &str, status: &'static str, counts: Option<[u64; 4]>) -> Row {
    (id.to_owned(), region.to_owned(), status, counts)
}

/// account, Region, call, subject
fn gaps(reading: &Reading) -> Vec<[String; 4]> {
    let region =
        |gap: &amiaudit::model::gap::Gap| gap.region.as_ref().map(ToString::to_string).unwrap_or_default();
    reading
        .gaps
        .iter()
        .map(|gap| [gap.account.unwrap().to_string(), region(gap), gap.call.clone(), gap.subject.clone()])
        .collect()
}

fn gap(id: &str, region: &str, call: &str, subject: &str) -> [String; 4] {
    [id, region, call, subject].map(str::to_owned)
}

fn shares(reading: &Reading) -> Vec<(String, String)> {
    reading.shares.iter().map(|share| (share.image.id.to_string(), share.grantee.label())).collect()
}

fn pair(image: &str, to: &str) -> (String, String) {
    (image.to_owned(), to.to_owned())
}

const CLOSED_ROW: &str = crate::support::build::CLOSED;

#[test]
fn a_whole_organization() {
    let fake = Fake::new()
        .with_image(HOME, "ami-1", vec![Ok(vec![grantee("all"), grantee(STRANGER)])])
        .with_image(HOME, "ami-2", vec![Ok(vec![])])
        .with_image(MEMBER, "ami-3", vec![Ok(vec![grantee(HOME)])]);
    let reading = fake.read_all();
    assert_eq!(gaps(&reading), Vec::<[String; 4]>::new());
    assert_eq!(
        coverage(&reading),
        [
            row(HOME, "us-east-1", "read", Some([2, 0, 2, 2])),
            row(MEMBER, "us-east-1", "read", Some([1, 0, 1, 1])),
            row(CLOSED_ROW, "", "not_applicable", None),
        ]
    );
    assert_eq!(shares(&reading), [pair("ami-1", STRANGER), pair("ami-1", "all"), pair("ami-3", HOME)]);
}

#[test]
fn without_a_role_the_others_are_not_selected() {
    let reading = Fake::new().read();
    assert_eq!(
        coverage(&reading),
        [
            row(HOME, "us-east-1", "read", Some([0; 4])),
            row(MEMBER, "", "not_selected", None),
            row(CLOSED_ROW, "", "not_applicable", None),
        ]
    );
    assert_eq!(gaps(&reading), Vec::<[String; 4]>::new());
}

#[test]
fn an_image_that_vanished_is_gone_and_no_gap() {
    let mut fake = Fake::new()
        .with_image(HOME, "ami-1", vec![Err(gone("InvalidAMIID.NotFound"))])
        .with_image(HOME, "ami-2", vec![Err(gone("InvalidAMIID.Unavailable"))]);
    let lingering = Image { state: "deregistered".to_owned(), ..image("ami-2") };
    fake.looked_up.insert("ami-2".to_owned(), Ok(Some(lingering)));
    let reading = fake.read();
    assert_eq!(coverage(&reading)[0], row(HOME, "us-east-1", "read", Some([2, 2, 0, 0])));
    assert_eq!(reading.gaps, vec![]);
}

#[test]
fn a_disabled_image_has_no_grants() {
    let mut fake = Fake::new().with_image(HOME, "ami-1", vec![Err(gone("InvalidAMIID.Unavailable"))]);
    fake.looked_up
        .insert("ami-1".to_owned(), Ok(Some(Image { state: "disabled".to_owned(), ..image("ami-1") })));
    let reading = fake.read();
    assert_eq!(coverage(&reading)[0], row(HOME, "us-east-1", "read", Some([1, 0, 1, 0])));
    assert_eq!(reading.gaps, vec![]);
}

#[test]
fn an_image_that_is_still_there_is_asked_again() {
    let not_found = || Err(gone("InvalidAMIID.NotFound"));
    let mut fake = Fake::new()
        .with_image(HOME, "ami-1", vec![not_found(), Ok(vec![grantee("all")])])
        .with_image(HOME, "ami-2", vec![not_found(), not_found()]);
    for id in ["ami-1", "ami-2"] {
        fake.looked_up.insert(id.to_owned(), Ok(Some(image(id))));
    }
    let reading = fake.read();
    assert_eq!(shares(&reading), [pair("ami-1", "all")]);
    assert_eq!(gaps(&reading), [gap(HOME, "us-east-1", "DescribeImageAttribute", "ami-2")]);
    assert_eq!(coverage(&reading)[0], row(HOME, "us-east-1", "partial", Some([2, 0, 1, 1])));
}

#[test]
fn what_the_listing_says_counts_where_the_permissions_are_denied() {
    let mut fake = Fake::new()
        .with_image(HOME, "ami-1", vec![Err(denied("DescribeImageAttribute"))])
        .with_image(HOME, "ami-2", vec![Err(denied("DescribeImageAttribute"))]);
    let page = fake.pages.get_mut(&place(HOME, "us-east-1")).unwrap()[0].as_mut().unwrap();
    page[1].listed_public = true;
    let reading = fake.read();
    assert_eq!(shares(&reading), [pair("ami-2", "all")]);
    assert_eq!(
        gaps(&reading),
        ["ami-1", "ami-2"].map(|image| gap(HOME, "us-east-1", "DescribeImageAttribute", image))
    );
}

#[test]
fn a_page_that_fails_keeps_the_pages_before_it() {
    let mut fake = Fake::new().with_image(HOME, "ami-1", vec![Ok(vec![grantee("all")])]);
    fake.pages.get_mut(&place(HOME, "us-east-1")).unwrap().push(Err(denied("DescribeImages")));
    let reading = fake.read();
    assert_eq!(shares(&reading), [pair("ami-1", "all")]);
    assert_eq!(coverage(&reading)[0], row(HOME, "us-east-1", "partial", Some([1, 0, 1, 1])));
    assert_eq!(gaps(&reading), [gap(HOME, "us-east-1", "DescribeImages", "")]);
}

#[test]
fn a_place_whose_list_is_denied_is_unread() {
    let mut fake = Fake::new();
    fake.pages.insert(place(MEMBER, "us-east-1"), vec![Err(denied("DescribeImages"))]);
    let reading = fake.read_all();
    assert_eq!(coverage(&reading)[1], row(MEMBER, "us-east-1", "unread", Some([0; 4])));
    assert_eq!(gaps(&reading), [gap(MEMBER, "us-east-1", "DescribeImages", "")]);
}

#[test]
fn a_list_that_never_ends_is_a_gap() {
    let mut fake = Fake::new().with_image(HOME, "ami-1", vec![Ok(vec![grantee("all")])]);
    fake.endless = true;
    let reading = fake.read();
    assert_eq!(gaps(&reading), [gap(HOME, "us-east-1", "DescribeImages", "")]);
    assert_eq!(shares(&reading), [pair("ami-1", "all")]);
}

#[test]
fn block_public_access_that_cannot_be_read_is_a_gap_and_not_off() {
    let mut fake = Fake::new();
    fake.blocks = Err(denied("GetImageBlockPublicAccessState"));
    let reading = fake.read();
    assert_eq!(gaps(&reading), [gap(HOME, "us-east-1", "GetImageBlockPublicAccessState", "")]);
    assert_eq!(coverage(&reading)[0].2, "partial");
    assert_eq!(reading.blocks, vec![]);
}

#[test]
fn an_account_that_refuses_its_role_is_one_gap() {
    let mut fake = Fake::new();
    fake.regions.insert(account(MEMBER), Err(denied("AssumeRole")));
    let reading = fake.read_all();
    assert_eq!(gaps(&reading), [gap(MEMBER, "", "AssumeRole", "")]);
    assert_eq!(coverage(&reading)[1], row(MEMBER, "", "unread", None));
}

#[test]
fn the_regions_a_user_names_are_tried_even_without_the_list_of_them() {
    let mut fake = Fake::new().with_image(MEMBER, "ami-1", vec![Ok(vec![grantee("all")])]);
    fake.regions.insert(account(MEMBER), Err(denied("DescribeRegions")));
    let selection =
        Selection { has_role: true, regions: ["us-east-1".parse().unwrap()].into(), ..Selection::default() };
    let reading = fake.read_as(&selection, &Quiet).unwrap();
    assert_eq!(shares(&reading), [pair("ami-1", "all")]);
    assert_eq!(gaps(&reading), [gap(MEMBER, "", "DescribeRegions", "")]);
}

#[test]
fn regions_not_enabled_and_not_chosen_are_said_and_no_gaps() {
    let mut fake = Fake::new();
    let states = vec![
        enabled("us-east-1"),
        enabled("eu-west-1"),
        RegionState { region: "me-south-1".parse().unwrap(), enabled: false },
    ];
    fake.regions.insert(account(HOME), Ok(states));
    assert_eq!(
        coverage(&fake.read())[..3],
        [
            row(HOME, "eu-west-1", "read", Some([0; 4])),
            row(HOME, "me-south-1", "not_applicable", None),
            row(HOME, "us-east-1", "read", Some([0; 4])),
        ]
    );
    let only = |region: &str| Selection { regions: [region.parse().unwrap()].into(), ..Selection::default() };
    let reading = fake.read_as(&only("eu-west-1"), &Quiet).unwrap();
    assert_eq!(coverage(&reading)[2], row(HOME, "us-east-1", "not_selected", None));
    assert_eq!(reading.gaps, vec![]);
    let refused = fake.read_as(&only("eu-wset-1"), &Quiet).unwrap_err();
    assert!(matches!(refused, BadSelection::NoSuchRegion(region) if region.as_str() == "eu-wset-1"));
}

#[test]
fn an_image_listed_on_two_pages_is_one_share() {
    let mut fake = Fake::new().with_image(HOME, "ami-1", vec![Ok(vec![grantee("all")])]);
    let pages = fake.pages.get_mut(&place(HOME, "us-east-1")).unwrap();
    pages.push(Ok(vec![image("ami-1")]));
    assert_eq!(shares(&fake.read()), [pair("ami-1", "all")]);
}

#[test]
fn a_list_and_permissions_that_disagree_are_asked_again_and_then_a_gap() {
    let public = |id: &str| Image { listed_public: true, ..image(id) };
    let private = || Ok(vec![]);
    let mut fake = Fake::new()
        .with_image(HOME, "ami-1", vec![private(), private()])
        .with_image(HOME, "ami-2", vec![private(), Ok(vec![grantee("all")])])
        .with_image(HOME, "ami-3", vec![private()]);
    for listed in fake.pages.get_mut(&place(HOME, "us-east-1")).unwrap()[0].as_mut().unwrap() {
        listed.listed_public = true;
    }
    for id in ["ami-1", "ami-2"] {
        fake.looked_up.insert(id.to_owned(), Ok(Some(public(id))));
    }
    // The third was made private in the meantime.
    fake.looked_up.insert("ami-3".to_owned(), Ok(Some(image("ami-3"))));
    let reading = fake.read();
    assert_eq!(shares(&reading), [pair("ami-1", "all"), pair("ami-2", "all")]);
    assert_eq!(gaps(&reading), [gap(HOME, "us-east-1", "DescribeImageAttribute", "ami-1")]);
}

#[test]
fn a_role_that_is_refused_later_is_one_gap_a_place() {
    let mut fake = Fake::new().with_image(MEMBER, "ami-1", vec![Ok(vec![grantee("all")])]);
    fake.refused.insert(place(MEMBER, "us-east-1"), denied("AssumeRole"));
    let reading = fake.read_all();
    assert_eq!(gaps(&reading), [gap(MEMBER, "us-east-1", "AssumeRole", "")]);
    assert_eq!(coverage(&reading)[1], row(MEMBER, "us-east-1", "unread", Some([0; 4])));
}

#[test]
fn credentials_that_run_out_end_the_place_with_one_more_gap() {
    let expired = || Err(failure("DescribeImageAttribute", FailureKind::Credentials, "ExpiredToken"));
    let mut fake = Fake::new();
    for nth in 0..200 {
        fake = fake.with_image(HOME, &format!("ami-{nth:03}"), vec![expired()]);
    }
    let reading = fake.read();
    let calls: Vec<&str> = reading.gaps.iter().map(|gap| gap.call.as_str()).collect();
    assert_eq!(calls, ["DescribeImageAttribute", "DescribeImages"]);
    let last = reading.gaps.last().unwrap();
    assert_eq!(last.subject, "1 of 200 images listed so far were tried");
    assert!(last.reason.contains("nothing succeeds there any more"), "{}", last.reason);
    assert_eq!(coverage(&reading)[0].2, "partial");
}

#[test]
fn a_place_where_nothing_answers_is_given_up() {
    let dead = || Err(failure("DescribeImageAttribute", FailureKind::Passing, "InternalError"));
    let mut fake = Fake::new();
    for nth in 0..200 {
        fake = fake.with_image(HOME, &format!("ami-{nth:03}"), vec![dead()]);
    }
    let reading = fake.read();
    assert_eq!(reading.gaps.iter().filter(|gap| gap.call == "DescribeImageAttribute").count(), 25);
    assert_eq!(reading.gaps.iter().filter(|gap| gap.call == "DescribeImages").count(), 1);
}

#[test]
fn denied_images_are_each_a_gap_however_many() {
    let mut fake = Fake::new();
    for nth in 0..60 {
        let answer = Err(denied("DescribeImageAttribute"));
        fake = fake.with_image(HOME, &format!("ami-{nth:03}"), vec![answer]);
    }
    assert_eq!(fake.read().gaps.len(), 60);
}
