//! Sessions: the caller's own, and one for each member account through an assumed role.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;

use super::pacer::Pacer;
use super::role::{MemberRole, Purpose, RENEW_BEFORE};
use super::send::Sender;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::failure::{Failure, FailureKind};
use crate::model::ids::{AccountId, BadId, Partition, Region};
use crate::model::place::Place;
use crate::model::quota::Quota;

/// How to reach AWS.
#[derive(Debug, Clone, Default)]
pub struct AwsSettings {
    /// A profile of the user's AWS configuration.
    pub profile: Option<String>,
    /// An endpoint to use for every service instead of AWS's own.
    pub endpoint_url: Option<String>,
    /// The Region to begin in, where neither environment nor profile names one.
    pub first_region: Option<Region>,
    /// The role to assume in member accounts, with its path if it has one.
    pub role_name: Option<String>,
    /// The external id that the role asks for.
    pub external_id: Option<String>,
    /// The role that reads the sources of events, where it is another than the caller.
    pub events_role_arn: Option<String>,
    /// What the roles in member accounts are assumed for.
    pub purpose: Purpose,
    /// The part of AWS's request quotas that we take.
    pub api_share: f64,
    /// Quotas that AWS raised.
    pub api_rates: BTreeMap<String, Quota>,
    /// Requests under way at once.
    pub max_concurrency: usize,
    /// Sign with this access key and look at nothing of the user's configuration: for the demo.
    pub only_key: Option<String>,
}

/// A way into AWS, for the caller and for every account it can reach.
#[derive(Debug)]
pub struct Aws {
    base: SdkConfig,
    first_region: Region,
    settings: AwsSettings,
    sender: Arc<Sender>,
    sts: aws_sdk_sts::Client,
    roles: Mutex<HashMap<AccountId, Role>>,
}

