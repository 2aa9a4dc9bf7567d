//! `amiaudit scan`.

use crate::app::audit::Audit;
use crate::app::console::Console;
use crate::aws::AwsSettings;
use crate::cli::ScanSettings;
use crate::model::clock::Clock;
use crate::model::exit::Exit;

pub(super) async fn scan(settings: &ScanSettings, console: &Console, clock: &Clock) -> Exit {
    let aws = AwsSettings {
        profile: settings.profile.clone(),
        endpoint_url: settings.endpoint_url.clone(),
        first_region: settings.choice.regions.first().cloned(),
        role_name: settings.role_name.clone(),
        external_id: settings.external_id.clone(),
        api_share: settings.api_share,
        api_rates: settings.api_rates.clone(),
        max_concurrency: settings.max_concurrency,
        only_key: None,
    };
    Audit { settings, aws, console, machine_clock: clock, report_clock: clock }.run().await
}
