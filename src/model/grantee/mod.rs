//! Who a launch permission lets in: one file a kind, and no `match` on the kind anywhere else.
//!
//! A launch permission has exactly one member (`userId`, `group`, `organizationArn` or
//! `organizationalUnitArn`); whatever does not parse as one of these is kept as *unrecognized*.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html>

mod account;
mod organization;
mod organizational_unit;
mod public;
mod unrecognized;

use std::cmp::Ordering;
use std::fmt;

use super::ids::{AccountId, OrgId, OuId};
use super::org_view::OrgView;
use super::share::Relation;

/// Somebody who may launch an image.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Grantee(Kind);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    Public(public::Everybody),
    Account(account::Account),
    Organization(organization::Organization),
    OrganizationalUnit(organizational_unit::Unit),
    Unrecognized(unrecognized::Unrecognized),
}

/// What every kind of grantee can say of itself.
trait GranteeKind {
    /// The contract's word in `grantee_type`.
    fn word(&self) -> &'static str;
    /// The contract's text in `grantee`.
    fn label(&self) -> String;
    /// What it is to the image's owner and to our organization.
    fn relation(&self, owner: AccountId, org: &OrgView) -> Relation;
    /// How `aws ec2 modify-image-attribute --launch-permission Remove=[…]` names it; `None` where no
    /// call could.
    fn removal(&self) -> Option<String>;
    /// The account it names, if it names one.
    fn account(&self) -> Option<AccountId> {
        None
    }
    /// The organization it is, or is a unit of.
    fn organization(&self) -> Option<&OrgId> {
        None
    }
    /// The organizational unit it is.
    fn unit(&self) -> Option<&OuId> {
        None
    }
}

/// Reads one member of a launch permission: its value, and the kind it makes if it parses.
type Parser = fn(&str) -> Option<Kind>;

/// The members AWS documents, by wire name. A new grantee kind is a file and a line here.
const MEMBERS: &[(&str, Parser)] = &[
    ("userId", account::parse),
    ("group", public::parse),
    ("organizationArn", organization::parse),
    ("organizationalUnitArn", organizational_unit::parse),
];

impl Grantee {
    /// Reads one member of a launch permission by its wire name. Never fails: what is not
    /// understood becomes an *unrecognized* grantee with its text as met.
    #[must_use]
    pub fn from_member(name: &str, value: &str) -> Self {
        let parser = MEMBERS.iter().find(|(known, _)| *known == name).map(|(_, parser)| parser);
        let kind = parser.and_then(|parse| parse(value));
        Self(kind.unwrap_or_else(|| unrecognized::make(name, value)))
    }

    /// A member of a permission that AWS documents for no such permission, as met.
    #[must_use]
    pub fn unrecognized(name: &str, value: &str) -> Self {
        Self(unrecognized::make(name, value))
    }

    /// A launch permission in which nothing could be read, with whatever raw text there is.
    #[must_use]
    pub fn unreadable(raw: &str) -> Self {
        Self(unrecognized::make("launchPermission", raw))
    }

    fn kind(&self) -> &dyn GranteeKind {
        match &self.0 {
            Kind::Public(kind) => kind,
            Kind::Account(kind) => kind,
            Kind::Organization(kind) => kind,
            Kind::OrganizationalUnit(kind) => kind,
            Kind::Unrecognized(kind) => kind,
        }
    }

    /// `public`, `account`, `organization`, `organizational_unit` or `unrecognized`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.kind().word()
    }

    /// `all`, an account id, an ARN, or `key=value` as met.
    #[must_use]
    pub fn label(&self) -> String {
        self.kind().label()
    }

    /// What this grantee is to `owner` and to the organization.
    #[must_use]
    pub fn relation(&self, owner: AccountId, org: &OrgView) -> Relation {
        self.kind().relation(owner, org)
    }

    /// The grantee in the shorthand of `aws ec2 modify-image-attribute`, such as
    /// `{UserId=111122223333}`; `None` where no call could remove it.
    #[must_use]
    pub fn removal(&self) -> Option<String> {
        self.kind().removal()
    }

    /// The member of a launch permission that names it: its wire name and value. `None` where no call could.
    #[must_use]
    pub fn member(&self) -> Option<(&'static str, String)> {
        let label = self.label();
        let named = MEMBERS.iter().find(|(name, _)| Self::from_member(name, &label) == *self);
        named.map(|(name, _)| (*name, label))
    }

    /// The grantee as `aws ec2 modify-snapshot-attribute` takes it, such as `--user-ids 111122223333`; `None` where no
    /// call could remove it. Snapshots are shared with accounts and with everybody only.
    #[must_use]
    pub fn snapshot_removal(&self) -> Option<String> {
        if self.is_public() {
            return Some("--group-names all".to_owned());
        }
        self.account().map(|account| format!("--user-ids {account}"))
    }

    /// The account this grantee names, if it is an account.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.kind().account()
    }

    /// The organization this grantee is, or is a unit of.
    #[must_use]
    pub fn organization(&self) -> Option<&OrgId> {
        self.kind().organization()
    }

    /// The organizational unit this grantee is.
    #[must_use]
    pub fn unit(&self) -> Option<&OuId> {
        self.kind().unit()
    }

    /// Reads a grantee as reports write it: its word in `grantee_type`, and its text.
    #[must_use]
    pub fn from_report(word: &str, label: &str) -> Option<Self> {
        if word == "unrecognized" {
            // Not by its name: a member that AWS knows of images is not recognized of a snapshot.
            let (name, value) = label.split_once('=').unwrap_or((label, ""));
            return Some(Self::unrecognized(name, value));
        }
        let of = |(name, _): &&(&str, Parser)| Self::from_member(name, label).word() == word;
        Some(Self::from_member(MEMBERS.iter().find(of)?.0, label))
    }

    /// Whether everybody is meant.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self.0, Kind::Public(_))
    }

    /// Whether this is none of the kinds that AWS documents.
    #[must_use]
    pub fn is_unrecognized(&self) -> bool {
        matches!(self.0, Kind::Unrecognized(_))
    }

    /// Everybody.
    #[must_use]
    pub fn everybody() -> Self {
        Self(Kind::Public(public::Everybody))
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.label())
    }
}

impl Ord for Grantee {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.label(), self.word()).cmp(&(other.label(), other.word()))
    }
}

impl PartialOrd for Grantee {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
