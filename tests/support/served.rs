//! A sandbox that runs beside a test, and scans of it through the library.

use std::collections::BTreeMap;
use std::time::Duration;

use amiaudit::aws::{Aws, AwsSettings};
use amiaudit::collect::{
    Begun, Job, OrganizationSource, Quiet, Reading, SdkCloud, Selection, Stopper, Watched, read,
};
use amiaudit::judge::Judgement;
use amiaudit::model::clock::Clock;
use amiaudit::model::failure::Failure;
use amiaudit::model::quota::Quota;
use amiaudit::sandbox::{Faults, Options, Sandbox, Scenario, World};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::build::{account, judge, now};

/// A running sandbox with a runtime of its own, so that a test can block while it serves.
pub(crate) struct Served {
    runtime: Runtime,
    sandbox: Option<Sandbox>,
    caller: String,
}

pub(crate) fn options() -> Options {
    Options {
        port: 0,
        latency: Duration::ZERO,
        throttle: false,
        faults: Faults::none(),
        keeps_calls: true,
        clock: Clock::new(Timestamp::now),
    }
}

impl Served {
    pub(crate) fn new(scenario: Scenario) -> Self {
        Self::with(scenario, options())
    }

    pub(crate) fn with(scenario: Scenario, options: Options) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let caller = scenario.caller.clone();
        let world = World::new(scenario).unwrap();
        let sandbox = runtime.block_on(Sandbox::start(world, options)).unwrap();
        Self { runtime, sandbox: Some(sandbox), caller }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        self.sandbox().url()
    }

    pub(crate) fn key(&self) -> String {
        Sandbox::access_key(account(&self.caller))
    }

    /// Settings that reach this sandbox, unpaced.
    pub(crate) fn settings(&self) -> AwsSettings {
        let fast = Quota { bucket: 1e6, refill: 1e6 };
        let actions = [
            "DescribeImages",
            "DescribeImageAttribute",
            "DescribeSnapshotAttribute",
            "DescribeRegions",
            "GetImageBlockPublicAccessState",
            "AssumeRole",
            "ListAccounts",
            "DescribeOrganization",
            "ListRoots",
            "ListAccountsForParent",
            "ListOrganizationalUnitsForParent",
            "GetCallerIdentity",
            "LookupEvents",
        ];
        AwsSettings {
            endpoint_url: Some(self.url()),
            role_name: Some("Auditor".to_owned()),
            api_share: 1.0,
            api_rates: actions.iter().map(|action| ((*action).to_owned(), fast)).collect(),
            max_concurrency: 64,
            only_key: Some(self.key()),
            ..AwsSettings::default()
        }
    }

    /// Everything read and judged, or why nothing could be.
    pub(crate) fn scan(&self, settings: AwsSettings) -> Result<(Reading, Judgement), Failure> {
        self.scan_as(settings, &Selection { has_role: true, ..Selection::default() })
    }

    pub(crate) fn scan_as(
        &self,
        settings: AwsSettings,
        selection: &Selection,
    ) -> Result<(Reading, Judgement), Failure> {
        self.runtime.block_on(async {
            let aws = Aws::load(settings, Clock::new(Timestamp::now)).await.unwrap();
            let (cloud, caller) = SdkCloud::connect(aws).await?;
            let (_stopper, stop) = Stopper::new();
            let clock = Clock::fixed(now());
            let job = Job {
                caller: &caller,
                clock: &clock,
                selection,
                organization: &OrganizationSource::Api,
                places_at_once: 64,
                stop: &stop,
                progress: &Quiet,
                keeps_images: false,
                needs_units: false,
                watched: &Watched::new(),
                snapshot: None,
            };
            let mut reading = read(&cloud, &job, Begun::default()).await.expect("the selection can be met");
            let shares = std::mem::take(&mut reading.shares);
            let judgement = judge(shares, &reading.blocks, &reading.org);
            Ok((reading, judgement))
        })
    }

    /// How many calls of each action came.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.sandbox().counts()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // The sandbox's tasks end inside their runtime.
        let _guard = self.runtime.enter();
        self.sandbox.take();
    }
}
