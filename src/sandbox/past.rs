//! The calls of the past: applied in the order of time, and recorded.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::call_spec::CallSpec;
use super::forms::{Said, lay_over};
use super::history::Event;
use super::identity::{Caller, Identity};
use super::scenario::BadScenario;
use super::snapshots;
use super::world::{Block, Grant, StoredImage, World, parse};
use crate::model::event::EventName;
use crate::model::place::Place;

/// What was removed may come back from the Recycle Bin.
type Removed = BTreeMap<(Place, String), StoredImage>;

/// Applies the calls until `now`, oldest first, and records them.
pub(super) fn apply(
    world: &mut World,
    mut calls: Vec<CallSpec>,
    now: Option<Timestamp>,
) -> Result<(), BadScenario> {
    calls.retain(|call| now.is_none_or(|now| call.at <= now));
    calls.sort_by_key(|call| call.at);
    let mut removed = Removed::new();
    for call in &calls {
        let bad = |why: String| BadScenario(format!("call {} of {}: {why}", call.name, call.at));
        let place = Place {
            account: parse(&call.account, "call.account")?,
            region: parse(&call.region, "call.region")?,
        };
        if !world.accounts.contains_key(&place.account) {
            return Err(bad(format!("there is no account {}", place.account)));
        }
        let done = Done { call, place, image_name: image_name(world, &removed, call) };
        // Checked of calls without a record too: a slip is a slip.
        let (who, source) = (done.who().map_err(bad)?, done.source().map_err(bad)?);
        if call.error.is_empty() {
            done.change(world, &mut removed).map_err(bad)?;
        }
        if !call.unlogged {
            done.record(world, who, &source);
        }
    }
    Ok(())
}

/// The name of the image, where it is or was.
fn image_name(world: &World, removed: &Removed, call: &CallSpec) -> String {
    let (Ok(account), Ok(region)) = (call.account.parse(), call.region.parse()) else { return String::new() };
    let place = Place { account, region };
    let standing = world.images.get(&place, &call.image).map(|image| image.spec.name.clone());
    let gone = || removed.get(&(place.clone(), call.image.clone())).map(|image| image.spec.name.clone());
    standing.or_else(gone).unwrap_or_default()
}

/// A call that was made.
struct Done<'a> {
    call: &'a CallSpec,
    place: Place,
    image_name: String,
}

