//! Why there is no report, and what to do about it.

use crate::aws::{AwsSettings, Purpose};
use crate::cli::AwsChoice;
use crate::collect::{BadOrganizationFile, BadSelection, BadSnapshot, BadSource};
use crate::model::exit::Exit;
use crate::model::failure::{Failure, FailureKind};
use crate::model::ids::{BadId, Region};
use crate::report::RenderError;

use super::console::Console;
use super::publish::PublishError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("{0}")]
    Aws(#[from] Failure),
    #[error("the Region of your AWS configuration (AWS_REGION, or the profile's): {0}")]
    Region(#[from] BadId),
    #[error(transparent)]
    File(#[from] BadOrganizationFile),
    #[error(transparent)]
    Selection(#[from] BadSelection),
    #[error(transparent)]
    Snapshot(#[from] BadSnapshot),
    #[error(transparent)]
    Source(#[from] BadSource),
    /// A file that the user named is not what it should be.
    #[error("{0}")]
    Input(String),
    /// Nothing was done, since something that must be fulfilled is not.
    #[error("refused: {0}")]
    Refused(String),
    /// Every problem of a policy file, shown already.
    #[error("{file}: {count} problem{}", if *count == 1 { "" } else { "s" })]
    Policy { file: String, count: usize },
    #[error("the report cannot be written: {0}")]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("ended at once; no report was written")]
    Killed,
    /// The same, where a journal tells how far it came.
    #[error("ended at once; the same command goes on")]
    Halted,
}

impl Failed {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Aws(_)
            | Self::Publish(_)
            | Self::Render(_)
            | Self::Selection(BadSelection::Tree(_) | BadSelection::UnitsUnknown(_)) => Exit::Failed,
            Self::Region(_)
            | Self::File(_)
            | Self::Input(_)
            | Self::Refused(_)
            | Self::Policy { .. }
            | Self::Snapshot(_)
            | Self::Source(_)
            | Self::Selection(_) => Exit::Usage,
            Self::Killed | Self::Halted => Exit::Killed,
        }
    }

    /// Says it, and gives the exit code.
    pub(super) fn tell(&self, console: &Console) -> Exit {
        console.error(&crate::report::plain(&self.to_string()), self.hint());
        self.exit()
    }

    /// What to do next, where the error does not say so itself.
    fn hint(&self) -> &'static str {
        match self {
            Self::Publish(_) => "choose another folder with --out",
            Self::Policy { .. } => "`amiaudit policy init` writes a file with every section explained",
            Self::Selection(BadSelection::NoSuchAccount(_) | BadSelection::NoSuchExclusion(_)) => {
                "`aws organizations list-accounts` lists them"
            }
            Self::Selection(BadSelection::NoSuchRegion(_)) => {
                "`aws ec2 describe-regions --all-regions` lists them"
            }
            Self::Selection(BadSelection::Nothing) => {
                "to read other accounts than the caller's, name a role with --role-name"
            }
            Self::Aws(failure) if failure.kind == FailureKind::Passing => {
                "check the network, and the endpoint if you named one"
            }
            _ => "",
        }
    }
}

/// How to reach AWS, from what was typed.
pub(super) fn aws_settings(aws: &AwsChoice, first_region: Option<&Region>) -> AwsSettings {
    AwsSettings {
        profile: aws.profile.clone(),
        endpoint_url: aws.endpoint_url.clone(),
        first_region: first_region.cloned(),
        role_name: aws.role_name.clone(),
        external_id: aws.external_id.clone(),
        events_role_arn: aws.events_role_arn.clone(),
        purpose: Purpose::Scan,
        api_share: aws.api_share,
        api_rates: aws.api_rates.clone(),
        max_concurrency: aws.max_concurrency,
        only_key: None,
    }
}
