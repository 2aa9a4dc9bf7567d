//! Generated images are computed: they are the same ones however they are asked for.

use std::collections::BTreeSet;

use amiaudit::model::fault::{Fault, FaultKind};
use amiaudit::sandbox::generate::{Size, listed, organization};
use amiaudit::sandbox::{Faults, Options, Scenario, World};

use crate::support::get::get;
use crate::support::python::script;
use crate::support::served::{Served, options};

const SIZE: Size = Size { accounts: 3, regions: 2, images: 50, seed: 4, shared_percent: 12.5 };

#[test]
fn computed_and_listed_images_are_the_same() {
    let computed: BTreeSet<_> = World::new(organization(SIZE)).unwrap().grants().collect();
    let kept: BTreeSet<_> = World::new(listed(SIZE)).unwrap().grants().collect();
    assert!(computed.len() > 20, "{}", computed.len());
    assert_eq!(computed, kept);
}

#[test]
fn as_many_are_shared_as_was_asked_for() {
    for (percent, least, most) in [(0.0, 0, 0), (2.0, 150, 250), (100.0, 10_000, 10_000)] {
        let size = Size { accounts: 1, regions: 1, images: 10_000, seed: 1, shared_percent: percent };
        let world = World::new(organization(size)).unwrap();
        let shared: BTreeSet<String> = world.grants().map(|(_, image, _)| image).collect();
        assert!((least..=most).contains(&shared.len()), "{percent}: {}", shared.len());
    }
}

#[test]
fn a_hundred_million_images_cost_nothing_until_they_are_asked_for() {
    let size = Size { accounts: 1_000, regions: 10, images: 10_000, ..SIZE };
    let world = World::new(organization(size)).unwrap();
    assert_eq!(world.image_count(), 100_000_000);
    assert_eq!(world.grants().take(3).count(), 3);
}

/// Two images that a file lists beside generated ones: one of its own, and one that stands for a generated one.
fn mixed() -> Scenario {
    let image = &listed(SIZE).images[3];
    let text = format!(
        "[generate]\naccounts = 3\nregions = 2\nimages = 50\nseed = 4\nshared_percent = 12.5\n\
         [[image]]\naccount = \"100000000000\"\nregion = \"us-east-1\"\nid = \"ami-00000001\"\nshared_with = [\"all\"]\n\
         [[image]]\naccount = \"{}\"\nregion = \"{}\"\nid = \"{}\"\nname = \"mine\"\nshared_with = [\"all\"]\n",
        image.account, image.region, image.id
    );
    Scenario::parse("mixed.toml", &text).unwrap()
}

#[test]
fn a_scenario_file_can_generate_and_list() {
    let world = World::new(mixed()).unwrap();
    assert_eq!(world.image_count(), 301);
    let replaced = listed(SIZE).images[3].id.clone();
    let public: BTreeSet<String> =
        world.grants().filter(|(_, _, grant)| grant.value == "all").map(|(_, image, _)| image).collect();
    assert!(public.contains("ami-00000001") && public.contains(&replaced));
    assert_eq!(world.caller().to_string(), "100000000000");
    for (size, word) in [("accounts = 0", "accounts"), ("accounts = 3", "17"), ("accounts = 50001", "50,000")]
    {
        let text = format!("[generate]\n{size}\nregions = 18\nimages = 1\n");
        let error = World::new(Scenario::parse("x", &text).unwrap()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn pages_show_every_image_once_while_some_vanish() {
    let faults = Faults::none().and([Fault::new(FaultKind::Vanish)]);
    let served =
        Served::with(Scenario { caller: served_caller(), ..mixed() }, Options { faults, ..options() });
    let printed = script("sandbox/pages.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "51 images in 8 pages, each once; 49 are left");
    assert_eq!(served.sandbox().world().image_count(), 301 - 2);
}

fn served_caller() -> String {
    "100000000000".to_owned()
}

#[test]
fn the_truth_over_http_is_the_librarys() {
    // More images than one piece of the answer looks at.
    let size = Size { images: 12_000, shared_percent: 1.0, ..SIZE };
    let served = Served::new(Scenario { images: mixed().images, ..organization(size) });
    let told = get(&served.url(), "/sandbox/truth");
    let told: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let known: Vec<serde_json::Value> = served
        .sandbox()
        .world()
        .grants()
        .map(|(place, image, grant)| {
            serde_json::json!({
                "account": place.account.to_string(),
                "region": place.region.to_string(),
                "image": image,
                "member": grant.member,
                "value": grant.value,
            })
        })
        .collect();
    assert!(known.len() > 1_000, "{}", known.len());
    assert_eq!(told, known);
}

#[test]
fn the_calls_over_http_are_the_librarys() {
    let throttle =
        Fault { percent: 50.0, call: Some("DescribeImages".to_owned()), ..Fault::new(FaultKind::Throttle) };
    let faults = Faults::new(0.0, 1).and([throttle]);
    let served = Served::with(organization(SIZE), Options { faults, ..options() });
    served.scan(served.settings()).unwrap();
    let told: serde_json::Value = serde_json::from_str(&get(&served.url(), "/sandbox/calls")).unwrap();
    let (received, throttled) = (served.counts(), served.sandbox().throttled());
    assert!(throttled["DescribeImages"] > 0 && throttled.len() == 1, "{throttled:?}");
    for (action, count) in received {
        assert_eq!(told[&action]["received"], count, "{action}");
        assert_eq!(
            told[&action]["throttled"],
            throttled.get(&action).copied().unwrap_or_default(),
            "{action}"
        );
    }
}
