//! An Amazon Machine Image, as far as an audit of its shares needs it.

use jiff::Timestamp;

use super::ids::{ImageId, SnapshotId};

/// One AMI that the place's account owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// Its name. Whoever made the image chose it: hostile text.
    pub name: String,
    /// AWS's word for its state: `available`, `disabled`, `pending`, ….
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html>
    pub state: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Whether every one of its EBS volumes is encrypted; `None` where it has none that says so.
    pub encrypted: Option<bool>,
    /// What the listing says of everybody's right to launch it; the launch permissions decide.
    pub listed_public: bool,
    /// AWS's word for an owner that is no plain account: `aws-marketplace`, `aws-backup-vault`.
    pub owner_alias: Option<String>,
    /// Its tags. Whoever made the image chose them: hostile text.
    pub tags: Vec<(String, String)>,
    /// The snapshots that its block devices are made of, each once, in order.
    pub snapshots: Vec<SnapshotId>,
    /// What stands in its block devices for a snapshot's id and is none.
    pub odd_snapshots: Vec<String>,
    /// When it was last launched, by anybody; AWS tells it up to 24 hours late, and nothing of before April 2017.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html>
    pub last_launched_at: Option<Timestamp>,
}

impl Image {
    /// An image of which no more is known than its id, and perhaps its name.
    #[must_use]
    pub fn named(id: ImageId, name: String) -> Self {
        Self {
            id,
            name,
            state: String::new(),
            created_at: None,
            encrypted: None,
            listed_public: false,
            owner_alias: None,
            tags: Vec::new(),
            snapshots: Vec::new(),
            odd_snapshots: Vec::new(),
            last_launched_at: None,
        }
    }
}
