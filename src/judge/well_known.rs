//! Accounts of AWS's own that images are shared with. To be named here is not to be trusted.

use crate::model::ids::AccountId;

/// The account, its name, and where that can be read.
const ACCOUNTS: &[(&str, &str, &str)] = &[(
    "679593333241",
    "AWS Marketplace (image ingestion)",
    "https://github.com/f5devcentral/f5-cloud-functions/blob/master/AWS/AMI_Share/README.md",
)];

/// AWS's name for one of its own accounts.
pub(super) fn name(account: AccountId) -> Option<&'static str> {
    let id = account.to_string();
    ACCOUNTS.iter().find(|(known, _, _)| *known == id).map(|(_, name, _)| *name)
}
