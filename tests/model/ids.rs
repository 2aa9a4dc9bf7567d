use amiaudit::model::arn::{MemberArn, OrganizationArn, OuArn};
use amiaudit::model::ids::{AccountId, ImageId, OrgId, OuId, Partition, Region, SnapshotId};
use proptest::prelude::*;

fn parses<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

#[test]
fn an_account_id_is_12_digits_and_keeps_its_zeros() {
    let id: AccountId = "012345678901".parse().unwrap();
    assert_eq!(id.to_string(), "012345678901");
    let none: AccountId = "000000000000".parse().unwrap();
    assert_eq!(none.to_string(), "000000000000");
    for bad in [
        "",
        "12345678901",
        "1234567890123",
        "12345678901x",
        " 12345678901",
        "１２３４５６７８９０１２",
        "+12345678901",
    ] {
        assert!(!parses::<AccountId>(bad), "{bad:?}");
    }
}

#[test]
fn image_ids_stay_as_written() {
    for id in ["ami-6eb72111", "ami-0aa1d83d0b0985c86", "ami-de1fbCab6ccB03e6D"] {
        assert_eq!(id.parse::<ImageId>().unwrap().to_string(), id);
    }
    for bad in ["", "ami-", "i-0aa1d83d0b0985c86", "ami-12 34", "ami-12\n", "ami-'; rm -rf /", "AMI-6eb72111"]
    {
        assert!(!parses::<ImageId>(bad), "{bad:?}");
    }
}

#[test]
fn snapshot_ids_stay_as_written() {
    for id in ["snap-1234abcd", "snap-1234567890abcdef0", "snap-066877671789bd71B"] {
        assert_eq!(id.parse::<SnapshotId>().unwrap().to_string(), id);
    }
    for bad in ["", "snap-", "vol-1234abcd", "snap-12 34", "snap-12\n", "snap-'; rm -rf /", "SNAP-1234abcd"] {
        assert!(!parses::<SnapshotId>(bad), "{bad:?}");
    }
}

#[test]
fn regions_of_every_partition() {
    for region in [
        "us-east-1",
        "ap-southeast-2",
        "us-gov-east-1",
        "cn-northwest-1",
        "eusc-de-east-1",
        "us-iso-east-1",
        "us-isob-east-1",
    ] {
        assert_eq!(region.parse::<Region>().unwrap().to_string(), region);
    }
    for bad in [
        "",
        "us",
        "us-east",
        "us-east-",
        "us-east-1a",
        "US-EAST-1",
        "us_east_1",
        "us-east-1 ",
        "us-east-123",
        "-east-1",
        "x-east-1",
    ] {
        assert!(!parses::<Region>(bad), "{bad:?}");
    }
}

#[test]
fn organization_and_unit_ids() {
    assert!(parses::<OrgId>("o-abcdefghij"));
    assert!(!parses::<OrgId>("o-abc"));
    assert!(!parses::<OrgId>("o-ABCDEFGHIJ"));
    assert!(parses::<OuId>("ou-ab12-cd34ef56"));
    assert!(!parses::<OuId>("ou-ab12"));
    assert!(!parses::<OuId>("r-ab12"));
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"] {
        assert!(parses::<Partition>(partition), "{partition}");
    }
    assert!(!parses::<Partition>("azure"));
}

#[test]
fn arns_of_every_partition_read_back_as_written() {
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-eusc"] {
        let org = format!("arn:{partition}:organizations::012345678901:organization/o-abcdefghij");
        assert_eq!(org.parse::<OrganizationArn>().unwrap().to_string(), org);
        let unit = format!("arn:{partition}:organizations::012345678901:ou/o-abcdefghij/ou-ab12-cd34ef56");
        assert_eq!(unit.parse::<OuArn>().unwrap().to_string(), unit);
        let member = format!("arn:{partition}:organizations::012345678901:account/o-abcdefghij/210987654321");
        let member: MemberArn = member.parse().unwrap();
        assert_eq!(member.account.to_string(), "210987654321");
        assert_eq!(member.of.organization.as_str(), "o-abcdefghij");
    }
    for bad in [
        "o-abcdefghij",
        "arn:aws:organizations::12345678901:organization/o-abcdefghij",
        "arn:aws:organizations:us-east-1:012345678901:organization/o-abcdefghij",
        "arn:aws:iam::012345678901:organization/o-abcdefghij",
        "arn:aws:organizations::012345678901:organization/o-abcdefghij/extra",
        "arn:aws:organizations::012345678901:ou/o-abcdefghij/ou-ab12-cd34ef56",
    ] {
        assert!(!parses::<OrganizationArn>(bad), "{bad:?}");
    }
    assert!(!parses::<OuArn>("arn:aws:organizations::012345678901:organization/o-abcdefghij"));
}

#[test]
fn an_error_says_what_was_expected_and_never_echoes_without_bound() {
    let error = "x".repeat(10_000).parse::<AccountId>().unwrap_err().to_string();
    assert!(error.contains("12 digits") && error.len() < 400, "{error}");
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in any::<String>()) {
        let _ = (parses::<AccountId>(&text), parses::<ImageId>(&text), parses::<Region>(&text));
        let _ = (parses::<OrganizationArn>(&text), parses::<OuArn>(&text), parses::<MemberArn>(&text));
    }

    #[test]
    fn what_parses_reads_back_as_written(text in "[0-9]{12}|ami-[0-9a-zA-Z]{1,20}") {
        if let Ok(id) = text.parse::<AccountId>() {
            prop_assert_eq!(id.to_string(), text.clone());
        }
        if let Ok(id) = text.parse::<ImageId>() {
            prop_assert_eq!(id.as_str(), text);
        }
    }
}
