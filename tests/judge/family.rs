//! What belongs together.

use std::sync::Arc;

use amiaudit::model::image::Image;
use amiaudit::model::share::Share;

use crate::support::build::{HOME, STRANGER, image, judge_under, organization, share};

fn with(name: &str, tags: &[(&str, &str)], alias: Option<&str>) -> Share {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let image =
        Image { name: name.to_owned(), tags, owner_alias: alias.map(str::to_owned), ..image("ami-1") };
    Share { image: Arc::new(image), ..share(HOME, "us-east-1", "ami-1", STRANGER) }
}

fn group(policy: &str, share: Share) -> String {
    judge_under(policy, vec![share], &[], &organization()).findings[0].group_id.clone().unwrap()
}

#[test]
fn dates_versions_builds_and_hashes_do_not_count() {
    for (one, other) in [
        ("golden-al2023-2026-05-25", "golden-al2023-2026-06-01"),
        ("golden-al2023-20260525", "golden-al2023-20260601"),
        ("web v1.2.3", "web v1.10.0"),
        ("web_build42", "web_build43"),
        ("ci-runner 2026-06-01T08-00-00Z", "ci-runner 2026-06-08T08-00-00Z"),
        ("app-3f9c2ab1d4", "app-99aa11bb22"),
        ("imagebuilder/2026.06.01/1", "imagebuilder/2026.06.08/12"),
    ] {
        assert_eq!(group("", with(one, &[], None)), group("", with(other, &[], None)), "{one} {other}");
    }
    for (one, other) in
        [("golden-al2023", "golden-al2"), ("web", "web-staging"), ("2026", "2027"), ("facade", "decade")]
    {
        assert_ne!(group("", with(one, &[], None)), group("", with(other, &[], None)), "{one} {other}");
    }
}

#[test]
fn a_tag_that_the_policy_names_decides() {
    let policy = "family_tag = \"family\"\n";
    let tagged = |name: &str, family: &str| with(name, &[("family", family)], None);
    assert_eq!(group(policy, tagged("a", "x")), group(policy, tagged("b", "x")));
    assert_ne!(group(policy, tagged("a", "x")), group(policy, tagged("a", "y")));
}

#[test]
fn who_keeps_the_image() {
    for (tags, alias, keeper) in [
        (&[("CreatedBy", "EC2 Image Builder")][..], None, "EC2 Image Builder"),
        (&[("Ec2ImageBuilderArn", "arn:x")], None, "EC2 Image Builder"),
        (&[("managed-by", "Terraform")], None, "Terraform"),
        (&[("Builder", "packer")], None, "Packer"),
        (&[("aws:backup:source-resource", "i-1")], None, "AWS Backup"),
        (&[], Some("aws-backup-vault"), "AWS Backup"),
        (&[], Some("aws-marketplace"), "AWS Marketplace"),
        (&[("team", "terraform-lovers")], None, ""),
    ] {
        let judged = judge_under("", vec![with("x", tags, alias)], &[], &organization());
        assert_eq!(judged.findings[0].managed_by, keeper, "{tags:?}");
        assert_eq!(judged.shares[0].managed_by, keeper);
    }
}
