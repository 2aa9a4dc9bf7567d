//! A request, read: of which service it is, which action, and what it says.

use std::borrow::Cow;

use hyper::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use super::answer::AwsError;
use super::auth::{self, Asker};
use super::ec2::text;
use super::snapshots;
use super::sts::Params;
use super::world::World;

/// A service that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Ec2,
    Sts,
    Organizations,
    CloudTrail,
}

impl Service {
    /// Its name in credential scopes and IAM actions.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Sts => "sts",
            Self::Organizations => "organizations",
            Self::CloudTrail => "cloudtrail",
        }
    }

    /// Whether it speaks JSON, and not XML.
    pub(super) fn is_json(self) -> bool {
        matches!(self, Self::Organizations | Self::CloudTrail)
    }
}

/// A request that says who asks.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) asker: Asker,
    pub(super) action: String,
    /// The parameters of EC2's and STS's calls.
    pub(super) params: Params,
    /// The body of Organizations' and CloudTrail's calls.
    pub(super) input: Value,
    /// The program that asks, as it calls itself.
    pub(super) agent: String,
}

/// A request that is refused, and the service in whose words.
pub(super) type Refused = (Service, AwsError);

impl Call {
    /// Reads a request that came at `now`.
    pub(super) fn read(
        headers: &HeaderMap,
        body: &[u8],
        world: &World,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let agent = header("user-agent").to_owned();
        if headers.contains_key("x-amz-target") {
            let (service, action) = target(header("x-amz-target"))?;
            let asker = auth::read(headers, service, world, now).map_err(|error| (service, error))?;
            let input = serde_json::from_slice(body).unwrap_or(Value::Null);
            return Ok(Self { asker, action: action.to_owned(), params: Params::new(), input, agent });
        }
        let params: Params = form_urlencoded::parse(body).into_owned().collect();
        let service = service_of(&params);
        let asker = auth::read(headers, service, world, now).map_err(|error| (service, error))?;
        let action = text(&params, "Action").to_owned();
        Ok(Self { asker, action, params, input: Value::Null, agent })
    }

    /// The one image that it names; empty if there is none.
    pub(super) fn named_image(&self) -> &str {
        text(&self.params, "ImageId")
    }

    /// The one snapshot that it names; empty if there is none.
    pub(super) fn named_snapshot(&self) -> &str {
        text(&self.params, "SnapshotId")
    }

    /// The one image that it is about: that it names, or that is behind its snapshot.
    pub(super) fn image(&self) -> Cow<'_, str> {
        match snapshots::image_of(self.named_snapshot()) {
            Some(image) => Cow::Owned(image),
            None => Cow::Borrowed(self.named_image()),
        }
    }

    /// Whether it is one of EC2's that change something.
    pub(super) fn is_change(&self) -> bool {
        let is_read = ["Describe", "Get"].iter().any(|word| self.action.starts_with(word));
        self.asker.service == Service::Ec2 && !is_read && !self.is_dry_run()
    }

    /// Whether it only asks whether it may.
    pub(super) fn is_dry_run(&self) -> bool {
        text(&self.params, "DryRun") == "true"
    }
}

/// Whose call a target is, and which. boto3 writes CloudTrail's whole package before it, the SDK for Rust does not.
fn target(target: &str) -> Result<(Service, &str), Refused> {
    let (api, action) = target.rsplit_once('.').unwrap_or_default();
    match api.rsplit('.').next() {
        Some("AWSOrganizationsV20161128") => Ok((Service::Organizations, action)),
        Some("CloudTrail_20131101") => Ok((Service::CloudTrail, action)),
        _ => {
            let message = format!("There is no operation {target} here.");
            Err((Service::Organizations, AwsError::new(400, "UnknownOperationException", message)))
        }
    }
}

/// Whose call it is. One endpoint serves all, so the host does not say it: the version of the API does.
fn service_of(params: &Params) -> Service {
    let is_sts = matches!(text(params, "Action"), "AssumeRole" | "GetCallerIdentity")
        || text(params, "Version") == "2011-06-15";
    if is_sts { Service::Sts } else { Service::Ec2 }
}
