//! Runs the program as a user does, with nothing of the user's AWS configuration in sight.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

/// `amiaudit` in an empty environment, in `folder`.
pub(crate) fn amiaudit(folder: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"));
    command.env_clear().current_dir(folder);
    command.env("HOME", folder).env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// The same, with the keys that an AWS-like endpoint at `url` takes for its own, and no source of events.
pub(crate) fn amiaudit_at(folder: &Path, url: &str, key: &str) -> Command {
    let mut command = amiaudit(folder);
    command.env("AWS_ENDPOINT_URL", url).env("AWS_ACCESS_KEY_ID", key);
    command.env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", "us-east-1");
    // The history is asked twice a second: what is not about events does without.
    command.env("AMIAUDIT_EVENTS", "none");
    command
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a failed assertion should show.
pub(crate) fn told(output: &Output) -> String {
    format!("{:?}\n--- stdout\n{}\n--- stderr\n{}", output.status, stdout(output), stderr(output))
}
