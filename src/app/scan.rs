//! `amiaudit scan`.

use super::audit::Audit;
use super::console::Console;
use super::failed::aws_settings;
use crate::cli::ScanSettings;
use crate::model::clock::Clock;
use crate::model::exit::Exit;

pub(super) async fn scan(settings: &ScanSettings, console: &Console, clock: &Clock) -> Exit {
    let aws = aws_settings(&settings.aws, settings.choice.regions.first());
    Audit {
        settings,
        aws,
        console,
        machine_clock: clock,
        report_clock: clock,
        built_in_policy: None,
        earlier: Vec::new(),
    }
    .run()
    .await
}
