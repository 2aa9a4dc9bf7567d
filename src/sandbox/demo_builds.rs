//! The demo's pipelines: what they build again and again, whom they share it with, and the calls that this takes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::json;

use super::scenario::{CallSpec, ImageSpec};

/// An image that is rebuilt every week.
pub(super) struct Family {
    pub(super) account: &'static str,
    pub(super) name: &'static str,
    pub(super) versions: u32,
    pub(super) regions: &'static [&'static str],
    built_by: Hand,
    shared: &'static [Sharing],
}

/// Some grantees of a family, and who lets them in.
struct Sharing {
    with: &'static [&'static str],
    minutes_later: i64,
    by: Hand,
}

/// Who calls, from where and with what. `{n}` in the name stands for the number of the build.
#[derive(Clone, Copy)]
struct Hand {
    /// The end of its ARN: `user/…` or `assumed-role/…`.
    name: &'static str,
    invoked_by: &'static str,
    ip: &'static str,
    agent: &'static str,
    mfa: Option<bool>,
}

const IMAGE_BUILDER: Hand = Hand {
    name: "assumed-role/AWSServiceRoleForImageBuilder/Ec2ImageBuilderIntegrationService",
    invoked_by: "imagebuilder.amazonaws.com",
    ip: "",
    agent: "",
    mfa: None,
};
const PACKER: Hand = Hand {
    name: "assumed-role/ci-packer/build-{n}",
    invoked_by: "",
    ip: "198.51.100.20",
    agent: "APN/1.0 HashiCorp/1.0 Packer/1.11.2 (+https://www.packer.io/) aws-sdk-go/1.55.5 (go1.22.6; linux; amd64)",
    mfa: None,
};
const TERRAFORM: Hand = Hand {
    name: "assumed-role/terraform-apply/run-{n}",
    agent: "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.64.0 \
            aws-sdk-go-v2/1.30.4 os/linux lang/go#1.22.6",
    ..PACKER
};
const RELEASE_USER: Hand = Hand {
    name: "user/svc-analytics-release",
    ip: "203.0.113.40",
    agent: "aws-cli/2.17.40 md/awscrt#0.21.2 ua/2.0 os/linux#5.15.0 md/arch#x86_64 lang/python#3.11.9",
    ..PACKER
};
const DEVELOPER: Hand = Hand {
    name: "assumed-role/AWSReservedSSO_Developer_0a1b2c3d4e5f6071/kim@acme.example",
    ip: "203.0.113.7",
    agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 \
            Safari/537.36",
    mfa: Some(true),
    ..PACKER
};

const OUR_ORGANIZATION: &str = "arn:aws:organizations::100000000001:organization/o-acmecorp01";
const WORKLOADS: &str = "arn:aws:organizations::100000000001:ou/o-acmecorp01/ou-acme-workload";
const ALL: &[&str] = &["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"];

pub(super) const FAMILIES: &[Family] = &[
    Family {
        account: "100000000003",
        name: "golden-al2023",
        versions: 12,
        regions: ALL,
        built_by: IMAGE_BUILDER,
        shared: &[Sharing { with: &[OUR_ORGANIZATION], minutes_later: 14, by: IMAGE_BUILDER }],
    },
    Family {
        account: "100000000003",
        name: "golden-ubuntu-24.04",
        versions: 8,
        regions: ALL,
        built_by: IMAGE_BUILDER,
        shared: &[Sharing { with: &[WORKLOADS], minutes_later: 17, by: IMAGE_BUILDER }],
    },
    Family {
        account: "100000000004",
        name: "ci-runner",
        versions: 14,
        regions: &["us-east-1"],
        built_by: PACKER,
        shared: &[
            Sharing { with: &["100000000005"], minutes_later: 6, by: PACKER },
            Sharing { with: &["100000000006"], minutes_later: 41, by: TERRAFORM },
        ],
    },
    Family {
        account: "100000000007",
        name: "analytics-worker",
        versions: 5,
        regions: &["eu-west-1"],
        built_by: PACKER,
        shared: &[Sharing { with: &["200000000001"], minutes_later: 95, by: RELEASE_USER }],
    },
    Family {
        account: "100000000005",
        name: "shop-web",
        versions: 9,
        regions: &["us-east-1", "eu-west-1"],
        built_by: PACKER,
        shared: &[],
    },
    Family {
        account: "100000000006",
        name: "shop-web-staging",
        versions: 7,
        regions: &["us-east-1"],
        built_by: PACKER,
        shared: &[],
    },
    Family {
        account: "100000000009",
        name: "sandbox-test",
        versions: 6,
        regions: &["us-west-2"],
        built_by: DEVELOPER,
        shared: &[],
    },
];

