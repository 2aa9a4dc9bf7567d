//! The lines of a journal.

use serde::{Deserialize, Serialize};

use super::plan::Person;
use crate::model::grantee::Grantee;
use crate::model::place::Place;
use crate::model::remediation::{Ending, Target};

/// A grantee as reports write it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The kind's word.
    pub grantee_type: String,
    /// The text.
    pub grantee: String,
}

impl Named {
    /// A grantee's name.
    #[must_use]
    pub fn of(grantee: &Grantee) -> Self {
        Self { grantee_type: grantee.word().to_owned(), grantee: grantee.label() }
    }

    /// The grantee of that name.
    ///
    /// # Errors
    /// There is no such kind, or the text is none of it.
    pub fn grantee(&self) -> Result<Grantee, String> {
        let Self { grantee_type, grantee } = self;
        Grantee::from_report(grantee_type, grantee)
            .ok_or_else(|| format!("{grantee:?} is not a grantee of the kind {grantee_type:?}"))
    }
}

/// The names of grantees.
pub(super) fn names<'a>(grantees: impl IntoIterator<Item = &'a Grantee>) -> Vec<Named> {
    grantees.into_iter().map(Named::of).collect()
}

/// A target as lines name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct On {
    account_id: String,
    region: String,
    image_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snapshot_id: Option<String>,
}

impl On {
    /// The name of a target.
    pub(super) fn of(target: &Target) -> Self {
        Self {
            account_id: target.place.account.to_string(),
            region: target.place.region.to_string(),
            image_id: target.image.to_string(),
            snapshot_id: target.snapshot.as_ref().map(ToString::to_string),
        }
    }

    /// The target of that name.
    pub(super) fn target(&self) -> Result<Target, String> {
        let bad = |error: crate::model::ids::BadId| error.to_string();
        Ok(Target {
            place: place(&self.account_id, &self.region)?,
            image: self.image_id.parse().map_err(bad)?,
            snapshot: self.snapshot_id.as_deref().map(str::parse).transpose().map_err(bad)?,
        })
    }
}

/// A place as lines name it.
pub(super) fn place(account: &str, region: &str) -> Result<Place, String> {
    let bad = |error: crate::model::ids::BadId| error.to_string();
    Ok(Place { account: account.parse().map_err(bad)?, region: region.parse().map_err(bad)? })
}

/// One grant, the finding that it is of, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// The finding.
    pub finding_id: String,
    /// Its grantee.
    pub grantee: Named,
}

/// What is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum Record {
    /// An apply begins, or goes on.
    Begun {
        /// The plan.
        plan_sha256: String,
        /// The report that it rests on.
        report_sha256: String,
        /// Who does it.
        by: Person,
        /// Who approved it.
        approved_by: Vec<Person>,
        /// The plan's ticket.
        ticket: Option<String>,
    },
    /// These grants of a target are about to be taken back.
    Removing {
        /// The target.
        on: On,
        /// All its grants.
        before: Vec<Named>,
        /// Those that go.
        grants: Vec<Taken>,
    },
    /// AWS answered a call, or did not.
    Answered {
        /// The target.
        on: On,
        /// Why the call failed, if it did.
        error: Option<String>,
        /// Whether AWS refused it, so that it certainly changed nothing: a fault or a time-out does not say that.
        refused: bool,
    },
    /// What became of grants, as a later read showed.
    Settled {
        /// The target.
        on: On,
        /// What became of them: a word of the contract.
        ending: String,
        /// The grants.
        grants: Vec<Taken>,
        /// All the target's grants now, where they were read.
        after: Option<Vec<Named>>,
        /// What else there is to say.
        reason: String,
    },
    /// Block public access is about to be switched in a place.
    Switching {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// AWS's word for what it is now.
        before: String,
        /// AWS's word for what it is to be.
        to: String,
    },
    /// What became of that.
    Switched {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// AWS's word for what a later read showed; none where it could not be read.
        state: Option<String>,
        /// Why it is not as wanted, if it is not.
        error: Option<String>,
    },
    /// An undo begins, or goes on.
    UndoBegun {
        /// Who does it.
        by: Person,
    },
    /// These grants of a target are about to be given again.
    Restoring {
        /// The target.
        on: On,
        /// All its grants.
        before: Vec<Named>,
        /// Those that come back.
        grants: Vec<Taken>,
    },
    /// The command came to its end.
    Ended {
        /// Grants with nothing left to do.
        done: usize,
        /// The others.
        left: usize,
    },
}

impl Record {
    /// What became of grants.
    pub(super) fn settled(
        target: &Target,
        ending: Ending,
        grants: Vec<Taken>,
        after: Option<&[Grantee]>,
        reason: String,
    ) -> Self {
        let (on, ending) = (On::of(target), ending.word().to_owned());
        Self::Settled { on, ending, grants, after: after.map(names), reason }
    }
}
