//! A whole organization: `organizationArn`. It may be anybody's, so the ARN is parsed and compared.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-organizations-and-OUs.html>

use super::{GranteeKind, Kind};
use crate::model::arn::OrganizationArn;
use crate::model::ids::{AccountId, OrgId};
use crate::model::org_view::OrgView;
use crate::model::share::Relation;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Organization(OrganizationArn);

pub(super) fn parse(arn: &str) -> Option<Kind> {
    arn.parse().ok().map(|arn| Kind::Organization(Organization(arn)))
}

impl GranteeKind for Organization {
    fn word(&self) -> &'static str {
        "organization"
    }
    fn label(&self) -> String {
        self.0.to_string()
    }
    fn relation(&self, _: AccountId, org: &OrgView) -> Relation {
        org.relation_of_organization(&self.0)
    }
    fn removal(&self) -> Option<String> {
        Some(format!("{{OrganizationArn={}}}", self.0))
    }
    fn organization(&self) -> Option<&OrgId> {
        Some(&self.0.organization)
    }
}
