//! The main job, wherever it is done: collect, judge, report.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::chosen::{organization, selection};
use super::console::Console;
use super::failed::Failed;
use super::interrupt;
use super::judging::Judging;
use super::outcome;
use super::progress::Shown;
use super::publish::{Folder, Kept, PublishError};
use super::signing::Signer;
use super::sources::{Sources, Whose};
use crate::aws::{Aws, AwsSettings};
use crate::cli::{OrganizationChoice, Output, ScanSettings};
use crate::collect::{
    Begun, Head, Job, Reach, Reading, SdkCloud, SnapshotWriter, Stop, Stopper, can_open, read, resume,
};
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::event_log::EventLog;
use crate::model::exit::Exit;
use crate::model::finding::{Finding, hash_id};
use crate::model::report::{Report, Run};
use crate::report::time;

/// The job with its clocks: the machine's for AWS, and the one that the report goes by.
pub(super) struct Audit<'a> {
    pub(super) settings: &'a ScanSettings,
    pub(super) aws: AwsSettings,
    pub(super) console: &'a Console,
    pub(super) machine_clock: &'a Clock,
    pub(super) report_clock: &'a Clock,
    /// The policy where the user names none.
    pub(super) built_in_policy: Option<&'static str>,
    /// What an earlier scan found, where the user names no report of one.
    pub(super) earlier: Vec<Finding>,
}

/// A report, and where it is to go.
struct Done {
    report: Report,
    folder: Folder,
    snapshot: Kept,
    known: BTreeSet<String>,
    signer: Option<Signer>,
}

/// What collecting gave.
struct Collected {
    reading: Reading,
    run: Run,
    snapshot: Kept,
}

