//! The entries that let something pass: who, what, and who signed for it.

use std::collections::BTreeSet;
use std::ops::Range;

use wildmatch::WildMatch;

use super::document::{Day, PolicyProblem, Section, TableAt};
use super::scope::{Scope, Whom};
use super::{Approval, Entry, EntryKind, Tie};
use crate::model::arn::{OrganizationArn, OuArn};
use crate::model::finding::hash_id;
use crate::model::grantee::Grantee;
use crate::model::ids::OrgId;

pub(super) fn entry(kind: EntryKind, at: TableAt<'_>, problems: &mut Vec<PolicyProblem>) -> Option<Entry> {
    let before = problems.len();
    let mut section = Section::new(kind.section(), &at, problems);
    // Elsewhere it could be taken for an image's name, and would narrow nothing.
    let name = match kind {
        EntryKind::Trusted => section.text("name").map(|(name, _)| name),
        EntryKind::Exception | EntryKind::IntendedPublic => None,
    };
    let written_id = section.text("id").map(|(id, _)| id);
    let (scope, tie) = match kind {
        EntryKind::Trusted => (trusted(&mut section), None),
        EntryKind::Exception => exception(&mut section),
        EntryKind::IntendedPublic => (intended_public(&mut section), None),
    };
    let approval = approval(&mut section);
    section.finish();
    if problems.len() > before {
        return None;
    }
    let words = match &tie {
        Some(tie) => tie.words(),
        None => scope.words(),
    };
    let id = written_id.unwrap_or_else(|| hash_id("x-", &[kind.word(), &words]));
    Some(Entry { id, kind, name, scope, tie, words, approval })
}

const WHY_APPROVAL: &str = "whoever lets something pass signs for it: owner, reason and expires";

pub(super) fn approval(section: &mut Section<'_>) -> Approval {
    let owner = section.required("owner", WHY_APPROVAL);
    let reason = section.required("reason", WHY_APPROVAL);
    let before = section.problems.len();
    let expires = section.time("expires", Day::Ends);
    if expires.is_none() && section.problems.len() == before {
        let (span, name) = (section.span.clone(), section.name);
        section.problem(
            span,
            format!("{name} has no `expires`"),
            "write a date, such as expires = 2027-06-30",
        );
    }
    let approved_at = section.time("approved_at", Day::Begins);
    if let (Some((expires, _)), Some((approved, span))) = (&expires, &approved_at)
        && approved > expires
    {
        section.problem(span.clone(), "`approved_at` is after `expires`", "");
    }
    Approval {
        owner,
        reason,
        expires: expires.map(|(at, _)| at).unwrap_or_default(),
        approver: section.text("approver").map(|(text, _)| text),
        ticket: section.text("ticket").map(|(text, _)| text),
        approved_at: approved_at.map(|(at, _)| at),
    }
}

/// `[[trusted]]`: accounts, organizations and units, whoever shares with them.
fn trusted(section: &mut Section<'_>) -> Scope {
    let mut grantees: BTreeSet<Grantee> = BTreeSet::new();
    let accounts = section.parsed::<crate::model::ids::AccountId>("account", "accounts").unwrap_or_default();
    grantees.extend(accounts.iter().map(|id| Grantee::from_member("userId", &id.to_string())));
    let mut organizations = BTreeSet::new();
    for (text, span) in section.texts("organization", "organizations").unwrap_or_default() {
        let id =
            text.parse::<OrgId>().or_else(|_| text.parse::<OrganizationArn>().map(|arn| arn.organization));
        match id {
            Ok(id) => _ = organizations.insert(id),
            Err(error) => section.problem(span, error.to_string(), "or write its id, such as o-abcdefghij"),
        }
    }
    for arn in section.parsed::<OuArn>("ou", "ous").unwrap_or_default() {
        grantees.insert(Grantee::from_member("organizationalUnitArn", &arn.to_string()));
    }
    let named = ["account", "accounts", "organization", "organizations", "ou", "ous"]
        .iter()
        .any(|key| section.has(key));
    if !named {
        let span = section.span.clone();
        section.problem(span, "[[trusted]] trusts nobody", "name accounts, organizations or ous");
    }
    Scope {
        accounts: None,
        regions: None,
        images: None,
        name: None,
        tags: Vec::new(),
        whom: Whom::Trusted(grantees, organizations),
    }
}

