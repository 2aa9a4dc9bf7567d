//! Reads the world into the model: the organization, its places, their images and grants. It judges
//! nothing and never writes to AWS. What could not be read is a gap in the result.

mod cloud;
mod context;
mod coverage;
mod events;
mod health;
mod inventory;
mod membership;
mod org_file;
mod organization;
mod page;
mod pages;
mod place;
mod places;
mod progress;
mod replay;
mod sdk;
mod selection;
mod settle;
mod snapshots;
mod stop;

pub use cloud::{Cloud, ListedImage, OrganizationAnswer, Page, RegionState};
pub use context::Watched;
pub use events::athena;
pub use events::{
    Ask, BadSource, EventSource, FileOptions, HISTORY, History, Kind, Listed, LocalSource, Reach, SOURCES,
    Scope, SharedProgress, SourceOptions, Sweep, cut, document, filter_patterns, join, read_files, sources,
    sweep_place,
};
pub use health::{Health, check_up};
pub use inventory::{Job, Reading, read};
pub use membership::learn_organization;
pub use org_file::{BadOrganizationFile, can_open, read_organization_file};
pub use organization::OrganizationSource;
pub use places::find_places;
pub use progress::{Progress, Quiet};
pub use replay::{
    BadSnapshot, Begun, FinishedSnapshot, Head, Replayed, SNAPSHOT, SnapshotWriter, read_snapshots, resume,
};
pub use sdk::SdkCloud;
pub use selection::{BadSelection, Selection};
pub use snapshots::SnapshotGap;
pub use stop::{Stop, Stopper};
