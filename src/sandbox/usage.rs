//! Reports of who uses an image: CreateImageUsageReport, DescribeImageUsageReports and
//! DescribeImageUsageReportEntries. What they tell is what the scenario says of the image when one is made.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/your-ec2-ami-usage.html>

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, AwsError, ec2};
use super::auth::Asker;
use super::ec2::{list, refuse_dry_run, text};
use super::ids::mix;
use super::image_list;
use super::permissions;
use super::scenario::UsageSpec;
use super::sts::Params;
use super::world::World;
use super::xml::Xml;
use crate::model::place::Place;

/// The most accounts that a report can be narrowed to.
const MOST_ACCOUNTS: usize = 200;

/// How long a report is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// One report.
#[derive(Debug, Clone)]
struct Report {
    place: Place,
    image: String,
    token: String,
    created: Timestamp,
    resource_types: Vec<String>,
    accounts: Vec<String>,
    entries: Vec<UsageSpec>,
    /// It is so at the first read that tells its state.
    is_pending: bool,
}

/// The reports that were made, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Reports(BTreeMap<String, Report>);

/// One page of a list: its items, and the token of the next one.
type Page<T> = (Vec<T>, Option<String>);

pub(super) fn create(
    world: &mut World,
    asker: &Asker,
    params: &Params,
    now: Timestamp,
) -> Result<Answer, AwsError> {
    let id = text(params, "ImageId");
    let used_by = permissions::owned(world, asker, id)?.spec.used_by.clone();
    let types = (1..).map_while(|n| params.get(&format!("ResourceType.{n}.ResourceType")).cloned());
    let resource_types: Vec<String> = types.collect();
    if resource_types.is_empty() {
        let message = "The request must contain the parameter resourceTypes";
        return Err(AwsError::new(400, "MissingParameter", message));
    }
    let accounts: Vec<String> = list(params, "AccountId").into_iter().map(str::to_owned).collect();
    if accounts.len() > MOST_ACCOUNTS {
        let message = format!("A report can be of at most {MOST_ACCOUNTS} accounts");
        return Err(AwsError::new(400, "InvalidParameterValue", message));
    }
    refuse_dry_run(params)?;
    let is_asked = |usage: &UsageSpec| {
        resource_types.contains(&usage.resource_type)
            && (accounts.is_empty() || accounts.contains(&usage.account))
    };
    let entries = used_by.into_iter().filter(is_asked).collect();
    let (place, image) = (asker.place.clone(), id.to_owned());
    let token = text(params, "ClientToken").to_owned();
    let report =
        Report { place, image, token, created: now, resource_types, accounts, entries, is_pending: true };
    let report = world.reports.add(report);
    Ok(ec2("CreateImageUsageReport", |xml| {
        xml.leaf("reportId", &report);
    }))
}

impl Reports {
    /// Keeps a report, or finds the one that the same request made before. Returns its id.
    fn add(&mut self, report: Report) -> String {
        let same = |old: &Report| old.place == report.place && old.token == report.token;
        let made = self.0.iter().find(|(_, old)| !old.token.is_empty() && same(old));
        if let Some((id, _)) = made {
            return id.clone();
        }
        let id = format!("amiur-0{:016x}", mix(self.0.len() as u64 + 1));
        self.0.insert(id.clone(), report);
        id
    }

    /// The reports of a place that a call asks for, by ids of reports and of images.
    fn asked<'a>(&'a self, place: &Place, params: &Params) -> Vec<(&'a String, &'a Report)> {
        let (ids, images) = (list(params, "ReportId"), list(params, "ImageId"));
        let is_of = |wanted: &[&str], found: &String| wanted.is_empty() || wanted.contains(&found.as_str());
        let here = self.0.iter().filter(|(_, report)| report.place == *place);
        here.filter(|(id, report)| is_of(&ids, id) && is_of(&images, &report.image)).collect()
    }
}

