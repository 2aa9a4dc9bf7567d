//! `--organization FILE`: a saved `aws organizations list-accounts` in the place of the API.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use super::organization::{organization_of, why_incomplete};
use crate::model::arn::MemberArn;
use crate::model::caller::Caller;
use crate::model::ids::{AccountId, OuId};
use crate::model::organization::{AccountList, AccountState, Member, Membership};

/// 50,000 accounts, the most an organization can have, are some 25 MB of this JSON.
const LARGEST: u64 = 256 << 20;

/// A file that is not a saved list of accounts.
#[derive(Debug, thiserror::Error)]
pub enum BadOrganizationFile {
    /// It cannot be read.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It is not the JSON of `aws organizations list-accounts`.
    #[error("{}: {why}; save it with `aws organizations list-accounts --output json`", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    accounts: Vec<SavedAccount>,
    next_token: Option<String>,
    /// Not AWS's: the date that whoever saved the file may state in it.
    as_of: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavedAccount {
    id: String,
    arn: Option<String>,
    name: Option<String>,
    state: Option<String>,
    status: Option<String>,
    joined_timestamp: Option<serde_json::Value>,
    paths: Option<Vec<String>>,
}

/// Whether the file can be opened at all: said before anything is asked of AWS.
///
/// # Errors
/// It cannot.
pub fn can_open(path: &Path) -> Result<(), BadOrganizationFile> {
    let opened = std::fs::File::open(path);
    let unreadable = |error: std::io::Error| BadOrganizationFile::Unreadable {
        path: path.to_owned(),
        why: error.to_string(),
    };
    opened.map(|_| ()).map_err(unreadable)
}

/// Reads the file, and judges as for the API whether the list is complete for `caller`, if there is one. It counts as
/// of the `AsOf` it states; without one, as of when it was last written.
///
/// # Errors
/// The file cannot be read, or is not such a list; the message names the file and the place in it.
pub fn read_organization_file(
    path: &Path,
    caller: Option<&Caller>,
) -> Result<Membership, BadOrganizationFile> {
    let unreadable = |error: std::io::Error| BadOrganizationFile::Unreadable {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let malformed = |why: String| BadOrganizationFile::Malformed { path: path.to_owned(), why };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let written = file.metadata().and_then(|meta| meta.modified()).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(malformed(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    let saved: Saved = serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
        .map_err(|error| malformed(error.to_string()))?;
    let as_of = saved.as_of.or_else(|| Timestamp::try_from(written).ok());
    let cut = saved.next_token.is_some();
    let mut members = Vec::with_capacity(saved.accounts.len());
    for (index, account) in saved.accounts.into_iter().enumerate() {
        members.push(account.check().map_err(|why| malformed(format!("Accounts[{index}]: {why}")))?);
    }
    let organization = organization_of(&members);
    let incomplete = if cut {
        Some("the file ends with a NextToken, so it is not the whole list".to_owned())
    } else {
        why_incomplete(&members, caller, organization.as_ref())
    };
    let members = members.into_iter().map(|member| (member.id, member)).collect();
    let accounts = AccountList { members, incomplete, ..AccountList::default() };
    Ok(Membership::In { organization, accounts, as_of })
}

impl SavedAccount {
    fn check(self) -> Result<Member, String> {
        let id: AccountId = self.id.parse().map_err(|error| format!("Id: {error}"))?;
        let arn = match self.arn.as_deref().map(str::parse::<MemberArn>) {
            None => None,
            Some(Ok(arn)) if arn.account == id => Some(arn),
            Some(Ok(_)) => return Err(format!("Arn: it is not of account {id}")),
            Some(Err(error)) => return Err(format!("Arn: {error}")),
        };
        let Some(state) = self.state.or(self.status) else { return Err("State is missing".to_owned()) };
        Ok(Member {
            id,
            name: self.name.unwrap_or_default(),
            state: AccountState::parse(&state),
            joined_at: self.joined_timestamp.as_ref().and_then(saved_time),
            units: self.paths.as_deref().and_then(units_of),
            organization: arn.map(|arn| arn.of),
        })
    }
}

/// The CLI writes times as ISO 8601 or as seconds since 1970, as it is configured.
fn saved_time(value: &serde_json::Value) -> Option<Timestamp> {
    match value {
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Number(seconds) => Timestamp::from_second(seconds.as_f64()? as i64).ok(),
        _ => None,
    }
}

/// The organizational units of `o-…/r-…/ou-…/…/ACCOUNT/`, outermost first.
pub(super) fn units_of(paths: &[String]) -> Option<Vec<OuId>> {
    let path = paths.first()?;
    Some(path.split('/').filter_map(|part| part.parse().ok()).collect())
}
