//! `remediate approve`: a second person signs a plan.

use super::{LARGEST_PLAN, connect, load_with_bytes, refused};
use crate::app::console::Console;
use crate::app::failed::Failed;
use crate::app::input;
use crate::app::publish::write_file;
use crate::app::signing::Signer;
use crate::aws::Purpose;
use crate::cli::ApproveSettings;
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::remediate::{Person, signed_text, tell_plan, write_plan};
use crate::report::plain;

pub(super) async fn approve(
    settings: &ApproveSettings,
    console: &Console,
    clock: &Clock,
) -> Result<Exit, Failed> {
    let (mut plan, bytes) = load_with_bytes(&settings.plan)?;
    let signer = Signer::load(&settings.sign_key)?;
    let (_, caller) = connect(&settings.aws, Purpose::Remediate, clock).await?;
    let by = Person::from(&caller);
    if by.user_id == plan.report.by.user_id {
        let who = &plan.report.by.arn;
        let why = "another person must approve it: who runs the scan plans";
        return Err(refused(&settings.plan, &format!("{why} ({who})")));
    }
    // What is signed is what is shown.
    let text: String = tell_plan(&plan).iter().map(|line| plain(line) + "\n").collect();
    if !console.result(text.as_bytes()) {
        return Ok(Exit::Failed);
    }
    let mut approval = plan.to_approve(by, clock.now());
    approval.signature = hex::encode(signer.sign(&signed_text(&plan.sha256, &approval)));
    plan.approvals.push(approval);
    if input::bytes(&settings.plan, LARGEST_PLAN)? != bytes {
        return Err(refused(&settings.plan, "it was changed meanwhile: look at it again"));
    }
    write_file(&settings.plan, |out| Ok(out.write_all(&write_plan(&plan))?))?;
    console.note(&format!("approved by {}: {}", plain(&caller.arn), settings.plan.display()));
    Ok(Exit::Clean)
}