/// `[[exception]]`: certain shares with certain grantees, or one finding, group or event.
fn exception(section: &mut Section<'_>) -> (Scope, Option<Tie>) {
    let tie = tie(section);
    let accounts = set(section.parsed("account", "accounts"));
    let regions = set(section.parsed("region", "regions"));
    let images = set(section.parsed("image", "images"));
    let name = section.text("image_name");
    let tags = section.pairs("tags");
    let whom = section.texts("grantee", "grantees");
    let matches_by_text = name.is_some() || !tags.is_empty();
    let span = section.span.clone();
    let scope = Scope {
        name: name.map(|(pattern, _)| WildMatch::new(&pattern)),
        tags: tags.into_iter().map(|((key, _), (value, _))| (key, WildMatch::new(&value))).collect(),
        whom: match whom {
            Some(texts) => grantees(section, texts, matches_by_text, images.is_some()),
            None => Whom::Grantees(BTreeSet::new()),
        },
        accounts,
        regions,
        images,
    };
    let nobody = scope.whom == Whom::Grantees(BTreeSet::new());
    if tie.is_some() {
        let narrowed = scope.accounts.is_some() || scope.regions.is_some() || scope.images.is_some();
        if !nobody || narrowed || matches_by_text {
            let help = "write either the id, or account, image and grantee";
            section.problem(span, "an entry tied to an id has a scope already", help);
        }
    } else if nobody {
        let help =
            "name the accounts or ARNs that may launch it; to trust somebody everywhere use [[trusted]]";
        section.problem(span, "[[exception]] has no `grantee`", help);
    } else if matches_by_text && scope.accounts.is_none() {
        let help = "whoever shares can write names and tags, so add the account whose images are meant";
        section.problem(span, "[[exception]] matches by name or tag without an `account`", help);
    } else if scope.accounts.is_none() && scope.images.is_none() {
        let help = "add `account` or `image`; to trust somebody everywhere use [[trusted]]";
        section.problem(span, "[[exception]] names neither account nor image", help);
    }
    (scope, tie)
}

pub(super) fn set<T: Ord>(values: Option<Vec<T>>) -> Option<BTreeSet<T>> {
    values.map(|values| values.into_iter().collect())
}

fn tie(section: &mut Section<'_>) -> Option<Tie> {
    let finding = section.text("finding_id").map(|(id, _)| Tie::Finding(id));
    let group = section.text("group_id").map(|(id, _)| Tie::Group(id));
    let event = section.text("event_id").map(|(id, _)| Tie::Event(id));
    let mut ties = [finding, group, event].into_iter().flatten();
    let first = ties.next();
    if ties.next().is_some() {
        let span = section.span.clone();
        section.problem(span, "an entry is tied to one id", "write one entry for each id");
    }
    first
}

/// The grantees of an exception. Everybody must be written literally, and be narrowed to images by id.
fn grantees(
    section: &mut Section<'_>,
    texts: Vec<(String, Range<usize>)>,
    matches_by_text: bool,
    has_images: bool,
) -> Whom {
    let mut grantees = BTreeSet::new();
    let count = texts.len();
    for (text, span) in texts {
        if text == "public" || text == "all" {
            if text == "all" || count > 1 || matches_by_text || !has_images {
                let help = "write grantee = \"public\" alone, with `image` ids and no name or tag; or [[intended_public]]";
                section.problem(span, "a public share needs an entry of its own", help);
            }
            return Whom::Public;
        }
        match grantee(&text) {
            Some(grantee) => _ = grantees.insert(grantee),
            None => {
                let help = "it is an account id, the ARN of an organization or OU, `public`, or `key=value` as reported";
                section.problem(span, format!("{text:?} is not a grantee"), help);
            }
        }
    }
    Whom::Grantees(grantees)
}

/// A grantee as reports write it.
fn grantee(text: &str) -> Option<Grantee> {
    let of =
        |member: &str| Some(Grantee::from_member(member, text)).filter(|grantee| !grantee.is_unrecognized());
    let known = of("userId").or_else(|| of("organizationArn")).or_else(|| of("organizationalUnitArn"));
    known.or_else(|| {
        let (member, value) = text.split_once('=')?;
        // An unrecognized grantee, as met; a known one is not written with its key.
        Some(Grantee::from_member(member, value)).filter(Grantee::is_unrecognized)
    })
}

/// `[[intended_public]]`: images that are meant for everybody.
fn intended_public(section: &mut Section<'_>) -> Scope {
    let accounts = set(section.parsed("account", "accounts"));
    let regions = set(section.parsed("region", "regions"));
    let images = set(section.parsed("image", "images"));
    if accounts.is_none() {
        let span = section.span.clone();
        section.problem(
            span,
            "[[intended_public]] has no `account`",
            "name the account that publishes, and its images",
        );
    }
    Scope { accounts, regions, images, name: None, tags: Vec::new(), whom: Whom::Public }
}
