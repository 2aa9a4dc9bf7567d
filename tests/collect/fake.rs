//! A cloud in memory, with every answer set by the test.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use amiaudit::collect::{
    BadSelection, Begun, Cloud, Job, ListedImage, OrganizationAnswer, OrganizationSource, Page, Progress,
    Quiet, Reading, RegionState, Selection, SnapshotWriter, Stopper, Watched, read,
};
use amiaudit::model::caller::Caller;
use amiaudit::model::clock::Clock;
use amiaudit::model::failure::{Failure, FailureKind};
use amiaudit::model::grantee::Grantee;
use amiaudit::model::ids::{AccountId, ImageId, OuId, SnapshotId};
use amiaudit::model::image::Image;
use amiaudit::model::organization::Member;
use amiaudit::model::place::{BlockPublicAccess, Place};
use amiaudit::model::snapshot::SnapshotAt;

use crate::support::build::{
    CLOSED, HOME, MEMBER, account, caller, image, member, now, our_organization, place,
};

type Answer<T> = Result<T, Failure>;
type AccountPage = Answer<Page<Result<Member, String>>>;

/// Answers in the order of asking; the last one stays.
pub(super) struct InTurn<T>(Vec<Answer<T>>, AtomicUsize);

impl<T: Clone> InTurn<T> {
    pub(super) fn new(answers: Vec<Answer<T>>) -> Self {
        Self(answers, AtomicUsize::new(0))
    }
    fn next(&self) -> Answer<T> {
        let nth = self.1.fetch_add(1, Ordering::Relaxed);
        self.0[nth.min(self.0.len() - 1)].clone()
    }
}

pub(super) struct Fake {
    pub(super) organization: Answer<OrganizationAnswer>,
    /// The readings of the list of accounts, each with its pages.
    pub(super) lists: Vec<Vec<AccountPage>>,
    pub(super) reading: Mutex<usize>,
    pub(super) regions: BTreeMap<AccountId, Answer<Vec<RegionState>>>,
    /// Places whose role cannot be assumed any more.
    pub(super) refused: BTreeMap<Place, Failure>,
    pub(super) pages: BTreeMap<Place, Vec<Answer<Vec<Image>>>>,
    /// A page whose token leads to itself.
    pub(super) endless: bool,
    pub(super) grants: BTreeMap<String, InTurn<Vec<Grantee>>>,
    /// Who may make volumes of a snapshot, call by call.
    pub(super) volumes: BTreeMap<String, InTurn<Vec<Grantee>>>,
    /// The snapshots that were asked after.
    pub(super) snapshots_asked: Mutex<Vec<SnapshotAt>>,
    pub(super) looked_up: BTreeMap<String, Answer<Option<Image>>>,
    pub(super) blocks: Answer<BlockPublicAccess>,
    /// Units under a parent, and accounts under one.
    pub(super) tree: BTreeMap<String, (Vec<OuId>, Vec<AccountId>)>,
}

pub(super) fn failure(call: &'static str, kind: FailureKind, code: &str) -> Failure {
    Failure { call, kind, code: Some(code.to_owned()), reason: format!("{call} failed: {code}") }
}

pub(super) fn denied(call: &'static str) -> Failure {
    failure(call, FailureKind::Denied, "AccessDenied")
}

pub(super) fn gone(code: &str) -> Failure {
    failure("DescribeImageAttribute", FailureKind::Gone, code)
}

pub(super) fn enabled(name: &str) -> RegionState {
    RegionState { region: name.parse().unwrap(), enabled: true }
}

pub(super) fn members(list: &[(&str, &str)]) -> Vec<Result<Member, String>> {
    list.iter().map(|(id, state)| Ok(member(id, state))).collect()
}

pub(super) const OURS: &[(&str, &str)] = &[(HOME, "ACTIVE"), (MEMBER, "ACTIVE"), (CLOSED, "CLOSED")];

impl Fake {
    /// Our organization: two accounts in use with one Region each, and no images.
    pub(super) fn new() -> Self {
        let regions = [HOME, MEMBER].map(|id| (account(id), Ok(vec![enabled("us-east-1")])));
        Self {
            organization: Ok(OrganizationAnswer::In(our_organization())),
            lists: vec![vec![Ok(Page { items: members(OURS), next: None })]],
            reading: Mutex::new(0),
            regions: regions.into(),
            refused: BTreeMap::new(),
            pages: BTreeMap::new(),
            endless: false,
            grants: BTreeMap::new(),
            volumes: BTreeMap::new(),
            snapshots_asked: Mutex::new(Vec::new()),
            looked_up: BTreeMap::new(),
            blocks: Ok(BlockPublicAccess {
                state: "block-new-sharing".to_owned(),
                managed_by: "account".to_owned(),
            }),
            tree: BTreeMap::new(),
        }
    }

    /// An image of `owner` in us-east-1 with what reading its permissions gives, call by call.
    pub(super) fn with_image(mut self, owner: &str, id: &str, grants: Vec<Answer<Vec<Grantee>>>) -> Self {
        let pages = self.pages.entry(place(owner, "us-east-1")).or_insert_with(|| vec![Ok(Vec::new())]);
        pages.last_mut().unwrap().as_mut().unwrap().push(image(id));
        self.grants.insert(id.to_owned(), InTurn::new(grants));
        self
    }

