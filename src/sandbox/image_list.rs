//! DescribeImages: owners, ids, filters, pages, disabled images.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html>

use super::answer::{Answer, AwsError, ec2};
use super::auth::Asker;
use super::ec2::{list, text};
use super::images::Owned;
use super::snapshots;
use super::sts::Params;
use super::world::{StoredImage, World};
use super::xml::Xml;
use crate::model::ids::AccountId;
use crate::model::place::Place;

/// The most that a page holds.
const PAGE: usize = 1_000;

/// What a call asks for.
struct Query<'a> {
    owners: Vec<&'a str>,
    ids: Vec<&'a str>,
    filters: Vec<(&'a str, Vec<&'a str>)>,
    disabled_too: bool,
}

pub(super) fn describe(world: &mut World, asker: &Asker, params: &Params) -> Result<Answer, AwsError> {
    let query = Query {
        owners: list(params, "Owner"),
        ids: list(params, "ImageId"),
        filters: filters(params),
        disabled_too: text(params, "IncludeDisabled") == "true",
    };
    check_filters(&query)?;
    for id in &query.ids {
        let found = world.images.find(&asker.place.region, id);
        if !found.is_some_and(|found| may_see(world, asker, &found)) {
            let message = format!("The image id '[{id}]' does not exist");
            return Err(AwsError::new(400, "InvalidAMIID.NotFound", message));
        }
    }
    let size = match text(params, "MaxResults") {
        "" => usize::MAX,
        asked => asked.parse().ok().filter(|size| (1..=PAGE).contains(size)).ok_or_else(|| {
            AwsError::new(
                400,
                "InvalidParameterValue",
                format!("Value ({asked}) for parameter maxResults is invalid."),
            )
        })?,
    };
    let after = match text(params, "NextToken") {
        "" => None,
        token => Some(after(token)?),
    };
    let page = after.map_or(1, |(page, _)| page + 1);
    let Page { shown, read, more } = Page::take(world, asker, &query, (after.map(|(_, id)| id), size));
    let answer = ec2("DescribeImages", |xml| {
        xml.element("imagesSet", |xml| {
            for (owner, image) in &shown {
                xml.element("item", |xml| write_image(xml, (asker.place.account, *owner), image));
            }
        });
        if let (true, Some((_, last))) = (more, shown.last()) {
            xml.leaf("nextToken", &format!("page-{page}-{}", last.spec.id));
        }
    });
    drop(shown);
    for (place, id) in read {
        world.images.was_read(&place, &id);
    }
    Ok(answer)
}

/// The images of one page.
struct Page<'a> {
    shown: Vec<Owned<'a>>,
    /// Images looked at that do not show yet what was written to them: these are reads of them.
    read: Vec<(Place, String)>,
    /// Whether another page comes after it.
    more: bool,
}

/// The page a token leads to; 1 where it is none of ours.
pub(super) fn page_of(token: &str) -> usize {
    after(token).map_or(1, |(page, _)| page + 1)
}

/// The page a token ends, and the image it ends with: pages stay right while images come and go.
pub(super) fn after(token: &str) -> Result<(usize, &str), AwsError> {
    let parsed = token.strip_prefix("page-").and_then(|rest| rest.split_once('-'));
    let parsed = parsed.and_then(|(page, id)| Some((page.parse().ok()?, id)));
    parsed.ok_or_else(|| AwsError::new(400, "InvalidParameterValue", "Invalid value for NextToken."))
}

fn filters(params: &Params) -> Vec<(&str, Vec<&str>)> {
    (1..)
        .map_while(|n| {
            let name = params.get(&format!("Filter.{n}.Name"))?;
            Some((name.as_str(), list(params, &format!("Filter.{n}.Value"))))
        })
        .collect()
}

fn check_filters(query: &Query<'_>) -> Result<(), AwsError> {
    let known = ["is-public", "image-id", "state", "name", "owner-id"];
    match query.filters.iter().find(|(name, _)| !known.contains(name)) {
        Some((name, _)) => {
            Err(AwsError::new(400, "InvalidParameterValue", format!("The filter '{name}' is invalid")))
        }
        None => Ok(()),
    }
}

/// Whether an image of the Region is the asker's own, public, or shared with it.
fn may_see(world: &World, asker: &Asker, (owner, image): &Owned<'_>) -> bool {
    *owner == asker.place.account || is_shared_with(world, image, asker.place.account)
}

fn is_shared_with(world: &World, image: &StoredImage, account: AccountId) -> bool {
    let id = account.to_string();
    let own = world.organization.as_ref().filter(|_| world.is_member(account));
    let unit = world.accounts.get(&account).and_then(|spec| spec.ou.as_deref());
    image.grants.iter().any(|grant| match grant.member.as_str() {
        "group" => grant.value == "all",
        "userId" => grant.value == id,
        "organizationArn" => own.is_some_and(|own| grant.value.ends_with(&format!("/{}", own.id))),
        "organizationalUnitArn" => {
            world.units_above(unit).iter().any(|above| grant.value.ends_with(&format!("/{above}")))
        }
        _ => false,
    })
}