impl Family {
    /// Everybody it is shared with.
    pub(super) fn grantees(&self) -> Vec<String> {
        let all = self.shared.iter().flat_map(|sharing| sharing.with);
        all.map(|&grantee| grantee.to_owned()).collect()
    }

    /// The calls that made and shared one of its images. `first` is the image in the first Region, of which the others
    /// are copies.
    pub(super) fn calls(
        &self,
        image: &ImageSpec,
        version: u32,
        (place, first): (usize, &str),
    ) -> Vec<CallSpec> {
        let Some(created) = image.created else { return Vec::new() };
        let source = self.regions.first().filter(|_| place > 0);
        let copied = source.map(|region| {
            let of = [("sourceRegion", json!(region)), ("sourceImageId", json!(first))];
            of.map(|(name, value)| (name.to_owned(), value))
        });
        let made = CallSpec {
            name: if copied.is_some() { "CopyImage" } else { "CreateImage" }.to_owned(),
            parameters: copied.map(BTreeMap::from).unwrap_or_default(),
            ..self.built_by.call(image, version, created)
        };
        let shared = self.shared.iter().map(|sharing| {
            // No two of them come in the same second.
            let seconds = i64::from(version) * 7 + i64::try_from(place).unwrap_or_default() * 40;
            let at = created + SignedDuration::from_secs(sharing.minutes_later * 60 + seconds);
            let add = sharing.with.iter().map(|&grantee| grantee.to_owned()).collect();
            CallSpec { add, ..sharing.by.call(image, version, at) }
        });
        std::iter::once(made).chain(shared).collect()
    }
}

impl Hand {
    /// A call about an image that it makes.
    fn call(&self, image: &ImageSpec, build: u32, at: Timestamp) -> CallSpec {
        let service = if self.name.starts_with("assumed-role/") { "sts" } else { "iam" };
        let name = self.name.replace("{n}", &(1_200 + build).to_string());
        CallSpec {
            at,
            account: image.account.clone(),
            region: image.region.clone(),
            image: image.id.clone(),
            by: format!("arn:aws:{service}::{}:{name}", image.account),
            invoked_by: self.invoked_by.to_owned(),
            ip: self.ip.to_owned(),
            agent: self.agent.to_owned(),
            mfa: self.mfa,
            ..CallSpec::default()
        }
    }
}

/// A job that notes every night in an image's description that it was looked at: enough calls to fill more than one
/// page of the history.
pub(super) fn nightly(now: Timestamp) -> impl Iterator<Item = CallSpec> {
    let first = Timestamp::constant(1_774_063_800, 0); // 2026-03-21T03:30:00Z
    let nights = (0..).map_while(move |night: i64| first.checked_add((night * 24).hours()).ok());
    nights.take_while(move |at| *at < now).map(|at| CallSpec {
        at,
        account: "100000000005".to_owned(),
        region: "ap-southeast-2".to_owned(),
        image: "ami-0d3e000000000000b".to_owned(),
        description: Some(format!("inventory of {}", at.strftime("%Y-%m-%d"))),
        by: "arn:aws:sts::100000000005:assumed-role/nightly-inventory/inventory".to_owned(),
        ip: "198.51.100.31".to_owned(),
        agent: "Boto3/1.38.2 md/Botocore#1.38.2 ua/2.1 os/linux#5.10.236 lang/python#3.13.3 Botocore/1.38.2"
            .to_owned(),
        ..CallSpec::default()
    })
}
