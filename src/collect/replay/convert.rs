//! Between the lines of a snapshot and the model.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Head;
use super::lines::{
    CoverageLine, GapLine, HeaderLine, ImageLine, MemberLine, OrganizationLine, PageLine, VERSION,
};
use crate::collect::page::{Next, PageEnd, PageReading};
use crate::model::caller::Caller;
use crate::model::coverage::{Counts, Coverage, CoverageStatus};
use crate::model::gap::Gap;
use crate::model::grantee::Grantee;
use crate::model::ids::ImageId;
use crate::model::image::Image;
use crate::model::organization::{AccountList, AccountState, Member, Membership};
use crate::model::place::Place;
use crate::model::report::ListedImage;
use crate::model::share::Share;

/// A value of a line that does not parse.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadLine(pub(super) String);

pub(super) fn parse<T: std::str::FromStr>(text: &str) -> Result<T, BadLine>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| BadLine(format!("{error}")))
}

fn maybe<T: std::str::FromStr>(text: Option<&String>) -> Result<Option<T>, BadLine>
where
    T::Err: std::fmt::Display,
{
    text.map(|text| parse(text)).transpose()
}

impl HeaderLine {
    pub(super) fn new(head: &Head<'_>) -> Self {
        let caller = head.caller;
        Self {
            version: VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: head.started_at,
            caller_account: caller.account.to_string(),
            caller_arn: caller.arn.clone(),
            caller_user_id: caller.user_id.clone(),
            partition: caller.partition.to_string(),
            scope: head.scope.clone(),
            every_image: head.every_image,
        }
    }

    pub(super) fn caller(&self) -> Result<Caller, BadLine> {
        Ok(Caller {
            account: parse(&self.caller_account)?,
            arn: self.caller_arn.clone(),
            user_id: self.caller_user_id.clone(),
            partition: parse(&self.partition)?,
        })
    }
}

/// The place that a line names.
pub(super) fn place_of(account: &str, region: &str) -> Result<Place, BadLine> {
    Ok(Place { account: parse(account)?, region: parse(region)? })
}

/// The states of images, as lines hold them.
pub(super) fn states_of(states: Vec<(String, String)>) -> Result<Vec<(ImageId, String)>, BadLine> {
    states.into_iter().map(|(id, state)| Ok((parse(&id)?, state))).collect()
}

impl PageLine {
    pub(super) fn new(place: &Place, page: &PageReading, api_calls: BTreeMap<String, u64>) -> Self {
        let mut states: Vec<(String, String)> =
            page.states.iter().map(|(id, state)| (id.to_string(), state.clone())).collect();
        states.sort();
        Self {
            account: place.account.to_string(),
            region: place.region.to_string(),
            nth: page.nth,
            whole: page.end == PageEnd::Whole && page.answered,
            next: match &page.next {
                Next::Page(token) => token.clone(),
                Next::End => None,
            },
            tried: page.tried,
            counts: array_of(page.counts),
            states,
            api_calls,
        }
    }
}

impl ImageLine {
    pub(super) fn new(place: &Place, image: &Image, shares: &[&Share], unread: bool) -> Self {
        let grantee = |share: &&Share| (share.grantee.word().to_owned(), share.grantee.label());
        Self {
            account: place.account.to_string(),
            region: place.region.to_string(),
            id: image.id.to_string(),
            name: image.name.clone(),
            state: image.state.clone(),
            created_at: image.created_at,
            encrypted: image.encrypted,
            listed_public: image.listed_public,
            owner_alias: image.owner_alias.clone(),
            tags: image.tags.clone(),
            read_at: shares.first().map(|share| share.read_at),
            grantees: shares.iter().map(grantee).collect(),
            unread,
            snapshots: image.snapshots.iter().map(ToString::to_string).collect(),
            odd_snapshots: image.odd_snapshots.clone(),
            last_launched_at: image.last_launched_at,
        }
    }

    /// The image and its shares.
    pub(super) fn image(self, place: &Place) -> Result<(ListedImage, Vec<Share>), BadLine> {
        let image = Arc::new(Image {
            id: parse(&self.id)?,
            name: self.name,
            state: self.state,
            created_at: self.created_at,
            encrypted: self.encrypted,
            listed_public: self.listed_public,
            owner_alias: self.owner_alias,
            tags: self.tags,
            snapshots: self.snapshots.iter().map(|id| parse(id)).collect::<Result<_, _>>()?,
            odd_snapshots: self.odd_snapshots,
            last_launched_at: self.last_launched_at,
        });
        let grants = (!self.unread).then_some(self.grantees.len() as u64);
        let share = |(word, label): (String, String)| {
            let grantee = Grantee::from_report(&word, &label)
                .ok_or_else(|| BadLine(format!("{label:?} is not a grantee of the kind {word:?}")))?;
            let read_at = self.read_at.ok_or_else(|| BadLine("a grant was read at no time".to_owned()))?;
            Ok(Share { place: place.clone(), image: Arc::clone(&image), grantee, read_at })
        };
        let shares = self.grantees.into_iter().map(share).collect::<Result<_, BadLine>>()?;
        Ok((ListedImage { place: place.clone(), image, grants }, shares))
    }
}

