//! `amiaudit doctor`: what works, and what to fix.

use super::audit::selection;
use super::console::Console;
use super::failed::{Failed, aws_settings};
use crate::aws::Aws;
use crate::cli::{OrganizationChoice, ScanSettings};
use crate::collect::{OrganizationSource, SdkCloud, check_up, read_organization_file};
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::report::plain;

pub(super) async fn doctor(settings: &ScanSettings, console: &Console, clock: &Clock) -> Exit {
    match run(settings, console, clock).await {
        Ok(exit) => exit,
        Err(failed) => {
            let _ =
                console.result(format!("fails  credentials: {}\n", plain(&failed.to_string())).as_bytes());
            if failed.exit() == Exit::Usage { failed.tell(console) } else { Exit::Incomplete }
        }
    }
}

async fn run(settings: &ScanSettings, console: &Console, clock: &Clock) -> Result<Exit, Failed> {
    let aws = Aws::load(aws_settings(&settings.aws, settings.choice.regions.first()), clock.clone()).await?;
    let (cloud, caller) = SdkCloud::connect(aws).await?;
    let mut lines = vec![format!("ok     credentials: {}", caller.arn)];
    let organization = match &settings.organization {
        OrganizationChoice::Api => OrganizationSource::Api,
        OrganizationChoice::None => OrganizationSource::None,
        OrganizationChoice::File(path) => {
            OrganizationSource::File(read_organization_file(path, Some(&caller))?)
        }
    };
    let health = check_up(&cloud, &caller, clock, &organization, &selection(settings)).await?;
    lines.push(format!("ok     organization: {}", health.organization));
    lines.push(format!("ok     accounts that can be read: {}", health.accounts));
    if settings.aws.role_name.is_none() {
        lines.push("note   only the caller's account is read: name a role with --role-name".to_owned());
    }
    for gap in &health.gaps {
        let account = gap.account.map(|account| account.to_string()).unwrap_or_default();
        lines.push(format!("fails  {account} {}: {}", gap.call, gap.reason));
    }
    let text: String = lines.iter().map(|line| plain(line) + "\n").collect();
    if !console.result(text.as_bytes()) {
        return Ok(Exit::Failed);
    }
    Ok(if health.gaps.is_empty() { Exit::Clean } else { Exit::Incomplete })
}
