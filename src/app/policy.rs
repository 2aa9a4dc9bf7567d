//! `amiaudit policy`: write, check or propose a policy file.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use super::console::Console;
use super::failed::Failed;
use super::input;
use crate::cli::PolicyCommand;
use crate::judge::policy::{Candidate, TEMPLATE, suggest};
use crate::model::exit::Exit;
use crate::model::finding::{Finding, Status};
use crate::model::share::Relation;

pub(super) fn run(command: &PolicyCommand, console: &Console) -> Exit {
    let done = match command {
        PolicyCommand::Init(None) => return console.show(TEMPLATE.as_bytes()),
        PolicyCommand::Init(Some(file)) => init(file, console),
        PolicyCommand::Check(file) => check(file, console),
        PolicyCommand::Suggest(report) => propose(report, console),
    };
    done.unwrap_or_else(|failed| failed.tell(console))
}

fn init(path: &Path, console: &Console) -> Result<Exit, Failed> {
    let bad = |error: std::io::Error| Failed::Input(format!("{}: {error}", path.display()));
    let mut file = std::fs::File::options().write(true).create_new(true).open(path).map_err(bad)?;
    file.write_all(TEMPLATE.as_bytes()).map_err(bad)?;
    console.note(&format!("{} written; it approves nothing yet", path.display()));
    Ok(Exit::Clean)
}

fn check(path: &Path, console: &Console) -> Result<Exit, Failed> {
    let (policy, _) = input::policy(path, console)?;
    console.note(&format!("{}: no problem; {} entries let something pass", path.display(), policy.entries()));
    Ok(Exit::Clean)
}

fn propose(path: &Path, console: &Console) -> Result<Exit, Failed> {
    let report = input::report(path)?;
    let mut open: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.status == Status::Open).collect();
    // An entry for a grant of the image holds for the image's snapshots too.
    open.sort_by_key(|finding| finding.snapshot.is_some());
    let mut proposed = BTreeSet::new();
    open.retain(|finding| {
        let of = |finding: &&Finding| {
            Some((finding.account?, finding.region.clone()?, finding.image.as_ref()?.id.clone()))
        };
        let is_new = proposed.insert((of(finding), finding.grantee.as_ref()));
        is_new || finding.snapshot.is_none()
    });
    let candidates: Vec<Candidate> = open.into_iter().filter_map(candidate).collect();
    Ok(console.show(suggest(&candidates).as_bytes()))
}

fn candidate(finding: &Finding) -> Option<Candidate> {
    let grantee = finding.grantee.as_ref()?;
    Some(Candidate {
        account: finding.account?.to_string(),
        image: finding.image.as_ref()?.id.to_string(),
        image_name: finding.image.as_ref()?.name.clone(),
        group: finding.group_id.clone().unwrap_or_default(),
        grantee_type: grantee.word().to_owned(),
        grantee: grantee.label(),
        grantee_name: finding.grantee_name.clone(),
        is_outside: !matches!(
            finding.relation,
            Some(
                Relation::Member
                    | Relation::SuspendedMember
                    | Relation::OwnOrganization
                    | Relation::OwnAccount
            )
        ),
    })
}
