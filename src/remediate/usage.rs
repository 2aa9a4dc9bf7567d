//! Asks AWS who uses the images of a plan. It is the only view of what outsiders run: nothing of that is in the owner's
//! CloudTrail. It makes a report in EC2, which AWS takes away after 30 days.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/your-ec2-ami-usage.html>

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_ec2::types::{ImageUsageReportEntry, ImageUsageResourceTypeRequest};
use futures::stream::{self, StreamExt as _};
use sha2::{Digest as _, Sha256};

use super::plan::Plan;
use super::users::{Counts, Usage, images};
use crate::aws::action::{
    Action, CREATE_IMAGE_USAGE_REPORT, DESCRIBE_IMAGE_USAGE_REPORT_ENTRIES, DESCRIBE_IMAGE_USAGE_REPORTS,
};
use crate::aws::{Aws, Target, WholeXml};
use crate::model::caller::Caller;
use crate::model::failure::{Failure, FailureKind};
use crate::model::ids::ImageId;
use crate::model::place::Place;

/// What may use an image.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImageUsageResourceTypeRequest.html>
const KINDS: [&str; 2] = ["ec2:Instance", "ec2:LaunchTemplate"];

/// Images that are asked about at once; an account may have 2,000 reports in the making.
const AT_ONCE: usize = 64;

/// The first wait for a report; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Pages of one report. An account is one or two entries.
const MOST_PAGES: usize = 1_000;

/// Asks about every image of a plan, and waits so long for each report to be made. What could not be told says why.
pub async fn ask_usage(aws: &Aws, caller: &Caller, plan: &Plan, patience: Duration) -> Vec<Usage> {
    let asked = images(plan).into_iter().map(|(place, image)| async move {
        let told = tell(aws, caller, (place, image), (&plan.sha256, patience)).await;
        Usage::new(plan, (place, image), told.map_err(|failure| failure.to_string()))
    });
    // Boxed one by one, in the order of the images.
    let asked: Vec<_> = asked.map(futures::FutureExt::boxed).collect();
    stream::iter(asked).buffered(AT_ONCE).collect().await
}

async fn tell(
    aws: &Aws,
    caller: &Caller,
    (place, image): (&Place, &ImageId),
    (plan, patience): (&str, Duration),
) -> Result<Counts, Failure> {
    let config = aws.in_place(caller, place).await?;
    // None of these answers has a list of which the SDK may know only part; whole they must be.
    let whole = WholeXml { entries: &[] };
    let config = aws_sdk_ec2::config::Builder::from(&config).interceptor(whole).build();
    let asking = Asking { aws, client: aws_sdk_ec2::Client::from_conf(config), place, image };
    let report = asking.create(plan).await?;
    asking.wait(&report, patience).await?;
    sum(asking.entries(&report).await?)
}

/// The calls about one image.
struct Asking<'a> {
    aws: &'a Aws,
    client: aws_sdk_ec2::Client,
    place: &'a Place,
    image: &'a ImageId,
}

impl Asking<'_> {
    fn target(&self, action: Action) -> Target<'_> {
        Target { place: self.place, action }
    }

    /// Asks for a report. A second try of the same plan is the same report: AWS makes one of an image at a time.
    async fn create(&self, plan: &str) -> Result<String, Failure> {
        let token = hex::encode(Sha256::digest(format!("{plan} {} {}", self.place, self.image)));
        let kinds = KINDS.map(|kind| ImageUsageResourceTypeRequest::builder().resource_type(kind).build());
        let send = || {
            let call = self.client.create_image_usage_report().image_id(self.image.as_str());
            call.set_resource_types(Some(kinds.to_vec())).client_token(&token).send()
        };
        let answer = self.aws.sender().call(self.target(CREATE_IMAGE_USAGE_REPORT), send).await?;
        answer.report_id.ok_or_else(|| failure(CREATE_IMAGE_USAGE_REPORT, "AWS named no report"))
    }

    /// Waits until a report is made.
    async fn wait(&self, report: &str, patience: Duration) -> Result<(), Failure> {
        let (mut waited, mut wait) = (Duration::ZERO, FIRST_WAIT);
        while !self.is_ready(report).await? {
            if waited >= patience {
                let seconds = patience.as_secs();
                let why = format!("the report was not ready within {seconds} s; make the plan again later");
                return Err(failure(DESCRIBE_IMAGE_USAGE_REPORTS, &why));
            }
            tokio::time::sleep(wait).await;
            waited += wait;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        Ok(())
    }

    async fn is_ready(&self, report: &str) -> Result<bool, Failure> {
        let send = || self.client.describe_image_usage_reports().report_ids(report).send();
        let answer = match self.aws.sender().call(self.target(DESCRIBE_IMAGE_USAGE_REPORTS), send).await {
            Ok(answer) => answer,
            // EC2 is eventually consistent: what was just made may not be there yet.
            Err(failure) if failure.code.as_deref().is_some_and(|code| code.ends_with(".NotFound")) => {
                return Ok(false);
            }
            Err(failure) => return Err(failure),
        };
        let reports = answer.image_usage_reports.unwrap_or_default();
        let found = reports.into_iter().find(|found| found.report_id.as_deref() == Some(report));
        let Some(found) = found else { return Ok(false) };
        match found.state.as_deref() {
            Some("available") => Ok(true),
            Some("error") => {
                let why = found.state_reason.unwrap_or_else(|| "it does not say why".to_owned());
                let why = format!("AWS could not make the report: {why}");
                Err(failure(DESCRIBE_IMAGE_USAGE_REPORTS, &why))
            }
            _ => Ok(false),
        }
    }

    async fn entries(&self, report: &str) -> Result<Vec<ImageUsageReportEntry>, Failure> {
        let (mut all, mut tokens, mut token) = (Vec::new(), HashSet::new(), None::<String>);
        loop {
            let send = || {
                let call = self.client.describe_image_usage_report_entries().report_ids(report);
                call.set_next_token(token.clone()).send()
            };
            let target = self.target(DESCRIBE_IMAGE_USAGE_REPORT_ENTRIES);
            let answer = self.aws.sender().call(target, send).await?;
            all.extend(answer.image_usage_report_entries.unwrap_or_default());
            let Some(next) = answer.next_token.filter(|next| !next.is_empty()) else { return Ok(all) };
            if tokens.len() >= MOST_PAGES || !tokens.insert(next.clone()) {
                return Err(failure(DESCRIBE_IMAGE_USAGE_REPORT_ENTRIES, "the list does not end"));
            }
            token = Some(next);
        }
    }
}

/// Sums entries up by account and kind. One that cannot be read makes all of them unknown: none is left out.
fn sum(entries: Vec<ImageUsageReportEntry>) -> Result<Counts, Failure> {
    let mut counts = Counts::new();
    for entry in entries {
        let count = entry.usage_count.and_then(|count| u64::try_from(count).ok());
        let (Some(account), Some(kind), Some(count)) = (entry.account_id, entry.resource_type, count) else {
            let why = "an entry does not say which account uses it, in what, or how often";
            return Err(failure(DESCRIBE_IMAGE_USAGE_REPORT_ENTRIES, why));
        };
        if count > 0 {
            let sum = counts.entry(account).or_default().entry(kind).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    Ok(counts)
}

fn failure(action: Action, why: &str) -> Failure {
    Failure { call: action.name, kind: FailureKind::Other, code: None, reason: why.to_owned() }
}
