//! Tools and services that set grants again and again: what one of them shared comes back, unless what it is told to
//! do changes.

use crate::model::trace::Origin;

/// Services, by the name under which CloudTrail has them call.
/// <https://docs.aws.amazon.com/imagebuilder/latest/userguide/cross-account-dist.html>
const SERVICES: &[(&str, &str)] = &[
    ("imagebuilder.amazonaws.com", "EC2 Image Builder"),
    ("backup.amazonaws.com", "AWS Backup"),
    ("workspaces.amazonaws.com", "Amazon WorkSpaces"),
    ("assets.marketplace.amazonaws.com", "AWS Marketplace"),
    ("cloudformation.amazonaws.com", "AWS CloudFormation"),
    ("dlm.amazonaws.com", "Data Lifecycle Manager"),
];

/// Tools, by a word of their user agent, in lower case.
const TOOLS: &[(&str, &str)] = &[
    ("terraform", "Terraform"),
    ("opentofu", "OpenTofu"),
    ("packer", "Packer"),
    ("ansible", "Ansible"),
    ("pulumi", "Pulumi"),
    ("cloudformation", "AWS CloudFormation"),
    ("imagebuilder", "EC2 Image Builder"),
];

/// The pipeline that made a call, if one did. A user agent can be forged, so nothing is judged by it.
pub(crate) fn of_call(origin: &Origin) -> Option<&'static str> {
    let callers = [&*origin.invoked_by, &origin.source_ip, &origin.user_agent];
    let service = SERVICES.iter().find(|(service, _)| callers.contains(service));
    let agent = origin.user_agent.to_ascii_lowercase();
    let tool = || TOOLS.iter().find(|(word, _)| agent.contains(word));
    service.or_else(tool).map(|(_, name)| *name)
}

/// Whether a call was our own: the SDK sends our name in the user agent.
pub(crate) fn is_ours(user_agent: &str) -> bool {
    user_agent.contains("app/amiaudit-")
}
