//! What belongs together: the family of an image, and the tool that seems to keep it.

use crate::model::image::Image;

/// The image's family: the value of the tag that the policy names, or its name without dates, versions,
/// hashes and build numbers, so that a weekly golden image is one story.
pub(super) fn family(image: &Image, tag: Option<&str>) -> String {
    let tagged = tag.and_then(|tag| value(image, tag)).filter(|value| !value.is_empty());
    if let Some(value) = tagged {
        return value.to_owned();
    }
    let split = |c: char| !c.is_alphanumeric();
    let kept: Vec<String> = image
        .name
        .split(split)
        .filter(|part| !part.is_empty() && !varies(part))
        .map(str::to_lowercase)
        .collect();
    if kept.is_empty() { image.name.clone() } else { kept.join("-") }
}

/// Whether a part of a name changes from build to build: a number, a version, a time, a hash.
fn varies(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let is_hex = part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lower = part.to_ascii_lowercase();
    let behind = ["version", "build", "beta", "alpha", "rc", "ver", "rev", "v", "r", "b", "t"];
    let is_version = behind.iter().any(|word| {
        lower
            .strip_prefix(word)
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    });
    // 20260601T0800Z, or 01T08 of 2026-06-01T08-00, and the like.
    let is_time = lower.starts_with(|c: char| c.is_ascii_digit())
        && lower.bytes().all(|byte| byte.is_ascii_digit() || byte == b't' || byte == b'z');
    digits == part.len() || is_version || is_time || (is_hex && digits > 0 && part.len() >= 7)
}

fn value<'a>(image: &'a Image, tag: &str) -> Option<&'a str> {
    image.tags.iter().find(|(key, _)| key == tag).map(|(_, value)| value.as_str())
}

/// The tool or service that seems to keep the image. Tags can be written by whoever shares, so this is a
/// hint to where a share comes from, and nothing is judged by it.
pub(super) fn managed_by(image: &Image) -> &'static str {
    match image.owner_alias.as_deref() {
        Some("aws-marketplace") => return "AWS Marketplace",
        Some("aws-backup-vault") => return "AWS Backup",
        _ => {}
    }
    for (key, value) in &image.tags {
        let (key, value) = (key.to_ascii_lowercase(), value.to_ascii_lowercase());
        // https://docs.aws.amazon.com/imagebuilder/latest/userguide/security-iam-awsmanpol.html
        if key == "ec2imagebuilderarn" || (key == "createdby" && value == "ec2 image builder") {
            return "EC2 Image Builder";
        }
        if key.starts_with("aws:backup:") {
            return "AWS Backup";
        }
        let names = |tool: &str| {
            key == tool
                || (value == tool
                    && matches!(
                        key.as_str(),
                        "managed-by" | "managedby" | "managed_by" | "createdby" | "created-by" | "builder"
                    ))
        };
        if names("packer") || key.starts_with("packer-") || key.starts_with("packer_") {
            return "Packer";
        }
        if names("terraform") {
            return "Terraform";
        }
    }
    ""
}