impl Done<'_> {
    /// Who made it.
    fn who(&self) -> Result<Identity, String> {
        let CallSpec { by, invoked_by, mfa, at, .. } = self.call;
        let admin = format!("arn:aws:iam::{}:user/admin", self.place.account);
        let arn = if by.is_empty() && invoked_by.is_empty() { &admin } else { by };
        let caller = Caller { arn, key: None, invoked_by, mfa: *mfa, at: *at };
        caller.identity().ok_or_else(|| format!("{arn:?} is not the ARN of a user, a role's session or root"))
    }

    /// The service that logs it.
    fn source(&self) -> Result<String, String> {
        let CallSpec { name, source, .. } = self.call;
        if !source.is_empty() {
            return Ok(source.clone());
        }
        let known = EventName::parse(name).map(|name| format!("{}.amazonaws.com", name.service()));
        known.ok_or_else(|| format!("{name} is not a call that is known: it needs a `source`"))
    }

    /// Does to the world what the call did.
    fn change(&self, world: &mut World, removed: &mut Removed) -> Result<(), String> {
        let CallSpec { name, image: id, .. } = self.call;
        match name.as_str() {
            "ModifyImageAttribute" | "ResetImageAttribute" => {
                let grants = self.grants_after(self.image(world)?.grants);
                world.images.change(&self.place, id, grants);
            }
            // Of the older form, which tells the snapshot in its parameters, nothing follows.
            "ModifySnapshotAttribute" if !id.is_empty() => {
                self.image(world)?;
                let snapshot = snapshots::of_image(id);
                let grants = self.grants_after(world.snapshots.grants(&self.place, &snapshot));
                if let Some(grant) = grants.iter().find(|grant| !snapshots::can_be_granted(grant)) {
                    return Err(format!("a snapshot cannot be shared with {}={}", grant.member, grant.value));
                }
                world.snapshots.set(&self.place, &snapshot, grants);
            }
            "DeregisterImage" => {
                removed.insert((self.place.clone(), id.clone()), self.image(world)?);
                world.images.remove(&self.place, id);
            }
            "DisableImage" | "EnableImage" => {
                let mut image = self.image(world)?;
                let is_disabled = name == "DisableImage";
                image.spec.state = is_disabled.then(|| "disabled".to_owned());
                if is_disabled {
                    image.grants.clear();
                }
                world.images.add(self.place.clone(), image);
            }
            // Whether grants come back with it AWS does not say.
            "RestoreImageFromRecycleBin" => {
                let gone = removed.remove(&(self.place.clone(), id.clone()));
                let image = gone.ok_or_else(|| format!("{id} was not removed before"))?;
                world.images.add(self.place.clone(), StoredImage { grants: BTreeSet::new(), ..image });
            }
            "CreateImage" | "RegisterImage" | "CopyImage" => {
                self.image(world)?;
            }
            "EnableImageBlockPublicAccess" => self.block(world, "block-new-sharing"),
            "DisableImageBlockPublicAccess" => self.block(world, "unblocked"),
            "LeaveOrganization" => {
                if let Some(account) = world.accounts.get_mut(&self.place.account) {
                    account.outside = true;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What a call leaves of grants.
    fn grants_after(&self, mut grants: BTreeSet<Grant>) -> BTreeSet<Grant> {
        if self.call.name == "ResetImageAttribute" {
            return BTreeSet::new();
        }
        grants.extend(self.call.add.iter().map(|text| Grant::parse(text)));
        let removed: BTreeSet<Grant> = self.call.remove.iter().map(|text| Grant::parse(text)).collect();
        grants.retain(|grant| !removed.contains(grant));
        grants
    }

    fn image(&self, world: &World) -> Result<StoredImage, String> {
        let id = &self.call.image;
        let image = world.images.get(&self.place, id).map(std::borrow::Cow::into_owned);
        image.ok_or_else(|| {
            format!("there is no image {id:?} in {} {}", self.place.account, self.place.region)
        })
    }

    fn block(&self, world: &mut World, state: &str) {
        let block = Block { state: state.to_owned(), managed_by: "account".to_owned() };
        world.blocks.insert(self.place.clone(), block);
    }

    fn record(&self, world: &mut World, who: Identity, source: &str) {
        let call = self.call;
        let grants =
            |texts: &[String]| -> Vec<Grant> { texts.iter().map(|text| Grant::parse(text)).collect() };
        let (add, remove) = (grants(&call.add), grants(&call.remove));
        let snapshot = if call.image.is_empty() { String::new() } else { snapshots::of_image(&call.image) };
        let said = Said {
            name: &call.name,
            image: &call.image,
            snapshot: &snapshot,
            image_name: &self.image_name,
            add: &add,
            remove: &remove,
            attribute: call.description.as_deref().map(|text| ("description", text)),
        };
        let late = SignedDuration::from_secs(call.delivery_seconds.unwrap_or(world.delivery_seconds));
        let or_service =
            |text: &'_ str| if text.is_empty() { call.invoked_by.clone() } else { text.to_owned() };
        world.history.record(Event {
            at: call.at,
            place: &self.place,
            source,
            name: &call.name,
            who,
            ip: &or_service(&call.ip),
            agent: &or_service(&call.agent),
            parameters: if call.without_parameters {
                Value::Null
            } else {
                over(said.parameters(), &call.parameters)
            },
            response: over(said.response(), &call.response),
            error: Some((call.error.clone(), call.message.clone())).filter(|(code, _)| !code.is_empty()),
            delivered_at: call.at + late,
        });
    }
}

fn over(usual: Value, given: &BTreeMap<String, Value>) -> Value {
    if given.is_empty() {
        return usual;
    }
    let given: Map<String, Value> = given.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    lay_over(usual, &given)
}
