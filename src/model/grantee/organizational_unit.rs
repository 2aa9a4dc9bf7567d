//! An organizational unit, with all that is nested in it: `organizationalUnitArn`.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-organizations-and-OUs.html>

use super::{GranteeKind, Kind};
use crate::model::arn::OuArn;
use crate::model::ids::{AccountId, OrgId, OuId};
use crate::model::org_view::OrgView;
use crate::model::share::Relation;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Unit(OuArn);

pub(super) fn parse(arn: &str) -> Option<Kind> {
    arn.parse().ok().map(|arn| Kind::OrganizationalUnit(Unit(arn)))
}

impl GranteeKind for Unit {
    fn word(&self) -> &'static str {
        "organizational_unit"
    }
    fn label(&self) -> String {
        self.0.to_string()
    }
    fn relation(&self, _: AccountId, org: &OrgView) -> Relation {
        org.relation_of_organization(&self.0.of)
    }
    fn removal(&self) -> Option<String> {
        Some(format!("{{OrganizationalUnitArn={}}}", self.0))
    }
    fn organization(&self) -> Option<&OrgId> {
        Some(&self.0.of.organization)
    }
    fn unit(&self) -> Option<&OuId> {
        Some(&self.0.unit)
    }
}
