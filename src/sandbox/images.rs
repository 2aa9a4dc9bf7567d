//! The images of a world: those that a scenario lists are kept, those that are generated are computed, and
//! of these only what has changed is kept. AMI ids are unique in a Region.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};

use super::generate::Generated;
use super::world::{Grant, StoredImage};
use crate::model::ids::{AccountId, Region};
use crate::model::place::Place;

/// An image with its owner.
pub(super) type Owned<'a> = (AccountId, Cow<'a, StoredImage>);

/// All images. Everywhere they come in the same order: generated ones by number, then listed ones by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Images {
    generated: Option<Generated>,
    /// What has become of generated images; nothing, where one was removed.
    changed: BTreeMap<u64, Option<StoredImage>>,
    listed: BTreeMap<Place, BTreeMap<String, StoredImage>>,
    stale: BTreeMap<(Place, String), Stale>,
    /// The snapshots of images that were removed.
    left: BTreeMap<(Place, String), Backing>,
}

/// What of an image its snapshot shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backing {
    pub(super) encrypted: bool,
    pub(super) has_product_codes: bool,
}

impl From<&StoredImage> for Backing {
    fn from(StoredImage { spec, .. }: &StoredImage) -> Self {
        Self { encrypted: spec.encrypted, has_product_codes: !spec.product_codes.is_empty() }
    }
}

/// An image as it was before a write that reads do not show yet.
#[derive(Debug, Clone)]
struct Stale {
    before: StoredImage,
    reads: u32,
}

/// What a read shows of an image.
pub(super) struct Shown<'a> {
    pub(super) image: Cow<'a, StoredImage>,
    pub(super) is_stale: bool,
}

/// How far a walk over all images has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Mark {
    generated: u64,
    listed: Option<(Place, String)>,
    pub(super) is_at_end: bool,
}

impl Images {
    pub(super) fn new(generated: Option<Generated>) -> Self {
        Self { generated, ..Self::default() }
    }

    /// Adds an image, or puts it in the place of the generated one of that id.
    pub(super) fn add(&mut self, place: Place, image: StoredImage) {
        let id = image.spec.id.clone();
        if let Some(number) = self.number(&place, &id) {
            self.changed.insert(number, Some(image));
        } else {
            self.listed.entry(place).or_default().insert(id, image);
        }
    }

