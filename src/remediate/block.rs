//! Block public access in a plan's places: on with apply, and off again with undo where apply had switched it.

use super::act::{Broken, Job};
use super::hands::Hands;
use super::ledger::Ledger;
use super::record::Record;
use super::told::Told;
use crate::model::place::Place;

/// AWS's words.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageBlockPublicAccess.html>
pub(super) const ON: &str = "block-new-sharing";
pub(super) const OFF: &str = "unblocked";

/// Switches block public access on where it is off.
///
/// # Errors
/// The journal takes no more.
pub async fn switch_on<H: Hands, L: Ledger>(job: &Job<'_, H, L>, places: &[Place]) -> Result<(), Broken> {
    for place in places {
        if (job.stopped)() {
            told(job, place, None, Some("the run was stopped before it came to it".to_owned())).await?;
        } else {
            switch(job, place, true).await?;
        }
    }
    Ok(())
}

/// Switches it off again where the journal tells that apply found it off and switched it on.
///
/// # Errors
/// The journal takes no more.
pub async fn switch_off<H: Hands, L: Ledger>(job: &Job<'_, H, L>, told: &Told) -> Result<(), Broken> {
    for place in to_switch_off(told) {
        switch(job, place, false).await?;
    }
    Ok(())
}

/// Where apply found it off and switched it on, or may have.
pub fn to_switch_off(told: &Told) -> impl Iterator<Item = &Place> {
    let ours = told.blocks.iter().filter(|(_, block)| block.before == OFF && block.is_ours);
    ours.map(|(place, _)| place)
}

async fn switch<H: Hands, L: Ledger>(job: &Job<'_, H, L>, place: &Place, on: bool) -> Result<(), Broken> {
    let wanted = if on { ON } else { OFF };
    let before = match job.hands.block(place).await {
        // An earlier try may have failed.
        Ok(block) if block.state == wanted && was_tried(job, place) => {
            return told(job, place, Some(block.state), None).await;
        }
        Ok(block) if block.state == wanted => return Ok(()),
        Ok(block) => block.state,
        Err(failure) => return told(job, place, None, Some(failure.to_string())).await,
    };
    if job.options.dry_run {
        return told(job, place, Some(format!("{before} (would be switched to {wanted})")), None).await;
    }
    let (account_id, region) = (place.account.to_string(), place.region.to_string());
    let record = Record::Switching { account_id, region, before, to: wanted.to_owned() };
    job.ledger.write(record).await?;
    let failed = job.hands.switch(place, on).await.err();
    match (job.hands.block(place).await, failed) {
        (Ok(block), None) if block.state != wanted => {
            // It may take AWS ten minutes, which its page says; the call was taken.
            let state = format!("{} (switched to {wanted}, which may take AWS 10 minutes)", block.state);
            told(job, place, Some(state), None).await
        }
        (Ok(block), failed) => {
            let error = failed.filter(|_| block.state != wanted);
            told(job, place, Some(block.state), error.map(|failure| failure.to_string())).await
        }
        (Err(failure), _) => told(job, place, None, Some(failure.to_string())).await,
    }
}

/// Whether the journal tells of the place already.
fn was_tried<H: Hands, L: Ledger>(job: &Job<'_, H, L>, place: &Place) -> bool {
    let (account, region) = (place.account.to_string(), place.region.to_string());
    job.ledger.lines().iter().any(|line| match &line.record {
        Record::Switching { account_id, region: of, .. }
        | Record::Switched { account_id, region: of, .. } => (account_id, of) == (&account, &region),
        _ => false,
    })
}

async fn told<H: Hands, L: Ledger>(
    job: &Job<'_, H, L>,
    place: &Place,
    state: Option<String>,
    error: Option<String>,
) -> Result<(), Broken> {
    let (account_id, region) = (place.account.to_string(), place.region.to_string());
    job.ledger.write(Record::Switched { account_id, region, state, error }).await?;
    Ok(())
}
