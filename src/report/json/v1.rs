//! The published form of `report.json`: a field is only ever added, and the domain may change behind it.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::model::coverage::Coverage;
use crate::model::exception::Exception;
use crate::model::finding::Finding;
use crate::model::gap::Gap;
use crate::model::share::AssessedShare;

#[derive(Serialize, JsonSchema)]
pub(super) struct ReportV1<'a> {
    pub(super) schema_version: u32,
    pub(super) tool: Tool,
    pub(super) run: RunV1<'a>,
    pub(super) organization: OrganizationV1,
    pub(super) rules: Vec<RuleV1>,
    #[schemars(with = "Vec<FindingV1<'a>>")]
    pub(super) findings: Each<'a, Finding, FindingV1<'a>>,
    #[schemars(with = "Vec<ShareV1<'a>>")]
    pub(super) shares: Each<'a, AssessedShare, ShareV1<'a>>,
    #[schemars(with = "Vec<CoverageV1<'a>>")]
    pub(super) coverage: Each<'a, Coverage, CoverageV1<'a>>,
    #[schemars(with = "Vec<GapV1<'a>>")]
    pub(super) gaps: Each<'a, Gap, GapV1<'a>>,
    #[schemars(with = "Vec<ExceptionV1<'a>>")]
    pub(super) exceptions: Each<'a, Exception, ExceptionV1<'a>>,
}

/// A list whose entries take their published form one by one, as they are written: a whole report in that form
/// would be a second report in memory.
pub(super) struct Each<'a, Of, Form> {
    list: &'a [Of],
    form: Box<dyn Fn(&'a Of) -> Form + 'a>,
}

impl<'a, Of, Form> Each<'a, Of, Form> {
    pub(super) fn new(list: &'a [Of], form: impl Fn(&'a Of) -> Form + 'a) -> Self {
        Self { list, form: Box::new(form) }
    }
}

impl<Of, Form: Serialize> Serialize for Each<'_, Of, Form> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.list.iter().map(&self.form))
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct RunV1<'a> {
    pub(super) run_id: &'a str,
    pub(super) started_at: String,
    pub(super) ended_at: String,
    pub(super) interrupted: bool,
    pub(super) caller_account_id: String,
    pub(super) caller_arn: &'a str,
    pub(super) caller_user_id: &'a str,
    pub(super) partition: String,
    /// SHA-256 of the policy file, where there was one.
    pub(super) policy_sha256: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct OrganizationV1 {
    /// `complete`, `incomplete`, `not_in_organization` or `not_asked`.
    pub(super) account_list: &'static str,
    pub(super) reason: Option<String>,
    pub(super) organization_id: Option<String>,
    pub(super) management_account_id: Option<String>,
    pub(super) accounts: Option<usize>,
    pub(super) as_of: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct RuleV1 {
    pub(super) rule_id: &'static str,
    pub(super) title: &'static str,
    pub(super) severity: &'static str,
    pub(super) risk: &'static str,
    pub(super) misses: &'static str,
    pub(super) remediation: &'static str,
    pub(super) mitre_technique: Option<&'static str>,
    pub(super) mitre_tactic: Option<&'static str>,
    pub(super) covers: &'static [&'static str],
    pub(super) references: &'static [&'static str],
    pub(super) controls: Vec<ControlV1>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ControlV1 {
    pub(super) id: &'static str,
    pub(super) source: &'static str,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FindingV1<'a> {
    pub(super) finding_id: String,
    pub(super) rule_id: &'static str,
    pub(super) severity: &'static str,
    pub(super) status: &'static str,
    pub(super) account_id: Option<String>,
    pub(super) account_name: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) regions: Vec<&'a str>,
    pub(super) image_id: Option<&'a str>,
    pub(super) image_name: Option<&'a str>,
    pub(super) grantee_type: Option<&'static str>,
    pub(super) grantee: Option<String>,
    pub(super) grantee_name: Option<&'a str>,
    pub(super) grantee_relation: Option<&'static str>,
    pub(super) attribution: Option<&'static str>,
    pub(super) origin: Option<OriginV1<'a>>,
    /// Whether the grantee was an account of the organization when it was let in.
    pub(super) member_then: Option<bool>,
    pub(super) first_seen: String,
    pub(super) remediation: Cow<'a, str>,
    pub(super) subject: Option<&'a str>,
    pub(super) exception_id: Option<&'a str>,
    pub(super) group_id: Option<&'a str>,
    pub(super) managed_by: Option<&'a str>,
    pub(super) resolved_at: Option<String>,
    pub(super) resolution: Option<&'static str>,
    /// The image's snapshot, where the finding is about a grant of that.
    pub(super) snapshot_id: Option<&'a str>,
    /// When the image was last launched, where AWS told.
    pub(super) last_launched_at: Option<String>,
}

/// The call that made a grant, or may have.
#[derive(Serialize, JsonSchema)]
pub(super) struct OriginV1<'a> {
    pub(super) shared_at: Option<String>,
    pub(super) shared_by: &'a str,
    pub(super) shared_by_type: &'a str,
    pub(super) source_ip: &'a str,
    pub(super) user_agent: &'a str,
    pub(super) invoked_by: Option<&'a str>,
    pub(super) mfa: Option<&'a str>,
    /// Whether it was done in the console; null where nothing says so.
    pub(super) console: Option<bool>,
    pub(super) event_id: &'a str,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ShareV1<'a> {
    pub(super) account_id: String,
    pub(super) account_name: &'a str,
    pub(super) region: &'a str,
    pub(super) image_id: &'a str,
    pub(super) image_name: &'a str,
    pub(super) image_state: &'a str,
    pub(super) created_at: Option<String>,
    pub(super) encrypted: Option<bool>,
    pub(super) grantee_type: &'static str,
    pub(super) grantee: String,
    pub(super) grantee_name: Option<&'a str>,
    pub(super) grantee_relation: &'static str,
    pub(super) verdict: &'static str,
    pub(super) attribution: &'static str,
    pub(super) shared_at: Option<String>,
    pub(super) shared_by: Option<&'a str>,
    pub(super) event_id: Option<&'a str>,
    pub(super) member_then: Option<bool>,
    pub(super) read_at: String,
    pub(super) exception_id: Option<&'a str>,
    pub(super) managed_by: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CoverageV1<'a> {
    pub(super) account_id: String,
    pub(super) account_name: &'a str,
    pub(super) account_state: &'a str,
    pub(super) partition: String,
    pub(super) region: Option<&'a str>,
    pub(super) status: &'static str,
    pub(super) images_listed: Option<u64>,
    pub(super) images_gone: Option<u64>,
    pub(super) permissions_read: Option<u64>,
    pub(super) grants: Option<u64>,
    pub(super) events_from: Option<String>,
    pub(super) events_to: Option<String>,
    pub(super) gaps: usize,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct GapV1<'a> {
    pub(super) account_id: Option<String>,
    pub(super) region: Option<&'a str>,
    pub(super) call: &'a str,
    pub(super) subject: &'a str,
    pub(super) reason: &'a str,
    pub(super) error_code: Option<&'a str>,
    pub(super) expected: bool,
    pub(super) owner: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ExceptionV1<'a> {
    pub(super) exception_id: &'a str,
    pub(super) kind: &'static str,
    pub(super) scope: &'a str,
    pub(super) owner: &'a str,
    pub(super) approver: Option<&'a str>,
    pub(super) ticket: Option<&'a str>,
    pub(super) reason: &'a str,
    pub(super) approved_at: Option<String>,
    pub(super) expires_at: String,
    pub(super) matches: u64,
}