    /// The last image of `owner` in us-east-1 is made of these snapshots, of which nobody may make volumes.
    pub(super) fn backed_by(mut self, owner: &str, snapshots: &[&str]) -> Self {
        let pages = self.pages.get_mut(&place(owner, "us-east-1")).unwrap();
        let image = pages.last_mut().unwrap().as_mut().unwrap().last_mut().unwrap();
        image.snapshots = snapshots.iter().map(|snapshot| snapshot.parse().unwrap()).collect();
        for snapshot in snapshots {
            self.volumes.entry((*snapshot).to_owned()).or_insert_with(|| InTurn::new(vec![Ok(Vec::new())]));
        }
        self
    }

    /// Who may make volumes of a snapshot, call by call.
    pub(super) fn with_volumes(mut self, snapshot: &str, answers: Vec<Answer<Vec<Grantee>>>) -> Self {
        self.volumes.insert(snapshot.to_owned(), InTurn::new(answers));
        self
    }

    pub(super) fn read(&self) -> Reading {
        self.read_as(&Selection::default(), &Quiet).unwrap()
    }

    pub(super) fn read_all(&self) -> Reading {
        self.read_as(&Selection { has_role: true, ..Selection::default() }, &Quiet).unwrap()
    }

    pub(super) fn read_as(
        &self,
        selection: &Selection,
        progress: &dyn Progress,
    ) -> Result<Reading, BadSelection> {
        let (stopper, _) = Stopper::new();
        self.read_until(&stopper, selection, progress)
    }

    pub(super) fn read_until(
        &self,
        stopper: &Stopper,
        selection: &Selection,
        progress: &dyn Progress,
    ) -> Result<Reading, BadSelection> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(read_from(self, (stopper, progress), selection, None, Begun::default()))
    }
}

/// One place after the other, from what was begun.
pub(super) async fn read_from<C: Cloud>(
    cloud: &C,
    told: (&Stopper, &dyn Progress),
    selection: &Selection,
    snapshot: Option<&SnapshotWriter>,
    begun: Begun,
) -> Result<Reading, BadSelection> {
    read_after(&Watched::new(), cloud, told, selection, (snapshot, begun)).await
}

/// The same after a scan whose report speaks of this.
pub(super) async fn read_after<C: Cloud>(
    watched: &Watched,
    cloud: &C,
    (stopper, progress): (&Stopper, &dyn Progress),
    selection: &Selection,
    (snapshot, begun): (Option<&SnapshotWriter>, Begun),
) -> Result<Reading, BadSelection> {
    let caller = caller();
    let clock = Clock::fixed(now());
    let stop = stopper.listener();
    let job = Job {
        caller: &caller,
        clock: &clock,
        selection,
        organization: &OrganizationSource::Api,
        places_at_once: 1,
        stop: &stop,
        progress,
        keeps_images: true,
        needs_units: false,
        watched,
        snapshot,
    };
    read(cloud, &job, begun).await
}

impl Cloud for Fake {
    async fn organization(&self) -> Answer<OrganizationAnswer> {
        self.organization.clone()
    }

    async fn accounts(&self, token: Option<String>) -> AccountPage {
        let mut reading = self.reading.lock().unwrap();
        if token.is_none() {
            *reading += 1;
        }
        let list = &self.lists[(*reading - 1).min(self.lists.len() - 1)];
        let nth: usize = token.map_or(0, |token| token.parse().unwrap());
        list[nth].clone()
    }

    async fn roots(&self) -> Answer<Vec<String>> {
        Ok(vec!["r-root".to_owned()])
    }

    async fn units_under(&self, parent: &str) -> Answer<Vec<OuId>> {
        Ok(self.tree.get(parent).cloned().unwrap_or_default().0)
    }

    async fn accounts_under(&self, parent: &str) -> Answer<Vec<AccountId>> {
        Ok(self.tree.get(parent).cloned().unwrap_or_default().1)
    }

    async fn regions(&self, _: &Caller, account: AccountId) -> Answer<Vec<RegionState>> {
        self.regions[&account].clone()
    }

    async fn open(&self, _: &Caller, place: &Place) -> Answer<()> {
        self.refused.get(place).cloned().map_or(Ok(()), Err)
    }

    async fn images(&self, _: &Caller, place: &Place, token: Option<String>) -> Answer<Page<ListedImage>> {
        let nth: usize = token.map_or(0, |token| token.parse().unwrap());
        let pages = self.pages.get(place).cloned().unwrap_or_else(|| vec![Ok(Vec::new())]);
        let items = pages[nth.min(pages.len() - 1)].clone()?;
        let next = if self.endless { Some(nth.max(1)) } else { (nth + 1 < pages.len()).then_some(nth + 1) };
        Ok(Page { items: items.into_iter().map(Ok).collect(), next: next.map(|nth| nth.to_string()) })
    }

    async fn grantees(&self, _: &Caller, _: &Place, image: &ImageId) -> Answer<Vec<Grantee>> {
        self.grants.get(image.as_str()).map_or(Ok(Vec::new()), InTurn::next)
    }

    async fn snapshot_grantees(
        &self,
        _: &Caller,
        place: &Place,
        snapshot: &SnapshotId,
    ) -> Answer<Vec<Grantee>> {
        self.snapshots_asked.lock().unwrap().push((place.clone(), snapshot.clone()));
        self.volumes[snapshot.as_str()].next()
    }

    async fn look_up(&self, _: &Caller, _: &Place, image: &ImageId) -> Answer<Option<Image>> {
        self.looked_up.get(image.as_str()).cloned().unwrap_or(Ok(None))
    }

    async fn block_public_access(&self, _: &Caller, _: &Place) -> Answer<BlockPublicAccess> {
        self.blocks.clone()
    }

    fn done_with(&self, _: &Place) {}
}
