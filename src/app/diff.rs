//! `amiaudit diff`: what changed between two reports.

use std::collections::BTreeSet;
use std::path::Path;

use super::console::Console;
use super::failed::Failed;
use super::input;
use crate::judge::{Now, since};
use crate::model::exit::Exit;
use crate::model::finding::Status;
use crate::model::org_view::OrgView;
use crate::model::organization::Membership;
use crate::report::{Change, changes, lines};

pub(super) fn diff(old: &Path, new: &Path, console: &Console) -> Exit {
    run(old, new, console).unwrap_or_else(|failed| failed.tell(console))
}

fn run(old: &Path, new: &Path, console: &Console) -> Result<Exit, Failed> {
    let (old, new) = (input::report(old)?, input::report(new)?);
    let mut findings = new.findings;
    // Of a report alone it is known what was read, and not what else was there: the reason of a resolution
    // is then not told, unless the later run had the earlier one as its baseline.
    let nobody = "000000000000".parse().map_err(|_| Failed::Input("no account".to_owned()))?;
    let org = OrgView::new(nobody, Membership::NotAsked);
    let now = Now {
        org: &org,
        shares: &[],
        coverage: &new.coverage,
        gaps: &new.gaps,
        snapshots: &[],
        snapshots_read: &BTreeSet::new(),
        snapshots_gone: &BTreeSet::new(),
        states: None,
        unread: None,
        at: new.started_at,
    };
    since(old.findings.clone(), &mut findings, now);
    let changes = changes(&old.findings, &findings);
    let count = |wanted: Change| changes.iter().filter(|(change, _)| *change == wanted).count();
    let summary = [Change::New, Change::Resolved, Change::Persisting, Change::Changed, Change::NotAssessed]
        .map(|change| format!("{} {}", count(change), change.word().replace('_', " ")));
    if !console.result(lines(&changes).as_bytes()) {
        return Ok(Exit::Failed);
    }
    console.note(&summary.join(", "));
    let open = |(change, finding): &(Change, &crate::model::finding::Finding)| {
        *change == Change::New && finding.status == Status::Open
    };
    Ok(if changes.iter().any(open) { Exit::Exposed } else { Exit::Clean })
}
