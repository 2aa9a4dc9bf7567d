//! Roles assumed in member accounts: with an external id, a read-only session policy, and renewal
//! before they expire.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};

use super::action::{ASSUME_ROLE, Action, READS, REMEDIATE_READS, USAGE_REPORT, WRITES};
use super::send::{Sender, Target};
use crate::model::failure::{Failure, FailureKind};
use crate::model::place::Place;

/// A role is assumed anew when its credentials have less than this left.
pub(super) const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);

/// What roles are assumed for: their sessions may do just that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To read.
    #[default]
    Scan,
    /// To take grants back, and to give them again.
    Remediate,
    /// To ask who uses an image.
    UsageReport,
}

impl Purpose {
    pub(super) fn session_policy(self) -> String {
        match self {
            Self::Scan => scan_session_policy(),
            Self::Remediate => remediate_session_policy(),
            Self::UsageReport => usage_session_policy(),
        }
    }
}

/// The session policy that every assumed role gets: what the role may do and this does not allow, the
/// session cannot do. So not even an administrator's role can write.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>
#[must_use]
pub fn scan_session_policy() -> String {
    allows(READS.iter())
}

/// The same for taking back and undoing, whose role is another. Nothing narrower can be said: no condition key of
/// ModifyImageAttribute tells adding from removing, or names grantees.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>
#[must_use]
pub fn remediate_session_policy() -> String {
    allows(REMEDIATE_READS.iter().chain(WRITES))
}

/// The same for asking who uses an image.
#[must_use]
pub fn usage_session_policy() -> String {
    allows(USAGE_REPORT.iter())
}

fn allows<'a>(actions: impl Iterator<Item = &'a Action>) -> String {
    let actions: Vec<String> = actions.map(|action| format!("{}:{}", action.service, action.name)).collect();
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    })
    .to_string()
}

/// Gives the SDK a member account's credentials.
#[derive(Debug)]
pub(super) struct MemberRole {
    pub(super) sts: aws_sdk_sts::Client,
    pub(super) sender: Arc<Sender>,
    pub(super) home: Place,
    pub(super) role_arn: String,
    pub(super) external_id: Option<String>,
    /// The session policy.
    pub(super) policy: String,
    pub(super) held: tokio::sync::Mutex<Option<Credentials>>,
}

impl MemberRole {
    /// The credentials, assumed anew where those held are about to expire.
    pub(super) async fn credentials(&self) -> Result<Credentials, Failure> {
        let mut held = self.held.lock().await;
        let now = SystemTime::try_from(self.sender.clock().now()).ok();
        if let Some(credentials) = held.as_ref() {
            let good_until = credentials.expiry().and_then(|expiry| expiry.checked_sub(RENEW_BEFORE));
            if good_until > now && now.is_some() {
                return Ok(credentials.clone());
            }
        }
        match self.assume().await {
            Ok(fresh) => {
                *held = Some(fresh.clone());
                Ok(fresh)
            }
            // What is held may still do; the next call tries to renew it again.
            Err(failure) => {
                let usable = held.as_ref().filter(|held| held.expiry() > now && now.is_some());
                usable.cloned().ok_or(failure)
            }
        }
    }

    async fn assume(&self) -> Result<Credentials, Failure> {
        let target = Target { place: &self.home, action: ASSUME_ROLE };
        let answer = self
            .sender
            .call(target, || {
                self.sts
                    .assume_role()
                    .role_arn(&self.role_arn)
                    .role_session_name("amiaudit")
                    .set_external_id(self.external_id.clone())
                    .policy(&self.policy)
                    .send()
            })
            .await
            .map_err(|failure| self.told(failure))?;
        let Some(found) = answer.credentials else { return Err(self.without_credentials()) };
        let expiry = SystemTime::try_from(found.expiration).map_err(|_| self.without_credentials())?;
        let account = answer.assumed_role_user.map(|user| user.arn).unwrap_or_default();
        tracing::debug!(role = self.role_arn, session = account, "assumed");
        Ok(Credentials::new(
            found.access_key_id,
            found.secret_access_key,
            Some(found.session_token),
            Some(expiry),
            "amiaudit AssumeRole",
        ))
    }

    fn told(&self, mut failure: Failure) -> Failure {
        failure.reason = format!("the role {} cannot be assumed: {}", self.role_arn, failure.reason);
        failure
    }

    fn without_credentials(&self) -> Failure {
        Failure {
            call: ASSUME_ROLE.name,
            kind: FailureKind::Other,
            code: None,
            reason: format!("STS assumed {} and gave no usable credentials", self.role_arn),
        }
    }
}

impl ProvideCredentials for MemberRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            self.credentials().await.map_err(CredentialsError::provider_error)
        })
    }
}
