//! Exit codes. README.md prints this table, and a test compares the two.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was read; no finding is open.
    Clean,
    /// The tool failed: trust no output.
    Failed,
    /// Wrong use: a bad flag, a bad file given by the user.
    Usage,
    /// Everything was read; at least one finding is open at or above `--fail-on`.
    Exposed,
    /// Something was not read; "clean" cannot be claimed. Outranks `Exposed`.
    Incomplete,
    /// Ended at once by a second Ctrl-C.
    Killed,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Exposed => 10,
            Self::Incomplete => 20,
            Self::Killed => 130,
        }
    }
}
