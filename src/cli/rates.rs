//! Small languages of flags: URLs, `ACTION=BUCKET/REFILL`, sizes of organizations, faults.

use std::time::Duration;

use super::settings::SandboxWorld;
use crate::model::fault::{BadKind, Fault};
use crate::model::ids::BadId;
use crate::model::quota::{ACTIONS, Quota};

/// Whether the text is an http or https URL with a host, and a port that there is.
pub(super) fn check_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, port)) => (name, port.strip_prefix(':').unwrap_or("0")),
            None => return false,
        },
        None => host.split_once(':').unwrap_or((host, "0")),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
    !name.is_empty() && name.chars().all(plain) && port.parse::<u16>().is_ok() && text.is_ascii()
}

/// Reads `DescribeImageAttribute=200/40`.
pub(super) fn parse_rate(text: &str) -> Result<(String, Quota), String> {
    let form = || "it is like DescribeImageAttribute=200/40: action, bucket size, tokens a second".to_owned();
    let (action, rate) = text.split_once('=').ok_or_else(form)?;
    let (bucket, refill) = rate.split_once('/').ok_or_else(form)?;
    let number = |text: &str| text.parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0).ok_or_else(form);
    if !ACTIONS.contains(&action) {
        return Err(format!("{action:?} is not an action that is called; those are {}", ACTIONS.join(", ")));
    }
    Ok((action.to_owned(), Quota { bucket: number(bucket)?, refill: number(refill)? }))
}

/// Reads a number from 0 to 100.
pub(super) fn parse_percent(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("it is a number from 0 to 100".to_owned()),
    }
}

/// Reads `accounts=6,regions=3,images=300,seed=1,shared=2`; what is left out is small.
pub(super) fn parse_size(text: &str) -> Result<SandboxWorld, String> {
    let (mut accounts, mut regions, mut images, mut seed, mut shared_percent) = (3, 2, 20, 1, 2.0);
    for part in text.split(',') {
        let form = || {
            format!("{part:?} is not one of accounts=N, regions=N (17 at most), images=N, seed=N, shared=PCT")
        };
        let (key, value) = part.split_once('=').ok_or_else(form)?;
        if key == "shared" {
            shared_percent = parse_percent(value).map_err(|_| form())?;
            continue;
        }
        let value: u64 = value.parse().map_err(|_| form())?;
        let count = usize::try_from(value).map_err(|_| form())?;
        match key {
            "accounts" if count > 0 => accounts = count,
            "regions" if (1..=17).contains(&count) => regions = count,
            "images" => images = count,
            "seed" => seed = value,
            _ => return Err(form()),
        }
    }
    if accounts > 50_000 || accounts.saturating_mul(regions).saturating_mul(images) > 100_000_000 {
        return Err("that is more than the sandbox makes: 50,000 accounts and 100,000,000 images".to_owned());
    }
    Ok(SandboxWorld::Generated { accounts, regions, images, seed, shared_percent })
}

/// Reads `kind=throttle,percent=5,call=DescribeImages,account=222222222222,region=us-east-1`.
pub(super) fn parse_fault(text: &str) -> Result<Fault, String> {
    let parts: Vec<(&str, &str)> = text
        .split(',')
        .map(|part| part.trim().split_once('=').ok_or_else(|| format!("{part:?} is not like key=value")))
        .collect::<Result<_, _>>()?;
    let kind = parts.iter().find(|(key, _)| *key == "kind").ok_or("it needs kind=")?;
    let mut fault = Fault::new(kind.1.parse().map_err(|error: BadKind| error.to_string())?);
    for (key, value) in parts {
        let number = || value.parse::<u32>().map_err(|_| format!("{key}={value}: it is a whole number"));
        let bad = |error: BadId| format!("{key}: {error}");
        match key {
            "kind" => {}
            "percent" => fault.percent = parse_percent(value).map_err(|why| format!("percent: {why}"))?,
            "call" => fault.call = Some(value.to_owned()),
            "account" => fault.account = Some(value.parse().map_err(bad)?),
            "region" => fault.region = Some(value.parse().map_err(bad)?),
            "image" => fault.image = Some(value.parse().map_err(bad)?),
            "delay_ms" => fault.delay = Duration::from_millis(number()?.into()),
            "reads" => fault.reads = number()?,
            "times" => fault.times = Some(number()?),
            _ => {
                let keys = "kind, percent, call, account, region, image, delay_ms, reads, times";
                return Err(format!("{key:?} is not one of {keys}"));
            }
        }
    }
    Ok(fault)
}