impl Audit<'_> {
    /// Does it, and says how it ended.
    pub(super) async fn run(self) -> Exit {
        let (console, output) = (self.console, &self.settings.output);
        let done = self.work().await.and_then(|done| {
            let Done { report, folder, snapshot, known, signer } = done;
            outcome::publish(&report, folder, Some(&snapshot), &known, (output, signer.as_ref(), console))
        });
        done.unwrap_or_else(|failed| failed.tell(console))
    }

    /// Does it, and gives what it finds: nothing is shown, and what was written is of no more use.
    pub(super) async fn findings(self) -> Result<Vec<Finding>, Failed> {
        self.work().await.map(|done| done.report.findings)
    }

    async fn work(mut self) -> Result<Done, Failed> {
        let output = &self.settings.output;
        let started_at = self.report_clock.now();
        // Whatever the user named is tried before anything is asked of AWS.
        if let OrganizationChoice::File(path) = &self.settings.organization {
            can_open(path)?;
        }
        let sources = Sources::check(&self.settings.events, self.report_clock.now())?;
        let earlier = std::mem::take(&mut self.earlier);
        let judging =
            Judging::load(&self.settings.against, self.built_in_policy, self.console)?.after(earlier);
        let signer = output.sign_key.as_deref().map(Signer::load).transpose()?;
        let folder = Folder::for_run(self.settings.resume.as_ref().or(output.out.as_ref()), started_at)?;
        let (stopper, stop) = Stopper::new();
        let Collected { reading, run, snapshot } = tokio::select! {
            done = self.collect((&judging, &sources), &folder, started_at, &stop) => done?,
            () = interrupt::watch(&stopper, self.console) => return Err(Failed::Killed),
        };
        let known = judging.known();
        Ok(Done { report: judging.report(reading, run), folder, snapshot, known, signer })
    }

    async fn collect(
        &self,
        (judging, sources): (&Judging, &Sources),
        folder: &Folder,
        started_at: Timestamp,
        stop: &Stop,
    ) -> Result<Collected, Failed> {
        let aws = Aws::load(self.aws.clone(), self.machine_clock.clone()).await?;
        let (cloud, caller) = tokio::select! {
            biased;
            () = stop.asked() => return Err(Failed::Killed),
            connected = SdkCloud::connect(aws) => connected?,
        };
        let progress = Shown::new(self.console);
        let organization = organization(&self.settings.organization, &caller)?;
        let unwritable = |source| PublishError::Unwritable { path: folder.path().to_owned(), source };
        let watched = judging.watched();
        let head = self.head(started_at, &caller);
        let (snapshot, begun, started_at) = match &self.settings.resume {
            Some(path) => {
                let resumed = resume(path, &head, &watched)?;
                self.say_whence(&resumed.1, resumed.2);
                resumed
            }
            None => (self.begin(folder, &head).map_err(unwritable)?, Begun::default(), started_at),
        };
        let job = Job {
            caller: &caller,
            clock: self.report_clock,
            selection: &selection(&self.settings.choice, &self.settings.aws),
            organization: &organization,
            places_at_once: self.settings.aws.max_concurrency,
            stop,
            progress: &progress,
            keeps_images: self.settings.images_csv,
            needs_units: judging.needs_units(),
            watched: &watched,
            snapshot: Some(&snapshot),
        };
        let reading = read(&cloud, &job, begun).await;
        progress.finish();
        if reading.is_err() && self.settings.resume.is_none() {
            SnapshotWriter::discard(folder.path());
        }
        let mut reading = reading?;
        let reach = Reach { aws: cloud.aws(), caller: &caller };
        reading.log = self.events(sources, reach, (&reading, stop)).await;
        reading.interrupted |= stop.is_asked() && reading.log.as_ref().is_some_and(EventLog::lacks_something);
        let api_calls = snapshot.api_calls(&cloud.aws().sender().pacer().sent());
        let ended_at = self.report_clock.now();
        let written = snapshot.finish(&reading, ended_at, api_calls.clone()).map_err(unwritable)?;
        let run = run_facts(&self.settings.output, caller, (started_at, ended_at), api_calls);
        Ok(Collected { reading, run, snapshot: Kept::read(written)? })
    }

    /// Reads the events, later than any grant was read. A run that is stopped has holes in their stead.
    async fn events(
        &self,
        sources: &Sources,
        reach: Reach<'_>,
        (reading, stop): (&Reading, &Stop),
    ) -> Option<EventLog> {
        let whose = Whose::of(reading, &self.settings.choice, self.settings.aws.max_concurrency);
        let log = sources.read(Some(reach), &whose, self.report_clock, (stop, self.console)).await;
        log.map(|log| sources.part(log))
    }

    fn head<'a>(&self, started_at: Timestamp, caller: &'a Caller) -> Head<'a> {
        Head { started_at, caller, scope: self.settings.scope(), every_image: self.settings.images_csv }
    }

    fn begin(&self, folder: &Folder, head: &Head<'_>) -> std::io::Result<SnapshotWriter> {
        if SnapshotWriter::is_begun(folder.path()) {
            let text = "a scan that did not end is written over; --resume would have gone on with it";
            self.console.note(&format!("{}: {text}", folder.path().display()));
        }
        SnapshotWriter::begin(folder.path(), head)
    }

    /// Says from where the run goes on.
    fn say_whence(&self, begun: &Begun, at: Timestamp) {
        self.console.note(&format!(
            "going on with the scan begun at {}: {} places are done, the permissions of {} images read",
            time(at),
            begun.done(),
            begun.images()
        ));
    }
}

/// What a report says of its run.
pub(super) fn run_facts(
    output: &Output,
    caller: Caller,
    (started_at, ended_at): (Timestamp, Timestamp),
    api_calls: BTreeMap<String, u64>,
) -> Run {
    Run {
        id: run_id(started_at, &caller, &output.arguments),
        arguments: output.arguments.clone(),
        variables: output.variables.clone(),
        started_at,
        ended_at,
        caller,
        interrupted: false,
        policy_sha256: None,
        api_calls,
    }
}

/// Names a run by when and by whom it was begun, and how.
fn run_id(started_at: Timestamp, caller: &Caller, arguments: &[String]) -> String {
    let begun = started_at.as_nanosecond().to_string();
    let mut parts = vec![begun.as_str(), caller.arn.as_str()];
    parts.extend(arguments.iter().map(String::as_str));
    hash_id("run-", &parts)
}