    /// The image as it is.
    pub(super) fn get(&self, place: &Place, id: &str) -> Option<Cow<'_, StoredImage>> {
        match self.number(place, id) {
            Some(number) => self.nth(number),
            None => self.listed.get(place)?.get(id).map(Cow::Borrowed),
        }
    }

    /// The image of that id, wherever in the Region it is.
    pub(super) fn find(&self, region: &Region, id: &str) -> Option<Owned<'_>> {
        let number = self.generated.as_ref().and_then(|generated| generated.number(id));
        let place = number.and_then(|number| self.generated.as_ref()?.place(number));
        if let Some(place) = place.filter(|place| place.region == *region)
            && let Some(image) = self.get(&place, id)
        {
            return Some((place.account, image));
        }
        let mut here = self.listed.iter().filter(|(place, _)| place.region == *region);
        here.find_map(|(place, images)| Some((place.account, Cow::Borrowed(images.get(id)?))))
    }

    /// The snapshot behind the image of that id, wherever in the Region, and its owner. It is there when the image is gone.
    pub(super) fn behind(&self, region: &Region, id: &str) -> Option<(AccountId, Backing)> {
        if let Some((owner, image)) = self.find(region, id) {
            return Some((owner, Backing::from(&*image)));
        }
        let mut left = self.left.iter().filter(|((place, image), _)| place.region == *region && image == id);
        left.next().map(|((place, _), backing)| (place.account, *backing))
    }

    /// The images of a place that come after that id.
    pub(super) fn page<'a>(
        &'a self,
        place: &Place,
        after: Option<&str>,
    ) -> impl Iterator<Item = Cow<'a, StoredImage>> + use<'a> {
        let mut numbers = self.generated.as_ref().map_or(0..0, |generated| generated.numbers(place));
        let mut from = Unbounded;
        if let Some(id) = after {
            match self.number(place, id) {
                Some(number) => numbers.start = number + 1,
                None => (numbers, from) = (0..0, Excluded(id)),
            }
        }
        let listed = self.listed.get(place).map(|images| images.range::<str, _>((from, Unbounded)));
        let listed = listed.into_iter().flatten().map(|(_, image)| Cow::Borrowed(image));
        numbers.filter_map(|number| self.nth(number)).chain(listed)
    }

    /// The images of everybody in a Region that come after that id.
    pub(super) fn page_of_region<'a>(
        &'a self,
        region: &Region,
        after: Option<&'a str>,
    ) -> impl Iterator<Item = Owned<'a>> + use<'a> {
        let known = self.generated.as_ref().zip(after);
        let after_number = known.and_then(|(generated, id)| generated.number(id));
        let skips_all = after.is_some() && after_number.is_none();
        let places = self.generated.iter().filter(move |_| !skips_all).flat_map({
            let region = region.clone();
            move |generated| generated.places_in(&region).collect::<Vec<_>>()
        });
        let generated = places.flat_map(move |place| {
            let all = self.generated.as_ref().map_or(0..0, |generated| generated.numbers(&place));
            let first = after_number.map_or(all.start, |number| all.start.max(number + 1));
            (first..all.end).filter_map(move |number| Some((place.account, self.nth(number)?)))
        });
        let here = self.listed.iter().filter(|(place, _)| place.region == *region);
        let mut listed: Vec<(AccountId, &StoredImage)> =
            here.flat_map(|(place, images)| images.values().map(|image| (place.account, image))).collect();
        listed.sort_by(|a, b| a.1.spec.id.cmp(&b.1.spec.id));
        let past = move |id: &str| !skips_all || after.is_none_or(|after| id > after);
        let listed = listed.into_iter().filter(move |(_, image)| past(&image.spec.id));
        generated.chain(listed.map(|(owner, image)| (owner, Cow::Borrowed(image))))
    }

    /// Gives an image other grants.
    pub(super) fn change(&mut self, place: &Place, id: &str, grants: BTreeSet<Grant>) {
        if let Some(number) = self.number(place, id) {
            if let Some(image) = self.nth(number) {
                let spec = image.into_owned().spec;
                self.changed.insert(number, Some(StoredImage { spec, grants }));
            }
        } else if let Some(image) = self.listed.get_mut(place).and_then(|images| images.get_mut(id)) {
            image.grants = grants;
        }
    }

    /// Takes an image away.
    pub(super) fn remove(&mut self, place: &Place, id: &str) {
        let key = (place.clone(), id.to_owned());
        self.stale.remove(&key);
        if let Some(image) = self.get(place, id) {
            let backing = Backing::from(&*image);
            self.left.insert(key, backing);
        }
        if let Some(number) = self.number(place, id) {
            self.changed.insert(number, None);
        } else if let Some(images) = self.listed.get_mut(place) {
            images.remove(id);
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        let generated = self.generated.as_ref().map_or(0, Generated::total);
        let removed = self.changed.values().filter(|image| image.is_none()).count() as u64;
        generated - removed + self.listed.values().map(BTreeMap::len).sum::<usize>() as u64
    }

    /// The standing grants of the next images, at most `most` of them, after `mark`, which moves on.
    pub(super) fn grants_after(&self, mark: &mut Mark, most: u64) -> Vec<(Place, String, Grant)> {
        let mut found = Vec::new();
        let total = self.generated.as_ref().map_or(0, Generated::total);
        if let Some(generated) = self.generated.as_ref().filter(|_| mark.generated < total) {
            let end = total.min(mark.generated + most);
            for number in mark.generated..end {
                let grants = match self.changed.get(&number) {
                    Some(None) => continue,
                    Some(Some(image)) => image.grants.clone(),
                    None => generated.grants(number),
                };
                let place = if grants.is_empty() { None } else { generated.place(number) };
                let Some(place) = place else { continue };
                found.extend(grants.into_iter().map(|grant| (place.clone(), generated.id(number), grant)));
            }
            mark.generated = end;
            return found;
        }
        let mut seen = 0;
        for (place, id, image) in self.listed_after(mark.listed.clone()).take(most as usize) {
            found.extend(image.grants.iter().map(|grant| (place.clone(), id.clone(), grant.clone())));
            (mark.listed, seen) = (Some((place.clone(), id.clone())), seen + 1);
        }
        mark.is_at_end = seen < most;
        found
    }

    fn listed_after(
        &self,
        after: Option<(Place, String)>,
    ) -> impl Iterator<Item = (&Place, &String, &StoredImage)> {
        let from = after.clone().map_or(Unbounded, |(place, _)| Included(place));
        self.listed.range((from, Unbounded)).flat_map(move |(place, images)| {
            let from = match &after {
                Some((last, id)) if last == place => Excluded(id.as_str()),
                _ => Unbounded,
            };
            images.range::<str, _>((from, Unbounded)).map(move |(id, image)| (place, id, image))
        })
    }

    /// The number of the generated image of that id in that place.
    fn number(&self, place: &Place, id: &str) -> Option<u64> {
        let generated = self.generated.as_ref()?;
        generated.number(id).filter(|number| generated.numbers(place).contains(number))
    }

    fn nth(&self, number: u64) -> Option<Cow<'_, StoredImage>> {
        match self.changed.get(&number) {
            Some(image) => image.as_ref().map(Cow::Borrowed),
            None => self.generated.as_ref().map(|generated| Cow::Owned(generated.image(number))),
        }
    }

    /// Lets the next reads of an image show what it is now, whatever is written to it.
    pub(super) fn keep_showing(&mut self, place: &Place, id: &str, reads: u32) {
        let before = self.get(place, id).map(Cow::into_owned);
        if let Some(before) = before.filter(|_| reads > 0) {
            self.stale.insert((place.clone(), id.to_owned()), Stale { before, reads });
        }
    }

    /// What a read of the image shows: for a while after some writes, what was before.
    pub(super) fn shown<'a>(
        &'a self,
        account: AccountId,
        region: &Region,
        image: Cow<'a, StoredImage>,
    ) -> Shown<'a> {
        if !self.stale.is_empty() {
            let key = (Place { account, region: region.clone() }, image.spec.id.clone());
            if let Some(Stale { before, .. }) = self.stale.get(&key) {
                return Shown { image: Cow::Borrowed(before), is_stale: true };
            }
        }
        Shown { image, is_stale: false }
    }

    /// Counts a read of an image.
    pub(super) fn was_read(&mut self, place: &Place, id: &str) {
        if self.stale.is_empty() {
            return;
        }
        let key = (place.clone(), id.to_owned());
        if let Some(stale) = self.stale.get_mut(&key) {
            stale.reads -= 1;
            if stale.reads == 0 {
                self.stale.remove(&key);
            }
        }
    }
}
