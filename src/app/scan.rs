//! `amiaudit scan`.

use super::audit::Audit;
use super::console::Console;
use super::events;
use super::failed::aws_settings;
use crate::cli::{EventFilter, EventPrint, EventsSettings, OrganizationChoice, ScanSettings};
use crate::model::clock::Clock;
use crate::model::exit::Exit;

pub(super) async fn scan(settings: &ScanSettings, console: &Console, clock: &Clock) -> Exit {
    if settings.events.choice.print_sql {
        return events::events(&queries(settings), console, clock).await;
    }
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

/// What shows the queries of a scan's sources, and runs none.
fn queries(settings: &ScanSettings) -> EventsSettings {
    EventsSettings {
        sources: settings.events.clone(),
        aws: settings.aws.clone(),
        choice: Some(settings.choice.clone()),
        print: EventPrint::Csv,
        filter: EventFilter::default(),
        organization: OrganizationChoice::None,
        chatter: settings.chatter,
    }
}
