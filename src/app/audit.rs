//! The main job, wherever it is done: collect, judge, report.

use jiff::Timestamp;

use crate::app::console::Console;
use crate::app::interrupt;
use crate::app::progress::Shown;
use crate::app::publish::{Folder, PublishError};
use crate::aws::{Aws, AwsSettings};
use crate::cli::{OrganizationChoice, ScanSettings};
use crate::collect::{
    BadOrganizationFile, BadSelection, Job, OrganizationSource, Reading, SdkCloud, Selection, Stopper,
    can_open, read, read_organization_file,
};
use crate::judge::policy::Policy;
use crate::judge::{Case, judge};
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::model::failure::Failure;
use crate::model::finding::hash_id;
use crate::model::ids::BadId;
use crate::model::report::{Report, Run};
use crate::report::{PRINTS, RenderError, closing_lines, open_lines};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuditError {
    #[error("{0}")]
    Aws(#[from] Failure),
    #[error("the Region of your AWS configuration (AWS_REGION, or the profile's): {0}")]
    Region(#[from] BadId),
    #[error(transparent)]
    File(#[from] BadOrganizationFile),
    #[error(transparent)]
    Selection(#[from] BadSelection),
    #[error("the report cannot be written: {0}")]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("ended at once; no report was written")]
    Killed,
}

impl AuditError {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Aws(_)
            | Self::Publish(_)
            | Self::Render(_)
            | Self::Selection(BadSelection::Tree(_) | BadSelection::UnitsUnknown(_)) => Exit::Failed,
            Self::Region(_) | Self::File(_) | Self::Selection(_) => Exit::Usage,
            Self::Killed => Exit::Killed,
        }
    }
}

/// The job with its clocks: the machine's for AWS, and the one that the report goes by.
pub(super) struct Audit<'a> {
    pub(super) settings: &'a ScanSettings,
    pub(super) aws: AwsSettings,
    pub(super) console: &'a Console,
    pub(super) machine_clock: &'a Clock,
    pub(super) report_clock: &'a Clock,
}

impl Audit<'_> {
    /// Does it, and says how it ended.
    pub(super) async fn run(self) -> Exit {
        let console = self.console;
        match self.report().await {
            Ok(exit) => exit,
            Err(error) => {
                console.error(&crate::report::plain(&error.to_string()), hint(&error));
                error.exit()
            }
        }
    }

    async fn report(self) -> Result<Exit, AuditError> {
        let output = &self.settings.output;
        let started_at = self.report_clock.now();
        if let OrganizationChoice::File(path) = &self.settings.organization {
            can_open(path)?;
        }
        let folder = match &output.out {
            Some(path) => Folder::open(path)?,
            None => Folder::new_at(started_at)?,
        };
        let (stopper, stop) = Stopper::new();
        let work = async {
            let aws = Aws::load(self.aws.clone(), self.machine_clock.clone()).await?;
            let (cloud, caller) = tokio::select! {
                biased;
                () = stop.asked() => return Err(AuditError::Killed),
                connected = SdkCloud::connect(aws) => connected?,
            };
            let progress = Shown::new(self.console);
            let organization = self.organization(&caller)?;
            let job = Job {
                caller: &caller,
                clock: self.report_clock,
                selection: &selection(self.settings),
                organization: &organization,
                places_at_once: self.settings.max_concurrency,
                stop: &stop,
                progress: &progress,
            };
            let reading = read(&cloud, &job).await;
            progress.finish();
            let api_calls = cloud.aws().sender().pacer().sent();
            let run = self.run_facts(caller, started_at, api_calls);
            Ok::<_, AuditError>((reading?, run))
        };
        let (reading, run) = tokio::select! {
            done = work => done?,
            () = interrupt::watch(&stopper, self.console) => return Err(AuditError::Killed),
        };
        self.publish(assemble(reading, run), folder)
    }

    fn organization(&self, caller: &Caller) -> Result<OrganizationSource, BadOrganizationFile> {
        Ok(match &self.settings.organization {
            OrganizationChoice::Api => OrganizationSource::Api,
            OrganizationChoice::None => OrganizationSource::None,
            OrganizationChoice::File(path) => OrganizationSource::File(read_organization_file(path, caller)?),
        })
    }

    fn run_facts(
        &self,
        caller: Caller,
        started_at: Timestamp,
        api_calls: std::collections::BTreeMap<&'static str, u64>,
    ) -> Run {
        let arguments = self.settings.output.arguments.clone();
        let mut parts = vec![started_at.as_nanosecond().to_string(), caller.arn.clone()];
        parts.extend(arguments.iter().cloned());
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Run {
            id: hash_id("run-", &parts),
            arguments,
            variables: self.settings.output.variables.clone(),
            started_at,
            ended_at: self.report_clock.now(),
            caller,
            interrupted: false,
            policy_sha256: None,
            api_calls,
        }
    }

    fn publish(&self, report: Report, folder: Folder) -> Result<Exit, AuditError> {
        let Audit { console, settings, .. } = self;
        let output = &settings.output;
        let path = folder.path().to_owned();
        folder.write(&report, &output.formats)?;
        let wanted = PRINTS.iter().find(|print| print.name() == output.print);
        let print = wanted.or(if console.is_quiet() { None } else { PRINTS.first() });
        if let Some(print) = print
            && !console.result(&print.render(&report, console.look())?)
        {
            return Ok(Exit::Failed);
        }
        let exit = report.exit(output.fail_on);
        if exit == Exit::Incomplete && !(print.is_some() && console.shows_results()) {
            for line in open_lines(&report) {
                console.warn(&line);
            }
        }
        for line in closing_lines(&report) {
            if exit == Exit::Incomplete { console.warn(&line) } else { console.note(&line) }
        }
        console.note(&format!("report: {}", path.display()));
        Ok(if output.exit_zero { Exit::Clean } else { exit })
    }
}

fn selection(settings: &ScanSettings) -> Selection {
    let choice = settings.choice.clone();
    Selection {
        accounts: choice.accounts,
        units: choice.units,
        excluded: choice.excluded,
        regions: choice.regions,
        has_role: settings.role_name.is_some(),
    }
}

fn assemble(reading: Reading, run: Run) -> Report {
    let Reading { org, shares, blocks, coverage, gaps, interrupted } = reading;
    let policy = Policy::default();
    let case = Case {
        shares,
        blocks: &blocks,
        coverage: &coverage,
        org: &org,
        policy: &policy,
        now: run.started_at,
    };
    let judgement = judge(case);
    Report {
        run: Run { interrupted, ..run },
        org,
        findings: judgement.findings,
        shares: judgement.shares,
        coverage,
        gaps,
        exceptions: judgement.exceptions,
        images: None,
    }
}

/// What to do next, where the error does not say so itself.
fn hint(error: &AuditError) -> &'static str {
    match error {
        AuditError::Publish(_) => "choose another folder with --out",
        AuditError::Selection(BadSelection::NoSuchAccount(_) | BadSelection::NoSuchExclusion(_)) => {
            "`aws organizations list-accounts` lists them"
        }
        AuditError::Selection(BadSelection::NoSuchRegion(_)) => {
            "`aws ec2 describe-regions --all-regions` lists them"
        }
        AuditError::Selection(BadSelection::Nothing) => {
            "to read other accounts than the caller's, name a role with --role-name"
        }
        _ => "",
    }
}