impl Aws {
    /// Loads the user's AWS configuration. Nothing is sent yet.
    ///
    /// # Errors
    /// The Region that environment or profile names is none.
    pub async fn load(settings: AwsSettings, clock: Clock) -> Result<Self, BadId> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(60))
            // Also ends an answer that stalls half-way, so the SDK need not watch each one's throughput.
            .operation_attempt_timeout(Duration::from_secs(120))
            .build();
        let identities = aws_config::identity::IdentityCache::lazy()
            .buffer_time(RENEW_BEFORE)
            .load_timeout(Duration::from_secs(120))
            .build();
        let base = match &settings.only_key {
            Some(key) => alone(&settings, key, timeouts),
            None => configured(&settings, timeouts, identities).await,
        };
        let configured = base.region().map(|region| region.as_ref().parse()).transpose()?;
        let first_region = configured
            .or_else(|| settings.first_region.clone())
            .unwrap_or_else(|| Partition::commercial().first_region());
        let pacer = Pacer::new(settings.api_share, settings.api_rates.clone());
        let sender = Arc::new(Sender::new(pacer, settings.max_concurrency, clock));
        let region = aws_types::region::Region::new(first_region.as_str().to_owned());
        let sts = aws_sdk_sts::Client::new(&base.to_builder().region(region).build());
        Ok(Self { base, first_region, settings, sender, sts, roles: Mutex::default() })
    }

    /// Sends calls at AWS's pace.
    #[must_use]
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// The Region where the first calls go: STS, Organizations and the list of Regions.
    #[must_use]
    pub fn first_region(&self) -> &Region {
        &self.first_region
    }

    /// The place of the calls made for an account as a whole.
    #[must_use]
    pub fn home_place(&self, account: AccountId) -> Place {
        Place { account, region: self.first_region.clone() }
    }

    /// Whether there is a role for other accounts than the caller's.
    #[must_use]
    pub fn has_role(&self) -> bool {
        self.settings.role_name.is_some()
    }

    /// The caller's own configuration, in the first Region.
    #[must_use]
    pub fn own(&self) -> SdkConfig {
        self.configured(&self.first_region, None)
    }

    /// The configuration for `place`: the caller's own in its own account, else with the role there.
    ///
    /// # Errors
    /// The role cannot be assumed, with the reason.
    pub async fn in_place(&self, caller: &Caller, place: &Place) -> Result<SdkConfig, Failure> {
        if place.account == caller.account {
            return Ok(self.configured(&place.region, None));
        }
        let role = self.role(caller, place.account);
        role.role.credentials().await?;
        Ok(self.configured(&place.region, Some(role)))
    }

    /// The configuration for reading a source of events in `region` (the first, if none is named): with the role
    /// for that, if there is one, which may then do what `policy` says and nothing else.
    ///
    /// # Errors
    /// The role cannot be assumed, with the reason.
    pub async fn for_events(
        &self,
        caller: &Caller,
        region: Option<&Region>,
        policy: String,
    ) -> Result<SdkConfig, Failure> {
        let region = region.unwrap_or(&self.first_region);
        let Some(arn) = &self.settings.events_role_arn else {
            return Ok(self.configured(region, None));
        };
        let role = self.member_role(caller, arn.clone(), policy);
        role.role.credentials().await?;
        Ok(self.configured(region, Some(role)))
    }

    /// STS in the first Region, with the caller's own credentials.
    #[must_use]
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        &self.sts
    }

    /// Adds to a first call's failure which profile and endpoint were tried, where the user named them.
    #[must_use]
    pub fn with_origin(&self, mut failure: Failure) -> Failure {
        let origin = match failure.kind {
            FailureKind::Credentials => {
                self.settings.profile.as_ref().map(|name| format!("profile {name:?}"))
            }
            FailureKind::Passing => self.base.endpoint_url().map(|url| format!("endpoint {url}")),
            _ => None,
        };
        if let Some(origin) = origin {
            failure.reason = format!("{} ({origin})", failure.reason);
        }
        failure
    }

    fn configured(&self, region: &Region, role: Option<Role>) -> SdkConfig {
        let region = aws_types::region::Region::new(region.as_str().to_owned());
        let mut config = self.base.to_builder().region(region);
        if let Some(role) = role {
            config.set_credentials_provider(Some(role.provider));
            // The role keeps its credentials itself; the SDK's cache would evict the caller's for them.
            config.set_identity_cache(Some(aws_config::identity::IdentityCache::no_cache()));
        }
        config.build()
    }

    fn role(&self, caller: &Caller, account: AccountId) -> Role {
        let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        let role = roles.entry(account).or_insert_with(|| {
            let name = self.settings.role_name.as_deref().unwrap_or_default().trim_start_matches('/');
            let arn = format!("arn:{}:iam::{account}:role/{name}", caller.partition);
            self.member_role(caller, arn, self.settings.purpose.session_policy())
        });
        role.clone()
    }

    fn member_role(&self, caller: &Caller, role_arn: String, policy: String) -> Role {
        let role = Arc::new(MemberRole {
            sts: self.sts.clone(),
            sender: Arc::clone(&self.sender),
            home: self.home_place(caller.account),
            role_arn,
            external_id: self.settings.external_id.clone(),
            policy,
            held: tokio::sync::Mutex::default(),
        });
        let provider = SharedCredentialsProvider::new(SharedRole(Arc::clone(&role)));
        Role { role, provider }
    }
}

/// A member's role, and what gives its credentials to the SDK.
#[derive(Debug, Clone)]
struct Role {
    role: Arc<MemberRole>,
    provider: SharedCredentialsProvider,
}

/// One role's credentials for all Regions of an account.
#[derive(Debug)]
struct SharedRole(Arc<MemberRole>);

impl aws_credential_types::provider::ProvideCredentials for SharedRole {
    fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.0.provide_credentials()
    }
}

/// The user's own AWS configuration.
async fn configured(
    settings: &AwsSettings,
    timeouts: TimeoutConfig,
    identities: aws_smithy_runtime_api::client::identity::SharedIdentityCache,
) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(https())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .disable_clock_skew_correction(true)
        .identity_cache(identities);
    // A name of fixed, plain characters is always valid.
    if let Ok(name) = AppName::new(concat!("amiaudit-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

/// One pool of connections for all clients, with the proxies that the environment names.
fn https() -> SharedHttpClient {
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    aws_smithy_http_client::Builder::new().tls_provider(tls).build_https()
}

/// Connections to this machine: no TLS, and no proxy in between.
fn loopback() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, _| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::disabled());
        connector.set_connector_settings(settings.cloned());
        connector.build_http()
    })
}

/// A configuration that has nothing of the user's in it.
fn alone(settings: &AwsSettings, key: &str, timeouts: TimeoutConfig) -> SdkConfig {
    let credentials = Credentials::new(key, "sandbox", None, None, "sandbox");
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(loopback())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    config.set_endpoint_url(settings.endpoint_url.clone());
    config.build()
}
