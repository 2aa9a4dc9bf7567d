//! [`Cloud`] through the AWS SDK: calls, pages, and SDK types turned into the model's.

mod images;
mod launch_permissions;
mod organizations;
mod permissions;
mod snapshot_permissions;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::aws::action::{Action, GET_CALLER_IDENTITY};
use crate::aws::{Aws, Target, WholeXml};
use crate::collect::cloud::{Cloud, ListedImage, OrganizationAnswer, Page, RegionState};
use crate::model::caller::Caller;
use crate::model::failure::{Failure, FailureKind};
use crate::model::grantee::Grantee;
use crate::model::ids::{AccountId, ImageId, OuId, SnapshotId};
use crate::model::image::Image;
use crate::model::organization::Member;
use crate::model::place::{BlockPublicAccess, Place};

/// AWS itself.
#[derive(Debug)]
pub struct SdkCloud {
    aws: Aws,
    home: Place,
    organizations: aws_sdk_organizations::Client,
    /// One EC2 client for each place that is being read.
    clients: Mutex<HashMap<Place, Arc<aws_sdk_ec2::Client>>>,
}

impl SdkCloud {
    /// Asks AWS who we are, which also shows that the credentials, the clock and the endpoint work.
    ///
    /// # Errors
    /// Why nothing can be asked of AWS.
    pub async fn connect(aws: Aws) -> Result<(Self, Caller), Failure> {
        // The account is not known yet; this call has a bucket of its own.
        let nowhere = "000000000000".parse().map_err(|_| malformed(GET_CALLER_IDENTITY, "no account"))?;
        let place = aws.home_place(nowhere);
        let target = Target { place: &place, action: GET_CALLER_IDENTITY };
        let answer = aws.sender().call(target, || aws.sts().get_caller_identity().send()).await;
        let answer = answer.map_err(|failure| aws.with_origin(failure))?;
        let caller = caller_of(answer)?;
        let home = aws.home_place(caller.account);
        let organizations = aws_sdk_organizations::Client::new(&aws.own());
        Ok((Self { aws, home, organizations, clients: Mutex::default() }, caller))
    }

    /// The session with AWS.
    #[must_use]
    pub fn aws(&self) -> &Aws {
        &self.aws
    }

    async fn client(&self, caller: &Caller, place: &Place) -> Result<Arc<aws_sdk_ec2::Client>, Failure> {
        let held = |clients: &HashMap<Place, _>| clients.get(place).cloned();
        if let Some(client) = held(&self.clients.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(client);
        }
        let config = self.aws.in_place(caller, place).await?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let client = clients.entry(place.clone()).or_insert_with(|| Arc::new(ec2(&config)));
        Ok(Arc::clone(client))
    }

    fn home_target(&self, action: Action) -> Target<'_> {
        Target { place: &self.home, action }
    }
}

/// A client that takes no truncated answer for a short one, and no unknown grantee for none.
fn ec2(config: &aws_config::SdkConfig) -> aws_sdk_ec2::Client {
    let whole = WholeXml { entries: &[launch_permissions::ENTRIES, snapshot_permissions::ENTRIES] };
    let config = aws_sdk_ec2::config::Builder::from(config).interceptor(whole).build();
    aws_sdk_ec2::Client::from_conf(config)
}

fn caller_of(
    answer: aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput,
) -> Result<Caller, Failure> {
    let account = answer.account.as_deref().and_then(|id| id.parse().ok());
    let partition =
        answer.arn.as_deref().and_then(|arn| arn.split(':').nth(1)).and_then(|name| name.parse().ok());
    match (account, partition, answer.arn) {
        (Some(account), Some(partition), Some(arn)) => {
            Ok(Caller { account, arn, user_id: answer.user_id.unwrap_or_default(), partition })
        }
        _ => Err(malformed(GET_CALLER_IDENTITY, "the answer has no account id and ARN")),
    }
}

/// An answer that came and does not say what it must.
fn malformed(action: Action, what: &str) -> Failure {
    Failure { call: action.name, kind: FailureKind::Other, code: None, reason: what.to_owned() }
}

impl Cloud for SdkCloud {
    async fn organization(&self) -> Result<OrganizationAnswer, Failure> {
        self.describe_organization().await
    }

    async fn accounts(&self, token: Option<String>) -> Result<Page<Result<Member, String>>, Failure> {
        self.list_accounts(token).await
    }

    async fn roots(&self) -> Result<Vec<String>, Failure> {
        self.list_roots().await
    }

    async fn units_under(&self, parent: &str) -> Result<Vec<OuId>, Failure> {
        self.list_units(parent).await
    }

    async fn accounts_under(&self, parent: &str) -> Result<Vec<AccountId>, Failure> {
        self.list_accounts_for_parent(parent).await
    }

    async fn regions(&self, caller: &Caller, account: AccountId) -> Result<Vec<RegionState>, Failure> {
        self.describe_regions(caller, account).await
    }

    async fn open(&self, caller: &Caller, place: &Place) -> Result<(), Failure> {
        self.client(caller, place).await.map(|_| ())
    }

    async fn images(
        &self,
        caller: &Caller,
        place: &Place,
        token: Option<String>,
    ) -> Result<Page<ListedImage>, Failure> {
        self.describe_images(caller, place, token).await
    }

    async fn grantees(
        &self,
        caller: &Caller,
        place: &Place,
        image: &ImageId,
    ) -> Result<Vec<Grantee>, Failure> {
        self.describe_launch_permissions(caller, place, image).await
    }

    async fn snapshot_grantees(
        &self,
        caller: &Caller,
        place: &Place,
        snapshot: &SnapshotId,
    ) -> Result<Vec<Grantee>, Failure> {
        self.describe_volume_permissions(caller, place, snapshot).await
    }

    async fn look_up(
        &self,
        caller: &Caller,
        place: &Place,
        image: &ImageId,
    ) -> Result<Option<Image>, Failure> {
        self.describe_image(caller, place, image).await
    }

    async fn block_public_access(
        &self,
        caller: &Caller,
        place: &Place,
    ) -> Result<BlockPublicAccess, Failure> {
        self.get_block_public_access(caller, place).await
    }

    fn done_with(&self, place: &Place) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).remove(place);
        // The calls for the organization and for roles go on drinking from the buckets at home.
        if *place != self.home {
            self.aws.sender().pacer().forget(place);
        }
    }

    fn sent(&self) -> BTreeMap<&'static str, u64> {
        self.aws.sender().pacer().sent()
    }
}
