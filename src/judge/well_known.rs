//! Accounts of AWS's own that images are shared with. To be named here is not to be trusted.

use crate::model::ids::AccountId;

/// The account, its name, and where that can be read.
const ACCOUNTS: &[(&str, &str, &str)] = &[(
    "679593333241",
    "AWS Marketplace (image ingestion)",
    "https://docs.aws.amazon.com/marketplace/latest/userguide/ami-products.html",
)];

/// AWS's name for one of its own accounts.
pub(super) fn name(account: AccountId) -> Option<&'static str> {
    let id = account.to_string();
    ACCOUNTS.iter().find(|(known, _, _)| *known == id).map(|(_, name, _)| *name)
}
