//! Small languages of flags: `ACTION=BUCKET/REFILL` and `accounts=N,regions=N,images=N,seed=N`.

use super::settings::SandboxWorld;
use crate::model::quota::Quota;

/// Reads `DescribeImageAttribute=200/40`.
pub(super) fn parse_rate(text: &str) -> Result<(String, Quota), String> {
    let form = || "it is like DescribeImageAttribute=200/40: action, bucket size, tokens a second".to_owned();
    let (action, rate) = text.split_once('=').ok_or_else(form)?;
    let (bucket, refill) = rate.split_once('/').ok_or_else(form)?;
    let number = |text: &str| text.parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0).ok_or_else(form);
    if action.is_empty() || !action.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(form());
    }
    Ok((action.to_owned(), Quota { bucket: number(bucket)?, refill: number(refill)? }))
}

/// Reads `accounts=6,regions=3,images=300,seed=1`; what is left out is small.
pub(super) fn parse_size(text: &str) -> Result<SandboxWorld, String> {
    let (mut accounts, mut regions, mut images, mut seed) = (3, 2, 20, 1);
    for part in text.split(',') {
        let form = || format!("{part:?} is not one of accounts=N, regions=N (17 at most), images=N, seed=N");
        let (key, value) = part.split_once('=').ok_or_else(form)?;
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
    Ok(SandboxWorld::Generated { accounts, regions, images, seed })
}
