//! The sources of events that were named, opened.

use super::failed::Failed;
use crate::cli::{EventSources, SourceChoice};
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
        .and_then(|sources| heeded(&sources, choice).map(|()| sources))
}

/// A flag that none of the sources goes by would be passed over in silence. Where there are no sources there is nothing
/// to go by it, and nothing to miss.
fn heeded(sources: &[Box<dyn EventSource>], choice: &SourceChoice) -> Result<(), Failed> {
    const ATHENA: &str = "a table of Athena's (athena:DATABASE.TABLE)";
    const BUCKET: &str = "a bucket (s3://bucket/prefix)";
    let flags = [
        ("--verify-digests", choice.verify_digests, "a bucket or files (s3://bucket/prefix, a folder)"),
        ("--request-payer", choice.request_payer, BUCKET),
        ("--athena-workgroup", choice.athena_workgroup.is_some(), ATHENA),
        ("--athena-output", choice.athena_output.is_some(), ATHENA),
    ];
    let is_heeded = |flag: &str| sources.iter().any(|source| source.flags().contains(&flag));
    match flags.iter().find(|(flag, is_set, _)| *is_set && !sources.is_empty() && !is_heeded(flag)) {
        Some((flag, _, whose)) => {
            Err(Failed::Input(format!("{flag} is for {whose}, and no source of events is one")))
        }
        None => Ok(()),
    }
}