impl GapLine {
    pub(super) fn new(gap: &Gap) -> Self {
        Self {
            account: gap.account.map(|account| account.to_string()),
            region: gap.region.as_ref().map(ToString::to_string),
            call: gap.call.clone(),
            subject: gap.subject.clone(),
            reason: gap.reason.clone(),
            error_code: gap.error_code.clone(),
        }
    }

    pub(super) fn gap(self) -> Result<Gap, BadLine> {
        Ok(Gap {
            account: maybe(self.account.as_ref())?,
            region: maybe(self.region.as_ref())?,
            call: self.call,
            subject: self.subject,
            reason: self.reason,
            error_code: self.error_code,
            expected_by: None,
        })
    }
}

impl OrganizationLine {
    pub(super) fn new(membership: &Membership) -> Self {
        let word = match membership {
            Membership::NotInOrganization => "not_in_organization",
            Membership::NotAsked => "not_asked",
            Membership::In { .. } => "in",
        };
        let as_of = match membership {
            Membership::In { as_of, .. } => *as_of,
            Membership::NotInOrganization | Membership::NotAsked => None,
        };
        let list = membership.accounts();
        let member = |member: &Member| MemberLine {
            id: member.id.to_string(),
            name: member.name.clone(),
            state: member.state.word().to_owned(),
            joined_at: member.joined_at,
            units: member.units.as_ref().map(|units| units.iter().map(ToString::to_string).collect()),
        };
        Self {
            membership: word.to_owned(),
            arn: membership.organization().map(ToString::to_string),
            as_of,
            incomplete: list.and_then(|list| list.incomplete.clone()),
            left: list.into_iter().flat_map(|list| &list.left).map(ToString::to_string).collect(),
            members: list.into_iter().flat_map(|list| list.members.values()).map(member).collect(),
        }
    }

    pub(super) fn membership(self) -> Result<Membership, BadLine> {
        match self.membership.as_str() {
            "not_in_organization" => return Ok(Membership::NotInOrganization),
            "not_asked" => return Ok(Membership::NotAsked),
            "in" => {}
            other => return Err(BadLine(format!("{other:?} is not a membership"))),
        }
        let organization = maybe(self.arn.as_ref())?;
        let mut accounts = AccountList { incomplete: self.incomplete, ..AccountList::default() };
        for id in &self.left {
            accounts.left.insert(parse(id)?);
        }
        for line in self.members {
            let units = line.units.map(|units| units.iter().map(|unit| parse(unit)).collect()).transpose()?;
            let member = Member {
                id: parse(&line.id)?,
                name: line.name,
                state: AccountState::parse(&line.state),
                joined_at: line.joined_at,
                units,
                organization: None,
            };
            accounts.members.insert(member.id, member);
        }
        Ok(Membership::In { organization, accounts, as_of: self.as_of })
    }
}

impl CoverageLine {
    pub(super) fn new(row: &Coverage) -> Self {
        Self {
            account: row.account.to_string(),
            account_name: row.account_name.clone(),
            account_state: row.account_state.clone(),
            partition: row.partition.to_string(),
            region: row.region.as_ref().map(ToString::to_string),
            status: row.status.word().to_owned(),
            counts: row.counts.map(array_of),
        }
    }

    pub(super) fn row(self) -> Result<Coverage, BadLine> {
        let status = CoverageStatus::parse(&self.status);
        Ok(Coverage {
            account: parse(&self.account)?,
            account_name: self.account_name,
            account_state: self.account_state,
            partition: parse(&self.partition)?,
            region: maybe(self.region.as_ref())?,
            status: status.ok_or_else(|| BadLine(format!("{:?} is not a status", self.status)))?,
            counts: self.counts.map(counts_of),
            events: None,
        })
    }
}

fn array_of(counts: Counts) -> [u64; 4] {
    [counts.images_listed, counts.images_gone, counts.permissions_read, counts.grants]
}

pub(super) fn counts_of([images_listed, images_gone, permissions_read, grants]: [u64; 4]) -> Counts {
    Counts { images_listed, images_gone, permissions_read, grants }
}
