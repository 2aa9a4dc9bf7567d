//! A share: one grantee that may launch one image, and what that means.

use std::sync::Arc;

use jiff::Timestamp;

use super::grantee::Grantee;
use super::ids::ImageId;
use super::image::Image;
use super::place::Place;
use super::trace::Trace;

/// Gives an enum its contract words, in both directions.
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The contract's word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the contract's word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}
pub(crate) use words;

/// A standing grant: read from the image's own launch permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The owner's account and Region.
    pub place: Place,
    /// The image.
    pub image: Arc<Image>,
    /// Who may launch it.
    pub grantee: Grantee,
    /// When this was read.
    pub read_at: Timestamp,
}

impl Share {
    /// The contract's order: account, Region, image, grantee. One grant has one place in it.
    #[must_use]
    pub fn order(&self) -> (&Place, &ImageId, &Grantee) {
        (&self.place, &self.image.id, &self.grantee)
    }
}

/// What a grantee is to the image's owner and its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Everybody.
    Public,
    /// The owner itself.
    OwnAccount,
    /// An account of our organization.
    Member,
    /// An account of our organization that is suspended, being closed or closed.
    SuspendedMember,
    /// An account that was in our organization and no longer is.
    FormerMember,
    /// Our organization or one of its units.
    OwnOrganization,
    /// Somebody whom the policy trusts.
    Trusted,
    /// An account of nobody we know.
    External,
    /// Somebody else's organization or one of its units.
    ForeignOrganization,
    /// It could not be told.
    Unknown,
}

words!(Relation {
    Public => "public",
    OwnAccount => "self",
    Member => "member",
    SuspendedMember => "suspended_member",
    FormerMember => "former_member",
    OwnOrganization => "own_organization",
    Trusted => "trusted",
    External => "external",
    ForeignOrganization => "foreign_organization",
    Unknown => "unknown",
});

/// What a share amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Inside our own organization.
    Own,
    /// With somebody whom the policy trusts.
    Trusted,
    /// Outside, and the policy approves just that.
    Excepted,
    /// Outside, and nobody approved it.
    Open,
    /// It cannot be told whether this is inside.
    Undetermined,
}

words!(Verdict {
    Own => "own",
    Trusted => "trusted",
    Excepted => "excepted",
    Open => "open",
    Undetermined => "undetermined",
});

impl Verdict {
    /// The verdict on a relation that no policy entry speaks of.
    #[must_use]
    pub fn of(relation: Relation) -> Self {
        match relation {
            Relation::OwnAccount | Relation::Member | Relation::OwnOrganization => Self::Own,
            Relation::Public
            | Relation::SuspendedMember
            | Relation::FormerMember
            | Relation::External
            | Relation::ForeignOrganization => Self::Open,
            Relation::Trusted => Self::Trusted,
            Relation::Unknown => Self::Undetermined,
        }
    }
}

/// A share with what it is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessedShare {
    /// The grant.
    pub share: Share,
    /// What the grantee is to us.
    pub relation: Relation,
    /// What that amounts to.
    pub verdict: Verdict,
    /// The boundary of the policy that it crosses inside our organization.
    pub crosses: Option<String>,
    /// The entry of the policy that approves it.
    pub exception_id: Option<String>,
    /// Who the grantee is, where that is known. To be named is not to be trusted.
    pub grantee_name: String,
    /// The tool or service that seems to keep the grant or the image: by the call that made it, else by the
    /// image's tags and owner. A hint: tags and user agents can be forged.
    pub managed_by: String,
    /// Where the grant comes from.
    pub trace: Trace,
}

/// Where a grant is among shares in their order, if it stands.
#[must_use]
pub fn find(shares: &[AssessedShare], place: &Place, image: &ImageId, grantee: &Grantee) -> Option<usize> {
    shares.binary_search_by(|assessed| assessed.share.order().cmp(&(place, image, grantee))).ok()
}