/// The images that a call is about, before its filters.
fn candidates<'a>(
    world: &'a World,
    asker: &'a Asker,
    query: &'a Query<'a>,
    after: Option<&'a str>,
) -> Box<dyn Iterator<Item = Owned<'a>> + 'a> {
    let Place { account: me, region } = &asker.place;
    // An audit asks for its own images: those need no look at anybody else's. Nor do ids.
    if query.owners == ["self"] && query.ids.is_empty() {
        return Box::new(world.images.page(&asker.place, after).map(|image| (*me, image)));
    }
    if !query.ids.is_empty() {
        let mut ids = query.ids.clone();
        ids.sort_unstable();
        ids.dedup();
        let past = move |id: &&str| after.is_none_or(|after| *id > after);
        return Box::new(ids.into_iter().filter(past).filter_map(|id| world.images.find(region, id)));
    }
    Box::new(world.images.page_of_region(region, after).filter(|found| may_see(world, asker, found)))
}

impl<'a> Page<'a> {
    /// Looks through the images after `after` until `size` fit and one more is known to come, or none.
    fn take(
        world: &'a World,
        asker: &'a Asker,
        query: &'a Query<'a>,
        (after, size): (Option<&'a str>, usize),
    ) -> Self {
        let mut page = Self { shown: Vec::new(), read: Vec::new(), more: false };
        let region = &asker.place.region;
        for (owner, image) in candidates(world, asker, query, after) {
            let seen = world.images.shown(owner, region, image);
            let fits = query.picks(asker.place.account, owner, &seen.image);
            if page.shown.len() == size {
                page.more = fits;
                if fits {
                    break;
                }
                continue;
            }
            if seen.is_stale {
                let place = Place { account: owner, region: region.clone() };
                page.read.push((place, seen.image.spec.id.clone()));
            }
            if fits {
                page.shown.push((owner, seen.image));
            }
        }
        page
    }
}

impl Query<'_> {
    fn picks(&self, me: AccountId, owner: AccountId, image: &StoredImage) -> bool {
        let owner_id = owner.to_string();
        let owned = |&wanted: &&str| wanted == owner_id || (wanted == "self" && owner == me);
        let state = image.state();
        (self.owners.is_empty() || self.owners.iter().any(owned))
            && (self.ids.is_empty() || self.ids.contains(&image.spec.id.as_str()))
            && (state != "disabled" || self.disabled_too)
            && self.filters.iter().all(|(name, values)| {
                let public = image.is_public().to_string();
                let value = match *name {
                    "is-public" => public.as_str(),
                    "image-id" => image.spec.id.as_str(),
                    "state" => state,
                    "owner-id" => owner_id.as_str(),
                    _ => image.spec.name.as_str(),
                };
                values.contains(&value)
            })
    }
}

fn write_image(xml: &mut Xml, (me, owner): (AccountId, AccountId), image: &StoredImage) {
    let spec = &image.spec;
    let created = spec.created.map_or_else(
        || "2024-01-01T00:00:00.000Z".to_owned(),
        |at| at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
    );
    xml.leaf("imageId", &spec.id);
    xml.leaf("imageLocation", &format!("{owner}/{}", spec.name));
    xml.leaf("imageState", image.state()).leaf("imageOwnerId", &owner.to_string());
    xml.leaf("creationDate", &created);
    xml.leaf("isPublic", if image.is_public() { "true" } else { "false" });
    // Only the owner is told.
    if let Some(at) = spec.last_launched.filter(|_| me == owner) {
        xml.leaf("lastLaunchedTime", &at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    if !spec.product_codes.is_empty() {
        xml.element("productCodes", |xml| {
            for code in &spec.product_codes {
                xml.element("item", |xml| {
                    xml.leaf("productCode", code).leaf("type", "marketplace");
                });
            }
        });
    }
    xml.leaf("architecture", "x86_64").leaf("imageType", "machine").leaf("name", &spec.name);
    xml.leaf("rootDeviceType", "ebs").leaf("rootDeviceName", "/dev/xvda");
    xml.element("blockDeviceMapping", |xml| {
        xml.element("item", |xml| {
            xml.leaf("deviceName", "/dev/xvda").element("ebs", |xml| {
                xml.leaf("snapshotId", &snapshots::of_image(&spec.id)).leaf("volumeSize", "8");
                xml.leaf("deleteOnTermination", "true").leaf("volumeType", "gp3");
                xml.leaf("encrypted", if spec.encrypted { "true" } else { "false" });
            });
        });
    });
    xml.leaf("virtualizationType", "hvm").leaf("hypervisor", "xen").leaf("enaSupport", "true");
    if !spec.tags.is_empty() {
        xml.element("tagSet", |xml| {
            for (key, value) in &spec.tags {
                xml.element("item", |xml| {
                    xml.leaf("key", key).leaf("value", value);
                });
            }
        });
    }
}