pub(super) fn describe(world: &mut World, asker: &Asker, params: &Params) -> Result<Answer, AwsError> {
    check(params)?;
    let (page, next) = page(world.reports.asked(&asker.place, params), params)?;
    let answer = ec2("DescribeImageUsageReports", |xml| {
        xml.element("imageUsageReportSet", |xml| {
            for (id, report) in &page {
                xml.element("item", |xml| report.write(xml, id));
            }
        });
        if let Some(token) = &next {
            xml.leaf("nextToken", token);
        }
    });
    let seen: Vec<String> = page.into_iter().map(|(id, _)| id.clone()).collect();
    for id in seen {
        if let Some(report) = world.reports.0.get_mut(&id) {
            report.is_pending = false;
        }
    }
    Ok(answer)
}

pub(super) fn entries(world: &World, asker: &Asker, params: &Params) -> Result<Answer, AwsError> {
    check(params)?;
    let reports = world.reports.asked(&asker.place, params).into_iter();
    let ready = reports.filter(|(_, report)| !report.is_pending);
    let all = ready.flat_map(|(id, report)| report.entries.iter().map(move |entry| (id, report, entry)));
    let (page, next) = page(all.collect(), params)?;
    Ok(ec2("DescribeImageUsageReportEntries", |xml| {
        xml.element("imageUsageReportEntrySet", |xml| {
            for (id, report, usage) in &page {
                xml.element("item", |xml| {
                    xml.leaf("resourceType", &usage.resource_type).leaf("reportId", id);
                    xml.leaf("usageCount", &usage.count.to_string()).leaf("accountId", &usage.account);
                    xml.leaf("imageId", &report.image).leaf("reportCreationTime", &stamp(report.created));
                });
            }
        });
        if let Some(token) = &next {
            xml.leaf("nextToken", token);
        }
    }))
}

impl Report {
    fn write(&self, xml: &mut Xml, id: &str) {
        xml.leaf("imageId", &self.image).leaf("reportId", id);
        xml.element("resourceTypeSet", |xml| {
            for name in &self.resource_types {
                xml.element("item", |xml| {
                    xml.leaf("resourceType", name);
                });
            }
        });
        xml.element("accountIdSet", |xml| {
            for account in &self.accounts {
                xml.leaf("item", account);
            }
        });
        xml.leaf("state", if self.is_pending { "pending" } else { "available" });
        xml.leaf("creationTime", &stamp(self.created));
        xml.leaf("expirationTime", &stamp(self.created.checked_add(KEPT).unwrap_or(self.created)));
    }
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Filters are refused rather than passed over.
fn check(params: &Params) -> Result<(), AwsError> {
    if let Some(name) = params.get("Filter.1.Name") {
        let message = format!("The filter '{name}' is invalid");
        return Err(AwsError::new(400, "InvalidParameterValue", message));
    }
    refuse_dry_run(params)
}

/// The page that a call asks for. Its token tells how many items come before it.
fn page<T>(all: Vec<T>, params: &Params) -> Result<Page<T>, AwsError> {
    let (nth, from) = match text(params, "NextToken") {
        "" => (1, 0),
        token => {
            let (before, from) = image_list::after(token)?;
            let invalid = |_| AwsError::new(400, "InvalidParameterValue", "Invalid value for NextToken.");
            (before + 1, from.parse::<usize>().map_err(invalid)?)
        }
    };
    let size = match text(params, "MaxResults") {
        "" => usize::MAX,
        asked => asked.parse().ok().filter(|size| *size > 0).ok_or_else(|| {
            let message = format!("Value ({asked}) for parameter maxResults is invalid.");
            AwsError::new(400, "InvalidParameterValue", message)
        })?,
    };
    let end = from.saturating_add(size);
    let next = (all.len() > end).then(|| format!("page-{nth}-{end}"));
    Ok((all.into_iter().skip(from).take(size).collect(), next))
}
