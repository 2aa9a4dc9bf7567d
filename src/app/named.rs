//! The sources of events that were named, opened.

use super::failed::Failed;
use crate::cli::EventSources;
use crate::collect::{EventSource, SourceOptions, sources};

/// Opens them, and looks whether they can be of use. Nothing is asked of AWS.
pub(super) fn open(settings: &EventSources) -> Result<Vec<Box<dyn EventSource>>, Failed> {
    let choice = &settings.choice;
    let options = SourceOptions {
        athena_workgroup: choice.athena_workgroup.clone(),
        athena_output: choice.athena_output.clone(),
        request_payer: choice.request_payer,
        verifies: choice.verify_digests,
        digest_keys: choice.digest_keys.clone(),
    };
    sources(&settings.sources, &options)
        .and_then(|sources| sources.iter().try_for_each(|source| source.check()).map(|()| sources))
        .map_err(|error| Failed::Input(format!("events: {error}")))
}
