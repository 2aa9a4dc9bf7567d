//! Whose organization it is, and whether its accounts are known: nobody is taken for an outsider on a guess.

use jiff::{SignedDuration, Timestamp};

use crate::app::failed::Failed;
use crate::model::gap::Gap;
use crate::model::organization::Membership;
use crate::report::{OrganizationRef, plain};

/// The oldest saved list of accounts that is gone by.
const OLDEST_LIST: SignedDuration = SignedDuration::from_hours(24);

/// What two clocks may differ by.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(60);

/// Checks the organization of now: that its accounts are all known, and that it is the report's. A saved list must be
/// of the last day.
pub(super) fn check_organization(
    (membership, gaps): (&Membership, &[Gap]),
    report: Option<&OrganizationRef>,
    (is_saved, now): (bool, Timestamp),
) -> Result<(), Failed> {
    let refused = |why: String| Err(Failed::Refused(why));
    match membership {
        Membership::NotInOrganization => {}
        Membership::NotAsked => return refused("the organization's accounts are not known".to_owned()),
        Membership::In { accounts, as_of, .. } => {
            if let Some(why) = &accounts.incomplete {
                let why = plain(why);
                return refused(format!(
                    "the list of the organization's accounts is not complete ({why}): nobody is taken for an outsider \
                     on a guess"
                ));
            }
            let oldest = now.saturating_sub(OLDEST_LIST).unwrap_or_default();
            let newest = now.saturating_add(CLOCKS_DIFFER).unwrap_or(now);
            if is_saved && as_of.is_none_or(|at| at < oldest || newest < at) {
                let why = "--organization: the list of accounts is older than 24 hours, does not say of when it is, \
                           or is of a time to come: save it anew";
                return refused(why.to_owned());
            }
        }
    }
    if let Some(gap) = gaps.first() {
        return refused(format!("the organization could not be read wholly: {}", plain(&gap.reason)));
    }
    match report.and_then(|report| differs(report, membership)) {
        Some(why) => refused(why),
        None => Ok(()),
    }
}

/// How the organization of now is not the report's, as far as both are known.
fn differs(report: &OrganizationRef, membership: &Membership) -> Option<String> {
    let then = match (report.account_list.as_str(), &report.organization_id) {
        ("not_in_organization", _) => None,
        (_, Some(id)) => Some(id.clone()),
        // The report did not know.
        _ => return None,
    };
    let now = match membership {
        Membership::NotInOrganization => None,
        _ => Some(membership.organization()?.organization.to_string()),
    };
    let name = |id: Option<String>| id.map_or_else(|| "no organization".to_owned(), |id| plain(&id));
    (then != now).then(|| {
        let (then, now) = (name(then), name(now));
        format!("the report is of {then}, and the caller is in {now} now: scan again, by the same caller")
    })
}
