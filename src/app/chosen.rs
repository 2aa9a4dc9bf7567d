//! What was chosen on the command line, as `collect` takes it.

use crate::cli::{AwsChoice, Choice, OrganizationChoice};
use crate::collect::{BadOrganizationFile, OrganizationSource, Selection, read_organization_file};
use crate::model::caller::Caller;

/// Where the organization is learned from. A saved list of it is read.
pub(super) fn organization(
    choice: &OrganizationChoice,
    caller: &Caller,
) -> Result<OrganizationSource, BadOrganizationFile> {
    Ok(match choice {
        OrganizationChoice::Api => OrganizationSource::Api,
        OrganizationChoice::None => OrganizationSource::None,
        OrganizationChoice::File(path) => {
            OrganizationSource::File(read_organization_file(path, Some(caller))?)
        }
    })
}

/// Which accounts and Regions are read.
pub(super) fn selection(choice: &Choice, aws: &AwsChoice) -> Selection {
    let choice = choice.clone();
    Selection {
        accounts: choice.accounts,
        units: choice.units,
        excluded: choice.excluded,
        regions: choice.regions,
        has_role: aws.role_name.is_some(),
    }
}
