//! One plan, one apply or undo at a time: also where the plan was copied to another folder. It holds on one machine,
//! and for those who share its folder of temporary files.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::ledger::BadFile;

/// Held as long as this lives.
#[derive(Debug)]
pub struct PlanLock(#[expect(dead_code, reason = "the lock is the open file's")] File);

impl PlanLock {
    /// Takes the lock of a plan in a folder of temporary files.
    ///
    /// # Errors
    /// Another program holds it, or it cannot be made.
    pub fn take(folder: &Path, plan_sha256: &str) -> Result<Self, BadFile> {
        // The digest comes from a file: nothing of it is to lead elsewhere.
        let name: String = plan_sha256.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        let file = super::ledger::open(&folder.join(format!("amiaudit-plan-{name}.lock")), true)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(BadFile::Locked),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
